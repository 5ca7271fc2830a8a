"""The operator's and the LMS administrator's pages: who may open which, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.platforms.models import PENDING, Deployment, DoctorReport, Invitation, Registration
from tests.conftest import browser
from tests.factories.joining import TOOL, fill, invitation, operator, organization, platform_facts, registration
from tests.lms import ADMIN, COURSE, PUPIL, TEACHER, School

OPERATORS_PAGES = (
    "/operator",
    "/operator/rules",
    "/operator/retention",
    "/operator/state",
    "/operator/support",
    "/operator/announcements",
    "/operator/announcements/new",
    "/operator/words",
    "/operator/organizations",
    "/operator/organizations?search=school",
    "/operator/organizations/new",
    "/operator/organizations/1",
    "/operator/organizations/1/edit",
    "/operator/organizations/1/registrations/new",
    "/operator/registrations",
    "/operator/registrations?state=active&search=127",
    "/operator/organizations/doubles",
    "/operator/organizations/1/double",
    "/operator/organizations/1/double/2",
    "/operator/invitations",
    "/operator/invitations/new",
    "/organizations/1/facts",
    "/organizations/1/support",
)
OPERATORS_ACTS = (
    "/operator/announcements/new",
    "/operator/retention",
    "/organizations/1/support",
    "/operator/organizations/new",
    "/operator/organizations/1/edit",
    "/operator/organizations/1/invitations",
    "/operator/organizations/1/registrations/new",
    "/operator/invitations/1/revoke",
    "/operator/invitations/revoke",
    "/operator/invitations/new",
    "/operator/organizations/2/archive",
    "/operator/organizations/2/restore",
    "/organizations/1/facts",
)
REGISTRATION_PAGES = ("/registrations/1", "/registrations/1/check")
REGISTRATION_ACTS = ("/registrations/1/check", "/deployments/1/accept")
ONLY_OPERATORS_AT_A_REGISTRATION = ("/operator/registrations/1/approve", "/operator/registrations/1/suspend")


@pytest.fixture
def people(app: Flask, school_a: School, school_b: School) -> dict[str, FlaskClient]:
    """A browser for everybody who may try."""
    invitation(app, "Школа № 12")

    def enter(school: School, user: int) -> FlaskClient:
        client = browser(app)
        link = school.add_link(COURSE, "Link")
        assert school.launch(client, user, link).status_code == 200
        return client

    return {
        "stranger": browser(app),
        "pupil": enter(school_a, PUPIL),
        "teacher": enter(school_a, TEACHER),
        "administrator": enter(school_a, ADMIN),
        "administrator elsewhere": enter(school_b, ADMIN),
        "operator": operator(app),
    }


def token(client: FlaskClient) -> str:
    page = client.get(f"{TOOL}/", follow_redirects=True).text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def statuses(people: dict[str, FlaskClient], who: str, paths: tuple[str, ...], method: str = "GET") -> set[int]:
    client = people[who]
    data = {"csrf_token": token(client)} if method == "POST" else {}
    return {client.open(f"{TOOL}{path}", method=method, data=data).status_code for path in paths}


def test_who_may_open_and_do_what(app: Flask, people: dict[str, FlaskClient]) -> None:
    table = {
        "stranger": ({401}, {401}, {401, 403}, {401, 403}),
        "pupil": ({404}, {404}, {404}, {404}),
        "teacher": ({404}, {404}, {404}, {404}),
        "administrator elsewhere": ({404}, {404}, {404}, {404}),
        "administrator": ({404}, {200, 302}, {404}, {403}),
    }
    for who, (operators, own, acts, only_operators) in table.items():
        assert statuses(people, who, OPERATORS_PAGES) == operators, who
        assert statuses(people, who, REGISTRATION_PAGES) == own, who
        assert statuses(people, who, OPERATORS_ACTS, "POST") <= acts, who
        assert statuses(people, who, ONLY_OPERATORS_AT_A_REGISTRATION, "POST") <= only_operators, who
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DoctorReport)) == 0
        row = db.session.scalars(select(Invitation)).unique().one()
        assert row.revoked_at is None
    assert statuses(people, "administrator", ("/operator/registrations/1/edit",)) == {403}
    assert statuses(people, "administrator", REGISTRATION_ACTS, "POST") == {303}
    assert statuses(people, "administrator", ("/registrations/2", "/registrations/99")) == {404}
    assert statuses(people, "operator", (*OPERATORS_PAGES, "/operator/registrations/1/edit")) == {200}
    assert statuses(people, "operator", REGISTRATION_PAGES) == {200, 302}
    for act in (*OPERATORS_ACTS, *ONLY_OPERATORS_AT_A_REGISTRATION, *REGISTRATION_ACTS):
        assert statuses(people, "operator", (act,), "POST") <= {200, 303, 422}, act
    assert statuses(people, "operator", ("/operator/organizations/99", "/registrations/99")) == {404}


def test_no_page_changes_anything_without_a_token(people: dict[str, FlaskClient]) -> None:
    client = people["operator"]
    for act in (*OPERATORS_ACTS, *ONLY_OPERATORS_AT_A_REGISTRATION, *REGISTRATION_ACTS):
        assert client.post(f"{TOOL}{act}").status_code == 403, act


def test_an_operator_invites_a_school_and_takes_it_back(app: Flask) -> None:
    client = operator(app)
    added = fill(
        client, "/operator/organizations/new", "/new", name="School 12", type="school", department="City", city="Tver"
    )
    assert "School 12" in added
    invited = fill(client, "/operator/organizations/1", "/invitations", days="3")
    address = invited.partition('value="https://tool.example/lti/register?invite=')[2].partition('"')[0]
    assert len(address) >= 32
    page = client.get(f"{TOOL}/operator/organizations/1")
    assert address not in page.text
    assert browser(app).get(f"{TOOL}/lti/register?invite={address}").status_code == 200
    assert "taken back" in fill(client, "/operator/organizations/1", "/revoke")
    assert browser(app).get(f"{TOOL}/lti/register?invite={address}").status_code == 410


def test_an_operator_approves_and_suspends(app: Flask) -> None:
    client = operator(app)
    registration(app)
    assert "nobody can come in" in fill(client, "/registrations/1", "/suspend")
    assert "people can come in" in fill(client, "/registrations/1", "/approve")
    with app.app_context():
        verbs = list(db.session.scalars(select(AuditEvent.verb).where(AuditEvent.thing == "registration")))
        acting = set(db.session.scalars(select(AuditEvent.person_id).where(AuditEvent.verb == "registration.approve")))
    assert verbs == ["registration.add", "registration.suspend", "registration.approve"]
    assert None not in acting


def test_what_waits_and_what_ails_stands_on_the_overview(app: Flask) -> None:
    client = operator(app)
    for number in (1, 2, 3):
        registration(app, number, name=f"School {number}")
    assert "None waits." in client.get(f"{TOOL}/operator").text
    with app.app_context(), unit_of_work():
        execute(update(Registration).where(Registration.id == 1).values(state=PENDING))
        db.session.add(Deployment(registration_id=2, deployment_id="77", state=PENDING))
        values = {"asked_at": utcnow(), "finished_at": utcnow(), "state": "done", "verdict": "failed"}
        db.session.add(DoctorReport(registration_id=3, **values))
    page = client.get(f"{TOOL}/operator").text
    assert "School 1" in page.partition("that wait for approval")[2].partition("that need a look")[0]
    ailing = page.partition("that need a look")[2]
    assert "1 deployment waits" in ailing
    assert "does not work" in ailing
    assert "School 1" not in ailing


def test_an_operator_accepts_a_deployment(app: Flask) -> None:
    client = operator(app)
    registration(app)
    with app.app_context(), unit_of_work():
        db.session.add(Deployment(registration_id=1, deployment_id="<77>", state=PENDING))
    assert "&lt;77&gt;" in client.get(f"{TOOL}/registrations/1").text
    assert "accepted" in fill(client, "/registrations/1", "/accept")
    with app.app_context():
        assert set(db.session.scalars(select(Deployment.state))) == {"active"}


def typed(**changes: object) -> dict[str, object]:
    facts = vars(platform_facts(1, **changes))
    return {name: value or "" for name, value in facts.items()} | {"deployment_ids": "1\r\n 2 \r\n\r\n"}


def test_registering_by_hand_on_the_screen(app: Flask) -> None:
    client = operator(app)
    organization(app)
    wrong = fill(client, "/operator/organizations/1/registrations/new", "/new", **typed(jwks_url="lms.example"))
    assert "begins with https://" in wrong
    done = fill(client, "/operator/organizations/1/registrations/new", "/new", **typed())
    assert "has been registered" in done
    with app.app_context():
        row = db.session.scalars(select(Registration)).unique().one()
        assert [each.deployment_id for each in row.deployments] == ["1", "2"]
        assert row.state == "active"


def test_a_moved_lms_keeps_its_registration(app: Flask) -> None:
    client = operator(app)
    registration(app)
    with app.app_context(), unit_of_work():
        execute(update(Registration).values(jwks={"keys": []}, jwks_fetched_at=utcnow() - timedelta(minutes=1)))
    moved = {"issuer": "https://new.example", "jwks_url": "https://new.example/jwks"}
    assert "Saved" in fill(client, "/operator/registrations/1/edit", "/edit", **moved)
    with app.app_context():
        row = db.session.scalars(select(Registration)).unique().one()
        assert (row.id, row.issuer, row.jwks, row.token_url) == (
            1,
            "https://new.example",
            None,
            "https://lms1.example/token",
        )


def test_lists_cost_the_same_for_one_row_and_for_thirty(app: Flask, count_statements: Callable[..., int]) -> None:
    client = operator(app)
    registration(app, 1, name="School 1")
    few = {path: count_statements(client, path) for path in ("/operator/registrations", "/operator/organizations")}
    for number in range(2, 31):
        registration(app, number, name=f"School {number}")
    many = {path: count_statements(client, path) for path in few}
    assert many == few
    assert "School 30" in client.get(f"{TOOL}/operator/registrations?search=school+30").text
    assert "School 9" in client.get(f"{TOOL}/operator/registrations?page=2").text


@pytest.fixture
def count_statements(app: Flask) -> Callable[..., int]:
    def count(client: FlaskClient, path: str) -> int:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert client.get(f"{TOOL}{path}").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    return count


def test_the_page_for_registering_by_hand_is_open_to_all(app: Flask) -> None:
    client = browser(app)
    page = client.get(f"{TOOL}/lti/config")
    assert page.status_code == 200
    for value in ("/lti/login", "/lti/launch", "/lti/jwks"):
        assert f'value="https://tool.example{value}"' in page.text
    assert "context_history=$Context.id.history\ngroups=$Moodle.Person.userGroupIds</textarea>" in page.text
    assert page.text.count("data-copy>") >= 6
    for lms in ("Moodle", "Canvas", "Blackboard", "Brightspace", "Open edX"):
        assert lms in page.text
