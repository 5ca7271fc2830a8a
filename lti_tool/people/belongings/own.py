"""What this feature itself holds about people: who they are, their office, how they come in, their consent, the trail of
what they did, and copies of all that. One place says what becomes of each when a person is erased."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.core import audit
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import execute, run, utcnow
from lti_tool.core.discarding import discard
from lti_tool.organizations.models import Organization
from lti_tool.people.belongings.models import Copy, RefusedSub
from lti_tool.people.belongings.registry import EMPTIED, KEPT, Subject, holds, mentions
from lti_tool.people.guests.models import Guest, GuestLink, MailCode, Passkey
from lti_tool.people.models import Coordinator, Identity, Person, SignInLink
from lti_tool.people.privacy import wording as consent
from lti_tool.people.privacy.models import PrivacyEvent, PrivacyStanding, PrivacyText
from lti_tool.people.support.models import SupportAccess
from lti_tool.platforms.models import Registration

ACTS = _l("What was done stays traceable; the number leads to nobody any more.")
SINCE, SCHOOL, STATE, NAME = _l("Since"), _l("Organization"), _l("State"), _lp("person", "Name")
_WITHOUT_PLACE = {"synchronize_session": False}


def register() -> None:
    """Tell what is held. Rows before those they point at."""
    _guests()
    _consent()
    _offices()
    _acts()
    _support()
    _selves()


def _support() -> None:
    mentions(SupportAccess.person_id, _l("Support accesses the person had as an operator"), ACTS)
    mentions(SupportAccess.changed_by_id, _l("Support accesses the person answered or ended"), ACTS)


def _guests() -> None:
    holds(
        Passkey.guest_id,
        _l("Passkeys"),
        told=select(Passkey.name, Passkey.created_at, Passkey.last_used_at),
        words={"name": _l("Device"), "created_at": SINCE, "last_used_at": _l("Used last")},
    )
    holds(
        MailCode.guest_id,
        _l("Codes sent by e-mail"),
        told=select(MailCode.address, MailCode.created_at),
        words={"address": _l("Address"), "created_at": _l("When")},
    )
    holds(
        GuestLink.guest_id,
        _l("Personal links"),
        told=select(GuestLink.created_at, GuestLink.expires_at, GuestLink.used_at),
        words={"created_at": _l("Made"), "expires_at": _l("Holds until"), "used_at": _l("Used")},
    )
    holds(
        Guest.person_id,
        _l("Invitation by name"),
        told=select(Guest.name, Guest.email, Guest.role, Guest.state, Guest.created_at, Guest.last_seen_at).add_columns(
            _organization(Guest.organization_id)
        ),
        words={
            "name": NAME,
            "email": _l("E-mail address"),
            "role": _l("Role"),
            "state": STATE,
            "created_at": SINCE,
            "last_seen_at": _l("Came in last"),
            "organization": SCHOOL,
        },
        where=_is_guest,
    )


def _consent() -> None:
    holds(
        PrivacyStanding.person_id,
        _l("Answer about consent"),
        told=select(PrivacyStanding.state, PrivacyStanding.version, PrivacyStanding.answered_at).add_columns(
            PrivacyStanding.guardian, _organization(PrivacyStanding.organization_id)
        ),
        words={
            "state": STATE,
            "version": _l("Version of the text"),
            "answered_at": _l("When"),
            "guardian": _l("Guardian agrees"),
            "organization": SCHOOL,
        },
        said={"state": lambda state: consent.STATE_NAMES.get(state, "")},
    )
    holds(
        PrivacyEvent.person_id,
        _l("History of consent"),
        fate=KEPT,
        why=_l(
            "The organization must be able to prove that there was consent: number of the paper and dates, no name."
        ),
        told=select(PrivacyEvent.kind, PrivacyEvent.version, PrivacyEvent.at, PrivacyEvent.basis).add_columns(
            _organization(PrivacyEvent.organization_id)
        ),
        words={
            "kind": _l("What"),
            "version": _l("Version of the text"),
            "at": _l("When"),
            "basis": _l("Paper"),
            "organization": SCHOOL,
        },
        said={"kind": lambda kind: consent.KINDS.get(kind, kind)},
    )


def _offices() -> None:
    holds(
        Coordinator.person_id,
        _l("Office of coordinator"),
        told=select(Coordinator.state, Coordinator.changed_at, Coordinator.reason).add_columns(
            _organization(Coordinator.organization_id)
        ),
        words={"state": STATE, "changed_at": SINCE, "reason": _l("Reason"), "organization": SCHOOL},
    )
    holds(
        SignInLink.person_id,
        _l("Sign-in links of an operator"),
        told=select(SignInLink.created_at, SignInLink.used_at),
        words={"created_at": _l("Made"), "used_at": _l("Used")},
    )
    holds(
        Copy.person_id,
        _l("Copies of the data"),
        told=select(Copy.created_at, Copy.state, Copy.expires_at, Copy.size),
        words={"created_at": _l("Made"), "state": STATE, "expires_at": _l("Holds until"), "size": _l("Bytes")},
        erase=_drop_copies,
    )


def _acts() -> None:
    holds(
        AuditEvent.person_id,
        _l("Lines of the audit trail"),
        fate=KEPT,
        why=_l("The trail proves who did what. It holds numbers, never names, and goes when its time is over."),
        told=select(AuditEvent.at, AuditEvent.verb, AuditEvent.thing, AuditEvent.thing_id),
        words={"at": _l("When"), "verb": _l("What"), "thing": _l("Thing"), "thing_id": _l("Number")},
        said={"verb": audit.verb_name, "thing": audit.thing_name},
        where=_in_trail,
    )
    mentions(Coordinator.changed_by_id, _l("Coordinators the person appointed or ended"), ACTS)
    mentions(GuestLink.made_by_id, _l("Links the person made for guests"), ACTS)
    mentions(PrivacyEvent.by_person_id, _l("Confirmations the person gave for others"), ACTS)
    mentions(PrivacyText.published_by_id, _l("Privacy texts the person published"), ACTS)
    mentions(RefusedSub.by_person_id, _l("People this person had kept out"), ACTS)
    mentions(Copy.asked_by_id, _l("Copies the person asked for"), ACTS)


def _selves() -> None:
    holds(
        Identity.person_id,
        _l("Name and number in the LMS"),
        fate=EMPTIED,
        why=_l("An empty row with a number stays, so that grades and the trail point at something."),
        told=select(
            Identity.name, Identity.given_name, Identity.family_name, Identity.email, Identity.sub, Identity.created_at
        ).add_columns(Identity.last_seen_at, Identity.alias_number, _school_of_identity()),
        words={
            "name": NAME,
            "given_name": _l("First name"),
            "family_name": _l("Family name"),
            "email": _l("E-mail address"),
            "sub": _l("Number in the LMS"),
            "created_at": SINCE,
            "last_seen_at": _l("Came in last"),
            "alias_number": _l("Number for others"),
            "organization": SCHOOL,
        },
        where=lambda subject: Identity.id.in_(subject.identity_ids),
        erase=_empty_identities,
    )
    holds(
        Person.id,
        _l("Language and time zone chosen"),
        fate=EMPTIED,
        why=_l("An empty row with a number stays, so that grades and the trail point at something."),
        told=select(Person.locale, Person.time_zone, Person.operator_name, Person.created_at),
        words={
            "locale": _l("Language"),
            "time_zone": _l("Time zone"),
            "operator_name": _l("Name as an operator"),
            "created_at": SINCE,
        },
        erase=_empty_person,
    )


def _organization(column: InstrumentedAttribute[int]) -> ColumnElement[str]:
    return select(Organization.name).where(Organization.id == column).scalar_subquery().label("organization")


def _school_of_identity() -> ColumnElement[str]:
    owner = select(Organization.name).join(Registration, Registration.organization_id == Organization.id)
    return owner.where(Registration.id == Identity.registration_id).scalar_subquery().label("organization")


def _is_guest(subject: Subject) -> ColumnElement[bool]:
    return Guest.id.in_(subject.guest_ids)


def _in_trail(subject: Subject) -> ColumnElement[bool]:
    """What the person did, and what was done to them."""
    done_to = and_(AuditEvent.thing == "person", AuditEvent.thing_id == subject.person_id)
    theirs = or_(AuditEvent.person_id == subject.person_id, done_to)
    if subject.organization_id is None:
        return theirs
    return and_(theirs, AuditEvent.organization_id == subject.organization_id)


def _drop_copies(subject: Subject) -> None:
    """All of them, also one of everything that another organization holds: it is made again in a minute."""
    own = Copy.person_id == subject.person_id
    discard(run(select(Copy.file_key).where(own, Copy.file_key != "")).scalars().all())
    execute(delete(Copy).where(own).execution_options(**_WITHOUT_PLACE))


def _empty_identities(subject: Subject) -> None:
    """A random `sub` each: an LMS could send one that can be guessed."""
    for ident in subject.identity_ids:
        bare = {"name": "", "given_name": "", "family_name": "", "email": "", "last_seen_at": None}
        change = update(Identity).where(Identity.id == ident, Identity.erased_at.is_(None))
        values = {**bare, "sub": f"erased:{secrets.token_urlsafe(24)}", "erased_at": utcnow()}
        execute(change.values(**values).execution_options(**_WITHOUT_PLACE))


def _empty_person(subject: Subject) -> None:
    """Only once no organization knows the person any more, and nobody who runs the hub by what one organization says."""
    lives = or_(
        exists().where(Identity.person_id == Person.id, Identity.erased_at.is_(None)),
        exists().where(Guest.person_id == Person.id),
    )
    change = update(Person).where(Person.id == subject.person_id, Person.erased_at.is_(None), ~lives)
    if subject.organization_id is not None:
        change = change.where(Person.operator_name.is_(None))
    values = {"locale": None, "time_zone": None, "operator_name": None, "erased_at": utcnow()}
    execute(change.values(**values).execution_options(**_WITHOUT_PLACE))
