"""Requests for seats: one's own, those to one's courses, and answering many at once."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.courses.seats.access import request_access
from lti_tool.courses.seats.models import SeatRequest
from lti_tool.courses.seats.operations import requests as asking
from lti_tool.courses.seats.queries.catalogue import known_among
from lti_tool.courses.seats.queries.requests import own_requests, waiting_for_teacher
from lti_tool.courses.views.base import actor, blueprint, page, page_number

MOST_AT_ONCE = 500


@blueprint.get("/requests")
def seat_requests() -> Any:
    """What became of one's own requests, and those that wait for one's answer as the host."""
    require(actor(), "catalogue.see", actor().organization_id)
    mine = paged(own_requests(actor()), page_number(), lambda number: url_for("courses.seat_requests", page=number))
    waiting = paged(
        waiting_for_teacher(actor()), 1, lambda _number: url_for("courses.seat_requests"), size=MOST_AT_ONCE
    )
    known = known_among(actor().organization_id or 0, {each.course_id for each in mine.items})
    return page("seats/requests", mine=mine, waiting=waiting, known=known)


@blueprint.post("/requests/<int:request_id>/withdraw")
def withdraw_request(request_id: int) -> Any:
    """The teacher takes the request back."""
    access = request_access(actor(), request_id)
    require(actor(), "request.withdraw", access)
    assert access is not None
    if asking.withdraw(actor=actor(), request=access.request):
        flash(_("The request is taken back."), "success")
    else:
        flash(_("It was answered already."), "info")
    return redirect(url_for("courses.seat_requests"), 303)


@blueprint.post("/requests/decide")
def decide_requests() -> Any:
    """Approve, accept or decline all that are ticked."""
    action, side = request.form.get("action", ""), request.form.get("side", "")
    if side not in ("home", "host") or action not in ("yes", "no"):
        raise BadRequest
    ids = request.form.getlist("request", type=as_key)[:MOST_AT_ONCE]
    wanted = [_request(request_id, side) for request_id in ids]
    if not wanted:
        flash(_("Tick at least one request."), "warning")
        return redirect(_back(), 303)
    try:
        count = sum(_decide(one, side, yes=action == "yes") for one in wanted)
    except Invalid as fault:
        flash(next(iter(fault.errors.values())), "danger")
        return redirect(_back(), 303)
    flash(ngettext("%(num)d request is answered.", "%(num)d requests are answered.", count), "success")
    return redirect(_back(), 303)


def _request(request_id: int, side: str) -> SeatRequest:
    access = request_access(actor(), request_id)
    require(actor(), "request.approve" if side == "home" else "request.accept", access)
    assert access is not None
    return access.request


def _decide(one: SeatRequest, side: str, *, yes: bool) -> bool:
    if not yes:
        reason = request.form.get("reason", "")
        return asking.decline(actor=actor(), request=one, reason=reason, by_host=side == "host")
    if side == "home":
        return asking.approve(actor=actor(), request=one)
    return asking.accept(actor=actor(), request=one, seats=request.form.get(f"seats-{one.id}", type=int))


def _back() -> str:
    course_id = request.form.get("course", type=as_key)
    if course_id is not None:
        return url_for("courses.course_seats", course_id=course_id)
    return url_for("school.seats") if request.form.get("school") else url_for("courses.seat_requests")
