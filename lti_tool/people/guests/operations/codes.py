"""Codes by e-mail: six digits, ten minutes, five tries, good only in the browser that asked for them.

For an address that nobody has everything happens as for one that is known, but for the mail itself.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Conflict, DomainError, Invalid
from lti_tool.core.settings import current_settings
from lti_tool.people.actor import Actor
from lti_tool.people.guests.models import ACTIVE, CONFIRM, ENTER, Guest, MailCode
from lti_tool.people.guests.operations.inviting import let_in

CODE_HOLDS = timedelta(minutes=10)
TRIES = 5
CODES_A_DAY = 10
"""For one address, and for one guest: fifty guesses a day at a million."""
UNSENT = "unsent"
_ADDRESS = re.compile(r"^[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+\.[^@\s<>,;:\"()\[\]\\]+$")


class CodeOver(DomainError):
    """The code cannot be tried any more: too old, used, or tried too often."""

    status = 410
    message = _l("This code is too old, or was tried too often.")
    todo = (_l("Ask for a new one."),)


def ask_to_enter(*, address: str, locale: str) -> MailCode:
    """A code for whoever owns this address, should a guest have it. Raises Invalid when it can be no address."""
    address = _normal(address)
    digest = _mac("address", address)
    statement = select(Guest.id).where(Guest.email == address, Guest.state == ACTIVE)
    guest_id = db.session.scalar(statement)
    sent = _asked_today(digest, guest_id) < CODES_A_DAY and guest_id is not None
    return _order(ENTER, guest_id, address if sent else None, digest, locale)


def ask_to_confirm(*, guest: Guest, address: str, locale: str) -> MailCode:
    """A code to a guest's new address. Raises Invalid, Conflict."""
    address = _normal(address)
    digest = _mac("address", address)
    if _asked_today(digest, guest.id) >= CODES_A_DAY:
        raise Conflict(_("Too many codes were asked for today."), _("Try again tomorrow, or set up a passkey."))
    return _order(CONFIRM, guest.id, address, digest, locale)


def enter_by_code(*, code_id: int | None, typed: str) -> Guest | None:
    """Come in by the digits of the mail; None when these are others. Raises CodeOver, EntryEnded."""
    code = _tried(code_id, ENTER, typed)
    if code is None or code.guest_id is None:
        return None
    return let_in(code.guest_id, "code")


def confirm_address(*, actor: Actor, guest: Guest, code_id: int | None, typed: str) -> bool:
    """Let the guest come in by codes to the address this one was sent to; False for other digits.

    Raises CodeOver, and Conflict when the address lets another person in.
    """
    code = _tried(code_id, CONFIRM, typed, guest_id=guest.id)
    if code is None or code.address is None:
        return False
    taken = select(Guest.id).where(Guest.email == code.address, Guest.id != guest.id)
    if db.session.scalar(taken) is not None:
        raise Conflict(
            _("This address already lets another invited person in."), _("Use another one, or set up a passkey.")
        )
    guest.email, code.address = code.address, None
    audit.record(actor, "guest.email_set", "guest", guest.id)
    return True


def forget_address(*, actor: Actor, guest: Guest) -> None:
    """Send no codes any more; every other session of the guest ends."""
    if guest.email is not None:
        guest.email = None
        guest.generation += 1
        asked = update(MailCode).where(MailCode.guest_id == guest.id, MailCode.used_at.is_(None))
        execute(asked.values(used_at=utcnow(), address=None).execution_options(synchronize_session=False))
        audit.record(actor, "guest.email_removed", "guest", guest.id)


def new_digits(code_id: int) -> str:
    """Fresh digits for a code that is about to be sent; only their hash is kept."""
    digits = f"{secrets.randbelow(1_000_000):06d}"
    hashed = update(MailCode).where(MailCode.id == code_id).values(code_hash=_mac("code", str(code_id), digits))
    execute(hashed.execution_options(synchronize_session=False))
    return digits


def _order(purpose: str, guest_id: int | None, address: str | None, digest: str, locale: str) -> MailCode:
    """Nobody is nudged to send it: a known address must not take longer than an unknown one. The sweep finds it."""
    order = MailCode(
        purpose=purpose,
        guest_id=guest_id,
        address=address,
        address_hash=digest,
        locale=locale,
        expires_at=utcnow() + CODE_HOLDS,
        state="waiting" if address is not None else UNSENT,
    )
    db.session.add(order)
    db.session.flush()
    return order


def _asked_today(digest: str, guest_id: int | None) -> int:
    same = MailCode.address_hash == digest
    if guest_id is not None:
        same = or_(same, MailCode.guest_id == guest_id)
    statement = select(func.count()).where(same, MailCode.created_at > utcnow() - timedelta(days=1))
    return db.session.scalar(statement) or 0


def _tried(code_id: int | None, purpose: str, typed: str, *, guest_id: int | None = None) -> MailCode | None:
    """Count a try by one atomic UPDATE, and use the code up when the digits are right. Raises CodeOver."""
    usable = [
        MailCode.id == code_id,
        MailCode.purpose == purpose,
        MailCode.used_at.is_(None),
        MailCode.tries < TRIES,
        MailCode.expires_at > utcnow(),
    ]
    if guest_id is not None:
        usable.append(MailCode.guest_id == guest_id)
    counted = update(MailCode).where(*usable).values(tries=MailCode.tries + 1)
    if code_id is None or execute(counted.execution_options(synchronize_session=False)).rowcount != 1:
        raise CodeOver
    code = db.session.get_one(MailCode, code_id, populate_existing=True)
    digits = "".join(typed.split())[:20]
    if not hmac.compare_digest(code.code_hash or "", _mac("code", str(code_id), digits)):
        return None
    code.used_at = utcnow()
    return code


def _normal(address: str) -> str:
    address = address.strip().lower()
    if len(address) > 255 or not address.isascii() or not address.isprintable() or not _ADDRESS.match(address):
        raise Invalid({"email": _("This does not look like an e-mail address.")})
    return address


def _mac(*parts: str) -> str:
    """A hash that nobody can try out without this installation's secret."""
    return hmac.new(current_settings().secret_key.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()
