"""Rosters: read completely or not at all, and one school's never touches another's."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event, select

from lti_tool.contexts.models import Context, Membership, RosterSync
from lti_tool.core.db import db
from lti_tool.people.models import Identity
from tests.conftest import browser
from tests.lms import COURSE, PUPIL, TEACHER, School

RunJobs = Callable[[], int]


@pytest.fixture
def joined(app: Flask, school_a: School, school_b: School, run_jobs: RunJobs) -> None:
    """Both schools' teachers have come in, so both rosters are known."""
    for school in (school_a, school_b):
        answer = school.launch(browser(app), TEACHER, school.add_link(COURSE, "Home"), follow=False)
        assert answer.status_code == 303
    run_jobs()


def members(app: Flask, context: int) -> dict[str, tuple[str, str | None]]:
    """status and roster role by `sub`."""
    with app.app_context():
        rows = db.session.scalars(select(Membership).where(Membership.context_id == context)).unique()
        return {row.identity.sub: (row.status, row.roster_role) for row in rows}


def sync(app: Flask, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    result = app.test_cli_runner().invoke(args=["roster", "sync", "--json", *arguments])
    lines = [line for line in result.output.splitlines() if line.startswith("[")]
    return result.exit_code, json.loads(lines[-1])


def test_a_launch_brings_the_whole_class(app: Flask, joined: None) -> None:
    for context in (1, 2):
        found = members(app, context)
        assert len(found) > 30
        assert found[str(TEACHER)] == ("active", "teacher")
        assert found[str(PUPIL)] == ("active", "learner")


@pytest.mark.parametrize("form", ["angle", "bare"])
def test_pages_in_both_forms_of_link(app: Flask, joined: None, school_a: School, form: str) -> None:
    before = members(app, 1)
    school_a.switch(roster_page=7, roster_link=form)
    calls = len(school_a.calls("nrps"))
    code, rows = sync(app, "--context", "1")
    assert code == 0
    assert rows[0]["members"] == len(before)
    assert members(app, 1) == before
    assert len(school_a.calls("nrps")) - calls > 3


@pytest.mark.parametrize("kind", ["500", "429", "401", "html", "hang"])
def test_a_failed_answer_removes_nobody(app: Flask, joined: None, school_a: School, kind: str) -> None:
    before = members(app, 1)
    school_a.fault("nrps", kind)
    code, rows = sync(app, "--context", "1")
    assert code == 1
    assert rows[0]["error"]
    assert members(app, 1) == before


def test_an_answer_cut_off_in_the_middle_removes_nobody_else(app: Flask, joined: None, school_a: School) -> None:
    before = members(app, 1)
    school_a.switch(roster_page=10)
    school_a.remove(COURSE, PUPIL + 1)
    school_a.fault("nrps", "html", percent=60)  # some page of most answers is no roster
    for _attempt in range(4):
        sync(app, "--context", "1")
        gone = {sub for sub, (status, _role) in members(app, 1).items() if status == "inactive"}
        assert gone <= {str(PUPIL + 1)}
    assert set(before) == set(members(app, 1))


def test_one_schools_roster_leaves_the_others_alone(app: Flask, joined: None, school_a: School) -> None:
    other = members(app, 2)
    for person in range(PUPIL, PUPIL + 10):
        school_a.remove(COURSE, person)
    sync(app)
    assert members(app, 1)[str(PUPIL)][0] == "inactive"
    assert members(app, 2) == other


def test_departures_suspend_and_returns_lift_it(app: Flask, joined: None, school_a: School) -> None:
    school_a.remove(COURSE, PUPIL)
    sync(app)
    assert members(app, 1)[str(PUPIL)] == ("inactive", None)
    school_a.enrol(COURSE, PUPIL, role="pupil")
    sync(app)
    assert members(app, 1)[str(PUPIL)] == ("active", "learner")


def test_a_suspended_enrolment_is_inactive(app: Flask, joined: None, school_a: School) -> None:
    school_a.enrol(COURSE, PUPIL, suspended=True)
    sync(app)
    assert members(app, 1)[str(PUPIL)][0] == "inactive"


def test_an_unchanged_roster_writes_no_person_and_no_membership(app: Flask, joined: None) -> None:
    written: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if (
            statement.startswith(("INSERT", "UPDATE", "DELETE"))
            and "staged_" not in statement.split("(", maxsplit=1)[0]
        ):
            written.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        sync(app, "--context", "1")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert not [one for one in written if "membership" in one or "identity" in one or "person" in one]


def test_no_names_at_all_still_works(app: Flask, school_a: School, run_jobs: RunJobs) -> None:
    school_a.privacy(names=False, emails=False)
    client = browser(app)
    page = school_a.launch(client, TEACHER, school_a.add_link(COURSE, "Home"))
    assert page.status_code == 200
    run_jobs()
    with app.app_context():
        people = db.session.scalars(select(Identity)).unique().all()
        assert len(people) > 30
        assert {person.name for person in people} == {""}
        assert len({person.alias_number for person in people}) == len(people)


def test_members_are_told_as_the_lms_gave_them(app: Flask, joined: None) -> None:
    result = app.test_cli_runner().invoke(args=["contexts", "members", "1", "--json"])
    rows = json.loads(result.output)
    teacher = next(row for row in rows if row["sub"] == str(TEACHER))
    assert "Instructor" in str(teacher["roles"])
    assert teacher["status"] == "active"
    assert teacher["name"]
    listed = json.loads(app.test_cli_runner().invoke(args=["contexts", "list", "--json"]).output)
    assert [row["members"] for row in listed] == [len(members(app, 1)), len(members(app, 2))]
    assert all(isinstance(row["roster_age"], int) for row in listed)
    assert app.test_cli_runner().invoke(args=["contexts", "members", "99"]).exit_code == 1


def test_a_context_without_the_service_is_told_so(app: Flask, school_a: School) -> None:
    def without(claims: dict[str, object]) -> None:
        claims.pop("https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice")

    link = school_a.add_link(COURSE, "Home")
    client = browser(app)
    page = school_a.launch(client, TEACHER, link, claims=without)
    assert page.status_code == 200
    assert 'id="roster-1"' in page.text
    assert 'action="/contexts/1/roster"' not in page.text  # nothing to refresh
    with app.app_context():
        assert db.session.scalars(select(RosterSync)).all() == []
        assert db.session.scalars(select(Context.memberships_url)).all() == [None]
