"""How far a grade has come, in words: what is so and what to do."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.grades.models import DELIVERED, PARKED, REFUSED, SENDING, SUPERSEDED

HAPPENED: dict[str, Any] = {
    "score": _l("Grade handed to delivery"),
    "retry": _l("Delivery of grades asked for again"),
    "rescale": _l("Grades converted to another scale"),
    "compare": _l("Comparison of grades asked for"),
    "keep_theirs": _l("The LMS's grades kept"),
    "send_ours": _l("Our grades sent again"),
}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {
    "score": _l("Score"),
    "line_item": _l("Column"),
    "grade_difference": _l("Difference of grades"),
}


def state_name(state: str) -> str:
    """A state in one or two words."""
    names = {
        SENDING: _("being sent"),
        DELIVERED: _("delivered"),
        SUPERSEDED: _("changed in the LMS"),
        REFUSED: _("refused"),
        PARKED: _("on hold"),
    }
    return str(names.get(state) or _("waiting"))


def explain_delivery(state: str, code: str | None, status: int | None = None) -> tuple[str, str]:
    """(what is so, what to do) for a score's state and the code of its last answer; either may be empty."""
    if state == DELIVERED:
        return _("The grade is in the school's gradebook."), ""
    if state == SUPERSEDED:
        return (
            _("A teacher changed this grade in the LMS after it was given here. Their grade stands."),
            _("To replace it, give the grade here once more."),
        )
    if state in (REFUSED, PARKED):
        return _held(code, status)
    return _waits(code)


def _waits(code: str | None) -> tuple[str, str]:
    if code == "lane_closed":
        return (
            _("The school's LMS does not answer at the moment. The grade is kept and sent as soon as it is back."),
            _("There is nothing to do, unless this lasts: then tell the school's LMS administrator."),
        )
    if code == "keeps_failing":
        return (
            _("The school's LMS has not taken the grade for a while. It is tried again by itself."),
            _("If this lasts, the school's LMS administrator should open the tool's check page."),
        )
    if code is not None:
        return _("The school's LMS did not take the grade yet (%(code)s).", code=code), _(
            "It is tried again by itself."
        )
    return _("The grade is on its way to the school's gradebook."), ""


def _held(code: str | None, status: int | None) -> tuple[str, str]:
    administrator = _("The school's LMS administrator should open the tool's check page, then retry.")
    known = {
        "suspended": (
            _("The school's registration is suspended."),
            _("The grade is sent by itself once it is active again."),
        ),
        "scope_missing": (
            _("The school's LMS does not let the tool send grades."),
            _(
                "In Moodle the administrator allows grade sync in the tool's services. The grade is sent by itself then."
            ),
        ),
        "no_column": (
            _("The school's gradebook has no column for this, and the tool may not make one."),
            _("The school's teacher adds the activity to the LMS course through “Select content”."),
        ),
        "column_gone": (
            _("The column has been deleted from the school's gradebook."),
            _("Retry to have a new one made, or the school's teacher adds the activity to the LMS course again."),
        ),
        "score_invalid": (_("This is not a grade an LMS can store."), _("Give the grade once more.")),
    }
    if code in known:
        return known[code]
    if status in (400, 403, 404):
        return (
            _(
                "The school's LMS does not take a grade for this person: not a pupil of that course any more, or the column is locked."
            ),
            _("The school's teacher checks the participants and the column, then retry."),
        )
    return _("The school's LMS refused the grade (%(code)s).", code=code or "?"), administrator
