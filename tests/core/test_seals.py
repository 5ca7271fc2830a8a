"""The seals of the audit trail: whatever is changed, removed or slipped in later is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit, seals
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, table_of, unit_of_work, utcnow
from lti_tool.core.seals import AuditSeal
from lti_tool.organizations.models import Organization
from tests.factories.joining import organization


def act(count: int) -> None:
    """As many acts, and their seal."""
    with unit_of_work():
        for number in range(count):
            audit.record(None, "organization.change", "organization", number, fields=["city"], count=number)
    with unit_of_work():
        seals.seal()


def faults(noted: str | None = None) -> set[str]:
    db.session.remove()
    return {fault.code for fault in seals.verify(noted)}


def _change(line: int, **values: object) -> None:
    execute(update(AuditEvent).where(AuditEvent.id == line).values(**values))


def _copy(line: int) -> None:
    table = table_of(AuditEvent)
    row = dict(db.session.execute(select(table).where(table.c.id == line)).mappings().one())
    del row["id"]
    execute(insert(table).values(**row))


def _drop_last_seal(_line: int) -> None:
    last = db.session.scalars(select(func.max(AuditSeal.id))).one()
    execute(delete(AuditEvent).where(AuditEvent.seal_id == last))
    execute(delete(AuditSeal).where(AuditSeal.id == last))


def _drop_seal_of(line: int) -> None:
    seal = select(AuditEvent.seal_id).where(AuditEvent.id == line).scalar_subquery()
    execute(delete(AuditSeal).where(AuditSeal.id == seal))


def _make_consistent_again(line: int) -> None:
    """A line is changed and its seal is made anew; the seals after it are left."""
    _change(line, person_id=99)
    seal = db.session.scalars(select(AuditSeal).join(AuditEvent, AuditEvent.seal_id == AuditSeal.id)).all()
    for each in seal:
        lines = db.session.execute(seals._LINES.where(AuditEvent.seal_id == each.id)).all()
        each.digest = seals.digest(each.previous, lines)


TAMPERINGS: dict[str, Callable[[int], None]] = {
    "person": lambda line: _change(line, person_id=7),
    "organization": lambda line: _change(line, organization_id=7),
    "concerns": lambda line: _change(line, concerns_id=7),
    "verb": lambda line: _change(line, verb="organization.add"),
    "thing": lambda line: _change(line, thing="person"),
    "thing's number": lambda line: _change(line, thing_id=999),
    "facts": lambda line: _change(line, facts={"fields": []}),
    "time": lambda line: _change(line, at=utcnow() + timedelta(seconds=1)),
    "other seal": lambda line: _change(line, seal_id=999),
    "removed": lambda line: execute(delete(AuditEvent).where(AuditEvent.id == line)) and None,
    "doubled": _copy,
    "seal removed": _drop_seal_of,
    "end cut off": _drop_last_seal,
    "sealed again": _make_consistent_again,
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    way=st.sampled_from(sorted(TAMPERINGS)),
    where=st.integers(0, 10_000),
)
def test_whatever_is_tampered_with_is_found(app: Flask, batches: list[int], way: str, where: int) -> None:
    with app.app_context():
        with unit_of_work():
            for table in (AuditEvent, AuditSeal):
                execute(delete(table))
        for count in batches:
            act(count)
        noted = seals.head()
        assert faults(noted) == set()
        idents = db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)).all()
        with unit_of_work():
            TAMPERINGS[way](idents[where % len(idents)])
        assert faults(noted) != set(), way


def test_a_line_of_long_ago_that_comes_now_is_found(app: Flask) -> None:
    with app.app_context():
        act(2)
        with unit_of_work():
            audit.record(None, "organization.change", "organization", 5)
        with unit_of_work():
            execute(update(AuditEvent).where(AuditEvent.thing_id == 5).values(at=utcnow() - timedelta(days=3)))
        with unit_of_work():
            seals.seal()
        assert faults() == {"backdated"}


def test_only_old_seals_are_cleared_the_oldest_first(app: Flask) -> None:
    with app.app_context():
        for _seal in range(3):
            act(2)
        first, second, third = db.session.scalars(select(AuditSeal.id).order_by(AuditSeal.id)).all()
        with unit_of_work():
            assert seals.clear([first]) == 0  # too young
        old = utcnow() - seals.LEAST_KEPT - timedelta(days=1)
        with unit_of_work():
            execute(update(AuditSeal).values(at=old))
            assert seals.clear([first]) == 2
        assert faults(seals.head()) == set()
        with unit_of_work():
            execute(update(AuditSeal).where(AuditSeal.id == first).values(cleared_at=old))
        assert faults() == {"cleared too soon"}
        with unit_of_work():
            execute(update(AuditSeal).where(AuditSeal.id == first).values(cleared_at=utcnow()))
            assert seals.clear([third]) == 2
        assert faults() == {"cleared out of turn"}
        with unit_of_work():
            assert seals.clear([second]) == 2
            execute(insert(table_of(AuditEvent)).values(at=old, verb="x", thing="y", facts={}, seal_id=second))
        assert faults() == {"lines added"}


def test_two_cannot_seal_after_the_same_line(app: Flask) -> None:
    with app.app_context():
        act(1)
        again = db.session.scalars(select(AuditSeal)).one()
        twin = {"at": again.at, "lines": 0, "previous": again.previous, "digest": "x"}
        with pytest.raises(IntegrityError), unit_of_work():
            execute(insert(table_of(AuditSeal)).values(**twin))


def test_many_lines_are_sealed_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "BATCH", 10)
    with app.app_context():
        act(35)
        assert [each.lines for each in db.session.scalars(select(AuditSeal).order_by(AuditSeal.id))] == [10, 10, 10, 5]
        assert faults() == set()
        assert seals.seal() == 0


def test_the_command(app: Flask) -> None:
    number = organization(app)
    run = app.test_cli_runner().invoke
    head = run(args=["audit", "head"]).output.strip()
    assert len(head) == 64
    assert head in run(args=["audit", "verify", "--head", head]).output
    organization(app, "Another")
    assert run(args=["audit", "verify", "--head", head]).exit_code == 0
    assert "unknown head" in run(args=["audit", "verify", "--head", "f" * 64]).output
    with app.app_context(), unit_of_work():
        assert db.session.get(Organization, number) is not None
        execute(update(AuditEvent).where(AuditEvent.thing_id == number).values(person_id=3))
    changed = run(args=["audit", "verify", "--json"])
    assert changed.exit_code == 1
    assert '"changed"' in changed.output


def test_what_has_no_words_is_not_recorded(app: Flask) -> None:
    with app.app_context(), pytest.raises(AssertionError, match="has no words"):
        audit.record(None, "organization.paint", "organization")
