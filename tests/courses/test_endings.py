"""Weeks before an agreement ends, both sides are told: teachers on their home, and by e-mail coordinators too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from lti_tool.agreements.queries import today
from lti_tool.core.db import db, execute, unit_of_work
from lti_tool.courses.endings.jobs import tell_endings
from lti_tool.courses.endings.models import EndingMail
from lti_tool.courses.models import SharedCourse
from tests.courses.scene import Scene, build
from tests.factories.agreements import agreement, end
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.mail import PostOffice, post_office
from tests.lms import OTHER_COURSE, SECOND_TEACHER, School
from tests.statements import counted


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as opened:
        yield opened


@pytest.fixture
def app(make_app: Callable[..., Flask], office: PostOffice) -> Flask:
    return make_app(mail=office.server)


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    """A course for partners, under an agreement that ends in three weeks; B has a coordinator."""
    found = build(app, school_a, school_b)
    agreement(app, *_ids(app, school_a, school_b), last=today() + timedelta(days=21))
    with app.app_context(), unit_of_work():
        execute(db.update(SharedCourse).values(visibility="partners"))
    school_b.add_link(OTHER_COURSE, "Together", graded=False)
    coordinator(app, school_b, SECOND_TEACHER, school_b.links(OTHER_COURSE)[0]["id"])
    return found


def _ids(app: Flask, *schools: School) -> Any:
    return tuple(organization_of(app, school) for school in schools)


def _tell(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        tell_endings()


def test_teachers_of_both_sides_find_it_on_their_home(scene: Scene, app: Flask) -> None:
    for name, partner in (("host", "Riverside School"), ("partner", "Школа № 12")):
        page = scene[name].get("/").text
        assert "Rivers</a>" in page
        assert ("Скоро кончается договор" in page) or ("An agreement ends soon" in page)
        assert partner in page
    for name in ("pupil", "partner's pupil", "teacher beside"):
        page = scene[name].get("/").text
        assert "An agreement ends soon" not in page
        assert "Скоро кончается" not in page
    with counted(app) as sent:
        scene["partner"].get("/")
    assert len(sent) <= 12
    end(app, 1, today() + timedelta(days=100))
    assert "An agreement ends soon" not in scene["partner"].get("/").text


def test_each_is_mailed_once_in_the_own_language(
    scene: Scene, app: Flask, office: PostOffice, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    office.messages.clear()
    for _time in range(2):
        _tell(app)
        run_jobs()
    told = {message["To"]: str(message["Subject"]) for message in office.messages}
    assert len(office.messages) == len(told) == 3  # the host's teacher, the partner's, the partner's coordinator
    assert {subject.split()[0] for subject in told.values()} == {"An", "Договор"}
    text = office.messages[0].get_content()
    assert "Riverside School" in text
    assert "https://tool.example" in text
    with app.app_context():
        rows = db.session.execute(db.select(EndingMail.state, EndingMail.address)).all()
    assert set(map(tuple, rows)) == {("sent", None)}
    end(app, 1, today() + timedelta(days=30))
    _tell(app)
    run_jobs()
    assert len(office.messages) == 6  # another last day is told anew


def test_a_mail_that_is_not_taken_is_tried_again(
    scene: Scene, app: Flask, office: PostOffice, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    office.messages.clear()
    office.refusals["RCPT"] = "450 later"
    _tell(app)
    run_jobs()
    with app.app_context():
        assert set(db.session.scalars(db.select(EndingMail.state))) == {"waiting"}
    office.refusals["RCPT"] = "550 nobody"
    with app.app_context(), unit_of_work():
        execute(db.update(EndingMail).values(due_at=EndingMail.created_at))
    run_jobs()
    with app.app_context():
        assert set(db.session.execute(db.select(EndingMail.state, EndingMail.address)).tuples()) == {("failed", None)}


def test_without_a_mail_server_nothing_is_ordered(
    make_app: Callable[..., Flask], school_a: School, school_b: School, scene: Scene
) -> None:
    plain = make_app(mail=None)
    _tell(plain)
    with plain.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(EndingMail)) == 0
