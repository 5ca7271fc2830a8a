"""Operators of the hub: they come in by one-time links, not from an LMS."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import DomainError, Invalid
from lti_tool.people.models import Person, SignInLink

LINK_HOLDS = timedelta(hours=24)
LONGEST_NAME = 200


class LinkOver(DomainError):
    """A sign-in link that does not exist, was used, or is too old; which of these is nobody's business."""

    status = 410
    message = _l("This sign-in link has been used or is too old.")
    todo = (_l("The command “operator invite” prints a new one."),)


def invite_operator(*, actor: audit.Acting | None, name: str) -> tuple[SignInLink, str]:
    """A one-time way in for the operator of this name, who is made when there is none; returns the link and its code,
    which is kept nowhere. Raises Invalid."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid({"name": _("Write a name of at most %(limit)d characters.", limit=LONGEST_NAME)})
    person = db.session.scalar(select(Person).where(Person.operator_name == name).limit(1))
    if person is None:
        person = Person(operator_name=name)
        db.session.add(person)
        db.session.flush()
    code = secrets.token_urlsafe(32)
    link = SignInLink(person_id=person.id, code_hash=_hash(code), expires_at=utcnow() + LINK_HOLDS)
    db.session.add(link)
    db.session.flush()
    audit.record(actor, "operator.invite", "person", person.id, link=link.id)
    return link, code


def link_is_open(code: str) -> bool:
    """Whether a code may still be used; looking does not use it up."""
    return db.session.scalar(select(SignInLink.id).where(*_usable(code, utcnow()))) is not None


def use_link(code: str) -> Person:
    """The operator who signs in; one atomic UPDATE, so that a link works once. Raises LinkOver."""
    now = utcnow()
    statement = update(SignInLink).where(*_usable(code, now)).values(used_at=now)
    if execute(statement.execution_options(synchronize_session=False)).rowcount != 1:
        raise LinkOver
    link = db.session.scalars(select(SignInLink).where(SignInLink.code_hash == _hash(code))).one()
    person = db.session.get_one(Person, link.person_id)
    if not person.is_operator:
        raise LinkOver
    audit.record(None, "operator.sign_in", "person", person.id, link=link.id)
    return person


def _usable(code: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SignInLink.code_hash == _hash(code), SignInLink.used_at.is_(None), SignInLink.expires_at > now


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
