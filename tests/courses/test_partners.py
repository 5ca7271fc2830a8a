"""Courses for partners: an agreement opens them; when it ends, pupils finish and nobody new enters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask

from lti_tool.agreements.queries import today
from lti_tool.contexts.models import Membership
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.courses.jobs import close_classes
from lti_tool.courses.models import Participation, SharedCourse
from lti_tool.organizations.models import Organization
from tests.conftest import browser
from tests.courses.scene import Person
from tests.factories.agreements import agreement, end
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.joining import TOOL, in_english
from tests.lms import COURSE, PUPIL, TEACHER, School

YESTERDAY = today() - timedelta(days=1)


@dataclass
class Stage:
    """A published course for partners at A, and people of both schools."""

    app: Flask
    host: Person
    partner: Person
    code: str
    ids: tuple[int, int]

    def join(self, **data: str) -> int:
        return self.partner.post(f"/courses/join/{self.partner.context}", code=self.code, **data).status_code


@pytest.fixture
def stage(app: Flask, school_a: School, school_b: School) -> Stage:
    host, partner = Person(app, school_a, TEACHER), Person(app, school_b, TEACHER)
    in_english(host.browser)
    host.post("/courses/new", title="Volga", description="", language="en", action="save")
    host.post("/courses/1/activities/new/page", title="Read me", body="Text", published="y", action="save")
    host.post("/courses/1/sharing", action="publish")
    host.post("/courses/1/sharing", action="visibility", visibility="partners")
    with app.app_context():
        code = db.session.get_one(SharedCourse, 1).join_code
    return Stage(app, host, partner, code, (organization_of(app, school_a), organization_of(app, school_b)))


def pupil(stage: Stage, school: School, number: int = PUPIL) -> Person:
    return Person(stage.app, school, number)


def enter(stage: Stage, school: School, number: int = PUPIL) -> int:
    return pupil(stage, school, number).get("/courses/1").status_code


def long_since(stage: Stage) -> None:
    """Everybody who is in a class has been there for a week."""
    with stage.app.app_context(), unit_of_work():
        execute(db.update(Membership).values(created_at=utcnow() - timedelta(days=7)))


def test_without_an_agreement_a_class_is_told_whom_to_ask(stage: Stage) -> None:
    page = stage.partner.post(f"/courses/join/{stage.partner.context}", code=stage.code)
    assert page.status_code == 403
    assert "This course is for partners of Школа № 12" in page.text
    assert "ask the coordinator of your organization" in page.text
    with stage.app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(Participation)) == 0


def test_a_launch_that_needs_an_agreement_says_so_and_whom_to_ask(stage: Stage, school_b: School) -> None:
    with stage.app.app_context(), unit_of_work():
        execute(db.update(Organization).where(Organization.id == stage.ids[0]).values(contacts="Anna, 55-12"))
    link = school_b.add_link(COURSE, "Together", custom={"content": "course:1"}, graded=False)
    for number, whom in ((TEACHER, "Ask the coordinator of your organization"), (PUPIL, "Tell your teacher, who asks")):
        page = school_b.launch(browser(stage.app), number, link)
        assert "This course needs an agreement" in page.text
        assert whom in page.text
        assert "Volga" not in page.text  # the number in a link proves nothing
    made = agreement(stage.app, *stage.ids)
    stage.join()
    assert school_b.launch(browser(stage.app), PUPIL, link).request.path == "/courses/1"
    long_since(stage)
    end(stage.app, made, YESTERDAY)
    page = school_b.launch(browser(stage.app), PUPIL + 1, link)
    assert "The agreement with Школа № 12 is over" in page.text
    assert "ask the coordinator of your organization" in page.text
    assert "Школа № 12: Anna, 55-12" in page.text
    assert "Contents" in school_b.launch(browser(stage.app), PUPIL, link).text  # who was in it finishes


def test_an_agreement_in_force_opens_it(stage: Stage, school_b: School) -> None:
    agreement(stage.app, *stage.ids)
    assert stage.join() == 303
    assert enter(stage, school_b) == 200


def test_the_host_needs_none(stage: Stage, school_a: School) -> None:
    assert stage.host.post(f"/courses/join/{stage.host.context}", code=stage.code).status_code == 303
    assert enter(stage, school_a) == 200


def test_an_offer_shows_only_to_partners(stage: Stage) -> None:
    stage.host.post("/courses/1/sharing", action="offer", shown=str(stage.ids[1]), chosen=str(stage.ids[1]))
    assert "Volga" not in stage.partner.get("/").text
    refused = stage.partner.post(f"/courses/join/{stage.partner.context}", course_id="1")
    assert refused.status_code == 403
    agreement(stage.app, *stage.ids)
    assert "Volga" in stage.partner.get("/").text


def test_when_it_ends_pupils_finish_and_nobody_new_enters(stage: Stage, school_b: School) -> None:
    made = agreement(stage.app, *stage.ids)
    stage.join()
    assert enter(stage, school_b) == 200
    long_since(stage)
    end(stage.app, made, YESTERDAY)
    assert enter(stage, school_b) == 200
    newcomer = pupil(stage, school_b, PUPIL + 1)
    refused = newcomer.get("/courses/1")
    assert refused.status_code == 403
    assert "nobody new can enter" in refused.text
    assert newcomer.get("/courses/activities/1").status_code == 403
    assert "The agreement is over" in stage.partner.get("/courses/1").text
    assert stage.partner.get("/courses/1/gradebook").status_code == 200  # the teacher keeps everything


def test_a_later_agreement_opens_it_again(stage: Stage, school_b: School) -> None:
    first = agreement(stage.app, *stage.ids)
    stage.join()
    end(stage.app, first, YESTERDAY)
    agreement(stage.app, *stage.ids)
    assert enter(stage, school_b, PUPIL + 1) == 200


def test_coordinators_decide_that_a_class_closes(stage: Stage, school_a: School, school_b: School) -> None:
    made = agreement(stage.app, *stage.ids)
    stage.join()
    enter(stage, school_b)
    long_since(stage)
    host, home = coordinator(stage.app, school_a), coordinator(stage.app, school_b)
    path = f"/courses/agreements/{made}/ending"
    assert "not decided yet" in host.get(f"{TOOL}{path}").text
    home_person = Person(stage.app, None)
    home_person.browser = home
    assert home_person.post(path, **{"class-1": "close"}).status_code == 303
    assert "not decided yet" not in host.get(f"{TOOL}{path}").text
    _close(stage)
    assert _states(stage) == ["active"]
    end(stage.app, made, YESTERDAY)
    assert enter(stage, school_b) == 403
    _close(stage)
    assert _states(stage) == ["closed"]


def test_only_the_sides_of_a_class_decide(stage: Stage, school_b: School) -> None:
    made = agreement(stage.app, *stage.ids)
    stage.join()
    path = f"/courses/agreements/{made}/ending"
    assert stage.partner.get(path).status_code == 404
    stage.partner.post(path, **{"class-1": "close"})
    with stage.app.app_context():
        assert db.session.get_one(Participation, 1).after_agreement == ""


def test_teachers_are_told_weeks_before(stage: Stage) -> None:
    agreement(stage.app, *stage.ids, last=today() + timedelta(days=20))
    stage.join()
    assert "The agreement ends soon" in stage.partner.get("/courses/1").text


def test_a_course_with_others_in_it_is_not_closed_to_them(stage: Stage) -> None:
    stage.host.post("/courses/1/sharing", action="visibility", visibility="hub")
    assert stage.join() == 303
    for visibility in ("partners", "own"):
        stage.host.post("/courses/1/sharing", action="visibility", visibility=visibility)
        page = stage.host.get("/courses/1/sharing").text
        assert "Riverside School" in page
        with stage.app.app_context():
            assert db.session.get_one(SharedCourse, 1).visibility == "hub"
    agreement(stage.app, *stage.ids)
    stage.host.post("/courses/1/sharing", action="visibility", visibility="partners")
    with stage.app.app_context():
        assert db.session.get_one(SharedCourse, 1).visibility == "partners"


def _close(stage: Stage) -> None:
    with stage.app.app_context(), unit_of_work():
        close_classes()


def _states(stage: Stage) -> list[str]:
    with stage.app.app_context():
        return list(db.session.scalars(db.select(Participation.state)))
