"""Each school's grades travel in a lane of their own, which closes while the school's LMS is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.grades import lanes
from lti_tool.grades.models import CLOSES_AFTER, DeliveryLane, Score
from lti_tool.grades.operations import retry_scores
from lti_tool.grades.queries import deliveries
from lti_tool.grades.wording import explain_delivery
from tests.conftest import browser
from tests.factories.grades import record, score
from tests.lms import COURSE, PUPIL, School

RunJobs = Callable[[], int]
MANY = 2 * CLOSES_AFTER


@pytest.fixture
def pupils(app: Flask, school_a: School) -> list[int]:
    """LMS ids of pupils of school A who came in; context 1."""
    link = school_a.add_link(COURSE, "Report", custom={"content": "home"}, graded=False)
    found = [PUPIL + number for number in range(MANY)]
    for person in found:
        assert school_a.launch(browser(app), person, link, follow=False).status_code == 303
    return found


def sent(school: School) -> int:
    return sum(call["path"].endswith("/scores") for call in school.calls("ags"))


def lane(app: Flask) -> DeliveryLane:
    with app.app_context():
        found = db.session.scalars(select(DeliveryLane)).one()
        db.session.expunge(found)
        return found


def open_lane(app: Flask) -> None:
    """The pause is over."""
    with app.app_context(), unit_of_work():
        db.session.execute(update(DeliveryLane).values(due_at=utcnow() - timedelta(seconds=1)))


@pytest.fixture
def known_column(app: Flask, school_a: School, pupils: list[int], run_jobs: RunJobs) -> int:
    """The column is there before the trouble begins; how many scores were sent for it."""
    record(app, pupils[0], 1)
    run_jobs()
    return sent(school_a)


@pytest.mark.parametrize("kind", ["500", "html", "hang"])
def test_a_lane_closes_and_one_score_finds_out_when_it_opens(
    app: Flask, school_a: School, pupils: list[int], known_column: int, run_jobs: RunJobs, kind: str
) -> None:
    school_a.fault("ags", kind)
    ids = [record(app, pupil, 5) for pupil in pupils]

    def attempts() -> int:
        return sum(score(app, each).attempts for each in ids)

    run_jobs()
    assert lane(app).is_closed
    assert lane(app).due_at > utcnow()
    assert attempts() == CLOSES_AFTER
    told = browser(app).get("/metrics").text
    assert "lti_lanes_closed 1.0" in told
    assert 'lti_outbox_oldest_seconds{kind="score"}' in told
    open_lane(app)
    run_jobs()
    assert attempts() == CLOSES_AFTER + 1
    school_a.fault("ags", "none")
    open_lane(app)
    run_jobs()
    assert [score(app, each).state for each in ids] == ["delivered"] * MANY
    assert not lane(app).is_closed


def test_grades_behind_a_closed_lane_say_why_they_wait(
    app: Flask, school_a: School, pupils: list[int], known_column: int, run_jobs: RunJobs
) -> None:
    school_a.fault("ags", "500")
    ids = [record(app, pupil, 5) for pupil in pupils]
    run_jobs()
    untouched = next(score(app, each) for each in ids if score(app, each).attempts == 0)
    with app.test_request_context():
        found = deliveries(["activity-1"], [untouched.identity_id])
        delivery = next(iter(found.values()))
        assert delivery.state == "waiting"
        assert delivery.code == "lane_closed"
        what, todo = explain_delivery(delivery.state, delivery.code)
        assert "LMS" in what
        assert todo


def test_asking_for_a_retry_opens_the_lane(
    app: Flask, school_a: School, pupils: list[int], known_column: int, run_jobs: RunJobs
) -> None:
    school_a.fault("ags", "500")
    ids = [record(app, pupil, 5) for pupil in pupils]
    run_jobs()
    school_a.fault("ags", "none")
    assert run_jobs() == 0
    with app.app_context(), unit_of_work():
        retry_scores(actor=None, score_ids=ids[:1])
    run_jobs()
    assert {score(app, each).state for each in ids} == {"delivered"}


def test_an_lms_that_asks_for_a_pause_gets_it_whole(
    app: Flask, school_a: School, pupils: list[int], known_column: int, run_jobs: RunJobs
) -> None:
    school_a.fault("ags", "429")
    for pupil in pupils:
        record(app, pupil, 5)
    run_jobs()
    assert sent(school_a) - known_column <= CLOSES_AFTER
    assert lane(app).due_at > utcnow() + timedelta(seconds=3)


def test_one_schools_trouble_is_not_anothers(
    app: Flask, school_a: School, school_b: School, pupils: list[int], known_column: int, run_jobs: RunJobs
) -> None:
    other = school_b.add_link(COURSE, "Report", graded=False)
    assert school_b.launch(browser(app), PUPIL, other, follow=False).status_code == 303
    school_a.fault("ags", "hang")
    for pupil in pupils:
        record(app, pupil, 5)
    theirs = record(app, PUPIL, 8, context=2)
    run_jobs()
    assert score(app, theirs).state == "delivered"


def test_what_came_last_is_claimed_first(app: Flask, school_a: School, pupils: list[int]) -> None:
    ids = [record(app, pupil, 5) for pupil in pupils]
    with app.app_context(), unit_of_work():
        taken = lanes.take(1)
        assert taken is not None
        assert [order.score_id for order in lanes.claim_scores(taken, 3)] == ids[:-4:-1]


def test_a_lane_has_one_driver(app: Flask, school_a: School, pupils: list[int]) -> None:
    record(app, pupils[0], 5)
    with app.app_context():
        with unit_of_work():
            assert lanes.take(1) is not None
        with unit_of_work():
            assert lanes.take(1) is None
            assert lanes.due_lanes() == []
        with unit_of_work():  # the driver died
            db.session.execute(update(DeliveryLane).values(leased_until=utcnow() - timedelta(seconds=1)))
        with unit_of_work():
            assert lanes.due_lanes() == [1]


def test_a_score_given_anew_while_its_answer_is_noted_is_sent_again(
    app: Flask, school_a: School, pupils: list[int], run_jobs: RunJobs
) -> None:
    first = record(app, pupils[0], 5)
    with app.app_context():
        with unit_of_work():
            taken = lanes.take(1)
            assert taken is not None
            orders = lanes.claim_scores(taken, 1)
        record(app, pupils[0], 9)
        with unit_of_work():
            lanes.note_outcomes(taken, [lanes.Outcome(orders[0], "delivered")])
            lanes.leave(taken)
    assert score(app, first).state == "waiting"
    run_jobs()
    assert score(app, first).state == "delivered"
    with app.app_context():
        assert db.session.scalars(select(Score.given)).all() == [9.0]
    ours = next(column for column in school_a.columns() if column["resource_id"] == "activity-1")
    assert ours["grades"][str(pupils[0])]["score"] == 9.0
