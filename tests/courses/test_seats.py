"""Seats: from the catalogue over a request to a place, the waiting list that moves by itself, and withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from lti_tool.agreements.queries import today
from lti_tool.contexts.models import Membership
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.courses.models import Participation, SharedCourse
from lti_tool.courses.seats.jobs import settle_places
from lti_tool.courses.seats.models import Offering, Seat, SeatRequest
from tests.courses.scene import Person
from tests.factories.agreements import agreement
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.joining import in_english
from tests.lms import ASSISTANT, COURSE, OTHER_COURSE, PUPIL, SECOND_TEACHER, TEACHER, School
from tests.statements import counted

RULES = {"limited": "y", "reserve": "2", "add_until": "", "drop_until": "", "version": "0"}


@dataclass
class Stage:
    """A published course with two common seats, in the catalogue; people of both schools."""

    app: Flask
    host: Person
    partner: Person
    home: Person
    """The partner school's coordinator, who is another teacher of it."""

    def rules(self, **changes: str) -> int:
        with self.app.app_context():
            version = db.session.scalar(db.select(Offering.version)) or 0
        return self.host.post("/courses/1/seats/rules", **{**RULES, "version": str(version), **changes}).status_code

    def ask(self, seats: int = 2, **data: str) -> Any:
        return self.partner.post("/courses/1/about", context=str(self.partner.context), seats=str(seats), **data)

    def states(self) -> list[str]:
        """Of the requests, the oldest first."""
        with self.app.app_context():
            return list(db.session.scalars(db.select(SeatRequest.state).order_by(SeatRequest.id)))

    def seats(self) -> dict[str, list[str]]:
        """LMS ids of pupils by state, in the order of the line."""
        with self.app.app_context():
            found: dict[str, list[str]] = {}
            for seat in db.session.scalars(db.select(Seat).order_by(Seat.line)):
                found.setdefault(seat.state, []).append(seat.identity.sub)
            return found

    def seat_of(self, sub: int) -> int:
        with self.app.app_context():
            return next(each.id for each in db.session.scalars(db.select(Seat)) if each.identity.sub == str(sub))


@pytest.fixture
def stage(app: Flask, school_a: School, school_b: School) -> Stage:
    host, partner = Person(app, school_a, TEACHER), Person(app, school_b, TEACHER)
    for one in (host, partner):
        in_english(one.browser)
    home = Person(app, None)
    home.browser = coordinator(app, school_b, SECOND_TEACHER, school_b.add_link(OTHER_COURSE, "Office", graded=False))
    host.post("/courses/new", title="Volga", description="Rivers **and** fish", language="en", action="save")
    host.post("/courses/1/activities/new/page", title="Read me", body="Secret text", published="y", action="save")
    host.post("/courses/1/sharing", action="publish")
    host.post(
        "/courses/1/offering", listed="y", subject="ecology", grade_from="7", grade_to="9", asked="A room", version="0"
    )
    made = Stage(app, host, partner, home)
    assert made.rules() == 303
    return made


def enrol_only(school: School, *pupils: int, course: int = COURSE) -> None:
    """Nobody but these learns in the LMS course."""
    for number in (ASSISTANT, *range(PUPIL, PUPIL + 30)):  # Moodle's roster calls an assistant a learner
        school.remove(course, number)
    for number in pupils:
        school.enrol(course, number, role="pupil")


def test_the_catalogue_shows_what_a_school_may_take_and_narrows_it(stage: Stage, school_b: School) -> None:
    page = stage.partner.get("/courses/catalogue").text
    assert "Volga" in page
    assert "2 seats free for your school" in page
    for query in ("q=fish", "subject=ecology", "grade=8", "language=en", "starts=later", "free=1"):
        assert "Volga" in stage.partner.get(f"/courses/catalogue?{query}").text, query
    for query in ("q=mountain", "subject=physics", "grade=11", "language=ru", "starts=running", "host=999"):
        found = stage.partner.get(f"/courses/catalogue?{query}").text
        assert "Nothing found" in found, query
    stage.host.post("/courses/new", title="Moon", description="", language="en", action="save")
    stage.host.post("/courses/2/sharing", action="publish")
    assert "Moon" not in stage.partner.get("/courses/catalogue").text  # its host has not shown it to anybody
    ours = str(organization_of(stage.app, school_b))
    stage.host.post("/courses/2/sharing", action="offer", shown=ours, chosen=ours)
    assert "Moon" in stage.partner.get("/courses/catalogue").text
    about = stage.partner.get("/courses/1/about").text
    assert "Read me" in about
    assert "A room" in about
    assert "Secret text" not in about
    assert stage.home.get("/courses/1/about").status_code == 200
    assert Person(stage.app, school_b, PUPIL).get("/courses/1/about").status_code == 404
    stage.host.post("/courses/1/sharing", action="visibility", visibility="partners")
    assert "Volga" not in stage.partner.get("/courses/catalogue").text
    assert stage.partner.get("/courses/1/about").status_code == 404
    assert stage.ask().status_code == 404
    agreement(stage.app, organization_of(stage.app, stage.host.school), organization_of(stage.app, school_b), seats=1)
    narrowed = stage.partner.get("/courses/catalogue").text
    assert "1 seat free for your school" in narrowed  # the agreement's number is the smaller


