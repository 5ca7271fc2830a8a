"""Passkeys of guests (WebAuthn): asking for one, keeping one, coming in by one.

The challenge travels in the signed session of the browser; an answered one is noted and never answered again.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import structlog
import webauthn
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Conflict, DomainError, Invalid
from lti_tool.core.settings import current_settings
from lti_tool.people.actor import Actor
from lti_tool.people.guests.models import Guest, Passkey, UsedChallenge
from lti_tool.people.guests.operations.inviting import let_in

MOST_PASSKEYS = 10
LONGEST_NAME = 60
LONGEST_CREDENTIAL = 20_000
"""Characters of a browser's answer."""
CHALLENGE_KEPT = timedelta(hours=1)
"""Longer than any session keeps a challenge for an answer."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class PasskeyRefused(DomainError):
    """The answer of a passkey cannot be accepted; why is for the log alone."""

    status = 400
    message = _l("This passkey could not be checked.")
    todo = (
        _l("Go back and try once more: an answer is good for five minutes and once."),
        _l("If it was removed here, or your access has been ended, ask the coordinator of your organization."),
    )


def passkeys_possible() -> bool:
    """Browsers keep passkeys for names of hosts only, not for numbers."""
    try:
        ipaddress.ip_address(current_settings().host)
    except ValueError:
        return True
    return False


def creation_options(guest: Guest) -> tuple[dict[str, Any], str]:
    """What the browser is to make a passkey of, and the challenge to keep. Raises Conflict when there are enough."""
    known = db.session.scalars(select(Passkey.credential_id).where(Passkey.guest_id == guest.id)).all()
    if len(known) >= MOST_PASSKEYS:
        raise Conflict(
            _("You have %(limit)d passkeys, which is the most.", limit=MOST_PASSKEYS),
            _("Remove one that you do not use any more."),
        )
    options = webauthn.generate_registration_options(
        rp_id=current_settings().host,
        rp_name=str(_("Schools Together")),
        user_id=guest.handle.encode(),
        user_name=f"{guest.name}, {guest.organization.name}",
        user_display_name=guest.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
    )
    return options_to_json_dict(options), bytes_to_base64url(options.challenge)


def request_options() -> tuple[dict[str, Any], str]:
    """What the browser is to ask any passkey of ours for, and the challenge to keep."""
    options = webauthn.generate_authentication_options(
        rp_id=current_settings().host, user_verification=UserVerificationRequirement.PREFERRED
    )
    return options_to_json_dict(options), bytes_to_base64url(options.challenge)


def add_passkey(*, actor: Actor, guest: Guest, credential: str, challenge: str | None, name: str) -> Passkey:
    """Keep the public half of a new passkey. Raises PasskeyRefused, Invalid for its name."""
    name = " ".join(name.split()) or str(_("My device"))
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid({"name": _("Write a name of at most %(limit)d characters.", limit=LONGEST_NAME)})
    count = select(func.count()).where(Passkey.guest_id == guest.id)
    if (db.session.scalar(count) or 0) >= MOST_PASSKEYS:
        raise PasskeyRefused
    expected = _used_up(challenge)
    made = _checked(
        lambda: webauthn.verify_registration_response(
            credential=_readable(credential),
            expected_challenge=expected,
            expected_rp_id=current_settings().host,
            expected_origin=current_settings().base_url,
        )
    )
    key = bytes_to_base64url(made.credential_id)
    values = {
        "guest_id": guest.id,
        "credential_id": key,
        "public_key": made.credential_public_key,
        "sign_count": made.sign_count,
        "name": name,
        "created_at": utcnow(),
    }
    if not insert_if_absent(Passkey, values):
        raise PasskeyRefused
    kept = db.session.scalars(select(Passkey).where(Passkey.credential_id == key)).one()
    audit.record(actor, "passkey.add", "guest", guest.id, passkey=kept.id)
    return kept


def remove_passkey(*, actor: Actor, guest: Guest, passkey: Passkey) -> None:
    """Forget a passkey; every other session of its owner ends, as the device may be in other hands."""
    audit.record(actor, "passkey.remove", "guest", guest.id, passkey=passkey.id)
    db.session.delete(passkey)
    guest.generation += 1


def enter_by_passkey(*, credential: str, challenge: str | None) -> Guest:
    """Come in by a passkey; whatever is wrong, the refusal reads the same. Raises PasskeyRefused, EntryEnded."""
    expected = _used_up(challenge)
    told = _checked(lambda: parse_authentication_credential_json(_readable(credential)))
    statement = select(Passkey, Guest).join(Guest, Guest.id == Passkey.guest_id)
    row = db.session.execute(statement.where(Passkey.credential_id == told.id[:1400])).first()
    if row is None:
        raise PasskeyRefused
    passkey, guest = row
    if told.response.user_handle not in (None, guest.handle.encode()):
        raise PasskeyRefused
    found = _checked(
        lambda: webauthn.verify_authentication_response(
            credential=told,
            expected_challenge=expected,
            expected_rp_id=current_settings().host,
            expected_origin=current_settings().base_url,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    )
    _count(passkey, found.new_sign_count)
    return let_in(guest.id, "passkey")


def _count(passkey: Passkey, signed: int) -> None:
    """Note the use; of two at once that show the same count, one is a copy."""
    same = (Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count)
    values = {"sign_count": signed, "last_used_at": utcnow()}
    counted = update(Passkey).where(*same).values(**values).execution_options(synchronize_session=False)
    if execute(counted).rowcount != 1:
        raise PasskeyRefused


def _used_up(challenge: str | None) -> bytes:
    """The challenge that is answered, which from now on is answered."""
    if challenge is None:
        raise PasskeyRefused
    digest = hashlib.sha256(challenge.encode()).hexdigest()
    if not insert_if_absent(UsedChallenge, {"challenge_hash": digest, "expires_at": utcnow() + CHALLENGE_KEPT}):
        raise PasskeyRefused
    return base64url_to_bytes(challenge)


def _readable(credential: str) -> str:
    if not credential or len(credential) > LONGEST_CREDENTIAL:
        raise ValueError("no answer of a passkey")
    return credential


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except Exception as error:  # the library and the parsers below it raise many kinds for bytes made to break them
        log.info("passkey refused", reason=type(error).__name__)
        raise PasskeyRefused from None
