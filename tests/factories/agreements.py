"""Agreements in force between two organizations, made by the operations."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Flask

from lti_tool.agreements import operations
from lti_tool.agreements.models import Agreement
from lti_tool.agreements.operations import Signing
from lti_tool.agreements.queries import today
from lti_tool.agreements.terms import DUTIES, Contribution, Terms
from lti_tool.core.db import db, execute, unit_of_work
from lti_tool.people.actor import Actor
from lti_tool.people.models import Person


def agreement(app: Flask, one: int, other: int, *, last: date | None = None, seats: int = 20) -> int:
    """The id of an agreement that began a year ago; its last day in half a year unless told."""
    brought = Contribution(staff="A teacher", seats=seats, contact="Office", signatory="Director")
    terms = Terms(
        title="Together",
        purpose="To learn",
        starts_on=today() - timedelta(days=365),
        ends_on=last or today() + timedelta(days=180),
        duties=dict.fromkeys(DUTIES, one),
        contributions={one: brought, other: brought},
    )
    with app.test_request_context(), unit_of_work():
        person = Person()
        db.session.add(person)
        db.session.flush()
        made = operations.draft(actor=_of(person.id, one), terms=terms)
        operations.propose(actor=_of(person.id, one), agreement=made, seen=made.version)
        for organization_id in (one, other):
            signing = Signing("Director", today(), paper="No. 1")
            operations.sign(
                actor=_of(person.id, organization_id), agreement=made, number=1, signing=signing, today=today()
            )
        return made.id


def end(app: Flask, agreement_id: int, last: date) -> None:
    """Let it have ended with that day."""
    with app.app_context(), unit_of_work():
        execute(db.update(Agreement).where(Agreement.id == agreement_id).values(ends_on=last))


def _of(person_id: int, organization_id: int) -> Actor:
    return Actor(person_id=person_id, organization_id=organization_id, coordinates=True)