def test_from_request_to_place_and_the_list_moves_by_itself(
    stage: Stage, school_b: School, run_jobs: Callable[[], int]
) -> None:
    enrol_only(school_b, 7, 8, 9)
    stage.ask(2, message="Class 8b")
    assert stage.ask(2).status_code == 303  # twice the same is one request
    assert stage.states() == ["requested"]
    assert "Class 8b" in stage.home.get("/school/seats").text
    assert stage.host.post("/courses/requests/decide", request="1", side="host", action="yes").status_code == 303
    assert stage.states() == ["requested"]  # not before the home side
    assert stage.partner.post("/courses/requests/decide", request="1", side="home", action="yes").status_code == 404
    stage.home.post("/courses/requests/decide", request="1", side="home", action="no", reason=" ", school="1")
    assert stage.states() == ["requested"]  # no without a reason is none
    stage.home.post("/courses/requests/decide", request="1", side="home", action="yes", school="1")
    assert stage.states() == ["approved"]
    assert stage.partner.get("/courses/1").status_code == 404  # nothing is open before the host's answer
    assert "Class 8b" in stage.host.get("/courses/1/seats").text
    stage.host.post("/courses/requests/decide", request="1", side="host", action="yes", course="1")
    assert stage.states() == ["accepted"]
    run_jobs()
    assert stage.seats() == {"seated": ["7", "8"], "waiting": ["9"]}
    assert "Your class takes part in “Volga”" in stage.partner.get("/notices").text
    assert Person(stage.app, school_b, 7).get("/courses/1").status_code == 200
    waiting = Person(stage.app, school_b, 9)
    in_english(waiting.browser)
    assert "number 1 on the list" in waiting.get("/").text
    assert "You are number 1 on the waiting list of “Volga”" in waiting.get("/courses/1/place").text
    for path in ("/courses/1", "/courses/activities/1"):
        assert waiting.get(path).status_code == 403
    assert "Secret text" not in waiting.get("/courses/activities/1").text
    # the gradebook and all counts know only who has a place
    assert stage.partner.get("/courses/1/gradebook").text.count('scope="row"') <= 2
    path = "/courses/participations/1/seats"
    assert stage.host.post(path, action="withdraw", seat=str(stage.seat_of(7))).status_code == 404
    assert stage.partner.post(path, action="withdraw", seat=str(stage.seat_of(7))).status_code == 303
    assert stage.seats() == {"dropped": ["7"], "seated": ["8", "9"]}
    assert waiting.get("/courses/1").status_code == 200
    assert "You have a place in “Volga”." in waiting.get("/notices").text
    assert Person(stage.app, school_b, 7).get("/courses/1").status_code == 403
    stage.partner.post(path, action="back", seat=str(stage.seat_of(7)))
    assert stage.seats() == {"seated": ["8", "9"], "waiting": ["7"]}
    stage.partner.post("/courses/participations/1", action="leave")
    assert set(stage.seats()) == {"freed"}


def test_either_side_declines_with_a_reason_and_the_teacher_takes_back(stage: Stage) -> None:
    stage.ask()
    stage.home.post("/courses/requests/decide", request="1", side="home", action="no", reason="Too much at once")
    page = stage.partner.get("/courses/requests").text
    assert "Too much at once" in page
    assert "declined by the school" in page
    stage.ask()
    assert stage.home.post("/courses/requests/2/withdraw").status_code == 404
    stage.partner.post("/courses/requests/2/withdraw")
    stage.home.post("/school/seats", approval="teachers")
    stage.ask()
    assert stage.states() == ["declined", "withdrawn", "approved"]
    stage.host.post("/courses/requests/decide", request="3", side="host", action="no", reason="Full")
    assert "declined by the host" in stage.partner.get("/courses/requests").text
    stage.rules(accept_automatically="y")
    stage.ask(3)
    assert stage.states()[-1] == "approved"  # more than is free waits for a person
    stage.partner.post("/courses/requests/4/withdraw")
    stage.ask(2)
    assert stage.states()[-1] == "accepted"
    assert stage.ask(2000).status_code == 422
    told = stage.partner.get("/notices").text
    assert told.count("The request for seats in “Volga” was declined.") == 2
    assert "was accepted" not in told  # the rule's answer stood on the page at once


def test_a_code_is_the_hosts_yes_and_the_schools_rule_says_the_rest(stage: Stage, school_b: School) -> None:
    with stage.app.app_context():
        code = db.session.get_one(SharedCourse, 1).join_code
    join = f"/courses/join/{stage.partner.context}"
    assert stage.partner.post(join, code=code).headers["Location"].endswith("/courses/requests")
    assert stage.states() == ["requested"]
    stage.home.post("/courses/requests/decide", request="1", side="home", action="yes")
    assert stage.states() == ["accepted"]
    stage.partner.post("/courses/participations/1", action="leave")
    stage.rules(limited="")
    assert "/participations/" in stage.partner.post(join, code=code).headers["Location"]  # as ever
    stage.partner.post("/courses/participations/1", action="leave")
    stage.home.post("/school/seats", approval="always")
    assert stage.partner.post(join, code=code).headers["Location"].endswith("/courses/requests")


