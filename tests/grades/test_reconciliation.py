"""What the gradebooks hold against what was delivered: found, told, decided, and nothing of another school shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from lti_tool.contexts.models import Context
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.grades.models import DELIVERED, SENDING, STATES, SUPERSEDED, LineItem, Score
from lti_tool.grades.reconciliation.findings import Ours, agree, compare
from lti_tool.grades.reconciliation.jobs import (
    AT_ONCE,
    compare_line_item,
    next_night,
    plan_nightly_comparisons,
)
from lti_tool.grades.reconciliation.models import Comparison, Difference
from lti_tool.grades.reconciliation.operations import keep_theirs, request_comparisons, send_ours
from lti_tool.grades.reconciliation.wording import comparison_trouble
from lti_tool.lti.claims import SCOPE_RESULT
from lti_tool.lti.services import Result
from lti_tool.people.actor import Actor
from lti_tool.platforms.models import Registration
from tests.conftest import browser
from tests.courses.scene import Scene, build
from tests.factories.grades import record, score
from tests.factories.platforms import add_registration
from tests.lms import COURSE, PUPIL, TEACHER, School

RunJobs = Callable[[], int]
TEACHING = Actor(person_id=1, identity_id=1)
READ_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
POINTS = st.floats(0, 1000, allow_nan=False)
MAXIMA = st.floats(0.5, 1000, allow_nan=False)


# ---- the comparison itself


@given(POINTS, MAXIMA, MAXIMA)
def test_what_moodle_makes_of_a_score_is_the_same_grade(given_: float, ours: float, column: float) -> None:
    stored = round(max(0.0, min(round(given_, 5) / ours * column, column)), 5)
    assert agree(stored, column, given_, ours)


@given(st.floats(0, 1), MAXIMA, MAXIMA, st.floats(0.01, 1))
def test_a_hundredth_of_a_point_is_another_grade(share: float, ours: float, column: float, step: float) -> None:
    scale = min(ours, column)
    other = share + step / scale if share + step / scale <= 1 else share - step / scale
    if 0 <= other <= 1:
        assert not agree(other * column, column, share * ours, ours)
        assert agree(share * column, column, share * ours, ours)


@given(POINTS, MAXIMA, POINTS, MAXIMA)
def test_agreement_has_no_sides(theirs: float, their_maximum: float, ours: float, our_maximum: float) -> None:
    assert agree(theirs, their_maximum, ours, our_maximum) == agree(ours, our_maximum, theirs, their_maximum)


OURS = st.builds(
    Ours,
    identity_id=st.integers(1, 50),
    given=POINTS,
    maximum=MAXIMA,
    state=st.sampled_from(STATES),
    delivered_at=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    active=st.booleans(),
)
RESULTS = st.builds(
    Result,
    user_id=st.sampled_from(["", *"abcdef"]),
    score=st.one_of(st.none(), st.floats()),
    maximum=st.one_of(st.none(), st.floats()),
)


@given(st.lists(RESULTS), st.dictionaries(st.sampled_from("abcdef"), OURS))
def test_any_answer_gives_sensible_findings(results: list[Result], ours: dict[str, Ours]) -> None:
    found = compare(results, ours, {"a": 1}, READ_AT)
    told = {result.user_id for result in results if result.score is not None}
    for user_id, finding in found.items():
        assert user_id
        if finding.kind == "unknown":
            assert user_id not in ours
            assert user_id in told
            assert finding.our_score is None
        else:
            assert ours[user_id].settled(READ_AT)
            assert finding.our_score == ours[user_id].given
            assert (finding.kind == "changed") == (finding.their_score is not None)


@pytest.mark.parametrize("state", [state for state in STATES if state not in (DELIVERED, SUPERSEDED)])
def test_a_score_on_its_way_says_nothing(state: str) -> None:
    ours = {"7": Ours(1, 5, 10, state, READ_AT - timedelta(hours=1), True)}
    assert compare([Result("7", 90.0, 100.0)], ours, {}, READ_AT) == {}


def test_a_score_delivered_after_the_reading_says_nothing() -> None:
    ours = {"7": Ours(1, 5, 10, DELIVERED, READ_AT + timedelta(seconds=1), True)}
    assert compare([], ours, {}, READ_AT) == {}


# ---- one class


@pytest.fixture
def column(app: Flask, school_a: School, run_jobs: RunJobs) -> int:
    """School A's column, to which the grades of three pupils have been delivered; its number in the LMS."""
    link = school_a.add_link(COURSE, "Report", custom={"content": "home"})
    for person in (PUPIL, PUPIL + 1, PUPIL + 2, TEACHER):
        assert school_a.launch(browser(app), person, link, follow=False).status_code == 303
    own = next(each for each in school_a.columns() if each["own"])
    with app.app_context(), unit_of_work():
        db.session.add(LineItem(context_id=1, resource_id="activity-1", label="Report", url=own["url"]))
    for person, points in ((PUPIL, 7), (PUPIL + 1, 8), (PUPIL + 2, 9)):
        record(app, person, points, at=utcnow() - timedelta(hours=1))
    run_jobs()
    return int(own["id"])


