"""The session's content and the Actor made from it: the only place that knows the session's keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import Flask, g, request, session
from sqlalchemy import and_, bindparam, exists, select

from lti_tool.core.db import UTCDateTime, db, run, utcnow
from lti_tool.core.i18n import current_locale, supported
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor, Support
from lti_tool.people.guests.models import ACTIVE as INVITED_IN
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import CONFIRMED, Coordinator, Identity, Person
from lti_tool.people.names import numbered, told_name
from lti_tool.people.notices.queries import unread
from lti_tool.people.operations import Known, choose_language
from lti_tool.people.privacy import gate
from lti_tool.people.support.models import OPEN, SupportAccess
from lti_tool.platforms.models import ACTIVE, Registration

CONTEXTS_KEPT = 12
"""Contexts of one session, the newest launches first: more would make the cookie too long."""
CHALLENGE_HOLDS = timedelta(minutes=5)
"""How long a browser may take to have a passkey answer."""
_NO_ACTOR = ("static", "metrics.healthz", "metrics.readyz", "metrics.metrics")


def launch_values(
    known: Known,
    *,
    context_id: int | None,
    role: str | None,
    administers: int | None,
    launch_locale: str | None,
    time_zone: str,
    frame_ancestors: Iterable[str],
) -> dict[str, Any]:
    """What a session holds after a launch; plain JSON, so that it can wait for a click in a new tab."""
    return {
        "person_id": known.person_id,
        "identity_id": known.id,
        "context_id": context_id,
        "roles": {} if context_id is None or role is None else {str(context_id): role},
        "administers": administers,
        "locale": known.locale or supported(launch_locale),
        "time_zone": known.time_zone or time_zone,
        "frame_ancestors": sorted(frame_ancestors),
    }


def enter(values: dict[str, Any]) -> None:
    """Sign in. The same identity keeps its other contexts and open forms; anyone else starts afresh."""
    kept: dict[str, Any] = {}
    if session.get("identity_id") is not None and session.get("identity_id") == values.get("identity_id"):
        kept = {"roles": session.get("roles", {}), "csrf_token": session.get("csrf_token")}
        if values.get("administers") is None:
            kept["administers"] = session.get("administers")
    session.clear()
    session.permanent = True
    session.update({name: value for name, value in values.items() if value is not None})
    older = {context: role for context, role in kept.pop("roles", {}).items() if context not in values.get("roles", {})}
    room = CONTEXTS_KEPT - len(values.get("roles", {}))
    session["roles"] = {**values.get("roles", {}), **dict(list(older.items())[:room])}
    session.update({name: value for name, value in kept.items() if value is not None})
    # Flask-WTF would add one to the next page, which would have to send the session once more
    session.setdefault("csrf_token", secrets.token_hex(20))


def enter_operator(person: Person) -> None:
    """Sign an operator in; who has not chosen a language keeps the one of the sign-in page."""
    locale = person.locale or current_locale()
    session.clear()
    session.permanent = True
    session["person_id"] = person.id
    session["locale"] = locale


def enter_support(access: SupportAccess) -> None:
    """Let an operator see what this access opens; whether it still does is asked at every request."""
    session["support"] = access.id


def leave_support() -> None:
    """Back to the operator's own rights."""
    session.pop("support", None)


def enter_guest(guest: Guest) -> None:
    """Sign in somebody invited by name; whoever was signed in before is not any more."""
    assert guest.person_id is not None
    person = db.session.get_one(Person, guest.person_id)
    locale = person.locale or current_locale()
    session.clear()
    session.permanent = True
    session["person_id"] = guest.person_id
    session["guest_id"], session["generation"] = guest.id, guest.generation
    session["locale"] = locale
    session["time_zone"] = person.time_zone or guest.organization.time_zone


def stay(guest: Guest) -> None:
    """Go on with this session after a way in was taken away, which ends all others."""
    session["generation"] = guest.generation


def keep_challenge(purpose: str, challenge: str) -> None:
    """Remember what a passkey of this browser is to answer, until then; `purpose`: one of ENTER, CONFIRM."""
    until = int((utcnow() + CHALLENGE_HOLDS).timestamp())
    session["challenge"] = {"for": purpose, "value": challenge, "until": until}


def take_challenge(purpose: str) -> str | None:
    """What a passkey was asked for this purpose; asked no more."""
    kept = session.pop("challenge", None)
    if not kept or kept["for"] != purpose or kept["until"] < utcnow().timestamp():
        return None
    return str(kept["value"])


def keep_code(purpose: str, code_id: int) -> None:
    """Remember which code by e-mail this browser asked for."""
    session["mail_code"] = {"for": purpose, "id": code_id}


def asked_code(purpose: str) -> int | None:
    """The id of the code this browser asked for, for this purpose."""
    kept = session.get("mail_code")
    return int(kept["id"]) if kept and kept["for"] == purpose else None


def forget_code() -> None:
    session.pop("mail_code", None)


def leave() -> None:
    """Sign out."""
    session.clear()


def read_actor() -> Actor | None:
    """The actor of this request; None when nobody is signed in, or no longer may be. One statement."""
    person_id, identity_id, guest_id = (session.get(name) for name in ("person_id", "identity_id", "guest_id"))
    if person_id is None:
        return None
    if guest_id is not None:
        return _guest(guest_id)
    return _operator(person_id) if identity_id is None else _person(identity_id)


