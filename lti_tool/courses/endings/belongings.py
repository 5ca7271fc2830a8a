"""What is held of who was told that an agreement ends."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from lti_tool.agreements.models import Party
from lti_tool.courses.endings.models import EndingMail
from lti_tool.people.belongings.registry import Subject, holds


def register() -> None:
    """Tell what is held."""
    holds(
        EndingMail.person_id,
        _l("Mails about agreements that end"),
        told=select(EndingMail.created_at, EndingMail.last_day, EndingMail.state, EndingMail.address),
        words={
            "created_at": _l("When"),
            "last_day": _l("Last day"),
            "state": _l("State"),
            "address": _l("E-mail address"),
        },
        where=_of_person,
    )


def _of_person(subject: Subject) -> ColumnElement[bool]:
    own = EndingMail.person_id == subject.person_id
    if subject.organization_id is None:
        return own
    parties = select(Party.agreement_id).where(Party.organization_id == subject.organization_id)
    return own & EndingMail.agreement_id.in_(parties)