def test_dates_leaving_and_two_contexts(stage: Stage, school_b: School, run_jobs: Callable[[], int]) -> None:
    stage.home.post("/school/seats", approval="teachers")
    enrol_only(school_b, 7, 8, 9)
    enrol_only(school_b, 7, 10, course=OTHER_COURSE)
    with stage.app.app_context():
        code = db.session.get_one(SharedCourse, 1).join_code
    second = Person(stage.app, school_b, TEACHER, OTHER_COURSE)
    for teacher in (stage.partner, second):
        teacher.post(f"/courses/join/{teacher.context}", code=code)
    run_jobs()
    assert stage.seats() == {"seated": ["7", "8"], "waiting": ["9", "10"]}  # 7 counts once
    school_b.remove(COURSE, 8)
    stage.partner.post(f"/contexts/{stage.partner.context}/roster")
    run_jobs()
    assert stage.seats()["seated"] == ["7", "8"]  # a slip of the roster costs no place
    with stage.app.app_context(), unit_of_work():
        execute(
            db.update(Membership).where(Membership.left_at.is_not(None)).values(left_at=utcnow() - timedelta(days=8))
        )
    with stage.app.app_context(), unit_of_work():
        settle_places()
    assert stage.seats() == {"seated": ["7", "9"], "freed": ["8"], "waiting": ["10"]}
    yesterday = str(today() - timedelta(days=2))
    stage.rules(add_until=yesterday, drop_until=yesterday)
    path = "/courses/participations/1/seats"
    late = stage.partner.post(path, action="withdraw", seat=str(stage.seat_of(9)))
    assert late.status_code == 422
    stage.partner.post(path, action="withdraw", seat=str(stage.seat_of(9)), reason="Moved away")
    assert stage.seats() == {
        "seated": ["7"],
        "freed": ["8"],
        "dropped": ["9"],
        "waiting": ["10"],
    }  # nobody moves up now
    assert "Moved away" in stage.host.get("/courses/1/seats").text
    assert stage.ask().status_code == 409


def test_rules_of_a_running_course_put_nobody_out_and_a_teacher_arranges(
    stage: Stage, school_b: School, run_jobs: Callable[[], int]
) -> None:
    stage.home.post("/school/seats", approval="teachers")
    enrol_only(school_b, 7, 8, 9)
    stage.rules(limited="")
    with stage.app.app_context():
        code = db.session.get_one(SharedCourse, 1).join_code
    stage.partner.post(f"/courses/join/{stage.partner.context}", code=code)
    run_jobs()
    stage.rules(reserve="1")
    assert stage.seats() == {"seated": ["7", "8", "9"]}
    for number in (10, 11):
        school_b.enrol(COURSE, number, role="pupil")
        Person(stage.app, school_b, number)  # a launch before any roster
    assert stage.seats()["waiting"] == ["10", "11"]
    stage.partner.post("/courses/participations/1/seats", action="up", seat=str(stage.seat_of(11)))
    assert stage.seats()["waiting"] == ["11", "10"]
    other = organization_of(stage.app, school_b)
    stage.rules(reserve="1", **{f"quota-{other}": "3"})
    assert stage.seats() == {"seated": ["7", "8", "9", "11"], "waiting": ["10"]}
    assert stage.rules(reserve="-1") == 422
    assert stage.rules(reserve="1", **{f"quota-{other}": "many"}) == 422
    outdated = stage.host.post("/courses/1/seats/rules", **RULES)
    assert outdated.status_code == 409


def test_numbers_of_statements_do_not_grow(stage: Stage, school_b: School, run_jobs: Callable[[], int]) -> None:
    stage.home.post("/school/seats", approval="teachers")
    enrol_only(school_b, 7)
    stage.rules(reserve="1000", accept_automatically="y")
    stage.ask(20)
    run_jobs()
    paths = {
        stage.partner: ("/courses/catalogue", "/courses/participations/1/seats", "/courses/1/about"),
        stage.host: ("/courses/1/seats", "/courses/1/gradebook"),
        stage.home: ("/school/seats",),
    }

    def measure() -> dict[str, int]:
        found = {}
        for person, addresses in paths.items():
            for address in addresses:
                with counted(stage.app) as sent:
                    assert person.get(address).status_code == 200
                found[address] = len(sent)
        return found

    few = measure()
    enrol_only(school_b, *range(7, 30))
    stage.partner.post(f"/contexts/{stage.partner.context}/roster")
    run_jobs()
    assert len(stage.seats()["seated"]) == 20
    assert len(stage.seats()["waiting"]) == 3
    assert measure() == few
    assert max(few.values()) <= 22, few
    with stage.app.app_context():
        assert db.session.get_one(Participation, 1).held == 20
