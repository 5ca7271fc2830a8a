"""Two parties answer one text at the same moment: the second finds what the first has done."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

from flask import Flask

from lti_tool.agreements import operations
from lti_tool.agreements.models import Agreement, Revision, Signature
from lti_tool.agreements.operations import Signing
from lti_tool.agreements.queries import today
from lti_tool.agreements.terms import DUTIES, Contribution, Terms
from lti_tool.core.db import db, unit_of_work
from lti_tool.core.errors import Conflict
from lti_tool.people.actor import Actor
from lti_tool.people.models import Person
from tests.factories.joining import organization

Answer = Callable[[Actor, Agreement], object]


def proposed(app: Flask) -> tuple[Actor, Actor]:
    """Coordinators of the two parties of agreement 1, which waits for both."""
    ids = [organization(app, name) for name in ("One", "Two")]
    with app.test_request_context(), unit_of_work():
        people = [Person(), Person()]
        db.session.add_all(people)
        db.session.flush()
        actors = [
            Actor(person_id=person.id, organization_id=ident, coordinates=True)
            for person, ident in zip(people, ids, strict=True)
        ]
        brought = Contribution(staff="A teacher", contact="Office", signatory="Head")
        days = {"starts_on": today(), "ends_on": today()}
        duties = dict.fromkeys(DUTIES, ids[0])
        terms = Terms(title="T", purpose="P", duties=duties, contributions=dict.fromkeys(ids, brought), **days)
        made = operations.draft(actor=actors[0], terms=terms)
        operations.propose(actor=actors[0], agreement=made, seen=made.version)
    return actors[0], actors[1]


def at_once(app: Flask, *answers: tuple[Actor, Answer]) -> list[type[Exception]]:
    """Each has read the agreement before any answers; what they were told."""
    start, told = Barrier(len(answers)), []

    def give(actor: Actor, answer: Answer) -> None:
        with app.test_request_context():
            try:
                if db.engine.dialect.name == "sqlite":
                    start.wait(timeout=30)
                with unit_of_work():
                    agreement = db.session.get_one(Agreement, 1)
                    assert agreement.revisions[-1].signatures is not None, "read before anybody answers"
                    if db.engine.dialect.name != "sqlite":
                        start.wait(timeout=30)
                    answer(actor, agreement)
            except Exception as fault:
                told.append(type(fault))

    threads = [Thread(target=give, args=each) for each in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return told


def sign(actor: Actor, agreement: Agreement) -> object:
    signing = Signing("Head", today(), "No. 1")
    return operations.sign(actor=actor, agreement=agreement, number=1, signing=signing, today=today())


def decline(actor: Actor, agreement: Agreement) -> object:
    return operations.decline(actor=actor, agreement=agreement, reason="Too much")


def test_both_sign_and_it_is_in_force(app: Flask) -> None:
    one, two = proposed(app)
    assert at_once(app, (one, sign), (two, sign)) == []
    with app.app_context():
        assert sorted(db.session.scalars(db.select(Signature.organization_id))) == [1, 2]
        assert db.session.get_one(Agreement, 1).state == "active"


def test_the_same_party_twice_signs_once(app: Flask) -> None:
    one, _two = proposed(app)
    assert at_once(app, (one, sign), (one, sign)) == []
    with app.app_context():
        assert list(db.session.scalars(db.select(Signature.organization_id))) == [1]


def test_one_signs_and_one_declines(app: Flask) -> None:
    one, two = proposed(app)
    told = at_once(app, (one, sign), (two, decline))
    with app.app_context():
        agreement = db.session.get_one(Agreement, 1)
        signed = list(db.session.scalars(db.select(Signature.organization_id)))
        state = db.session.scalars(db.select(Revision.state)).one()
    assert (agreement.state, state) == ("draft", "declined")
    assert told == ([] if signed else [Conflict]), "who came second was told"
