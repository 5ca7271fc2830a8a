"""Background work for guests: sending codes by e-mail, and forgetting what is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete, update

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, execute, unit_of_work, utcnow
from lti_tool.core.mail import MailNotSent, send_mail
from lti_tool.people.guests.models import CONFIRM, MailCode, UsedChallenge
from lti_tool.people.guests.operations.codes import CODE_HOLDS, new_digits

MOST_ATTEMPTS = 3
NEXT_ATTEMPT = timedelta(seconds=30)
KEPT = timedelta(days=1)
"""How long a code is remembered: the limit per day counts them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Order:
    """A mail to send, as values."""

    address: str
    purpose: str
    locale: str
    attempts: int


@jobs.task("guests.send_code")
def send_code(code_id: int) -> None:
    """Make the digits of one code and send them; the digits themselves are kept nowhere."""
    with unit_of_work():
        order = _claimed(code_id)
        digits = new_digits(code_id) if order else ""
    if order is None:
        return
    end_reading()
    try:
        with force_locale(order.locale):
            subject, text = _words(order, digits)
            send_mail(to=order.address, subject=subject, text=text)
    except MailNotSent as error:
        again = error.again and order.attempts < MOST_ATTEMPTS
        log.warning("code not sent", reason=error.code, again=again)
        _note(code_id, "waiting" if again else "failed", order)
    else:
        _note(code_id, "sent", order)


def _claimed(code_id: int) -> _Order | None:
    if not jobs.claim(MailCode, code_id):
        return None
    code = db.session.get_one(MailCode, code_id, populate_existing=True)
    if code.address is None or code.used_at is not None or code.expires_at <= utcnow():
        code.state, code.leased_until, code.leased_by = "failed", None, None
        return None
    return _Order(code.address, code.purpose, code.locale, code.attempts)


def _note(code_id: int, state: str, order: _Order) -> None:
    """Write how it went. The address of who comes in stands with the guest and is not needed here any more."""
    values: dict[str, object] = {"state": state, "leased_until": None, "leased_by": None}
    if state == "waiting":
        values["due_at"] = utcnow() + NEXT_ATTEMPT
    elif order.purpose != CONFIRM:
        values["address"] = None
    with unit_of_work():
        noted = update(MailCode).where(MailCode.id == code_id).values(**values)
        execute(noted.execution_options(synchronize_session=False))


def _words(order: _Order, digits: str) -> tuple[str, str]:
    minutes = int(CODE_HOLDS.total_seconds() // 60)
    what = (
        _("Your code to confirm this e-mail address in “Schools Together”:")
        if order.purpose == CONFIRM
        else _("Your code to sign in to “Schools Together”:")
    )
    rest = _(
        "It holds %(minutes)d minutes and works only in the browser window in which it was asked for. "
        "If you did not ask for it, do nothing: without it nobody comes in. Tell it to nobody.",
        minutes=minutes,
    )
    return _("Code for Schools Together"), f"{what}\n\n{digits}\n\n{rest}\n"


@jobs.every(timedelta(hours=1))
def forget_codes() -> None:
    """Remove codes and answered challenges that nothing counts or accepts any more."""
    now = utcnow()
    execute(delete(MailCode).where(MailCode.created_at < now - KEPT))
    execute(delete(UsedChallenge).where(UsedChallenge.expires_at < now))
