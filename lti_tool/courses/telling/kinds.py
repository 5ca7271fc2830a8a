"""The notices of courses in words."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.people.notices.kinds import Facts, NoticeKind

GRADED, OPENED, DUE_SOON, SEATS_ACCEPTED, SEATS_DECLINED = (
    "course.graded",
    "course.opened",
    "course.due",
    "seats.accepted",
    "seats.declined",
)
PLACED = "seats.placed"


def _graded(facts: Facts, _number: int) -> str:
    return str(
        _("You have a grade for “%(title)s” in “%(course)s”.", title=facts["title"], course=facts["title_of_course"])
    )


def _opened(facts: Facts, number: int) -> str:
    if number == 1:
        return str(_("“%(title)s” has opened in “%(course)s”.", title=facts["title"], course=facts["title_of_course"]))
    told = ngettext(
        "%(num)d activity has opened in “%(course)s”.",
        "%(num)d activities have opened in “%(course)s”.",
        number,
        course=facts["title_of_course"],
    )
    return str(told)


def _due(facts: Facts, _number: int) -> str:
    return str(_("“%(title)s” in “%(course)s” is due soon.", title=facts["title"], course=facts["title_of_course"]))


def _accepted(facts: Facts, _number: int) -> str:
    return str(_("Your class takes part in “%(course)s”: the request was accepted.", course=facts["title_of_course"]))


def _declined(facts: Facts, _number: int) -> str:
    return str(_("The request for seats in “%(course)s” was declined.", course=facts["title_of_course"]))


def _placed(facts: Facts, _number: int) -> str:
    return str(_("You have a place in “%(course)s”.", course=facts["title_of_course"]))


def _to_activity(facts: Facts) -> str:
    return url_for("courses.activity", activity_id=facts["activity"])


def _to_course(facts: Facts) -> str:
    return url_for("courses.course", course_id=facts["course"])


def _to_requests(_facts: Facts) -> str:
    return url_for("courses.seat_requests")


KINDS = (
    NoticeKind(GRADED, "check2-square", _graded, _to_activity),
    NoticeKind(OPENED, "unlock", _opened, _to_course),
    NoticeKind(DUE_SOON, "hourglass-split", _due, _to_activity),
    NoticeKind(SEATS_ACCEPTED, "people", _accepted, _to_course),
    NoticeKind(SEATS_DECLINED, "people", _declined, _to_requests),
    NoticeKind(PLACED, "ticket", _placed, _to_course),
)
