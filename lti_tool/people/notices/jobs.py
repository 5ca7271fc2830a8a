"""One mail a day about what is new and unread, for who agreed to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import select, update

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, execute, run, unit_of_work, utcnow
from lti_tool.core.mail import MailNotSent, mail_is_set, send_mail
from lti_tool.core.settings import current_settings
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity, Person
from lti_tool.people.notices.kinds import kind_named, kind_names
from lti_tool.people.notices.models import Notice, NoticeDigest
from lti_tool.people.notices.operations import EVERY
from lti_tool.people.session import is_held
from lti_tool.platforms.models import Registration

MOST = 20
"""Notices that one mail names."""
RETRY = timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """A mail to send, as values."""

    address: str
    locale: str
    notices: list[tuple[int, str, dict[str, object], int]]
    """(id, kind, facts, number)."""


@jobs.task("people.mail_notices")
def mail_notices(digest_id: int) -> None:
    """Send one digest; nothing when there is nothing new."""
    with unit_of_work():
        order = _claimed(digest_id)
    if order is None:
        return
    end_reading()
    try:
        with current_app.test_request_context(base_url=current_settings().base_url), force_locale(order.locale):
            subject, text = _words(order)
        send_mail(to=order.address, subject=subject, text=text)
    except MailNotSent as error:
        log.warning("digest of notices not sent", reason=error.code, again=error.again)
        _note(digest_id, [], RETRY if error.again else EVERY)
    else:
        _note(digest_id, [one[0] for one in order.notices], EVERY)


def _claimed(digest_id: int) -> _Order | None:
    if not jobs.claim(NoticeDigest, digest_id):
        return None
    statement = (
        select(Identity.id, Identity.email, NoticeDigest.as_pupil)
        .add_columns(Person.locale, Organization.locale.label("usual"))
        .join(NoticeDigest, NoticeDigest.identity_id == Identity.id)
        .join(Person, Person.id == Identity.person_id)
        .join(Registration, Registration.id == Identity.registration_id)
        .join(Organization, Organization.id == Registration.organization_id)
        .where(NoticeDigest.id == digest_id)
    )
    found = db.session.execute(statement).one()
    notices = _news(found.id)
    if not mail_is_set() or not notices or not found.email or is_held(found.id, pupil=found.as_pupil):
        _again(digest_id, EVERY)
        return None
    return _Order(found.email, found.locale or found.usual, notices)


def _news(identity_id: int) -> list[tuple[int, str, dict[str, object], int]]:
    new = select(Notice.id, Notice.kind, Notice.facts, Notice.number).where(
        Notice.identity_id == identity_id,
        Notice.read_at.is_(None),
        Notice.mailed_at.is_(None),
        Notice.kind.in_(kind_names()),
    )
    return [(row[0], row[1], row[2], row[3]) for row in run(new.order_by(Notice.at.desc()))]


def _note(digest_id: int, mailed: list[int], wait: timedelta) -> None:
    with unit_of_work():
        told = update(Notice).where(Notice.id.in_(mailed)).values(mailed_at=utcnow())
        execute(told.execution_options(synchronize_session=False))
        _again(digest_id, wait)


def _again(digest_id: int, wait: timedelta) -> None:
    values = {"state": "waiting", "due_at": utcnow() + wait, "leased_until": None, "leased_by": None, "attempts": 0}
    later = update(NoticeDigest).where(NoticeDigest.id == digest_id).values(**values)
    execute(later.execution_options(synchronize_session=False))


def _words(order: _Order) -> tuple[str, str]:
    count = len(order.notices)
    subject = ngettext("%(num)d new notice", "%(num)d new notices", count)
    lines = [f"• {kind_named(kind).words(facts, number)}" for _id, kind, facts, number in order.notices[:MOST]]
    if count > MOST:
        lines.append(ngettext("and %(num)d more", "and %(num)d more", count - MOST))
    way = _("Open “Schools Together” from your LMS to see more. You can end these mails there: press the bell.")
    return subject, "\n".join([*lines, "", way, ""])
