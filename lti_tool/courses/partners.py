"""Courses for partners: an agreement in force opens them; when it ends, who is in finishes and nobody new enters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from lti_tool.agreements.queries import ENDS_SOON, Partnership, partnership, today
from lti_tool.core.errors import DomainError
from lti_tool.courses.models import CLOSE, HUB, OWN, PARTNERS, Participation, SharedCourse


class AgreementNeeded(DomainError):
    """The course is open to its host's partners, and there is no agreement in force."""

    status = 403


def standing(course: SharedCourse, organization_id: int | None) -> Partnership:
    """How an organization stands to the course's host; always a partner of a course that is open to the hub."""
    if course.visibility == HUB or course.organization_id == organization_id:
        return Partnership(in_force=True)
    if course.visibility == OWN or organization_id is None:
        return Partnership()
    return partnership(course.organization_id, organization_id)


@dataclass(frozen=True)
class Notice:
    """What a teacher of a class is told weeks before the agreement ends, and afterwards."""

    last_day: date
    over: bool


def notice(course: SharedCourse, organization_id: int | None) -> Notice | None:
    """None while there is nothing to tell."""
    found = standing(course, organization_id)
    if found.ended_on is not None:
        return Notice(found.ended_on, over=True)
    if found.until is not None and found.until <= today() + ENDS_SOON:
        return Notice(found.until, over=False)
    return None


def require_partner(course: SharedCourse, organization_id: int | None) -> None:
    """Raises AgreementNeeded unless the organization may bring the course to its pupils today."""
    found = standing(course, organization_id)
    if not found.in_force:
        raise agreement_needed(course, found)


def agreement_needed(course: SharedCourse, found: Partnership) -> AgreementNeeded:
    """What somebody without an agreement is told, and whom to ask."""
    host = course.organization
    if course.visibility == PARTNERS:
        message = _(
            "This course is for partners of %(host)s, and your organization has no agreement with it.", host=host.name
        )
    else:
        message = _("This course is only for %(host)s itself.", host=host.name)
    if found.ended_on is not None:
        message = _(
            "The agreement with %(host)s is over. Who was in the course before may finish it; nobody new can enter.",
            host=host.name,
        )
    ask = [_("Pupils: tell your teacher. Teachers: ask the coordinator of your organization, who writes agreements.")]
    if host.contacts:
        ask.append(_("%(host)s: %(contacts)s", host=host.name, contacts=host.contacts))
    return AgreementNeeded(message, *ask)


def lets_in(course: SharedCourse, organization_id: int | None, found: Iterable[tuple[Participation, datetime]]) -> bool:
    """May a pupil who is in these classes, each since then, enter the course?

    Without an agreement in force, only who was in a class before it ended, unless it was decided to close that class.
    """
    stands = standing(course, organization_id)
    if stands.in_force:
        return True
    last = stands.ended_on
    return last is not None and any(
        since.date() <= last and participation.after_agreement != CLOSE for participation, since in found
    )
