"""Mails about agreements that end, where the installation sends mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from flask_babel import force_locale, format_date
from flask_babel import gettext as _
from sqlalchemy import update

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, execute, unit_of_work, utcnow
from lti_tool.core.mail import MailNotSent, mail_is_set, send_mail
from lti_tool.core.settings import current_settings
from lti_tool.courses.endings.models import EndingMail
from lti_tool.courses.endings.operations import forget_endings, note_endings
from lti_tool.courses.endings.queries import parties_of

MOST_ATTEMPTS = 8
NEXT_ATTEMPT = timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """A mail to send, as values."""

    address: str
    locale: str
    last_day: date
    parties: list[str]
    attempts: int


@jobs.every(timedelta(hours=6))
def tell_endings() -> None:
    """Order the mails about agreements that end within weeks, and forget those of agreements that ended."""
    forget_endings()
    if mail_is_set():
        note_endings()


@jobs.task("courses.tell_ending")
def tell_ending(mail_id: int) -> None:
    """Send one mail."""
    with unit_of_work():
        order = _claimed(mail_id)
    if order is None:
        return
    end_reading()
    try:
        with force_locale(order.locale):
            subject, text = _words(order)
            send_mail(to=order.address, subject=subject, text=text)
    except MailNotSent as error:
        again = error.again and order.attempts < MOST_ATTEMPTS
        log.warning("mail about an ending not sent", reason=error.code, again=again)
        _note(mail_id, "waiting" if again else "failed")
    else:
        _note(mail_id, "sent")


def _claimed(mail_id: int) -> _Order | None:
    if not jobs.claim(EndingMail, mail_id):
        return None
    mail = db.session.get_one(EndingMail, mail_id, populate_existing=True)
    if mail.address is None:
        mail.state, mail.leased_until, mail.leased_by = "failed", None, None
        return None
    return _Order(mail.address, mail.locale, mail.last_day, parties_of(mail.agreement_id), mail.attempts)


def _note(mail_id: int, state: str) -> None:
    values: dict[str, object] = {"state": state, "leased_until": None, "leased_by": None}
    values |= {"due_at": utcnow() + NEXT_ATTEMPT} if state == "waiting" else {"address": None}
    with unit_of_work():
        noted = update(EndingMail).where(EndingMail.id == mail_id).values(**values)
        execute(noted.execution_options(synchronize_session=False))


def _words(order: _Order) -> tuple[str, str]:
    day = format_date(order.last_day, "long")
    subject = _("An agreement ends on %(day)s", day=day)
    what = _("The agreement between %(names)s ends on %(day)s.", names=", ".join(order.parties), day=day)
    then = _(
        "Pupils who are in a shared course then finish it, unless a coordinator decides otherwise; nobody new can enter "
        "afterwards. Work and grades stay."
    )
    todo = _(
        "If you are a coordinator: decide what happens to running courses, or amend the agreement. If you are a teacher: "
        "talk to the coordinator of your organization. Open “Schools Together” from your LMS, or sign in here:"
    )
    return subject, f"{what}\n\n{then}\n\n{todo}\n{current_settings().base_url}\n"
