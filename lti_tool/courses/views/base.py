"""What the course screens share: the blueprint, how a thing is fetched and judged, what templates may call."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.core.db import utcnow
from lti_tool.core.errors import DomainError, SignInNeeded
from lti_tool.core.markdown import render as render_markdown
from lti_tool.core.policy import allows, require
from lti_tool.courses.access import (
    Access,
    ActivityAccess,
    WorkAccess,
    activity_access,
    course_access,
    work_access,
)
from lti_tool.courses.availability import done_by
from lti_tool.courses.forms import show_points
from lti_tool.courses.kinds import all_kinds, kind_of
from lti_tool.courses.materials import MATERIALS
from lti_tool.courses.models import PUBLISHED
from lti_tool.courses.partners import agreement_needed, standing
from lti_tool.courses.pupils import Pupil
from lti_tool.courses.queries.outline import comes_before_something
from lti_tool.files.forms import accept_files
from lti_tool.people.actor import Actor
from lti_tool.people.names import display_name

A = TypeVar("A", bound=Access | None)

blueprint = Blueprint("courses", __name__, url_prefix="/courses")
accept_files(blueprint, {"courses.new_activity": MATERIALS, "courses.edit_activity": MATERIALS})
_uploads: dict[str, int] = {}


def takes_uploads(view: str, limit: int) -> None:
    """Let the form of this view (its function's name) hold `limit` bytes."""
    _uploads[f"{blueprint.name}.{view}"] = limit


@blueprint.url_value_preprocessor
def _accept_uploads(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form: the general limit is for forms without files."""
    if endpoint in _uploads:
        request.max_content_length = _uploads[endpoint]


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


def actor() -> Actor:
    """Who is signed in; the blueprint lets nobody else this far."""
    signed_in: Actor = g.actor
    return signed_in


def course_for(verb: str, course_id: int) -> Access:
    """The course, when the actor may do `verb`; NotFound when she may not even know of it."""
    access = let_in(course_access(g.actor, course_id))
    require(g.actor, verb, access, see="course.see")
    assert access is not None
    return access


def let_in(access: A) -> A:
    """Say in plain words why a class is kept out; everybody else is judged by the rules."""
    if access is None or access.hosts or access.teaching or access.tutor:
        return access
    if access.barred:
        raise agreement_needed(access.course, standing(access.course, actor().organization_id))
    if access.without_seat and access.course.state == PUBLISHED:
        where = url_for("courses.place", course_id=access.course.id)
        raise NoSeat(ways=[(where, _("Where do I stand?"), False)])
    return access


class NoSeat(DomainError):
    """A pupil of a class that takes part, without a place in a course with seat rules."""

    status = 403
    message = _l("You have no place in this course yet.")
    todo = (_l("Places go by a waiting list. Your teacher sees the list of your class."),)


def activity_for(verb: str, activity_id: int) -> ActivityAccess:
    """The activity, in the same way."""
    access = let_in(activity_access(g.actor, activity_id))
    require(g.actor, verb, access, see="activity.see")
    assert access is not None
    return access


def work_for(verb: str, activity_id: int, identity_id: int) -> WorkAccess:
    """One pupil's work on an activity where there is something to do, in the same way."""
    access = work_access(g.actor, activity_id, identity_id)
    if access is not None and not kind_of(access.the_activity).works:
        access = None
    require(g.actor, verb, access, see="work.see")
    assert access is not None
    return access


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A rendered page of this feature."""
    response = make_response(render_template(f"courses/{template}.html", **values))
    response.status_code = status
    return response


def form_status(form: Any) -> int:
    """422 when the form comes back with faults."""
    return 422 if form.errors else 200


def reading(access: ActivityAccess) -> dict[str, Any]:
    """For activities that pupils themselves say they have read: whether they are asked, have said so, and may."""
    activity = access.the_activity
    asks = activity.asks_done or comes_before_something(activity)
    learns = access.learns and not access.hosts
    done = learns and asks and bool(done_by(actor().identity_id or 0, [activity.id]))
    return {"asks_done": asks and learns, "done": done, "can_say_done": allows(actor(), "activity.work", access)}


def page_number() -> int:
    """The page asked for, at least 1."""
    return max(1, min(request.args.get("page", 1, type=int), 10**6))


def name_of(pupil: Pupil, access: Access) -> str:
    """A pupil's name as the actor may read it; the school decides whether its partner reads full names."""
    return display_name(
        g.actor, pupil.identity, full=bool(access.hosts or access.tutor) and pupil.participation.full_names
    )


def file_size(size: int) -> str:
    """Bytes for people."""
    if size < 1024 * 1024:
        return str(_("%(number)d KB", number=max(1, round(size / 1024))))
    return str(_("%(number)s MB", number=show_points(round(size / (1024 * 1024), 1))))


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    return {
        "name_of": name_of,
        "points": show_points,
        "kind_of": kind_of,
        "kinds": all_kinds,
        "markdown": render_markdown,
        "file_size": file_size,
        "now": utcnow(),
        "languages_of_courses": {"ru": _("Russian"), "en": _("English")},
    }