def _operator(person_id: int) -> Actor | None:
    wanted = {"person_id": person_id, "access_id": session.get("support", 0), "now": utcnow()}
    found = run(_OPERATOR, wanted).first()
    if found is None:
        return None
    if found.id is not None:
        support = Support(found.id, found.organization_id, found.organization, found.until)
        return Actor(person_id=person_id, support=support, display_name=found.operator_name)
    if "support" in session:
        leave_support()
        g.support_over = True
    return Actor(person_id=person_id, is_operator=True, display_name=found.operator_name)


def _person(identity_id: int) -> Actor | None:
    found = run(_IDENTITY, {"identity_id": identity_id}).first()
    if found is None or found.state != ACTIVE:
        return None
    roles = {int(context): role for context, role in session.get("roles", {}).items()}
    # a pupil is who is not known as anything else: the stricter rule for whom the LMS calls neither
    grown_up = "teacher" in roles.values() or session.get("administers") is not None or found.coordinates
    return Actor(
        person_id=found.person_id,
        identity_id=found.id,
        registration_id=found.registration_id,
        organization_id=found.organization_id,
        context_id=session.get("context_id"),
        roles=roles,
        administers=session.get("administers"),
        coordinates=bool(found.coordinates),
        is_pupil=not grown_up,
        held=gate.reason_to_hold(found, pupil=not grown_up),
        unread_notice=gate.has_unread_notice(found),
        unread=found.unread,
        display_name=told_name(found) or numbered(found.alias_number, found.organization),
        organization_name=found.organization,
    )


def is_held(identity_id: int, *, pupil: bool) -> bool:
    """Does the privacy gate hold this identity back, or may it no longer come in? One statement."""
    found = run(_IDENTITY, {"identity_id": identity_id}).first()
    return found is None or found.state != ACTIVE or bool(gate.reason_to_hold(found, pupil=pupil))


def _guest(guest_id: int) -> Actor | None:
    found = run(_GUEST, {"guest_id": guest_id, "generation": session.get("generation")}).first()
    if found is None:
        return None
    return Actor(
        person_id=found.person_id,
        organization_id=found.organization_id,
        coordinates=bool(found.coordinates),
        guest_id=found.id,
        held=gate.reason_to_hold(found, pupil=False),
        unread_notice=gate.has_unread_notice(found),
        display_name=found.name,
        organization_name=found.organization,
    )


_OPERATOR = (
    select(Person.operator_name, SupportAccess.id, SupportAccess.until, SupportAccess.organization_id)
    .add_columns(Organization.name.label("organization"))
    .outerjoin(
        SupportAccess,
        and_(
            SupportAccess.id == bindparam("access_id"),
            SupportAccess.person_id == Person.id,
            SupportAccess.state == OPEN,
            SupportAccess.until > bindparam("now", type_=UTCDateTime()),
        ),
    )
    .outerjoin(Organization, Organization.id == SupportAccess.organization_id)
    .where(Person.id == bindparam("person_id"), Person.operator_name.is_not(None))
)

_GUEST = gate.with_standing(
    select(Guest.id, Guest.person_id, Guest.organization_id, Guest.name, Organization.name.label("organization"))
    .add_columns(
        exists()
        .where(
            Coordinator.organization_id == Guest.organization_id,
            Coordinator.person_id == Guest.person_id,
            Coordinator.state == CONFIRMED,
        )
        .label("coordinates")
    )
    .join(Organization, Organization.id == Guest.organization_id)
    .where(
        Guest.id == bindparam("guest_id"),
        Guest.state == INVITED_IN,
        Guest.generation == bindparam("generation"),
        Organization.archived_at.is_(None),
    ),
    Guest.organization_id,
    Guest.person_id,
)

_IDENTITY = gate.with_standing(
    select(Identity.id, Identity.person_id, Identity.registration_id, Identity.alias_number)
    .add_columns(Identity.name, Identity.given_name, Identity.family_name)
    .add_columns(Registration.state, Registration.organization_id, Organization.name.label("organization"))
    .add_columns(
        exists()
        .where(
            Coordinator.organization_id == Registration.organization_id,
            Coordinator.person_id == Identity.person_id,
            Coordinator.state == CONFIRMED,
        )
        .label("coordinates"),
        unread(Identity.id).label("unread"),
    )
    .join(Registration, Registration.id == Identity.registration_id)
    .join(Organization, Organization.id == Registration.organization_id)
    .where(Identity.id == bindparam("identity_id"), Identity.erased_at.is_(None)),
    Registration.organization_id,
    Identity.person_id,
)


def _set_actor() -> None:
    g.actor = None if request.endpoint in _NO_ACTOR or request.path.startswith("/lti/") else read_actor()


def remember_language(locale: str) -> None:
    """Keep the language a signed-in person chose."""
    if session.get("person_id") is not None:
        choose_language(session["person_id"], locale)


def init_app(app: Flask) -> None:
    app.before_request(_set_actor)
    app.context_processor(lambda: {"actor": g.get("actor")})
