"""What changed in a context is kept, once, with what told of it; and groups at home are known from launches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from lti_tool.contexts.models import MembershipEvent, RosterSync
from lti_tool.contexts.queries import home_groups
from lti_tool.core.db import db, utcnow
from lti_tool.lti.messages import MAX_GROUPS
from lti_tool.lti.messages import home_groups as told_groups
from lti_tool.people.models import Identity
from tests.conftest import browser
from tests.lms import ASSISTANT, COURSE, PUPIL, TEACHER, School

RunJobs = Callable[[], int]
GROUPS = {"groups": "$Moodle.Person.userGroupIds"}
ROLES = "https://purl.imsglobal.org/spec/lti/claim/roles"
MEMBER = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


@pytest.fixture
def link(app: Flask, school_a: School) -> int:
    return school_a.add_link(COURSE, "Home")


@pytest.fixture
def joined(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    """The teacher has come in, and the roster was read."""
    enter(app, school_a, TEACHER, link)
    run_jobs()


def enter(app: Flask, school: School, person: int, link: int, **options: Any) -> None:
    assert school.launch(browser(app), person, link, follow=False, **options).status_code == 303


def as_role(*names: str) -> Callable[[dict[str, Any]], None]:
    def change(claims: dict[str, Any]) -> None:
        claims[ROLES] = [MEMBER + name for name in names]

    return change


def history(app: Flask, person: int) -> list[tuple[str, str, str | None, str | None]]:
    """(kind, source, old role, new role) of one person, the oldest first."""
    with app.app_context():
        statement = select(MembershipEvent).join(Identity).where(Identity.sub == str(person))
        rows = db.session.scalars(statement.order_by(MembershipEvent.id)).unique()
        return [(row.kind, row.source, row.old_role, row.new_role) for row in rows]


def sync(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["roster", "sync"]).exit_code == 0


def test_everybody_joins_once(app: Flask, joined: None, school_a: School, link: int) -> None:
    assert history(app, TEACHER) == [("joined", "launch", None, "teacher")]
    assert history(app, PUPIL) == [("joined", "roster", None, "learner")]
    enter(app, school_a, PUPIL, link)
    sync(app)
    assert history(app, PUPIL) == [("joined", "roster", None, "learner")]


def test_departures_and_returns(app: Flask, joined: None, school_a: School, link: int) -> None:
    school_a.remove(COURSE, PUPIL)
    sync(app)
    sync(app)
    school_a.enrol(COURSE, PUPIL, role="pupil")
    enter(app, school_a, PUPIL, link)
    sync(app)
    school_a.enrol(COURSE, PUPIL, suspended=True)
    sync(app)
    school_a.enrol(COURSE, PUPIL, suspended=False)
    sync(app)
    assert history(app, PUPIL) == [
        ("joined", "roster", None, "learner"),
        ("left", "roster", "learner", None),
        ("returned", "launch", None, "learner"),
        ("left", "roster", "learner", None),
        ("returned", "roster", None, "learner"),
    ]


def test_roles_are_compared_with_what_the_same_source_told(
    app: Flask, joined: None, school_a: School, link: int
) -> None:
    enter(app, school_a, ASSISTANT, link)  # an instructor at the launch, a learner in the roster
    sync(app)
    assert [kind for kind, *_rest in history(app, ASSISTANT)] == ["joined"]
    school_a.enrol(COURSE, PUPIL, role="teacher")
    sync(app)
    assert history(app, PUPIL)[1:] == [("role_changed", "roster", "learner", "teacher")]
    enter(app, school_a, TEACHER, link, claims=as_role("Learner"))
    enter(app, school_a, TEACHER, link)
    assert history(app, TEACHER)[1:] == [
        ("role_changed", "launch", "teacher", "learner"),
        ("role_changed", "launch", "learner", "teacher"),
    ]


def statements(app: Flask, work: Callable[[], object]) -> list[str]:
    """Every statement the tool's database is given meanwhile."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen


