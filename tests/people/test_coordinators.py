"""Coordinators: asked for by an LMS administrator and confirmed, or appointed by a link that works once."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.people.models import Appointment, Coordinator
from tests.conftest import browser
from tests.factories.coordinators import appointment, coordinator, organization_of, person_of
from tests.factories.joining import TOOL, in_english, operator
from tests.lms import ADMIN, COURSE, PUPIL, SECOND_TEACHER, TEACHER, School, read_forms, submit


def arrive(app: Flask, school: School, sub: int) -> FlaskClient:
    """A browser, in English, of somebody who came from the school's LMS."""
    client = browser(app)
    link = school.links()[0]["id"] if school.links() else school.add_link(COURSE, "The network")
    assert school.launch(client, sub, link).status_code == 200
    return in_english(client)


def press(client: FlaskClient, path: str, action: str, *, status: int = 200, **typed: object) -> str:
    """Press the button on a page whose form goes to `action`."""
    page = client.get(f"{TOOL}{path}")
    form = next(form for form in read_forms(page.text, f"{TOOL}{path}") if form.action.endswith(action))
    answer = submit(client, form, **typed)
    assert answer.status_code == status, answer.text
    return answer.text


def test_an_administrator_asks_and_the_operator_confirms(app: Flask, school_b: School) -> None:
    admin, hub = arrive(app, school_b, ADMIN), operator(app)
    owner = organization_of(app, school_b)
    offices = f"{TOOL}/organizations/{owner}/coordinators"
    assert admin.get(offices).status_code == 404
    assert "Your request has been sent" in press(admin, "/", "/coordinators/ask")
    assert "waits for an answer" in admin.get(f"{TOOL}/").text
    assert "Riverside School" in hub.get(f"{TOOL}/operator").text
    listed = hub.get(offices).text
    assert "They ask to be coordinators" in listed
    assert "Person " in listed  # operators read numbers, not names
    with app.app_context():
        asked = str(db.session.scalars(select(Coordinator.id)).one())
    path = f"/organizations/{owner}/coordinators"
    assert "Mark at least one" in press(hub, path, "/requests", status=422, answer="yes")
    assert "Write a reason" in press(hub, path, "/requests", status=422, answer="no", request=asked)
    press(hub, path, "/requests", answer="no", request=asked, reason="Ask the director first")
    assert "Ask the director first" in admin.get(f"{TOOL}/").text
    press(admin, "/", "/coordinators/ask")
    assert "1 request has been answered" in press(hub, path, "/requests", answer="yes", request=asked)
    assert "Somebody asks" not in hub.get(f"{TOOL}/operator").text
    assert admin.get(offices).status_code == 200
    assert "Our organization in the network" in admin.get(f"{TOOL}/").text


def test_a_link_makes_one_coordinator_of_its_own_organization(app: Flask, school_a: School, school_b: School) -> None:
    code = appointment(app, organization_of(app, school_b))
    stranger, teacher, second = (
        arrive(app, school_a, TEACHER),
        arrive(app, school_b, TEACHER),
        arrive(app, school_b, SECOND_TEACHER),
    )
    press(stranger, "/coordinate", "/coordinate", status=410, code=code)
    assert "come in from your LMS first" in browser(app).get(f"{TOOL}/coordinate?code={code}").text
    for _look in range(2):
        page = teacher.get(f"{TOOL}/coordinate?code={code}")
        assert code in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "You are a coordinator" in press(teacher, f"/coordinate?code={code}", "/coordinate")
    press(second, "/coordinate", "/coordinate", status=410, code=code)
    assert teacher.get(f"{TOOL}/organizations/{organization_of(app, school_b)}/coordinators").status_code == 200
    assert teacher.get(f"{TOOL}/organizations/{organization_of(app, school_a)}/coordinators").status_code == 404


def test_a_pupil_cannot_use_a_link_that_was_left_about(app: Flask, school_b: School) -> None:
    code = appointment(app, organization_of(app, school_b))
    pupil = arrive(app, school_b, PUPIL)
    assert "coordinator's code" not in pupil.get(f"{TOOL}/").text
    press(pupil, f"/coordinate?code={code}", "/coordinate", status=404)
    assert "You are a coordinator" in press(arrive(app, school_b, TEACHER), f"/coordinate?code={code}", "/coordinate")


def test_an_old_link_is_over(app: Flask, school_b: School) -> None:
    code = appointment(app, organization_of(app, school_b))
    with app.app_context(), unit_of_work():
        execute(update(Appointment).values(expires_at=utcnow() - timedelta(seconds=1)))
    press(arrive(app, school_b, TEACHER), f"/coordinate?code={code}", "/coordinate", status=410)


def test_coordinators_appoint_confirm_and_end_each_other(app: Flask, school_b: School) -> None:
    arrive(app, school_b, TEACHER)
    first = coordinator(app, school_b, TEACHER, school_b.links()[0]["id"])
    owner = organization_of(app, school_b)
    path = f"/organizations/{owner}/coordinators"
    page = press(first, path, path)
    code = page.split("coordinate?code=")[1].split('"')[0]
    second = arrive(app, school_b, SECOND_TEACHER)
    press(second, "/coordinate", "/coordinate", code=code)
    press(arrive(app, school_b, ADMIN), "/", "/coordinators/ask")
    listed = first.get(f"{TOOL}{path}").text
    assert listed.count("End the office") == 2
    with app.app_context():
        asked = str(db.session.scalars(select(Coordinator.id).where(Coordinator.state == "asked")).one())
    press(first, path, "/requests", answer="no", request=asked, reason="One is enough")
    assert "They ask to be" not in first.get(f"{TOOL}{path}").text
    office = [form for form in read_forms(first.get(f"{TOOL}{path}").text, TOOL) if form.action.endswith("/end")]
    submit(first, office[1])
    assert second.get(f"{TOOL}{path}").status_code == 404
    submit(first, office[0])  # and gives up the own office
    assert first.get(f"{TOOL}{path}").status_code == 404


def test_an_office_is_bound_to_the_organization(app: Flask, school_a: School, school_b: School) -> None:
    foreign = coordinator(app, school_a)
    press(arrive(app, school_b, ADMIN), "/", "/coordinators/ask")
    with app.app_context():
        asked = db.session.scalars(select(Coordinator).where(Coordinator.state == "asked")).one()
        number, person = asked.id, asked.person_id
    assert person == person_of(app, school_b, ADMIN)
    token = read_forms(foreign.get(f"{TOOL}/").text, TOOL)[0].fields["csrf_token"]
    answer = {"csrf_token": token, "request": number, "answer": "yes"}
    assert foreign.post(f"{TOOL}/coordinators/{number}/end", data=answer).status_code == 404
    for school, status in ((school_a, 422), (school_b, 404)):
        path = f"{TOOL}/organizations/{organization_of(app, school)}/coordinators/requests"
        assert foreign.post(path, data=answer).status_code == status
    with app.app_context():
        assert db.session.get_one(Coordinator, number).state == "asked"
