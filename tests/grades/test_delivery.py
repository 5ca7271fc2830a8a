"""How a grade travels to an LMS, whatever that LMS answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from lti_tool.contexts.models import Context
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.grades.jobs import deliver, wake_parked_scores
from lti_tool.grades.models import DeliveryLane, LineItem, Score
from lti_tool.grades.operations import retry_scores
from lti_tool.grades.reconciliation.models import Difference
from lti_tool.grades.wording import explain_delivery
from lti_tool.platforms.models import Registration
from tests.conftest import browser
from tests.factories.grades import record, score
from tests.lms import COURSE, PUPIL, TEACHER, School

RunJobs = Callable[[], int]


@pytest.fixture
def link(app: Flask, school_a: School) -> int:
    """A graded link of school A, launched by two pupils and a teacher; context 1."""
    link = school_a.add_link(COURSE, "Report", custom={"content": "home"})
    for person in (PUPIL, PUPIL + 1, TEACHER):
        assert school_a.launch(browser(app), person, link, follow=False).status_code == 303
    return link


def adopt(app: Flask, school: School, link: int) -> None:
    """Let the tool know the link's own column, as a launch of a graded activity does."""
    column = next(each for each in school.columns() if each["own"])
    with app.app_context(), unit_of_work():
        db.session.add(LineItem(context_id=1, resource_id="activity-1", label="Report", url=column["url"]))


