"""Screens of the course itself: its home, and its activities, each as its kind shows it; also through a pupil's eyes."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import end_reading, get_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.policy import allows, require
from lti_tool.courses.access import Access, ActivityAccess, activity_access
from lti_tool.courses.certificates.queries import is_offered
from lti_tool.courses.kinds import kind_of
from lti_tool.courses.materials import attached_file
from lti_tool.courses.models import Participation
from lti_tool.courses.operations.submissions import mark_read
from lti_tool.courses.partners import notice
from lti_tool.courses.placing.queries import missing_counts
from lti_tool.courses.preview import (
    NOBODY,
    Preview,
    activity_through_pupils_eyes,
    as_pupil,
    through_pupils_eyes,
)
from lti_tool.courses.queries.courses import contents, order_shown, schools_of
from lti_tool.courses.queries.scales import scales_to_answer
from lti_tool.courses.telling.visits import news_of, visit_course
from lti_tool.courses.views.base import activity_for, actor, blueprint, course_for, let_in, page
from lti_tool.files.views import serve


@blueprint.get("/<int:course_id>")
def course(course_id: int) -> Any:
    access = course_for("course.see", course_id)
    preview = _preview_wanted(access)
    if preview is not None:
        return _as_that_pupil(preview, lambda: _course_page(through_pupils_eyes(access, preview)))
    return _course_page(access)


def _course_page(access: Access) -> Response:
    waiting = scales_to_answer(access) if access.hosts or access.teaching else []
    preview: Preview | None = g.get("preview")
    units = contents(actor(), access, everything_open=preview is not None and preview.everything_open)
    writes = allows(actor(), "course.edit", access)
    return page(
        "course",
        access=access,
        course=access.course,
        units=units,
        writes=writes,
        news=news_of(actor(), access, units) if preview is None else None,
        order=order_shown(units).fingerprint if writes else "",
        scales_to_answer=waiting,
        offers_certificate=preview is None and not access.hosts and is_offered(access.course.id),
        to_place=_to_place(access) if preview is None else [],
        agreement_notice=notice(access.course, actor().organization_id) if access.teaching else None,
    )


def _to_place(access: Access) -> list[tuple[Participation, int]]:
    """The teacher's own classes with the number of graded activities that their LMS courses do not have yet."""
    counts = missing_counts([one.id for one in access.teaching])
    return [(one, counts[one.id]) for one in access.teaching if one.id in counts]


@blueprint.post("/<int:course_id>/visited")
def visited(course_id: int) -> Any:
    """The page of the course was looked at: what is newer is new next time. Asked by the page itself, once it is shown."""
    access = course_for("course.see", course_id)
    visit_course(actor=actor(), course_id=access.course.id)
    return "", 204


@blueprint.get("/activities/<int:activity_id>")
def activity(activity_id: int) -> Any:
    """The activity; for a pupil to whom it is not open yet, when and after what it opens."""
    access = let_in(activity_access(g.actor, activity_id))
    if access is not None and allows(actor(), "activity.await", access):
        return _not_open_yet(access)
    require(actor(), "activity.see", access)
    assert access is not None
    preview = _preview_wanted(access)
    if preview is None:
        return kind_of(access.the_activity).show(access)
    eyes = activity_through_pupils_eyes(access, preview)
    return _as_that_pupil(preview, lambda: _show_to_pupil(eyes))


def _show_to_pupil(access: ActivityAccess) -> Response:
    if not access.shown_to_pupils:
        raise NotFound
    if not access.open_to_pupils:
        return _not_open_yet(access)
    shown: Response = kind_of(access.the_activity).show(access)
    return shown


def _not_open_yet(access: ActivityAccess) -> Response:
    return page("not_open", access=access, course=access.course, activity=access.the_activity)


def _preview_wanted(access: Access) -> Preview | None:
    """What a teacher of the host asked for by `as` in the address: a class by its number, or 0 for any other school."""
    chosen = request.args.get("as", type=int)
    if chosen is None:
        return None
    require(actor(), "course.host", access, see="course.see")
    found = get_or_none(Participation, chosen) if chosen != NOBODY else None
    if chosen != NOBODY and (found is None or found.course_id != access.course.id):
        raise NotFound
    return Preview(found, everything_open=bool(request.args.get("open", type=int)))


def _as_that_pupil(preview: Preview, show: Any) -> Response:
    """Make the page as that pupil; whatever a page may want to note on the way is not kept."""
    g.preview, g.actor = preview, as_pupil(actor(), preview)
    shown: Response = show()
    end_reading()
    return shown


@blueprint.url_defaults
def _stay_in_preview(endpoint: str, values: dict[str, Any]) -> None:
    """Links from a page seen through a pupil's eyes to another such page lead to it in the same way."""
    preview: Preview | None = g.get("preview") if g else None
    if preview is not None and endpoint in ("courses.course", "courses.activity") and "as" not in values:
        values["as"] = preview.chosen
        if preview.everything_open:
            values["open"] = 1


@blueprint.get("/<int:course_id>/look")
def look(course_id: int) -> Any:
    """Whose pupils' eyes to look through."""
    access = course_for("course.host", course_id)
    return page("look", course=access.course, schools=schools_of(access.course))


@blueprint.post("/activities/<int:activity_id>/read")
def read(activity_id: int) -> Any:
    """A pupil says that it is read."""
    access = activity_for("activity.work", activity_id)
    if not kind_of(access.the_activity).confirms:
        raise NotFound
    mark_read(actor=actor(), access=access)
    flash(_("“%(title)s” is marked as read.", title=access.the_activity.title), "success")
    return redirect(url_for("courses.course", course_id=access.course.id, _anchor=f"activity-{activity_id}"), 303)


@blueprint.get("/activities/<int:activity_id>/files/<int:file_id>")
def material(activity_id: int, file_id: int) -> Any:
    """A file of the activity's content, for who may see the activity."""
    access = activity_for("activity.see", activity_id)
    return serve(attached_file(access.the_activity, file_id))
