"""The LMS administrator's page: who comes to it and how, services, dates, deployments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from lti_tool.contexts.models import RosterSync
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.lti.claims import LIS, ROLES
from lti_tool.platforms.models import AccessToken, Deployment, Registration
from tests.conftest import browser
from tests.factories.coordinators import coordinator
from tests.factories.grades import record
from tests.factories.joining import TOOL, in_english, operator
from tests.lms import ADMIN, COURSE, PUPIL, TEACHER, School, read_forms, submit

RunJobs = Callable[[], int]
PAGE = f"{TOOL}/registrations/1"
SYSTEM, INSTITUTION = LIS + "system/person#Administrator", LIS + "institution/person#Administrator"


def with_roles(*roles: str) -> Callable[[dict[str, Any]], None]:
    def change(claims: dict[str, Any]) -> None:
        claims[ROLES] = list(roles)

    return change


def come(app: Flask, school: School, *roles: str, content: str = "", sub: int = ADMIN) -> tuple[FlaskClient, str]:
    """A browser of somebody who came with these roles alone, and the page they came to, in English."""
    client = browser(app)
    link = school.add_link(COURSE, "Link", custom={"content": content} if content else {})
    page = school.launch(client, sub, link, claims=with_roles(*roles))
    assert page.status_code == 200
    in_english(client)
    return client, client.get(page.request.url).text


@pytest.mark.parametrize("content", ["", "course:99", "activity:99", "nonsense"])
@pytest.mark.parametrize("role", [SYSTEM, INSTITUTION])
def test_an_administrator_who_is_not_in_the_course_comes_to_the_page(
    app: Flask, school_a: School, role: str, content: str
) -> None:
    client, landed = come(app, school_a, role, content=content)
    assert "/registrations/1" in landed
    assert client.get(PAGE).status_code == 200
    assert "New shared course" not in landed  # administrating an LMS makes nobody a teacher


@pytest.mark.parametrize(
    "role",
    [LIS + "institution/person#Student", LIS + "system/person#User", LIS + "membership#Mentor", "Learner"],
)
def test_others_do_not(app: Flask, school_a: School, role: str) -> None:
    client, landed = come(app, school_a, role, sub=PUPIL)
    assert "/registrations/1" not in landed
    assert client.get(PAGE).status_code == 404


def services(page: str) -> dict[str, str]:
    """The badge beside each service."""
    part = page.partition('id="services"')[2].partition("</ul>")[0]
    items = part.split("<li")[1:]
    return {
        item.partition('flex-grow-1">')[2].partition("<")[0].split(" (")[0]: next(
            word for word in ("not kept", "not seen yet", ">on<", ">off<", "on</", "off</") if word in item
        ).strip("<>/")
        for item in items
    }


@pytest.fixture
def admin(app: Flask, school_a: School) -> FlaskClient:
    client = browser(app)
    school_a.customize(groups="$Moodle.Person.userGroupIds")
    school_a.launch(browser(app), TEACHER, school_a.add_link(COURSE, "Chosen", custom={"content": "course:1"}))
    school_a.launch(client, ADMIN, school_a.add_link(COURSE, "Link"))
    school_a.launch(browser(app), PUPIL, school_a.links()[0]["id"])
    return in_english(client)


def test_services_as_they_show_themselves(app: Flask, school_a: School, admin: FlaskClient, run_jobs: RunJobs) -> None:
    run_jobs()
    shown = services(admin.get(PAGE).text)
    assert shown == {
        "List of participants": "on",
        "Grades": "on",
        "Choosing content": "on",
        "Names of people": "on",
        "E-mail addresses": "on",
        "Groups of the LMS course": "on",
    }
    page = admin.get(PAGE).text
    for way in ("Tool settings → “Custom parameters”", "groups=$Moodle.Person.userGroupIds", "Privacy → “Share"):
        assert way in page
    school_a.privacy(names=False, emails=False)
    school_a.launch(browser(app), PUPIL, school_a.links()[0]["id"])
    assert services(admin.get(PAGE).text)["Names of people"] == "off"
    assert services(admin.get(PAGE).text)["E-mail addresses"] == "off"
    with app.app_context(), unit_of_work():
        execute(update(Registration).where(Registration.id == 1).values(kept_names="none", keeps_emails=False))
    assert services(admin.get(PAGE).text)["Names of people"] == "not kept"


def test_services_the_lms_does_not_give(app: Flask, school_a: School) -> None:
    def bare(claims: dict[str, Any]) -> None:
        for name in [name for name in claims if "lti-ags" in name or "lti-nrps" in name]:
            del claims[name]

    client = browser(app)
    school_a.launch(client, ADMIN, school_a.add_link(COURSE, "Link"), claims=bare)
    shown = services(in_english(client).get(PAGE).text)
    assert (shown["Grades"], shown["List of participants"]) == ("off", "off")
    assert (shown["Groups of the LMS course"], shown["Choosing content"]) == ("not seen yet", "not seen yet")


def test_keys_and_dates(app: Flask, school_a: School, admin: FlaskClient, run_jobs: RunJobs) -> None:
    run_jobs()
    record(app, PUPIL, 7.0)
    run_jobs()
    page = admin.get(PAGE).text
    with app.app_context():
        kids = [key["kid"] for key in db.session.get_one(Registration, 1).jwks["keys"]]  # type: ignore[index]
        own = [key.kid for key in app.extensions["key_ring"].describe()]
    assert all(kid in page for kid in (*kids, *own))
    dates = page.partition("Keys and dates")[2].partition("What is registered")[0]
    assert "not yet" not in dates
    assert ">old<" not in dates
    with app.app_context(), unit_of_work():
        long_ago = utcnow() - timedelta(days=40)
        execute(update(RosterSync).values(synced_at=long_ago))
        execute(update(AccessToken).values(fetched_at=long_ago))
        execute(update(Registration).values(jwks_fetched_at=long_ago))
    assert admin.get(PAGE).text.count("older than it should be") == 3


def wait_at(app: Flask, deployment: str, registration: int = 1) -> int:
    with app.app_context(), unit_of_work():
        row = Deployment(registration_id=registration, deployment_id=deployment)
        db.session.add(row)
        db.session.flush()
        return row.id


def test_an_administrator_accepts_a_deployment_of_their_own_lms(
    app: Flask, school_a: School, school_b: School, admin: FlaskClient
) -> None:
    own = wait_at(app, "second")
    school_b.launch(browser(app), TEACHER, school_b.add_link(COURSE, "Link"))
    theirs = wait_at(app, "second", registration=2)
    page = admin.get(PAGE)
    form = next(form for form in read_forms(page.text, PAGE) if form.action.endswith(f"/deployments/{own}/accept"))
    assert "has been accepted" in submit(admin, form).text
    token = form.fields["csrf_token"]
    assert admin.post(f"{TOOL}/deployments/{theirs}/accept", data={"csrf_token": token}).status_code == 404
    with app.app_context():
        states = dict(db.session.execute(select(Deployment.id, Deployment.state)).tuples().all())
        assert (states[own], states[theirs]) == ("active", "pending")
        said = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "deployment.accept")).one()
        assert said.person_id is not None


def test_nobody_lets_themselves_in(app: Flask, school_a: School) -> None:
    """An administrator of a deployment that waits does not come in, so cannot accept it."""
    with app.app_context(), unit_of_work():
        execute(update(Deployment).values(state="pending"))
    client = browser(app)
    refused = school_a.launch(client, ADMIN, school_a.add_link(COURSE, "Link"))
    assert refused.status_code == 403
    assert client.get(PAGE).status_code == 401


def test_a_coordinator_looks_and_an_operator_too(app: Flask, school_a: School, school_b: School) -> None:
    waiting = wait_at(app, "second")
    own, foreign = coordinator(app, school_a), coordinator(app, school_b)
    page = own.get(PAGE).text
    for offered in ("/accept", "/registrations/1/check", "/deliveries", "/gradebooks"):
        assert offered not in page
    for offered in ("/names", "/move", "Keys and dates"):
        assert offered in page
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert own.post(f"{TOOL}/deployments/{waiting}/accept", data={"csrf_token": token}).status_code == 404
    assert own.post(f"{PAGE}/check", data={"csrf_token": token}).status_code == 403
    assert foreign.get(PAGE).status_code == 404
    hub = operator(app).get(PAGE).text
    assert "/accept" in hub
    assert "decides it" in hub


def test_the_page_costs_the_same_for_one_class_and_for_many(app: Flask, school_a: School, admin: FlaskClient) -> None:
    def count() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        admin.get(PAGE)
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    few = count()
    for pupil in range(8, 14):
        school_a.launch(browser(app), pupil, school_a.add_link(COURSE, f"Link {pupil}"))
    for number in range(5):
        wait_at(app, f"deployment {number}")
    assert count() == few <= 12
