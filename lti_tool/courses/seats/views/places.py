"""The places of one class for its teacher, and the place of one pupil."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import Invalid
from lti_tool.core.policy import require
from lti_tool.courses.access import course_access
from lti_tool.courses.models import Participation
from lti_tool.courses.seats.models import DROPPED, SEATED, WAITING
from lti_tool.courses.seats.operations import places
from lti_tool.courses.seats.operations.offering import offering_of
from lti_tool.courses.seats.queries.places import class_places, standing_in_line
from lti_tool.courses.seats.queries.requests import newest_request
from lti_tool.courses.views.base import actor, blueprint, page
from lti_tool.people.names import display_name


@blueprint.get("/participations/<int:participation_id>/seats")
def class_places_page(participation_id: int) -> Any:
    """Who of the class has a place, who waits and who was withdrawn."""
    return _page(_participation(participation_id))


@blueprint.post("/participations/<int:participation_id>/seats")
def arrange_places(participation_id: int) -> Any:
    """Withdraw, bring back, move in the line, or need fewer seats."""
    found = _participation(participation_id)
    try:
        told = _act(found, request.form.get("action", ""), request.form.get("seat", 0, type=as_key))
    except Invalid as fault:
        return _page(found, status=422, faults=list(fault.errors.values()), typed=request.form)
    flash(*told)
    return redirect(url_for("courses.class_places_page", participation_id=participation_id), 303)


def _act(found: Participation, action: str, seat_id: int) -> tuple[str, str]:
    """(what is said, its kind)."""
    whose: dict[str, Any] = {"actor": actor(), "participation": found}
    nothing = _("Nothing was to be done any more."), "info"
    if action == "withdraw":
        done = places.withdraw_pupil(**whose, seat_id=seat_id, reason=request.form.get("reason", ""))
        return (
            (_("The pupil is withdrawn; work is kept, and the next in the line moves up."), "success")
            if done
            else nothing
        )
    if action == "back":
        done = places.bring_back(**whose, seat_id=seat_id)
        return (_("The pupil stands in the line again, or has a place if one is free."), "success") if done else nothing
    if action in ("up", "down"):
        places.move_in_line(**whose, seat_id=seat_id, step=-1 if action == "up" else 1)
        return _("Saved."), "success"
    if action == "fewer":
        places.give_back(**whose, seats=request.form.get("seats", -1, type=int), by_host=False)
        return _("Saved."), "success"
    raise BadRequest


def _participation(participation_id: int) -> Participation:
    found = get_or_none(Participation, participation_id)
    require(actor(), "participation.change", found)
    assert found is not None
    return found


def _page(found: Participation, *, status: int = 200, **more: Any) -> Any:
    rows = class_places(found)
    return page(
        "seats/class",
        status=status,
        participation=found,
        course=found.course,
        offering=offering_of(found.course_id),
        seated=[seat for seat, _number in rows if seat.state == SEATED],
        waiting=[(seat, number) for seat, number in rows if seat.state == WAITING],
        withdrawn=[seat for seat, _number in rows if seat.state == DROPPED],
        late=places.is_late(found),
        asked=newest_request(found.course_id, found.context_id),
        name=lambda seat: display_name(actor(), seat.identity),
        **more,
    )


@blueprint.get("/<int:course_id>/place")
def place(course_id: int) -> Any:
    """Where a pupil without a place stands; whoever has one goes to the course."""
    access = course_access(actor(), course_id)
    if access is None or not access.without_seat:
        return redirect(url_for("courses.course", course_id=course_id))
    identity_id = actor().identity_id
    assert identity_id is not None
    standing = standing_in_line(course_id, identity_id)
    return page("seats/place", course=access.course, seat=access.without_seat, standing=standing)