def reconcile(app: Flask, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    result = app.test_cli_runner().invoke(args=["grades", "reconcile", "--json", *arguments])
    lines = [line for line in result.output.splitlines() if line.startswith("[")]
    return result.exit_code, json.loads(lines[-1])


def ask(app: Flask, line_item: int = 1) -> None:
    with app.app_context(), unit_of_work():
        request_comparisons(actor=None, line_item_ids=[line_item])


def found(app: Flask) -> dict[str, Difference]:
    """Differences by LMS user id."""
    with app.app_context():
        rows = list(db.session.scalars(select(Difference)))
        db.session.expunge_all()
        return {row.lms_user_id: row for row in rows}


def decide(app: Flask, act: Callable[..., int], *users: int) -> int:
    ids = [row.id for user, row in found(app).items() if not users or int(user) in users]
    with app.app_context(), unit_of_work():
        return act(actor=TEACHING, difference_ids=ids)


def comparison(app: Flask) -> Comparison:
    with app.app_context():
        row = db.session.scalars(select(Comparison)).one()
        db.session.expunge(row)
        return row


def change(app: Flask, model: Any, **values: Any) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(model).values(**values))


def test_what_was_delivered_agrees(app: Flask, column: int) -> None:
    code, rows = reconcile(app)
    assert code == 0
    counts = {"changed": 0, "missing": 0, "unknown": 0, "open": 0, "error": None}
    assert rows == [{"line_item": 1, "context": 1, "label": "Report", "compared": 3, **counts}]
    assert found(app) == {}
    assert comparison(app).checked_at is not None


def test_every_kind_of_difference_is_found(app: Flask, school_a: School, column: int) -> None:
    school_a.override(column, PUPIL, 55)
    school_a.empty(column, PUPIL + 1)
    school_a.override(column, PUPIL + 3, 20)  # a pupil without a score of ours
    code, rows = reconcile(app, "--context", "1")
    assert code == 0
    assert [rows[0][kind] for kind in ("changed", "missing", "unknown", "open")] == [1, 1, 1, 3]
    kinds = {user: (row.kind, row.their_score, row.our_score) for user, row in found(app).items()}
    assert kinds == {
        str(PUPIL): ("changed", 55.0, 7.0),
        str(PUPIL + 1): ("missing", None, 8.0),
        str(PUPIL + 3): ("unknown", 20.0, None),
    }
    assert found(app)[str(PUPIL + 3)].identity_id is not None


def test_somebody_who_came_after_the_roster_is_unknown(app: Flask, school_a: School, column: int) -> None:
    stranger = newcomer(school_a)
    school_a.override(column, stranger, 30)
    reconcile(app)
    row = found(app)[str(stranger)]
    assert (row.kind, row.identity_id) == ("unknown", None)


