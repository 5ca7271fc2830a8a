"""What the course screens share: the blueprint, how a thing is fetched and judged, what templates may call."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.core.db import utcnow
from lti_tool.core.errors import Conflict, DomainError, SignInNeeded
from lti_tool.core.markdown import render as render_markdown
from lti_tool.core.policy import allows, require
from lti_tool.courses.access import (
    Access,
    ActivityAccess,
    WorkAccess,
    activity_access,
    course_access,
    work_in,
)
from lti_tool.courses.assignments.queries import hides_names, identity_behind, numbers_of
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
    """One pupil's work on an activity where there is something to do, in the same way.

    A negative id is the number of a work (see work_address). Raises Conflict for every other one while who asks grades
    without knowing names: whose there is a work would tell whose it is.
    """
    found = activity_access(g.actor, activity_id)
    if found is not None and not kind_of(found.the_activity).works:
        found = None
    by_number = identity_id < 0
    if by_number:
        identity_id = identity_behind(activity_id, -identity_id) or 0
        found = found if found is not None and (found.hosts or found.tutor) else None
    elif found is not None and hides_names(found, found.the_activity) and allows(g.actor, "activity.see", found):
        raise _numbers_only(activity_id)
    access = work_in(found, identity_id) if found is not None else None
    require(g.actor, verb, access, see="work.see")
    assert access is not None
    return access


def _numbers_only(activity_id: int) -> Conflict:
    where = url_for("courses.submissions", activity_id=activity_id)
    return Conflict(
        _("These works are graded without names."),
        _("Open the work by its number; the names appear when the grades are released."),
        ways=[(where, _("To the works"), False)],
    )


def handle_of(access: ActivityAccess, identity_id: int) -> int:
    """What stands for a pupil in the address of a work: minus the work's number while names are hidden."""
    if not hides_names(access, access.the_activity):
        return identity_id
    number = numbers_of(access.the_activity.id, [identity_id]).get(identity_id)
    return identity_id if number is None else -number


def work_address(access: ActivityAccess, identity_id: int, **more: Any) -> str:
    """The page of a pupil's work, for this teacher."""
    handle = handle_of(access, identity_id)
    return url_for("courses.work", activity_id=access.the_activity.id, identity_id=handle, **more)


def work_name(pupil: Pupil, access: ActivityAccess) -> str:
    """The pupil's name as the actor may read it, or the number of the work while names are hidden."""
    handle = handle_of(access, pupil.identity.id)
    return str(_("Work %(number)d", number=-handle)) if handle < 0 else name_of(pupil, access)


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


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    return {
        "name_of": name_of,
        "points": show_points,
        "kind_of": kind_of,
        "kinds": all_kinds,
        "markdown": render_markdown,
        "now": utcnow(),
        "languages_of_courses": {"ru": _("Russian"), "en": _("English")},
    }
