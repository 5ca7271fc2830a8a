"""Any sequence of launches and rosters leaves memberships and their history saying the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, func, select

from lti_tool.contexts.models import Context, Membership, MembershipEvent
from lti_tool.contexts.operations import remember_launch
from lti_tool.contexts.rosters import store_roster
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.lti.claims import parse_roles
from lti_tool.lti.members import Member
from lti_tool.people.models import Identity, Person
from lti_tool.people.operations import upsert_identities
from tests.factories.platforms import add_registration
from tests.lms import School

PEOPLE = ("ann", "bob", "eve", "kim")
ROLES = st.sampled_from(["Instructor", "Learner", "Mentor"])


def member(sub: str, role: str = "Learner", status: str = "Active", **names: str) -> Member:
    told = {"name": f"Name of {sub}", "given_name": sub, "family_name": "", "email": ""} | names
    return Member(user_id=sub, roles=parse_roles([role]), status=status, **told)


def launch(lms_id: str, role: str, custom: dict[str, str]) -> Any:
    place = SimpleNamespace(id=lms_id, title="Course", label="C", history=())
    return SimpleNamespace(context=place, roles=parse_roles([role]), ags=None, nrps=None, custom=custom)


@pytest.fixture
def place(app: Flask, school_a: School) -> Iterator[int]:
    """A registration's id, in the application's context."""
    with app.app_context():
        yield 1


class Sequences(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.lms_id = uuid4().hex
        self.context_id = 0
        self.enter("ann", "Instructor", 0, "")

    @rule(
        sub=st.sampled_from(PEOPLE), role=ROLES, ago=st.sampled_from([0, 60]), groups=st.sampled_from(["", "1", "1,2"])
    )
    def enter(self, sub: str, role: str, ago: int, groups: str) -> None:
        with unit_of_work():
            identity_id = upsert_identities(1, {sub: member(sub)})[sub]
            arrived = remember_launch(
                registration_id=1,
                deployment_pk=1,
                launch=launch(self.lms_id, role, {"groups": groups}),
                identity_id=identity_id,
                now=utcnow() - timedelta(minutes=ago),
            )
        assert arrived is not None
        self.context_id = arrived.context_id
        row = self.rows()[sub]
        assert (row.status, row.left_at, ",".join(row.home_groups)) == ("active", None, groups)

    @rule(
        told=st.dictionaries(
            st.sampled_from(PEOPLE), st.tuples(ROLES, st.sampled_from(["Active", "Active", "Inactive", "Deleted"]))
        )
    )
    def read(self, told: dict[str, tuple[str, str]]) -> None:
        listed_before = {sub for sub, row in self.rows().items() if row.roster_roles}
        members = [member(sub, role, status) for sub, (role, status) in told.items()]
        for _time in range(2):
            with unit_of_work():
                count = store_roster(context_id=self.context_id, registration_id=1, members=members)
        assert count == sum(status == "Active" for _role, status in told.values())
        rows = self.rows()
        for sub, (role, status) in told.items():
            assert (rows[sub].status == "active") == (status == "Active")
            assert rows[sub].roster_roles == [role]
        assert not [sub for sub in listed_before - told.keys() if rows[sub].status == "active"]

    def rows(self) -> dict[str, Membership]:
        db.session.rollback()
        found = db.session.scalars(select(Membership).where(Membership.context_id == self.context_id)).unique()
        return {row.identity.sub: row for row in found}

    @invariant()
    def history_and_state_agree(self) -> None:
        for row in self.rows().values():
            statement = select(MembershipEvent).where(
                MembershipEvent.context_id == self.context_id, MembershipEvent.identity_id == row.identity_id
            )
            events = list(db.session.scalars(statement.order_by(MembershipEvent.id)).unique())
            presence = [each.kind for each in events if each.kind != "role_changed"]
            assert presence == ["joined", *["left", "returned"] * len(presence)][: len(presence)]
            is_here = bool(presence) and presence[-1] != "left"
            assert is_here == (row.status == "active")
            assert (row.left_at is not None) == (bool(presence) and not is_here)
            for number, each in enumerate(events):
                if each.kind == "role_changed":
                    assert each.old_role != each.new_role
                    assert number > 0
                    assert [e.kind for e in events[:number] if e.kind != "role_changed"][-1] != "left"


def test_any_sequence(place: int) -> None:
    quick = settings(
        max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Sequences, settings=quick)  # type: ignore[no-untyped-call]


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def written(members: list[Member], context_id: int) -> list[tuple[str, int]]:
    """(table, rows) of every statement that writes, staging left out."""
    seen: list[tuple[str, int]] = []

    def note(_conn: object, cursor: Any, statement: str, *_rest: object) -> None:
        words = statement.split()
        if words[0] in ("INSERT", "UPDATE", "DELETE"):
            seen.append((words[1] if words[0] == "UPDATE" else words[2], cursor.rowcount))

    event.listen(db.engine, "after_cursor_execute", note)
    try:
        with unit_of_work():
            store_roster(context_id=context_id, registration_id=1, members=members)
    finally:
        event.remove(db.engine, "after_cursor_execute", note)
    return [each for each in seen if not each[0].startswith("staged_")]


def test_ten_thousand_members_in_a_handful_of_statements(place: int) -> None:
    with unit_of_work():
        context = Context(registration_id=1, deployment_pk=1, lms_id="2")
        db.session.add(context)
        db.session.flush()
        context_id = context.id
    everybody = [member(str(number)) for number in range(10_000)]
    assert sorted(written(everybody, context_id)) == [
        ("identity", 10_000),
        ("membership", 10_000),
        ("membership_event", 10_000),
        ("person", 10_000),
    ]
    assert [count(each) for each in (Person, Identity, Membership, MembershipEvent)] == [10_000] * 4
    assert db.session.scalar(select(func.count(Identity.person_id.distinct()))) == 10_000
    numbers = db.session.execute(select(func.min(Identity.alias_number), func.max(Identity.alias_number))).one()
    assert tuple(numbers) == (1, 10_000)
    db.session.rollback()
    assert written(everybody, context_id) == []
    renamed = [member("0", name="Anna\tB. \\ C"), *everybody[1:-1]]
    assert written(renamed, context_id) == [("identity", 1), ("membership", 1), ("membership_event", 1)]
    assert db.session.scalars(select(Identity.name).where(Identity.sub == "0")).one() == "Anna\tB. \\ C"
    db.session.rollback()
    assert written([], context_id)[0][0] == "membership"
    assert db.session.scalar(select(func.count()).where(Membership.status == "active")) == 0


def test_equal_ids_of_two_schools_stay_two_people(app: Flask, place: int, school_b: School) -> None:
    add_registration(app, school_b, "Second of the same")
    with unit_of_work():
        first = upsert_identities(1, {sub: member(sub) for sub in PEOPLE})
        second = upsert_identities(2, {sub: member(sub) for sub in PEOPLE})
        again = upsert_identities(1, {sub: member(sub) for sub in PEOPLE})
    assert first == again
    assert not set(first.values()) & set(second.values())
    assert upsert_identities(1, {}) == {}
