"""The list of organizations, archiving and restoring one, and the facts a coordinator corrects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Coordinator, Person
from lti_tool.platforms.models import Registration
from tests.conftest import browser
from tests.courses.scene import build
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.joining import TOOL, fill, in_english, invitation, operator, organization, registration
from tests.lms import COURSE, TEACHER, School

LIST = "/operator/organizations"


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["organizations", *arguments])


@pytest.fixture
def three(app: Flask) -> None:
    """A school that came in, a school that never did, a museum without an LMS; the museum has a coordinator."""
    for name, type_, city in (("School 1", "school", "Tver"), ("School 2", "school", "Orel"), ("Ёлка", "culture", "")):
        run(app, "add", name, "--type", type_, "--department", f"Board of {name}", "--city", city)
    with app.app_context(), unit_of_work():
        owners = {1: utcnow(), 2: None}
        for owner, launched in owners.items():
            addresses = dict.fromkeys(("issuer", "auth_url", "token_url", "jwks_url"), "https://lms.example")
            values = {"client_id": str(owner), "state": "active", "last_launch_at": launched}
            db.session.add(Registration(organization_id=owner, **addresses, **values))
        person = Person()
        db.session.add(person)
        db.session.flush()
        office = {"person_id": person.id, "state": "confirmed", "changed_at": utcnow()}
        db.session.add(Coordinator(organization_id=3, **office))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["School 1", "School 2", "Ёлка"]),
        ("?type=culture", ["Ёлка"]),
        ("?department=Board+of+School+2", ["School 2"]),
        ("?city=Tver", ["School 1"]),
        ("?lms=with", ["School 1", "School 2"]),
        ("?lms=without", ["Ёлка"]),
        ("?search=елк", ["Ёлка"]),
        ("?sort=newest", ["Ёлка", "School 2", "School 1"]),
        ("?sort=launched", ["School 1", "School 2", "Ёлка"]),
        ("?sort=quiet&lms=with", ["School 2", "School 1"]),
        ("?state=archived", []),
        ("?type=castle&lms=maybe&sort=up&page=x", ["School 1", "School 2", "Ёлка"]),
    ],
)
def test_filters_and_orders(app: Flask, three: None, query: str, shown: list[str]) -> None:
    table = operator(app).get(f"{TOOL}{LIST}{query}").text.partition("<tbody>")[2]
    found = [name for name in ("School 1", "School 2", "Ёлка") if f">{name}</a>" in table]
    assert sorted(found, key=lambda name: table.index(f">{name}</a>")) == shown


def test_counts_stand_beside_each(app: Flask, three: None) -> None:
    page = operator(app).get(f"{TOOL}{LIST}?search=School+1").text
    assert 'data-label="LMSs">1<' in page
    assert 'data-label="Coordinators">none<' in page
    page = operator(app).get(f"{TOOL}{LIST}?type=culture").text
    assert 'data-label="LMSs">none<' in page
    assert 'data-label="Coordinators">1<' in page
    assert "never" in page


def test_an_organization_without_an_lms_is_told_that_all_is_well(app: Flask, three: None) -> None:
    assert "nothing is missing then" in operator(app).get(f"{TOOL}{LIST}/3").text


def test_pages_cost_the_same_for_one_row_and_for_sixty(
    app: Flask, count_statements: Callable[[FlaskClient, str], int]
) -> None:
    client = operator(app)
    registration(app, 1, name="School 1")
    invitation(app, "School 1")
    organization(app, "School No 1")
    paths = (
        LIST,
        f"{LIST}?sort=quiet&lms=with",
        f"{LIST}/doubles",
        f"{LIST}/1",
        f"{LIST}/1/double?search=School",
        f"{LIST}/1/double/2",
        "/operator/registrations",
        "/operator/registrations?trouble=roster",
        "/operator/invitations",
        "/operator/invitations/new?every=1",
    )
    few = {path: count_statements(client, path) for path in paths}
    for number in range(2, 61):
        registration(app, number, name=f"School {number}")
        organization(app, f"School No {number}")
        invitation(app, f"School {number}")
    assert {path: count_statements(client, path) for path in paths} == few
    assert max(few.values()) <= 12


def lets_in(app: Flask, school: School) -> bool:
    """Does a login of this school go on to its LMS?"""
    told = {"iss": school.url, "login_hint": "1", "target_link_uri": f"{TOOL}/lti/launch"}
    return browser(app).post(f"{TOOL}/lti/login", data=told).status_code == 302


def test_archiving_closes_the_door_and_keeps_everything(app: Flask, school_a: School, school_b: School) -> None:
    hub, owner = operator(app), organization_of(app, school_b)
    inside, link = coordinator(app, school_b), school_b.links()[0]["id"]
    done = fill(hub, f"{LIST}/{owner}", "/archive")
    assert "Archived: nobody comes in" in done
    assert "New invitation" not in done
    assert inside.get(f"{TOOL}/organizations/{owner}/facts").status_code == 401
    assert not lets_in(app, school_b)
    assert lets_in(app, school_a)
    assert "Riverside School" not in hub.get(f"{TOOL}{LIST}").text
    assert "Riverside School" in hub.get(f"{TOOL}{LIST}?state=archived").text
    with app.app_context():
        number = db.session.scalars(select(Registration.id).filter_by(organization_id=owner)).one()
        line = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "organization.archive")).one()
        assert (line.thing_id, line.facts) == (owner, {"suspended": 1, "invitations": 0})
    assert "approve each of its LMSs" in fill(hub, f"{LIST}/{owner}", "/restore")
    assert not lets_in(app, school_b)
    fill(hub, f"/registrations/{number}", "/approve")
    back = browser(app)
    assert school_b.launch(back, TEACHER, link).status_code == 200
    assert back.get(f"{TOOL}/organizations/{owner}/facts").status_code == 200


def test_an_archived_organization_gets_nobody_new_in(app: Flask) -> None:
    number = registration(app)
    address = invitation(app)
    assert run(app, "archive", "1").output == run(app, "archive", "1").output
    with app.app_context():
        archived = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "organization.archive")).all()
        assert [line.facts for line in archived] == [{"suspended": 1, "invitations": 1}]
    assert browser(app).get(address).status_code == 410
    for command in (("invite", "1"), ("approve", str(number))):
        refused = app.test_cli_runner().invoke(args=["platforms", *command])
        assert refused.exit_code == 1
        assert "is archived" in refused.output
    assert run(app, "restore", "1").exit_code == 0
    assert app.test_cli_runner().invoke(args=["platforms", "approve", str(number)]).exit_code == 0


def test_partners_see_that_a_school_is_archived(app: Flask, school_a: School, school_b: School) -> None:

    scene = build(app, school_a, school_b)
    assert "archived" not in scene["host"].get("/courses/1/sharing").text
    run(app, "archive", str(organization_of(app, school_b)))
    in_english(scene["host"].browser)
    assert ">archived</span>" in scene["host"].get("/courses/1/sharing").text


def test_a_coordinator_corrects_what_is_not_the_operators(app: Flask, school_a: School, school_b: School) -> None:
    ours = coordinator(app, school_b)
    owner, foreign = organization_of(app, school_b), organization_of(app, school_a)
    path = f"/organizations/{owner}/facts"
    assert "Our organization" in ours.get(f"{TOOL}{path}").text
    assert "Write a time zone" in fill(ours, path, "/facts", time_zone="nowhere")
    more = {"name": "Other name", "type": "ngo", "department": "Other"}
    assert "Saved" in fill(ours, path, "/facts", city="Tver", contacts="a@b.example", time_zone="Asia/Omsk", **more)
    with app.app_context():
        row = db.session.get_one(Organization, owner)
        assert (row.city, row.contacts, row.time_zone) == ("Tver", "a@b.example", "Asia/Omsk")
        assert (row.name, row.type, row.department) == ("Riverside School", "school", "Education")
        line = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "organization.change")).one()
        assert (line.thing_id, line.organization_id) == (owner, owner)
    assert ours.get(f"{TOOL}/organizations/{foreign}/facts").status_code == 404
    teacher = browser(app)
    school_b.launch(teacher, TEACHER + 1, school_b.add_link(COURSE, "Link"))
    assert teacher.get(f"{TOOL}{path}").status_code == 404
    assert browser(app).get(f"{TOOL}{path}").status_code == 401