def test_a_launch_that_changes_nothing_writes_no_membership_and_no_history(
    app: Flask, joined: None, school_a: School, link: int
) -> None:
    school_a.customize(**GROUPS)
    enter(app, school_a, PUPIL, link)
    seen = statements(app, lambda: enter(app, school_a, PUPIL, link))
    assert not [each for each in seen if each.startswith(("INSERT", "UPDATE")) and "membership" in each]
    changed = statements(app, lambda: enter(app, school_a, PUPIL, link, claims=as_role("Instructor")))
    assert len([each for each in changed if "membership" in each]) == len([e for e in seen if "membership" in e]) + 2


class TestGroups:
    def groups(self, app: Flask) -> dict[str, list[str]]:
        with app.app_context():
            subs = dict(db.session.execute(select(Identity.id, Identity.sub)).tuples().all())
            return {subs[identity_id]: groups for identity_id, groups in home_groups(1).items()}

    def test_each_launch_tells_its_own(self, app: Flask, school_a: School, link: int) -> None:
        school_a.customize(**GROUPS)
        for person in (PUPIL, PUPIL + 1, TEACHER):
            enter(app, school_a, person, link)
        assert self.groups(app) == {str(PUPIL): ["1"], str(PUPIL + 1): ["2"]}
        school_a.regroup(PUPIL, 1, 2)
        enter(app, school_a, TEACHER, link)
        assert self.groups(app)[str(PUPIL)] == ["1"]
        enter(app, school_a, PUPIL, link)
        assert self.groups(app)[str(PUPIL)] == ["1", "2"]
        school_a.regroup(PUPIL)
        enter(app, school_a, PUPIL, link)
        assert str(PUPIL) not in self.groups(app)

    def test_a_roster_leaves_them(self, app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
        school_a.customize(**GROUPS)
        enter(app, school_a, PUPIL, link)
        run_jobs()
        assert self.groups(app) == {str(PUPIL): ["1"]}

    def test_a_platform_that_does_not_tell_takes_none_away(self, app: Flask, school_a: School, link: int) -> None:
        school_a.customize(**GROUPS)
        enter(app, school_a, PUPIL, link)
        school_a.customize(groups="$No.such.variable")
        enter(app, school_a, PUPIL, link)
        assert self.groups(app) == {str(PUPIL): ["1"]}

    @pytest.mark.parametrize(
        ("told", "found"),
        [
            ({}, None),
            ({"groups": "$Moodle.Person.userGroupIds"}, None),
            ({"groups": ""}, ()),
            ({"groups": " 12, 7 ,,12"}, ("12", "7")),
            ({"groups": ",".join(map(str, range(1000, 2000)))}, tuple(map(str, range(1000, 1000 + MAX_GROUPS)))),
        ],
    )
    def test_what_is_read(self, told: dict[str, str], found: tuple[str, ...] | None) -> None:
        assert told_groups(told) == found

    @given(st.text())
    def test_any_text_is_groups_or_nothing(self, text: str) -> None:
        found = told_groups({"groups": text})
        assert found is None or all(group.strip() and "," not in group for group in found)


def test_an_equal_answer_is_not_read_again(app: Flask, joined: None, school_a: School, link: int) -> None:
    with time_machine.travel(utcnow() + timedelta(hours=1), tick=True):
        sync(app)
        seen = statements(app, lambda: sync(app))
        assert not [each for each in seen if "staged_" in each]
        school_a.remove(COURSE, PUPIL)
        sync(app)
        assert history(app, PUPIL)[-1][0] == "left"
        enter(app, school_a, PUPIL + 1, link)
        assert not [each for each in statements(app, lambda: sync(app)) if "staged_" in each]


def test_who_came_back_by_a_launch_is_compared_with_an_equal_answer(
    app: Flask, joined: None, school_a: School, link: int
) -> None:
    later = utcnow() + timedelta(hours=1)
    with time_machine.travel(later, tick=True):
        school_a.remove(COURSE, PUPIL)
        sync(app)
        with app.app_context():
            digest = db.session.scalars(select(RosterSync.digest)).one()
        school_a.enrol(COURSE, PUPIL, role="pupil")
        enter(app, school_a, PUPIL, link)
        school_a.remove(COURSE, PUPIL)
    with time_machine.travel(later + timedelta(hours=1), tick=True):
        sync(app)
        with app.app_context():
            assert db.session.scalars(select(RosterSync.digest)).one() == digest
        assert [kind for kind, *_rest in history(app, PUPIL)] == ["joined", "left", "returned", "left"]
