"""How far pupils have come: for themselves, their teachers, the host and coordinators, and who may need help."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import db, table_of, unit_of_work, utcnow
from lti_tool.courses.live.models import LiveSession
from lti_tool.courses.models import Activity, Grade, Participation, Submission
from lti_tool.people.models import Identity
from tests.courses.authoring import Course
from tests.courses.test_large_course import add_school
from tests.factories.coordinators import coordinator
from tests.factories.joining import TOOL, in_english
from tests.lms import School
from tests.statements import counted

PAGES = ("/courses/1/progress", "/courses/1/progress/pupils", "/courses/1/progress/warnings")


@pytest.fixture
def course(app: Flask, school_a: School, school_b: School) -> Course:
    return Course(app, school_a, school_b)


def fill(app: Flask, schools: int, pupils: int, activities: int) -> None:
    """Schools with a class each, and activities that all pupils have done and have a grade for, but for the last one."""
    with app.app_context(), unit_of_work():
        first = 100 * (db.session.scalar(db.select(db.func.count(Context.id))) or 0)
        for number in range(schools):
            add_school(1, first + number, pupils)
        now = utcnow()
        made = [
            Activity(course_id=1, kind="assignment", title=f"Task {first + number}", points=10, position=first + number)
            for number in range(activities)
        ]
        db.session.add_all(made)
        db.session.flush()
        places = (
            select(Membership.identity_id, Participation.id)
            .join(Participation, Participation.context_id == Membership.context_id)
            .join(Identity, Identity.id == Membership.identity_id)
            .where(Membership.roster_role == "learner", Identity.sub.in_([str(100 + one) for one in range(pupils)]))
        )
        pairs = db.session.execute(places).tuples().all()
        own = [
            {"activity_id": one.id, "identity_id": identity, "participation_id": participation}
            for one in made[:-1]
            for identity, participation in pairs
        ]
        work = {"done_at": now, "handed_in_at": now, "created_at": now, "draft": "", "text": "", "draft_tab": ""}
        db.session.execute(insert(table_of(Submission)), [each | work | {"version": 1} for each in own])
        mark = {"points": 5.0, "graded_at": now, "created_at": now, "comment": "", "version": 1}
        db.session.execute(insert(table_of(Grade)), [each | mark for each in own])


def grade(course: Course, pupil: int, activity: int, points: str) -> None:
    answer = course.host.post(f"/courses/activities/{activity}/works/{pupil}", points=points, comment="", version="0")
    assert answer.status_code == 303


def pupil_id(app: Flask, participation: int) -> int:
    with app.app_context():
        statement = (
            select(Membership.identity_id)
            .join(Participation, Participation.context_id == Membership.context_id)
            .where(Participation.id == participation, Membership.launch_role == "learner")
        )
        return db.session.scalars(statement).one()


def test_a_pupil_sees_what_is_done_due_and_graded(app: Flask, course: Course) -> None:
    done, late, ahead = (course.add("assignment", title=title) for title in ("Finished", "Missed", "Ahead"))
    course.add("page", title="Nothing to do here")
    course.add("page", title="Read and say so", asks_done="y")
    course.add("assignment", title="Secret", published="")
    now = utcnow()
    with app.app_context(), unit_of_work():
        for activity, days in ((late, -2), (ahead, 2)):
            values = {"due_at": now + timedelta(days=days)}
            db.session.execute(update(Activity).where(Activity.id == activity).values(**values))
    course.hand_in(course.pupil, done)
    grade(course, pupil_id(app, 2), done, "7")
    page = course.pupil.get("/courses/1/progress").text
    assert "My progress" in page
    assert "1 of 4" in page
    assert "Secret" not in page
    assert "Nothing to do here" not in page
    order = [page.index(text) for text in ("Overdue", "Missed", "Coming up", "Ahead", "You can do now", "Read and say")]
    assert order == sorted(order)
    assert "7 of 10 points" in page
    assert "waiting" in page.lower()
    assert course.own_pupil.get("/courses/1/progress").text.count("No grades yet") == 1
    for path in PAGES[1:]:
        assert course.pupil.get(path).status_code == 403


def test_a_home_teacher_sees_own_pupils_and_an_average_only_of_enough_others(app: Flask, course: Course) -> None:
    course.add("assignment", title="Task")
    with app.app_context(), unit_of_work():
        add_school(1, 500, 3)
    page = course.partner.get("/courses/1/progress").text
    assert "Progress of pupils" in page
    assert "School 500" not in page
    assert page.count("not told") == 3  # four others
    with app.app_context(), unit_of_work():
        add_school(1, 501, 1)
    page = course.partner.get("/courses/1/progress").text
    assert page.count("not told") == 1  # five others; nobody has a grade
    assert "School 501" not in page
    assert course.partner.get("/courses/1/progress/pupils?school=1").text.count("<tr") == page.count("<tr")


def test_the_host_sees_schools_and_activities(app: Flask, course: Course) -> None:
    assert "No pupils take part yet" not in course.host.get("/courses/1/progress").text
    fill(app, 2, 6, 3)
    page = course.host.get("/courses/1/progress").text
    assert "14 pupils" in page
    assert page.count("67%") == 2  # two of three tasks by both new schools
    assert page.count("50%") == 4  # their points, and those of both tasks
    assert 'width="67"' in page
    pupils = course.host.get("/courses/1/progress/pupils?school=3").text
    assert "2 of 3" in pupils
    assert pupils.count("<tr") == 8


def test_early_warning_names_pupils_by_its_rules(app: Flask, course: Course) -> None:
    tasks = [course.add("assignment", title=f"Task {number}") for number in range(6)]
    pupil, own = pupil_id(app, 2), pupil_id(app, 1)
    now = utcnow()
    assert "Nobody is named" in course.host.get(PAGES[2]).text
    with app.app_context(), unit_of_work():
        long_ago = now - timedelta(days=20)
        db.session.execute(update(Membership).values(created_at=long_ago))
        db.session.execute(update(Activity).values(created_at=long_ago))
    page = course.host.get(PAGES[2]).text
    assert "not started (2)" in page
    for number, task in enumerate(tasks):
        grade(course, pupil, task, "9" if number < 3 else "7")
        with app.app_context(), unit_of_work():
            when = {"graded_at": now + timedelta(minutes=number)}
            db.session.execute(update(Grade).where(Grade.activity_id == task).values(**when))
    with app.app_context(), unit_of_work():
        db.session.execute(update(Activity).where(Activity.id == tasks[0]).values(due_at=now - timedelta(days=1)))
        for number in (1, 2):
            db.session.add(
                LiveSession(
                    room_name=f"room-{number}",
                    activity=Activity(
                        course_id=1, kind="live", title="Meeting", due_at=now - timedelta(days=number), position=90
                    ),
                )
            )
            db.session.flush()
        meeting = db.session.scalars(select(LiveSession.activity_id)).first()
        db.session.add(Submission(activity_id=meeting, identity_id=own, participation_id=1, done_at=now, version=1))
    page = course.host.get(PAGES[2]).text
    for told in ("not started (0)", "overdue (1)", "points are falling (1)", "absent (1)", "overdue: 1"):
        assert told in page
    assert page.count("<tr") == 3
    assert course.host.get(f"{PAGES[2]}?rule=falling").text.count("<tr") == 2
    home = course.partner.get(PAGES[2]).text
    assert "points are falling (1)" in home
    assert "overdue (0)" in home


def test_points_that_fall_a_little_name_nobody(app: Flask, course: Course) -> None:
    tasks = [course.add("assignment", title=f"Task {number}") for number in range(6)]
    for number, task in enumerate(tasks):
        grade(course, pupil_id(app, 2), task, "8.9" if number < 3 else "7")
        with app.app_context(), unit_of_work():
            when = {"graded_at": utcnow() + timedelta(minutes=number)}
            db.session.execute(update(Grade).where(Grade.activity_id == task).values(**when))
    assert "points are falling (0)" in course.host.get(PAGES[2]).text


def test_coordinators_are_told_numbers(app: Flask, course: Course, school_a: School, school_b: School) -> None:
    course.add("assignment", title="Task")
    with app.app_context(), unit_of_work():
        for number, pupils in ((500, 3), (501, 1), (502, 7)):
            add_school(1, number, pupils)
    host, home = in_english(coordinator(app, school_a)), in_english(coordinator(app, school_b))
    page = host.get(f"{TOOL}/school/courses/1").text
    assert "School 502" in page
    assert "3 schools with few pupils" in page
    assert "School 500" not in page
    assert "School 501" not in page
    page = home.get(f"{TOOL}/school/courses/1").text
    assert "4 other schools" in page
    assert "School 502" not in page
    assert home.get(f"{TOOL}/school/courses/2").status_code == 404
    assert home.get(f"{TOOL}/school/courses/{2**70}").status_code == 404


def test_statements_do_not_grow_with_the_course(app: Flask, course: Course) -> None:
    course.add("assignment", title="Task")
    fill(app, 1, 6, 3)
    few = costs(app, course)
    fill(app, 4, 12, 12)
    many = costs(app, course)
    assert few == many
    assert max(many.values()) <= 15


def costs(app: Flask, course: Course) -> dict[str, int]:
    """Statements by reader and page."""
    found = {}
    for name, person in (("host", course.host), ("partner", course.partner), ("pupil", course.pupil)):
        for path in PAGES[:1] if name == "pupil" else PAGES:
            with counted(app) as sent:
                assert person.get(path).status_code == 200
            found[f"{name} {path}"] = len(sent)
    return found