def due_now(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        for model in (Score, DeliveryLane):
            db.session.execute(update(model).values(due_at=utcnow() - timedelta(seconds=1)))


def test_a_grade_arrives_scaled_to_the_column(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    adopt(app, school_a, link)
    sent = record(app, PUPIL, 7.5, comment="Хорошо")
    run_jobs()
    assert school_a.scores(link) == {str(PUPIL): 75.0}
    assert score(app, sent).state == "delivered"
    assert score(app, sent).delivered_at is not None
    assert school_a.columns()[0]["grades"][str(PUPIL)]["comment"].endswith("Хорошо")


def test_a_column_is_found_or_made_once(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    for person in (PUPIL, PUPIL + 1):
        record(app, person, 5)
    run_jobs()
    ours = [column for column in school_a.columns() if column["resource_id"] == "activity-1"]
    assert len(ours) == 1
    assert ours[0]["label"] == "Report"
    assert {user: cell["score"] for user, cell in ours[0]["grades"].items()} == {str(PUPIL): 5.0, str(PUPIL + 1): 5.0}


def test_workers_at_once_make_one_column_and_lose_nothing(app: Flask, school_a: School, link: int) -> None:
    ids = [record(app, person, 5) for person in (PUPIL, PUPIL + 1)]
    barrier = Barrier(4)

    def work() -> None:
        barrier.wait()
        deliver(1)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    due_now(app)
    deliver(1)
    assert [column["resource_id"] for column in school_a.columns()].count("activity-1") == 1
    assert [score(app, score_id).state for score_id in ids] == ["delivered", "delivered"]


def test_the_same_score_again_sends_nothing(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    adopt(app, school_a, link)
    assert record(app, PUPIL, 7) == record(app, PUPIL, 7)
    run_jobs()
    record(app, PUPIL, 7)
    run_jobs()
    assert len([call for call in school_a.calls("ags") if call["path"].endswith("/scores")]) == 1


def test_a_newer_score_wins_and_timestamps_rise(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    adopt(app, school_a, link)
    now = utcnow()
    for value in (3, 4, 5):  # within one second: an equal timestamp would be refused
        sent = record(app, PUPIL, value, at=now)
        run_jobs()
        assert score(app, sent).state == "delivered"
    assert school_a.scores(link) == {str(PUPIL): 50.0}


def test_a_later_edit_of_the_teacher_stands(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    adopt(app, school_a, link)
    given = record(app, PUPIL, 3, at=utcnow() - timedelta(hours=1))
    school_a.override(school_a.columns()[0]["id"], PUPIL, 99)
    run_jobs()
    assert score(app, given).state == "superseded"
    assert school_a.scores(link) == {str(PUPIL): 99.0}
    with app.app_context():  # what stands there is read at once
        found = db.session.scalars(select(Difference)).one()
        assert (found.kind, found.their_score, found.our_score) == ("changed", 99.0, 3.0)
    with app.app_context(), unit_of_work():
        assert retry_scores(actor=None, score_ids=[given]) == 0
    assert run_jobs() == 0
    record(app, PUPIL, 4, at=utcnow() + timedelta(seconds=2))  # a new decision here is newer than theirs
    run_jobs()
    assert score(app, given).state == "delivered"


@pytest.mark.parametrize("kind", ["500", "429", "401", "html", "hang"])
def test_trouble_waits_and_is_overcome(app: Flask, school_a: School, link: int, run_jobs: RunJobs, kind: str) -> None:
    adopt(app, school_a, link)
    school_a.fault("ags", kind)
    sent = record(app, PUPIL, 7)
    run_jobs()
    waiting = score(app, sent)
    assert waiting.state == "waiting"
    assert waiting.due_at > utcnow()
    assert waiting.attempts == 1
    if kind == "429":
        assert waiting.due_at > utcnow() + timedelta(seconds=4)
    with app.test_request_context():
        assert all(explain_delivery(waiting.state, waiting.code, waiting.status))
    school_a.fault("ags", "none")
    due_now(app)
    run_jobs()
    assert score(app, sent).state == "delivered"
    assert school_a.scores(link) == {str(PUPIL): 70.0}


def test_pauses_grow_and_nothing_is_ever_dropped(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    adopt(app, school_a, link)
    school_a.fault("ags", "500")
    sent = record(app, PUPIL, 7)
    pauses = []
    for _attempt in range(14):
        due_now(app)
        run_jobs()
        pauses.append((score(app, sent).due_at - utcnow()).total_seconds())
    assert pauses[0] < 10
    assert pauses[5] > pauses[0] * 8
    assert 2000 < pauses[-1] < 4400
    assert score(app, sent).code == "keeps_failing"
    assert score(app, sent).state == "waiting"


def test_a_token_refused_once_is_fetched_anew(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    adopt(app, school_a, link)
    school_a.fault("ags", "401", times=1)
    sent = record(app, PUPIL, 7)
    run_jobs()
    assert score(app, sent).state == "delivered"


def test_who_left_is_refused_with_a_reason_and_can_be_retried(
    app: Flask, school_a: School, link: int, run_jobs: RunJobs
) -> None:
    adopt(app, school_a, link)
    school_a.remove(COURSE, PUPIL)
    sent = record(app, PUPIL, 7)
    run_jobs()
    assert score(app, sent).state == "refused"
    assert run_jobs() == 0
    school_a.enrol(COURSE, PUPIL, role="pupil")
    with app.app_context(), unit_of_work():
        assert retry_scores(actor=None, score_ids=[sent]) == 1
    run_jobs()
    assert score(app, sent).state == "delivered"


def test_a_deleted_column_is_noticed_and_made_again_on_retry(
    app: Flask, school_a: School, link: int, run_jobs: RunJobs
) -> None:
    record(app, PUPIL, 5)
    run_jobs()
    made = next(column for column in school_a.columns() if column["resource_id"] == "activity-1")
    school_a.control("DELETE", f"/items/{made['id']}")
    sent = record(app, PUPIL, 6)
    run_jobs()
    assert (score(app, sent).state, score(app, sent).code) == ("parked", "column_gone")
    with app.app_context(), unit_of_work():
        retry_scores(actor=None, score_ids=[sent])
    run_jobs()
    assert score(app, sent).state == "delivered"


def test_a_suspended_registration_holds_grades_until_it_is_active(
    app: Flask, school_a: School, link: int, run_jobs: RunJobs
) -> None:
    adopt(app, school_a, link)

    def set_state(state: str) -> None:
        with app.app_context(), unit_of_work():
            db.session.execute(update(Registration).values(state=state))

    set_state("suspended")
    sent = record(app, PUPIL, 7)
    run_jobs()
    assert (score(app, sent).state, score(app, sent).code) == ("parked", "suspended")
    set_state("active")
    with app.app_context(), unit_of_work():
        wake_parked_scores()
    run_jobs()
    assert score(app, sent).state == "delivered"


def test_without_the_right_to_score_nothing_is_called(
    app: Flask, school_a: School, link: int, run_jobs: RunJobs
) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(update(Context).values(ags_scopes=[]))
    sent = record(app, PUPIL, 7)
    run_jobs()
    assert (score(app, sent).state, score(app, sent).code) == ("parked", "scope_missing")
    assert school_a.calls("ags") == []


def test_a_score_that_changes_while_it_is_sent_is_sent_again(
    app: Flask, school_a: School, link: int, run_jobs: RunJobs
) -> None:
    adopt(app, school_a, link)
    sent = record(app, PUPIL, 3)
    with app.app_context(), unit_of_work():  # a worker has it
        db.session.execute(update(Score).values(state="sending", leased_until=utcnow() + timedelta(minutes=1)))
    record(app, PUPIL, 9)
    assert score(app, sent).state == "sending"
    assert score(app, sent).version == 2
    with app.app_context(), unit_of_work():  # the worker died
        db.session.execute(update(Score).values(leased_until=utcnow() - timedelta(seconds=1)))
    run_jobs()
    assert school_a.scores(link) == {str(PUPIL): 90.0}


def test_one_schools_grades_go_to_no_other(
    app: Flask, school_a: School, school_b: School, link: int, run_jobs: RunJobs
) -> None:
    other = school_b.add_link(COURSE, "Report")
    assert school_b.launch(browser(app), PUPIL, other, follow=False).status_code == 303
    record(app, PUPIL, 4, context=1)
    record(app, PUPIL, 8, context=2)
    run_jobs()
    for school, value in ((school_a, 4.0), (school_b, 8.0)):
        ours = next(column for column in school.columns() if column["resource_id"] == "activity-1")
        assert ours["grades"][str(PUPIL)]["score"] == value


def test_the_status_command_tells_counts_and_every_score(app: Flask, link: int, school_a: School) -> None:
    sent = record(app, PUPIL, 4)
    result = app.test_cli_runner().invoke(args=["grades", "status", "--json"])
    assert result.exit_code == 0
    assert '"state": "waiting"' in result.output
    school_a.fault("ags", "500")
    retried = app.test_cli_runner().invoke(args=["grades", "retry"])
    assert retried.output.strip() == "1"
    with app.app_context():
        assert db.session.scalars(select(Score.id)).all() == [sent]
