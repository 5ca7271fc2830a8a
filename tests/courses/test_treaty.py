"""A scale for one school: proposed, previewed, answered by the other side, kept for the term, seen in the gradebook."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from werkzeug.test import TestResponse

from lti_tool.core.db import db, unit_of_work
from lti_tool.courses.forms import end_of_term
from lti_tool.courses.models import Grade, ScaleTreaty
from lti_tool.grades.models import SENDING, Score
from lti_tool.lti.claims import SCOPE_LINE_ITEM, SCOPE_SCORE
from lti_tool.people.models import Identity
from tests.courses.scene import Person, Scene, build
from tests.factories.joining import in_english
from tests.lms import COURSE, PUPIL, School

RunJobs = Callable[[], int]
HERE = "/courses/participations/2/scale"
FIVE = {"kind": "five", "from_5": "86", "from_4": "70", "from_3": "50", "lowest": "2", "from_2": "25"}
DETAILS = {**FIVE, "passed_from": "60", "rounding": "exact"}
PARTNERS = "partner's pupil"
WORK = "/courses/activities/2/works/"


def later(days: int = 30) -> str:
    return (datetime.now(UTC).date() + timedelta(days)).isoformat()


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    made = build(app, school_a, school_b)
    for name in ("host", "pupil"):
        in_english(made[name].browser)
    return made


@pytest.fixture
def column(scene: Scene, school_b: School) -> int:
    """The assignment placed by the partner, and opened by the pupil."""
    link = school_b.add_link(COURSE, "Report", custom={"content": "activity:2"})
    school_b.launch(scene[PARTNERS].browser, PUPIL, link)
    return link


def propose(person: Person, path: str = HERE, **changes: str) -> TestResponse:
    return person.post(path, **{**DETAILS, "until": later(), "action": "propose", **changes})


def answer(person: Person, action: str, treaty: int = 1, **more: str) -> TestResponse:
    return person.post(HERE, action=action, treaty=str(treaty), **more)


def grade(scene: Scene, points: str, seen: int = 0, who: str = PARTNERS) -> None:
    path = f"{WORK}{scene.pupil_ids[who]}"
    assert scene["host"].post(path, points=points, comment="", version=str(seen)).status_code == 303


def partners_pupils(scene: Scene, app: Flask) -> set[int]:
    """Everybody of the partner's class, by the ids of their identities."""
    listed = scene["host"].get("/courses/activities/2/works?state=all").text
    identities = {int(ident) for ident in re.findall(r"/works/(\d+)\"", listed)}
    with app.app_context():
        own = select(Identity.id).where(Identity.id.in_(identities), Identity.registration_id == 2)
        return set(db.session.scalars(own))


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(ScaleTreaty.state).order_by(ScaleTreaty.id)))


def marks(school: School, column: int) -> dict[str, tuple[float | None, float]]:
    """What the LMS shows for each pupil, and the column's maximum there."""
    items = school.control("GET", f"/links/{column}/grades")
    return {user: (cell["score"], item["maximum"]) for item in items for user, cell in item["grades"].items()}


def test_the_gradebook_of_the_school_shows_the_agreed_marks(
    scene: Scene, column: int, school_b: School, run_jobs: RunJobs
) -> None:
    grade(scene, "8,5")
    run_jobs()
    assert marks(school_b, column) == {str(PUPIL): (85.0, 100.0)}
    assert propose(scene["partner"]).status_code == 303
    assert answer(scene["host"], "agree").status_code == 303
    run_jobs()
    assert marks(school_b, column) == {str(PUPIL): (4.0, 5.0)}
    grade(scene, "8.6", seen=1)
    run_jobs()
    assert marks(school_b, column) == {str(PUPIL): (5.0, 5.0)}


def test_many_grades_arrive_after_their_column_was_changed(
    scene: Scene, column: int, app: Flask, school_b: School, run_jobs: RunJobs
) -> None:
    scene["partner"].post("/contexts/2/roster")
    run_jobs()
    for pupil in partners_pupils(scene, app):
        scene["host"].post(f"{WORK}{pupil}", points="9", comment="", version="0")
    run_jobs()
    propose(scene["partner"])
    answer(scene["host"], "agree")
    run_jobs()
    found = marks(school_b, column)
    assert len(found) > 20
    assert set(found.values()) == {(5.0, 5.0)}
    with app.app_context():
        states = set(db.session.scalars(select(Score.state)))
        assert states == {
            "delivered",
            "refused",
        }  # the LMS takes no grade for an assistant, whom its roster calls a learner