def newcomer(school: School) -> int:
    """Somebody whom the LMS has just enrolled."""
    person: int = school.control("POST", "/people", {"given_name": "New", "family_name": "Comer"})["id"]
    school.enrol(COURSE, person, role="pupil")
    return person


def test_who_left_the_course_misses_no_grade(app: Flask, school_a: School, column: int) -> None:
    school_a.empty(column, PUPIL)
    school_a.remove(COURSE, PUPIL)
    assert app.test_cli_runner().invoke(args=["roster", "sync"]).exit_code == 0
    reconcile(app)
    assert found(app) == {}


def test_what_agrees_again_is_closed_and_the_rest_is_not_written(app: Flask, school_a: School, column: int) -> None:
    school_a.override(column, PUPIL, 55)
    school_a.override(column, PUPIL + 1, 56)
    reconcile(app)
    before = found(app)[str(PUPIL)]
    school_a.override(column, PUPIL + 1, None)
    written: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "grade_difference" in statement and not statement.startswith("SELECT"):
            written.append(statement.split(maxsplit=1)[0])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        reconcile(app)
        reconcile(app)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert list(found(app)) == [str(PUPIL)]
    assert found(app)[str(PUPIL)].first_seen_at == before.first_seen_at
    assert written == ["DELETE"]


def test_the_number_of_statements_does_not_grow(app: Flask, school_a: School, column: int, run_jobs: RunJobs) -> None:
    def statements() -> int:
        count = 0

        def note(*_arguments: object) -> None:
            nonlocal count
            count += 1

        ask(app)
        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            compare_line_item(1)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return count

    ask(app)
    compare_line_item(1)  # gets the token
    school_a.override(column, PUPIL, 1)
    one = statements()
    for person in range(PUPIL + 1, PUPIL + 12):
        school_a.override(column, person, person)
    assert statements() == one
    assert len(found(app)) == 12
    for person in range(PUPIL, PUPIL + 12):
        school_a.override(column, person, 90 - person)
    assert statements() == one


# ---- decisions


def test_theirs_is_kept_and_ours_never_sent_again_by_itself(
    app: Flask, school_a: School, column: int, run_jobs: RunJobs
) -> None:
    school_a.override(column, PUPIL, 55)
    reconcile(app)
    assert decide(app, keep_theirs) == 1
    assert decide(app, keep_theirs) == 0
    assert decide(app, send_ours) == 0  # decided already
    assert score(app, 1).state == SUPERSEDED
    app.test_cli_runner().invoke(args=["grades", "retry"])
    school_a.override(column, PUPIL, 56)
    assert reconcile(app)[1][0]["open"] == 0
    row = found(app)[str(PUPIL)]
    assert (row.decision, row.their_score, row.decided_by_id) == ("keep_theirs", 56.0, 1)
    run_jobs()
    assert school_a.columns()[0]["grades"][str(PUPIL)]["score"] == 56


def test_what_the_lms_refused_for_a_later_edit_waits_for_a_choice(
    app: Flask, school_a: School, column: int, run_jobs: RunJobs
) -> None:
    school_a.override(column, PUPIL, 55)
    school_a.override(column, PUPIL, None)
    record(app, PUPIL, 3, at=utcnow() - timedelta(minutes=30))
    run_jobs()
    assert score(app, 1).state == SUPERSEDED
    reconcile(app)
    assert (found(app)[str(PUPIL)].kind, found(app)[str(PUPIL)].our_score) == ("changed", 3.0)
    decide(app, send_ours)
    run_jobs()
    assert school_a.columns()[0]["grades"][str(PUPIL)]["score"] == 30


