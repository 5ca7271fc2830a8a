"""What is held of notices, and for how long."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from lti_tool.people.belongings.registry import holds
from lti_tool.people.models import Identity
from lti_tool.people.notices.models import Notice, NoticeDigest
from lti_tool.people.retention.registry import Period, keep
from lti_tool.platforms.models import Registration

NOTICES = Period("notices", _l("Notices, read or not"), _l("since they were given"), days=90, least=14)


def register() -> None:
    """Tell what is held."""
    holds(
        Notice.identity_id,
        _l("Notices"),
        told=select(Notice.at, Notice.kind, Notice.about, Notice.number, Notice.read_at, Notice.mailed_at),
        words={
            "at": _l("When"),
            "kind": _l("Kind"),
            "about": _l("About"),
            "number": _l("Number"),
            "read_at": _l("Read"),
            "mailed_at": _l("Sent by e-mail"),
        },
    )
    holds(
        NoticeDigest.identity_id,
        _l("Agreement to a daily mail about notices"),
        told=select(NoticeDigest.created_at, NoticeDigest.due_at),
        words={"created_at": _l("When"), "due_at": _l("Next mail")},
    )
    keep(NOTICES, Notice, _old)


def _old(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    statement = select(Notice.id).where(Notice.at < before).order_by(Notice.id)
    if organization_id is None:
        return statement
    home = select(Identity.id).join(Registration, Registration.id == Identity.registration_id)
    return statement.where(Notice.identity_id.in_(home.where(Registration.organization_id == organization_id)))
