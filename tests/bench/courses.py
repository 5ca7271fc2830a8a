"""What the pages of a large course cost: 60 activities, 12 schools, 1,500 pupils, 90,000 grades, all delivered.

`python -m tests.bench.courses`: course page and first screen of the gradebook beside an empty Flask page of the same size,
in one run; milliseconds of server time at the 95th percentile, and statements.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from lti_tool import create_app
from lti_tool.contexts.models import LEARNER, TEACHER, Context, Membership
from lti_tool.core.db import Base, db, table_of, unit_of_work, utcnow
from lti_tool.core.settings import load
from lti_tool.courses.assignments.models import Assignment, Mark
from lti_tool.courses.models import (
    ASSIGNMENT,
    PUBLISHED,
    Activity,
    CourseTeacher,
    CourseUnit,
    Grade,
    Participation,
    SharedCourse,
    Submission,
)
from lti_tool.grades.models import DELIVERED, DeliveryLane, LineItem, Score
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity, Person
from lti_tool.platforms.models import ACTIVE, Deployment, Registration
from tests.bench.driver import TOOL
from tests.statements import counted

ROUNDS = 25
LIMITS = {"course page": 60.0, "gradebook": 200.0}
"""Milliseconds."""
MOST_STATEMENTS = 15
GIVEN, FAMILY = ("Анна", "Пётр", "Мария", "Иван", "Ольга"), ("Иванова", "Ким", "Белов", "Осипова", "Юдин")


@dataclass(frozen=True)
class Size:
    """How large the course is."""

    activities: int = 60
    schools: int = 12
    pupils: int = 1500


def seed(size: Size) -> None:
    """The course, with every cell graded and delivered. The teacher is identity 1 of school 1; the course's id is 1."""
    for number in range(1, size.schools + 1):
        _school(number)
    db.session.flush()
    _people(size)
    db.session.add(SharedCourse(id=1, organization_id=1, title="Реки", state=PUBLISHED, join_code="RIVERS"))
    db.session.flush()
    db.session.add(CourseTeacher(course_id=1, identity_id=1))
    db.session.flush()
    units = max(1, size.activities // 10)
    _add(CourseUnit, [_unit(number) for number in range(1, units + 1)])
    _add(Activity, [_activity(number, units) for number in range(1, size.activities + 1)])
    _add(Assignment, [{"activity_id": one, **_ASSIGNMENT} for one in _each(size.activities)])
    _add(Participation, [{"id": one, "course_id": 1, "context_id": one, **_JOINED} for one in _each(size.schools)])
    _add(DeliveryLane, [{"id": one, **_IDLE, "failures": 0} for one in _each(size.schools)])
    _add(LineItem, [_line_item(school, one) for school in _each(size.schools) for one in _each(size.activities)])
    for activity in _each(size.activities):
        cells = [(pupil + 1, activity, pupil % size.schools + 1) for pupil in _each(size.pupils)]
        _add(Submission, [_submission(*cell) for cell in cells])
        _add(Grade, [_grade(*cell) for cell in cells])
        _add(Mark, [_mark(*cell) for cell in cells])
        _add(Score, [_score(*cell, size) for cell in cells])


def _each(count: int) -> range:
    return range(1, count + 1)


def _add(model: type[Base], rows: list[dict[str, Any]]) -> None:
    dated = {"created_at": utcnow()} if "created_at" in table_of(model).c else {}
    db.session.execute(insert(table_of(model)), [{**dated, **row} for row in rows])


_ASSIGNMENT = {"accepts": [], "kinds": [], "most_files": 10, "most_bytes": 1, "late_rule": "mark", "late_percent": 10}
_ASSIGNMENT |= {"late_most": 50, "improves": False, "anonymous": False, "held": False}
_JOINED = {"state": "active", "full_names": False, "joined_by_id": 1, "after_agreement": ""}
_IDLE = {"state": "waiting", "due_at": utcnow(), "attempts": 0}


def _school(number: int) -> None:
    registration = Registration(
        id=number,
        organization=Organization(id=number, name=f"Школа № {number}", type="school", department="x"),
        issuer=f"https://lms{number}.example",
        client_id="tool",
        auth_url="https://lms.example/auth",
        token_url="https://lms.example/token",
        jwks_url="https://lms.example/jwks",
        state=ACTIVE,
        deployments=[Deployment(deployment_id="1", state=ACTIVE)],
    )
    db.session.add(registration)
    db.session.flush()
    deployment = registration.deployments[0].id
    db.session.add(
        Context(id=number, registration_id=number, deployment_pk=deployment, lms_id="2", title=f"9 класс {number}")
    )


def _people(size: Size) -> None:
    """Identity 1 teaches; 2 and on learn, a school each in turn."""
    schools = [1, *(pupil % size.schools + 1 for pupil in _each(size.pupils))]
    for number, school in enumerate(schools, 1):
        given, family = GIVEN[number % 5], f"{FAMILY[number % 5]}{number}"
        identity = Identity(
            id=number,
            registration_id=school,
            sub=str(number),
            given_name=given,
            family_name=family,
            alias_number=number,
        )
        identity.person = Person(id=number)
        db.session.add(identity)
    db.session.flush()
    roles = [TEACHER, *([LEARNER] * size.pupils)]
    rows = zip(_each(size.pupils + 1), schools, roles, strict=True)
    for number, school, role in rows:
        db.session.add(Membership(identity_id=number, context_id=school, roster_role=role, status="active"))
    db.session.flush()


def _unit(number: int) -> dict[str, Any]:
    return {"id": number, "course_id": 1, "title": f"Тема {number}", "summary": "", "position": number, **_OPEN}


_OPEN = {"published": True, "version": 1}


def _activity(number: int, units: int) -> dict[str, Any]:
    due = utcnow() + timedelta(days=number - 30)
    told = {"title": f"Задание {number}", "body": "Напишите.", "kind": ASSIGNMENT, "points": 10.0, "due_at": due}
    return {
        "id": number,
        "course_id": 1,
        "unit_id": number % units + 1,
        "position": number,
        "accepts": [],
        **told,
        **_OPEN,
    }


def _line_item(school: int, activity: int) -> dict[str, Any]:
    told = {"label": f"Задание {activity}", "url": "https://lms.example/1", "score_maximum": 10.0, "fit": ""}
    number = school + (activity - 1) * 1000
    return {"id": number, "context_id": school, "resource_id": f"activity-{activity}", "created_by_us": True, **told}


def _submission(pupil: int, activity: int, school: int) -> dict[str, Any]:
    texts = {"draft": "", "draft_tab": "", "text": "Вот.", "handed_in_at": utcnow(), "settled": True, "version": 1}
    texts |= {"waits_again": False}
    return {"activity_id": activity, "identity_id": pupil, "participation_id": school, **texts}


def _grade(pupil: int, activity: int, school: int) -> dict[str, Any]:
    given = {"points": float(pupil % 11), "comment": "", "graded_by_id": 1, "graded_at": utcnow(), "version": 1}
    return {"activity_id": activity, "identity_id": pupil, "participation_id": school, **given}


def _mark(pupil: int, activity: int, school: int) -> dict[str, Any]:
    late = {"days_late": 0, "deduction": 0.0, "levels": [], "reason": "", "released_at": utcnow()}
    return {**_grade(pupil, activity, school), **late}


def _score(pupil: int, activity: int, school: int, size: Size) -> dict[str, Any]:
    state = "parked" if pupil % 100 == 0 else DELIVERED
    told = {"given": float(pupil % 11), "maximum": 10.0, "comment": "", "graded_at": utcnow(), "version": 1}
    key = {"registration_id": school, "line_item_id": school + (activity - 1) * 1000, "identity_id": pupil}
    return {
        **key,
        **told,
        "state": state,
        "due_at": utcnow(),
        "attempts": 1,
        "code": "column_gone" if state == "parked" else None,
    }


def as_teacher(app: Flask) -> FlaskClient:
    """A browser of the host's teacher."""
    client = app.test_client()
    with client.session_transaction(base_url=TOOL) as session:
        session.update(person_id=1, identity_id=1, context_id=1, roles={"1": TEACHER}, locale="ru", csrf_token="x")
    return client


def measure(ask: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds of one answer, by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    ask()
    return (time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000


def ninety_fifth(values: Iterable[float]) -> float:
    """What nineteen of twenty stay below."""
    return statistics.quantiles(values, n=20)[-1]


def empty_page(body: bytes) -> FlaskClient:
    """A Flask application that does nothing but answer with so many bytes."""
    app = Flask("empty")
    app.add_url_rule("/", view_func=lambda: body)
    return app.test_client()


def run(app: Flask) -> bool:
    """Print what each page costs; True when all keep the limits."""
    teacher, kept = as_teacher(app), True
    for name, path in (("course page", "/courses/1"), ("gradebook", "/courses/1/gradebook")):
        answer = teacher.get(f"{TOOL}{path}")
        assert answer.status_code == 200, answer.status
        empty, times, floors = empty_page(answer.data), [], []
        for _round in range(ROUNDS):  # alternating, so that both meet the same machine
            times.append(measure(lambda path=path: teacher.get(f"{TOOL}{path}")))  # type: ignore[misc]
            floors.append(measure(lambda empty=empty: empty.get("/")))  # type: ignore[misc]
        with counted(app) as sent:
            teacher.get(f"{TOOL}{path}")
        (clock, processor), floor = zip(*times, strict=True), ninety_fifth(one for one, _used in floors)
        slowest = ninety_fifth(clock)
        asked = len([one for one in sent if not one.startswith(("BEGIN", "PRAGMA"))])
        told = f"{name}: {slowest:.1f} ms (median {statistics.median(clock):.1f}, limit {LIMITS[name]:.0f}), "
        told += f"processor {ninety_fifth(processor):.1f} ms (median {statistics.median(processor):.1f}), "
        told += f"empty page {floor:.2f} ms, {asked} statements, {len(answer.data) // 1024} KB"
        sys.stdout.write(told + "\n")
        kept = kept and slowest <= LIMITS[name] and asked <= MOST_STATEMENTS
    return kept


def application(directory: Path) -> Flask:
    """The product over an empty database of its own."""
    told = {"SECRET_KEY": "for the benchmark", "DATABASE_URL": f"sqlite:///{directory / 'bench.db'}"}
    settings = load({f"LTI_TOOL_{name}": value for name, value in told.items()}, directory)
    app = create_app(replace(settings, base_url=TOOL, keys_dir=directory / "keys"))
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=Path(os.devnull).open("w")))  # noqa: SIM115
    return app


def main() -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as directory:
        app = application(Path(directory))
        with app.app_context(), unit_of_work():
            db.create_all()
            seed(Size())
        sys.exit(0 if run(app) else 1)


if __name__ == "__main__":
    main()