@pytest.mark.parametrize("ahead", [-3, 40])
def test_the_clock_of_the_lms_does_not_matter(
    scene: Scene, column: int, school_b: School, run_jobs: RunJobs, ahead: int
) -> None:
    grade(scene, "9")
    run_jobs()
    school_b.site.clock = lambda: time.time() + ahead
    school_b.tell_time(timedelta(seconds=ahead))
    propose(scene["partner"])
    answer(scene["host"], "agree")
    run_jobs()
    assert marks(school_b, column) == {str(PUPIL): (5.0, 5.0)}


def test_both_values_are_kept_and_shown(scene: Scene, column: int, app: Flask) -> None:
    propose(scene["partner"], kind="pass_fail")
    answer(scene["host"], "agree")
    grade(scene, "6")
    with app.app_context():
        kept = db.session.scalars(select(Grade)).one()
        assert (kept.points, kept.home_value, kept.home_maximum) == (6.0, 1.0, 1.0)
    pages = {
        "partner": "/courses/1/gradebook",
        "host": f"{WORK}{scene.pupil_ids[PARTNERS]}",
        PARTNERS: "/courses/activities/2",
    }
    for name, path in pages.items():
        text = re.sub(r"<[^>]+>|\s+", " ", scene[name].get(path).text)
        assert "6" in text
        assert "passed" in text


def test_nobody_elses_class_changes(scene: Scene, column: int, app: Flask) -> None:
    propose(scene["partner"])
    grade(scene, "7")
    grade(scene, "7", who="pupil")
    answer(scene["host"], "agree")
    with app.app_context():
        found = db.session.execute(select(Grade.participation_id, Grade.home_value).order_by(Grade.participation_id))
        assert [tuple(row) for row in found] == [(1, None), (2, 4.0)]


def test_a_proposal_changes_nothing_and_a_preview_stores_nothing(scene: Scene, column: int, app: Flask) -> None:
    grade(scene, "7")
    shown = scene["partner"].post(HERE, **DETAILS, until=later(), action="preview")
    assert shown.status_code == 200
    assert "5 from 86 %" in shown.text
    assert re.search(r"4\s*× 1", shown.text)
    assert states(app) == []
    propose(scene["partner"])
    with app.app_context():
        assert db.session.scalar(select(Grade.home_value)) is None


def test_the_other_side_answers(scene: Scene, app: Flask) -> None:
    propose(scene["partner"])
    assert answer(scene["partner"], "agree").status_code == 403
    assert answer(scene["partner"], "decline", reason="No").status_code == 403
    assert answer(scene["host"], "withdraw").status_code == 403
    assert states(app) == ["proposed"]
    assert "waits for your answer" in scene["host"].get("/courses/1").text
    assert "waits for your answer" not in scene["partner"].get("/courses/1").text
    assert "a scale is proposed" in scene["host"].get("/courses/1/sharing").text
    assert answer(scene["host"], "decline", reason=" ").status_code == 422
    assert answer(scene["host"], "decline", reason="We use <b>five</b>").status_code == 303
    assert "We use &lt;b&gt;five&lt;/b&gt;" in scene["partner"].get(HERE).text
    assert answer(scene["host"], "agree").status_code == 409
    assert states(app) == ["declined"]


def test_the_host_proposes_and_the_school_answers(scene: Scene, app: Flask) -> None:
    propose(scene["host"])
    assert "waits for your answer" in scene["partner"].get("/courses/1").text
    assert propose(scene["partner"]).status_code == 409
    assert answer(scene["partner"], "agree").status_code == 303
    assert states(app) == ["agreed"]


def test_a_proposal_is_replaced_or_taken_back(scene: Scene, app: Flask) -> None:
    propose(scene["partner"])
    propose(scene["partner"], kind="percent")
    assert answer(scene["partner"], "withdraw", treaty=1).status_code == 303  # an old page: nothing happens
    assert states(app) == ["withdrawn", "proposed"]
    assert answer(scene["host"], "agree", treaty=1).status_code == 409
    answer(scene["partner"], "withdraw", treaty=2)
    assert states(app) == ["withdrawn", "withdrawn"]


def test_a_scale_is_fixed_for_the_term(scene: Scene, app: Flask) -> None:
    propose(scene["partner"])
    answer(scene["host"], "agree")
    for name in ("partner", "host"):
        refused = propose(scene[name], kind="percent")
        assert refused.status_code == 409
        assert "fixed until" in refused.text
        assert 'name="kind"' not in scene[name].get(HERE).text
    with app.app_context(), unit_of_work():
        db.session.execute(update(ScaleTreaty).values(frozen_until=date(2026, 1, 1)))
    propose(scene["partner"], kind="percent")
    answer(scene["host"], "agree", treaty=2)
    assert states(app) == ["replaced", "agreed"]