def test_a_new_grade_opens_a_kept_one_again(app: Flask, school_a: School, column: int, run_jobs: RunJobs) -> None:
    school_a.override(column, PUPIL, 55)
    reconcile(app)
    decide(app, keep_theirs)
    record(app, PUPIL, 3, at=utcnow() + timedelta(seconds=2))
    run_jobs()
    reconcile(app)
    row = found(app)[str(PUPIL)]
    assert (row.decision, row.our_score, row.decided_at) == ("open", 3.0, None)


def test_ours_is_sent_once_more(app: Flask, school_a: School, column: int, run_jobs: RunJobs) -> None:
    school_a.override(column, PUPIL, 55)
    school_a.override(column, PUPIL, None)  # not overridden any more, and changed just now
    school_a.empty(column, PUPIL + 1)
    school_a.override(column, PUPIL + 1, None)
    change(app, Score, given=4)  # as if the LMS had been restored from a copy
    reconcile(app)
    assert {row.kind for row in found(app).values()} == {"changed"}
    versions = [score(app, ident).version for ident in (1, 2, 3)]
    assert decide(app, send_ours) == 3
    assert [score(app, ident).version for ident in (1, 2, 3)] == [version + 1 for version in versions]
    run_jobs()
    shown = school_a.columns()[0]["grades"]
    assert {shown[str(person)]["score"] for person in (PUPIL, PUPIL + 1, PUPIL + 2)} == {40}
    assert [score(app, ident).state for ident in (1, 2, 3)] == [DELIVERED] * 3
    again = comparison(app)
    assert again.state == "waiting"  # looked at again in a while, so that what stays is told
    assert again.due_at > utcnow()
    reconcile(app)
    assert found(app) == {}


def test_an_overridden_cell_is_told_after_sending(app: Flask, school_a: School, column: int, run_jobs: RunJobs) -> None:
    school_a.override(column, PUPIL, 55)
    reconcile(app)
    decide(app, send_ours)
    run_jobs()
    assert reconcile(app)[1][0]["open"] == 1
    row = found(app)[str(PUPIL)]
    assert row.decision == "open"
    assert row.decided_at is not None


def test_a_grade_being_sent_keeps_its_worker(app: Flask, school_a: School, column: int) -> None:
    school_a.empty(column, PUPIL)
    reconcile(app)
    lease = utcnow() + timedelta(minutes=1)
    change(app, Score, state=SENDING, leased_until=lease)
    decide(app, send_ours)
    assert score(app, 1).state == SENDING
    assert score(app, 1).version == 2


def test_what_we_never_gave_cannot_be_sent(app: Flask, school_a: School, column: int) -> None:
    school_a.override(column, PUPIL + 3, 20)
    reconcile(app)
    assert decide(app, send_ours) == 0
    assert decide(app, keep_theirs) == 1


# ---- trouble


@pytest.mark.parametrize("kind", ["500", "429", "html", "hang"])
def test_trouble_is_told_and_tried_again(app: Flask, school_a: School, column: int, kind: str) -> None:
    school_a.override(column, PUPIL, 55)
    reconcile(app)
    school_a.fault("ags", kind)
    code, rows = reconcile(app)
    assert code == 1
    assert rows[0]["error"]
    assert all(comparison_trouble(rows[0]["error"]))
    assert set(found(app)) == {str(PUPIL)}  # what was known stays
    assert comparison(app).state == "waiting"
    assert comparison(app).due_at > utcnow()
    change(app, Comparison, attempts=5, due_at=utcnow() - timedelta(seconds=1))
    with app.app_context():
        compare_line_item(1)
    assert comparison(app).state == "failed"


def test_a_deleted_column_is_noticed_and_made_again(
    app: Flask, school_a: School, column: int, run_jobs: RunJobs
) -> None:
    school_a.delete_column(column)
    code, rows = reconcile(app)
    assert code == 1
    assert (rows[0]["error"], rows[0]["missing"]) == ("column_gone", 3)
    assert reconcile(app)[1][0]["error"] == "column_gone"
    assert decide(app, send_ours) == 3
    run_jobs()
    assert {cell["score"] for one in school_a.columns() for cell in one["grades"].values()} == {7, 8, 9}
    assert reconcile(app) == (0, [{**rows[0], "compared": 3, "missing": 0, "open": 0, "error": None}])


