"""Subjects, states of requests and what happened to seats, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.courses.seats.models import (
    ACCEPTED,
    ALWAYS,
    APPROVED,
    BY_TEACHERS,
    DECLINED,
    REQUESTED,
    WITH_SEATS,
    WITHDRAWN,
    SeatRequest,
)

HAPPENED: dict[str, Any] = {
    "describe": _l("Course described for the catalogue"),
    "seat_rules": _l("Seats of a course decided"),
    "ask_seats": _l("Seats asked for"),
    "approve_seats": _l("Request for seats approved by the school"),
    "accept_seats": _l("Request for seats accepted by the host"),
    "decline_seats": _l("Request for seats declined"),
    "withdraw_seats": _l("Request for seats taken back"),
    "settle_seats": _l("Places given out by the list"),
    "withdraw_pupil": _l("Pupil withdrawn from a course"),
    "bring_back": _l("Withdrawn pupil brought back"),
    "move_in_line": _l("Waiting list of a class arranged"),
    "give_back": _l("Seats of a class made fewer"),
    "school_rule": _l("Decided who may ask for seats"),
}
THINGS: dict[str, Any] = {"seat_request": _l("Request for seats"), "organization": _l("Organization")}


def subject_names() -> dict[str, str]:
    """Subjects by their keys, as they are offered."""
    return {
        "mathematics": _("Mathematics"),
        "informatics": _("Computer science"),
        "physics": _("Physics"),
        "chemistry": _("Chemistry"),
        "biology": _("Biology"),
        "ecology": _("Ecology"),
        "geography": _("Geography"),
        "history": _("History"),
        "society": _("Social studies"),
        "language": _("Native language"),
        "literature": _("Literature"),
        "foreign": _("Foreign languages"),
        "arts": _("Arts and music"),
        "technology": _("Technology"),
        "sport": _("Sport and health"),
        "career": _("Professions and career"),
        "other": _("Several subjects, or another"),
    }


def request_state(request: SeatRequest) -> tuple[str, str]:
    """(words, kind of badge) for how far a request has come."""
    if request.state == DECLINED:
        return (_("declined by the host") if request.declined_by_host else _("declined by the school")), "danger"
    states = {
        REQUESTED: (_("waits for the school's coordinator"), "warning"),
        APPROVED: (_("waits for the host"), "warning"),
        ACCEPTED: (_("accepted"), "success"),
        WITHDRAWN: (_("taken back"), "secondary"),
    }
    return states[request.state]


def approval_names() -> dict[str, tuple[str, str]]:
    """What a school may decide about its teachers: (label, explanation)."""
    return {
        BY_TEACHERS: (
            _("Teachers of ours may ask without approval"),
            _("A request goes straight to the host; join codes work at once."),
        ),
        WITH_SEATS: (
            _("A coordinator approves courses with a limited number of seats"),
            _("Courses without seat rules are joined with a code or an offer as before."),
        ),
        ALWAYS: (
            _("A coordinator approves every course"),
            _("Also those joined with a code or an offer of the host."),
        ),
    }
