"""An LMS that was registered a second time goes on as the registration it had."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import db, unit_of_work
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Deployment, Invitation, Registration
from lti_tool.platforms.operations.invitations import create_invitation
from tests.conftest import browser
from tests.factories.joining import TOOL, operator
from tests.lms import ADMIN, COURSE, PUPIL, TEACHER, School, read_forms, submit

RunJobs = Callable[[], int]
NEW = "http://127.0.0.9:8099"


@pytest.fixture
def again(app: Flask, school_a: School, run_jobs: RunJobs) -> int:
    """A class is known; then the LMS moves and is registered once more. The id of the new registration."""
    school_a.launch(browser(app), TEACHER, school_a.add_link(COURSE, "Link"))
    school_a.launch(browser(app), PUPIL, school_a.links()[0]["id"])
    run_jobs()
    school_a.move(NEW, app)
    with app.app_context(), unit_of_work():
        owner = db.session.get_one(Registration, 1).organization
        _row, code = create_invitation(actor=None, organization=owner)
    address = f"{TOOL}/lti/register?invite={code}"
    school_a.register(browser(app), address)
    with app.app_context():
        return db.session.scalars(select(func.max(Registration.id))).one()


def press(client: FlaskClient, registration: int) -> tuple[int, str]:
    path = f"{TOOL}/registrations/{registration}"
    forms = [form for form in read_forms(client.get(path).text, path) if form.action.endswith("/continue")]
    assert forms
    answer = submit(client, forms[0])
    return answer.status_code, answer.text


def counts(app: Flask) -> list[int | None]:
    with app.app_context():
        return [db.session.scalar(select(func.count()).select_from(each)) for each in (Identity, Context, Membership)]


def test_it_goes_on_with_people_and_contexts(app: Flask, school_a: School, again: int, run_jobs: RunJobs) -> None:
    before = counts(app)
    hub = operator(app)
    assert "Was this LMS registered before?" not in hub.get(f"{TOOL}/registrations/1").text
    status, page = press(hub, again)
    assert status == 200
    assert "goes on as registration 1" in page
    link = school_a.add_link(COURSE, "Again")
    assert school_a.launch(browser(app), PUPIL, link).status_code == 200
    assert counts(app) == before
    with app.app_context():
        registration = db.session.scalars(select(Registration)).unique().one()
        assert (registration.id, registration.issuer, registration.state) == (1, NEW, "active")
        assert db.session.scalars(select(Deployment)).one().registration_id == 1
        assert db.session.scalars(select(Invitation)).unique().one().registration_id == 1
        assert db.session.scalars(select(Context)).unique().one().memberships_url.startswith(NEW)  # type: ignore[union-attr]


def test_one_that_was_used_stays_its_own(app: Flask, school_a: School, again: int) -> None:
    hub = operator(app)
    page = hub.get(f"{TOOL}/registrations/{again}").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    hub.post(f"{TOOL}/operator/registrations/{again}/approve", data={"csrf_token": token})
    assert school_a.launch(browser(app), PUPIL, school_a.add_link(COURSE, "Again")).status_code == 200
    address = f"{TOOL}/operator/registrations/{again}/continue"
    assert "Was this LMS registered before?" not in hub.get(f"{TOOL}/registrations/{again}").text
    assert hub.post(address, data={"csrf_token": token, "original": 1}).status_code == 409
    assert hub.post(address, data={"csrf_token": token, "original": 99}).status_code == 404
    assert hub.post(address, data={"csrf_token": token}).status_code == 404


def test_only_within_one_organization_and_only_operators(app: Flask, school_a: School, school_b: School) -> None:
    for school in (school_a, school_b):
        assert school.launch(browser(app), TEACHER, school.add_link(COURSE, "Link")).status_code == 200
    hub, admin = operator(app), browser(app)
    token = hub.get(f"{TOOL}/registrations/1").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    address = f"{TOOL}/operator/registrations/2/continue"
    assert hub.post(address, data={"csrf_token": token, "original": 1}).status_code == 409
    school_a.launch(admin, ADMIN, school_a.links()[0]["id"])
    token = admin.get(f"{TOOL}/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert admin.post(address, data={"csrf_token": token, "original": 1}).status_code == 404
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Registration)) == 2