def test_a_school_that_lets_nobody_read_is_told_so(app: Flask, school_a: School, column: int) -> None:
    with app.app_context(), unit_of_work():
        context = db.session.get_one(Context, 1)
        context.ags_scopes = [scope for scope in context.ags_scopes if scope != SCOPE_RESULT]
    calls = len(school_a.calls("ags"))
    code, rows = reconcile(app)
    assert (code, rows[0]["error"]) == (1, "not_offered")
    assert len(school_a.calls("ags")) == calls


def test_a_suspended_school_is_not_asked(app: Flask, school_a: School, column: int) -> None:
    change(app, Registration, state="suspended")
    calls = len(school_a.calls("ags"))
    assert reconcile(app)[1][0]["error"] == "suspended"
    assert len(school_a.calls("ags")) == calls


def test_an_unknown_context_is_an_error(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["grades", "reconcile", "--context", "99"]).exit_code == 1


def test_no_more_than_a_few_at_once_of_one_school(app: Flask, school_a: School, column: int) -> None:
    with app.app_context(), unit_of_work():
        for number in range(AT_ONCE):
            item = LineItem(context_id=1, resource_id=f"busy-{number}", label="Busy")
            db.session.add(item)
            db.session.flush()
            lease = utcnow() + timedelta(minutes=1)
            db.session.add(Comparison(line_item_id=item.id, state="sending", leased_until=lease, due_at=utcnow()))
    ask(app)
    with app.app_context():
        mine = db.session.scalars(select(Comparison.id).where(Comparison.line_item_id == 1)).one()
        db.session.rollback()
        compare_line_item(mine)
        row = db.session.get_one(Comparison, mine)
        assert (row.state, row.attempts) == ("waiting", 0)
        assert row.due_at > utcnow()


# ---- every night


@given(st.integers(0, 20 * 366 * 24 * 60))
@pytest.mark.parametrize("zone", ["UTC", "Europe/Moscow", "America/New_York", "Pacific/Apia", "Asia/Kolkata"])
def test_the_next_night_is_near_and_at_night(zone: str, minutes: int) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due = next_night(now, zone)
    assert now < due <= now + timedelta(hours=30)
    assert time(0) <= due.astimezone(ZoneInfo(zone)).time() <= time(6)


def plan(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        plan_nightly_comparisons()


def test_used_columns_are_planned_once_and_spread(app: Flask, school_a: School, column: int) -> None:
    plan(app)
    planned = comparison(app)
    assert planned.state == "waiting"
    assert planned.due_at > utcnow()
    plan(app)
    assert comparison(app).due_at == planned.due_at
    ask(app)
    assert comparison(app).due_at <= utcnow()  # asked for: now
    with app.app_context():
        compare_line_item(1)
    assert comparison(app).state == "done"
    plan(app)
    assert comparison(app).state == "waiting"


def test_many_columns_are_planned_night_after_night(app: Flask, school_a: School, column: int) -> None:
    for number in range(2, 6):
        record(app, PUPIL, 5, resource_id=f"activity-{number}")
    with app.app_context(), unit_of_work():
        db.session.execute(update(LineItem).values(url="https://lms.example/item"))
        db.session.execute(update(Score).values(state=DELIVERED, delivered_at=utcnow()))
    for _night in range(2):
        plan(app)
        with app.app_context(), unit_of_work():
            assert db.session.scalars(select(Comparison.state)).all() == ["waiting"] * 5
            db.session.execute(update(Comparison).values(state="done"))


def test_contexts_nobody_uses_are_left_in_peace(app: Flask, school_a: School, column: int) -> None:
    change(app, Context, last_launch_at=utcnow() - timedelta(days=30))
    plan(app)
    with app.app_context():
        assert db.session.scalars(select(Comparison)).all() == []
    assert reconcile(app)[0] == 0  # somebody who asks gets an answer


# ---- the screens


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School, run_jobs: RunJobs) -> Scene:
    """Both pupils' works are graded with 5 of 10, and delivered."""
    made = build(app, school_a, school_b)
    for person in made.people.values():
        person.post("/language", locale="en")
    for ident in made.pupil_ids.values():
        made["host"].post(f"/courses/activities/2/works/{ident}", points="5", comment="", version="0")
    run_jobs()
    return made