def test_who_teaches_on_both_sides_decides_alone(scene: Scene, app: Flask) -> None:
    assert propose(scene["host"], "/courses/participations/1/scale").status_code == 303
    assert states(app) == ["agreed"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "stars"}, "valid choice"),
        ({"from_4": "90"}, "Thresholds rise"),
        ({"from_5": "a lot"}, "such as 7"),
        ({"from_5": ""}, "number of percent"),
        ({"kind": "pass_fail", "passed_from": "0"}, "Thresholds rise"),
        ({"until": "2020-01-01"}, "last day of the term"),
        ({"until": "2200-01-01"}, "last day of the term"),
        ({"until": "soon"}, "valid date"),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_field(
    scene: Scene, app: Flask, typed: dict[str, str], said: str
) -> None:
    refused = propose(scene["partner"], **typed)
    assert refused.status_code == 422
    assert said in refused.text
    assert states(app) == []


def test_fields_of_another_kind_do_not_matter(scene: Scene, app: Flask) -> None:
    assert propose(scene["partner"], kind="percent", from_5="", passed_from="x", lowest="1").status_code == 303
    assert states(app) == ["proposed"]


def test_a_class_that_left_agrees_on_nothing(scene: Scene) -> None:
    propose(scene["partner"])
    scene["partner"].post("/courses/participations/2", action="leave")
    assert propose(scene["partner"]).status_code == 409
    assert answer(scene["host"], "agree").status_code == 409
    assert scene["partner"].get(HERE).status_code == 200


def test_a_column_that_keeps_its_maximum_is_told(
    scene: Scene, column: int, school_b: School, run_jobs: RunJobs
) -> None:
    withheld = f"{SCOPE_LINE_ITEM}.readonly"
    school_b.control("PATCH", f"/tools/{school_b.tool_id}", {"scopes": [SCOPE_SCORE, withheld]})
    school_b.launch(scene[PARTNERS].browser, PUPIL, column)
    propose(scene["partner"])
    answer(scene["host"], "agree")
    grade(scene, "8")
    run_jobs()
    assert marks(school_b, column) == {str(PUPIL): (80.0, 100.0)}
    page = scene["partner"].get(HERE).text
    assert "keep their own maximum" in page
    assert "Report: 5" in page


def test_a_mark_the_teacher_changed_in_the_lms_stays(scene: Scene, column: int, app: Flask, run_jobs: RunJobs) -> None:
    grade(scene, "8")
    run_jobs()
    with app.app_context(), unit_of_work():
        db.session.execute(update(Score).values(state="superseded"))
    propose(scene["partner"])
    answer(scene["host"], "agree")
    assert run_jobs() >= 0
    with app.app_context():
        assert db.session.scalars(select(Score.state)).all() == ["superseded"]


def test_a_grade_on_its_way_is_sent_again_in_the_new_scale(scene: Scene, column: int, app: Flask) -> None:
    grade(scene, "8")
    with app.app_context(), unit_of_work():
        db.session.execute(update(Score).values(state=SENDING))
    propose(scene["partner"])
    answer(scene["host"], "agree")
    with app.app_context():
        found = db.session.scalars(select(Score)).one()
        assert (found.state, found.version, found.given, found.maximum) == (SENDING, 2, 4.0, 5.0)


def test_new_columns_are_made_with_the_agreed_maximum(scene: Scene, school_b: School, run_jobs: RunJobs) -> None:
    propose(scene["partner"])
    answer(scene["host"], "agree")
    page = school_b.deep_link(scene["partner"].browser, 3, COURSE)
    assert "column of 5 points" in page.text


def statements(app: Flask, work: Callable[[], object]) -> int:
    """How many statements the database is given meanwhile."""
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
    return len(seen)


def test_many_grades_are_converted_in_as_many_statements_as_one(
    scene: Scene, column: int, app: Flask, school_b: School
) -> None:
    grade(scene, "7")
    propose(scene["host"])
    one = statements(app, lambda: answer(scene["partner"], "agree"))
    with app.app_context(), unit_of_work():
        db.session.execute(update(ScaleTreaty).values(frozen_until=date(2026, 1, 1)))
    scene["partner"].post("/contexts/2/roster")
    app.test_cli_runner().invoke(args=["roster", "sync", "--context", "2"])
    others = partners_pupils(scene, app) - {scene.pupil_ids[PARTNERS]}
    for other in others:
        scene["host"].post(f"{WORK}{other}", points="9", comment="", version="0")
    propose(scene["host"], kind="percent")
    many = statements(app, lambda: answer(scene["partner"], "agree", treaty=2))
    assert many <= one + 2  # the treaty that is replaced
    with app.app_context():
        assert set(db.session.scalars(select(Grade.home_maximum).where(Grade.participation_id == 2))) == {100.0}


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 9, 1), date(2026, 12, 31)),
        (date(2027, 1, 10), date(2027, 6, 30)),
        (date(2027, 6, 5), date(2027, 12, 31)),
    ],
)
def test_the_term_offered(day: date, end: date) -> None:
    assert end_of_term(day) == end
