"""Where a launch leads: the local path for what its link points at. Nothing a platform sends is ever a redirect's
target: paths are made from our own content ids, which are judged anew for whoever arrives."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask import url_for

from lti_tool.contexts.operations import TARGET_PARAMETER
from lti_tool.core.errors import NotFound
from lti_tool.courses.placing.successors import here_instead
from lti_tool.courses.placing.totals import keep_total
from lti_tool.courses.queries.paths import GradedContent, activity_of, graded_content, path_for, review_path
from lti_tool.exchange import linking
from lti_tool.grades.operations import adopt_line_item
from lti_tool.launch.operations import Arrival
from lti_tool.launch.queries import identity_by_sub, link_target, resource_of_column
from lti_tool.lti.messages import Launch, ResourceLinkLaunch, SubmissionReviewLaunch
from lti_tool.people.actor import Actor


def content_of(launch: Launch) -> str:
    """The content id a link names in its custom parameter, or in the query of its address where custom ones get lost."""
    asked = launch.custom.get(TARGET_PARAMETER)
    if asked is None:
        asked = (parse_qs(urlsplit(launch.target_path).query).get(TARGET_PARAMETER) or [""])[0]
    return asked[:100]


def open_link(launch: ResourceLinkLaunch, arrival: Arrival, actor: Actor) -> str:
    """The page a resource link opens; its own gradebook column is taken note of on the way."""
    content = content_of(launch)
    if arrival.place is not None:
        content = here_instead(arrival.place.context_id, content)
    if arrival.place is not None and launch.ags is not None and launch.ags.lineitem is not None:
        column = _column(content)
        if column is not None:
            adopt_line_item(
                context_id=arrival.place.context_id,
                resource_id=column.resource_id,
                url=launch.ags.lineitem,
                label=column.label,
                resource_link_lms_id=launch.resource_link.id,
            )
            if column.course_id is not None:
                keep_total(arrival.place.context_id, column.course_id)
    resource_id = linking.resource_id_of(content)
    if resource_id is None:
        return path_for(actor, content)
    return linking.path_of(actor, resource_id) or url_for("courses.notice", reason="no_resource")


def _column(content: str) -> GradedContent | None:
    """The gradebook column that belongs to a content id."""
    resource_id = linking.resource_id_of(content)
    if resource_id is None:
        return graded_content(content)
    graded = linking.graded(resource_id)
    return GradedContent(*graded) if graded is not None else None


def open_review(launch: SubmissionReviewLaunch, arrival: Arrival, actor: Actor) -> str:
    """The work of the pupil named, on the activity whose link or column the gradebook shows."""
    activity_id = _reviewed(launch, arrival)
    pupil = identity_by_sub(actor.registration_id or 0, launch.for_user)
    try:
        if activity_id is None or pupil is None:
            raise NotFound
        return review_path(actor, activity_id, pupil)
    except NotFound:
        return url_for("courses.notice", reason="gone")


def _reviewed(launch: SubmissionReviewLaunch, arrival: Arrival) -> int | None:
    """Moodle names the column only when the link has exactly one, and sends no custom parameters of its own."""
    names = [content_of(launch)]
    if arrival.context_id is not None:
        if launch.resource_link is not None:
            names.append(link_target(arrival.context_id, launch.resource_link.id))
        names = [here_instead(arrival.context_id, name) for name in names]
        if launch.ags is not None and launch.ags.lineitem is not None:
            names.append(resource_of_column(arrival.context_id, launch.ags.lineitem))
    return next((found for name in names if (found := activity_of(name)) is not None), None)