BOOK, PANEL, LIST = (f"/courses/1/gradebook{tail}" for tail in ("", "/comparison", "/differences"))


def override(school: School, value: float, person: int = PUPIL) -> None:
    school.override(_ours(school), person, value)


def _ours(school: School) -> int:
    return int(next(each["id"] for each in school.columns() if each["resource_id"] == "activity-2"))


def test_the_host_compares_and_everything_agrees(scene: Scene, run_jobs: RunJobs) -> None:
    host = scene["host"]
    assert "not compared yet" in host.get(BOOK).text
    assert host.post(PANEL).status_code == 303
    waiting = host.get(BOOK).text
    assert "The gradebooks are being read" in waiting
    assert f'hx-get="{PANEL}"' in waiting
    run_jobs()
    panel = host.get(PANEL).text
    assert "Everything agrees." in panel
    assert "hx-get" not in panel.split('id="comparison"')[1].split("<form")[0]
    assert "Everything agrees" in host.get(LIST).text


def test_a_script_gets_the_panel_alone(scene: Scene, run_jobs: RunJobs) -> None:
    page = scene["host"].browser.get("https://tool.example" + PANEL, headers={"HX-Request": "true"}).text
    assert page.lstrip().startswith("<section")


def test_each_teacher_sees_her_own_class_and_the_host_sees_all(
    scene: Scene, school_a: School, school_b: School, run_jobs: RunJobs
) -> None:
    override(school_a, 3)
    override(school_b, 4)
    scene["host"].post(PANEL)
    run_jobs()
    seen = scene["host"].get(LIST).text
    assert "3 of 10" in seen
    assert "4 of 10" in seen
    own = scene["partner"].get(LIST).text
    assert "4 of 10" in own
    assert "3 of 10" not in own
    assert "Школа № 12" not in own.split("<main")[1]
    person = school_b.begin(scene["partner's pupil"].browser, person=7, link=school_b.links(COURSE)[0]["id"]).claims
    assert person["family_name"] not in seen  # the host reads a first name and an initial
    assert f"{person['given_name'].split()[0]} {person['family_name'][0]}." in seen
    assert person["family_name"] in own


def test_nobody_else_comes_in(scene: Scene) -> None:
    others = {"pupil": 403, "partner's pupil": 403, "teacher beside": 404, "administrator": 404, "operator": 404}
    for path in (PANEL, LIST):
        assert {name: scene[name].get(path).status_code for name in others} == others
        assert {name: scene[name].post(path).status_code for name in others} == others
        assert scene["stranger"].get(path).status_code == 401


def test_a_teacher_decides_about_her_own_class_only(
    scene: Scene, app: Flask, school_a: School, school_b: School, run_jobs: RunJobs
) -> None:
    override(school_a, 10)
    override(school_b, 20)
    scene["partner"].post(PANEL)
    run_jobs()
    scene["host"].post(PANEL)
    run_jobs()
    foreign = next(ident for ident in _listed(scene["host"]) if ident not in _listed(scene["partner"]))
    assert scene["partner"].post(LIST, choice="keep_theirs", difference=str(foreign)).status_code == 303
    assert foreign in _listed(scene["host"])
    assert scene["partner"].post(LIST, choice="keep_theirs").status_code == 303  # all of hers
    assert _listed(scene["partner"]) == set()
    assert _listed(scene["host"]) == {foreign}
    assert "grade stays" in scene["partner"].get(f"{LIST}?show=decided").text
    assert scene["host"].post(LIST, choice="send_ours", difference=str(foreign)).status_code == 303
    assert _listed(scene["host"]) == set()
    assert scene["host"].post(LIST, choice="other").status_code == 400


def _listed(person: Any) -> set[int]:
    return {int(number) for number in re.findall(r'id="difference-(\d+)"', person.get(LIST).text)}


def test_the_list_is_narrowed_to_an_activity_and_paged(
    scene: Scene, app: Flask, school_a: School, run_jobs: RunJobs
) -> None:
    task = {"title": "Essay", "body": "Write", "points": "10", "accept_text": "y", "published": "y", "action": "save"}
    scene["host"].post("/courses/1/activities/new/assignment", **task)
    for person in range(PUPIL, PUPIL + 27):
        override(school_a, person, person)
    scene["host"].post(PANEL)
    run_jobs()
    listed = scene["host"].get(LIST).text
    assert listed.count('id="difference-') == 25
    assert "Report (27)" in listed
    assert scene["host"].get(f"{LIST}?page=2").text.count('id="difference-') == 2
    essay = scene["host"].get(f"{LIST}?activity=4").text
    assert essay.count('id="difference-') == 0
    assert scene["host"].post(LIST, choice="keep_theirs", activity="4").status_code == 303
    assert scene["host"].get(LIST).text.count('id="difference-') == 25


def test_only_the_own_school_reads_a_number_of_its_lms(
    scene: Scene, app: Flask, school_b: School, run_jobs: RunJobs
) -> None:
    stranger = newcomer(school_b)
    override(school_b, 30, stranger)
    scene["host"].post(PANEL)
    run_jobs()
    told = f"number {stranger} in your LMS"
    assert told in scene["partner"].get(LIST).text
    assert told not in scene["host"].get(LIST).text
    assert "Somebody the tool does not know" in scene["host"].get(LIST).text


# ---- the report about a school


def test_the_administrator_reads_how_the_whole_school_agrees(
    scene: Scene, app: Flask, school_a: School, school_b: School, run_jobs: RunJobs
) -> None:
    override(school_a, 10)
    override(school_b, 20)
    scene["host"].post(PANEL)
    run_jobs()
    registration = _registration(app, school_a)
    path = f"/registrations/{registration}/gradebooks"
    assert path in scene["administrator"].get(f"/registrations/{registration}").text
    page = scene["administrator"].get(path).text
    assert page.count("<tr>") == 2  # the head and the one column of this school
    assert "Report" in page
    assert "Riverside" not in page
    school_a.fault("ags", "500")
    scene["host"].post(PANEL)
    run_jobs()
    assert "It will be tried again by itself." in scene["administrator"].get(path).text


def test_the_report_is_for_that_schools_administrators(scene: Scene, app: Flask, school_a: School) -> None:
    own = _registration(app, school_a)
    for ident, code in ((own, 200), (3 - own, 404), (99, 404)):
        assert scene["administrator"].get(f"/registrations/{ident}/gradebooks").status_code == code
    people = {"host": 404, "partner": 404, "pupil": 404, "operator": 200, "stranger": 401}
    assert {name: scene[name].get(f"/registrations/{own}/gradebooks").status_code for name in people} == people


def test_a_school_without_grades_reads_so(app: Flask, scene: Scene, school_a: School) -> None:
    empty = add_registration(app, School.start("en", "http://127.0.0.1:8089", tool=app), "Third School")
    assert "Nothing to compare yet" in scene["operator"].get(f"/registrations/{empty}/gradebooks").text


def _registration(app: Flask, school: School) -> int:
    with app.app_context():
        return db.session.scalars(select(Registration.id).where(Registration.issuer == school.url)).one()
