"""Around a launch: our keys, deployments of one registration, and links whose content is not there."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.core.db import db, unit_of_work
from lti_tool.lti import claims
from lti_tool.people.models import Identity
from lti_tool.platforms.models import ACTIVE, Deployment, Registration
from tests.conftest import browser
from tests.factories.platforms import add_organization, add_registration
from tests.lms import COURSE, PUPIL, SCHOOL_A, TEACHER, School


def test_113_our_keys_are_public_and_may_be_kept(client: FlaskClient) -> None:
    answer = client.get("/lti/jwks")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    assert [key.keys() for key in answer.get_json()["keys"]] == [{"kid", "kty", "alg", "use", "n", "e"}]


@pytest.mark.parametrize("name", ["iss", "client_id"])
def test_003_who_is_unknown_is_told_so_without_an_echo(client: FlaskClient, school_a: School, name: str) -> None:
    form = school_a.login_form(person=PUPIL, link=school_a.add_link(COURSE, "Home"))
    answer = client.post("/lti/login", data=form.fields | {name: "<b>made-up"})
    assert answer.status_code == 400
    assert "made-up" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_122_two_schools_behind_one_client_id_share_nothing(app: Flask) -> None:
    """Some LMSs register a tool once for all; what tells the schools apart is the deployment."""
    school = School.start("en", SCHOOL_A, tool=app)
    first = add_registration(app, school, "First school")
    second = _second_deployment(app, first, "other")
    link = school.add_link(COURSE, "Home")
    for deployment in (None, "other", None, "other"):
        _launch(browser(app), school, link, deployment)
    with app.app_context():
        rows = db.session.execute(select(Identity.registration_id, Identity.sub).order_by(Identity.id)).all()
    assert [(row[0], row[1]) for row in rows] == [(first, str(PUPIL)), (second, str(PUPIL))]


def _second_deployment(app: Flask, registration_id: int, deployment: str) -> int:
    organization_id = add_organization(app, "Second school")
    columns = ("issuer", "client_id", "auth_url", "token_url", "jwks_url")
    with app.app_context(), unit_of_work():
        twin = db.session.get_one(Registration, registration_id)
        same = {column: getattr(twin, column) for column in columns}
        registration = Registration(organization_id=organization_id, state=ACTIVE, **same)
        registration.deployments = [Deployment(deployment_id=deployment, state=ACTIVE)]
        db.session.add(registration)
        db.session.flush()
        return registration.id


def _launch(client: FlaskClient, school: School, link: int, deployment: str | None) -> None:
    form = school.login_form(person=PUPIL, link=link)
    if deployment is not None:
        form.fields["lti_deployment_id"] = deployment
    message = school.authorize(client, client.post(form.action, data=form.fields).location)
    if deployment is not None:
        message.forge(school, lambda told: told | {claims.DEPLOYMENT_ID: deployment})
    assert message.send(follow=False).status_code == 303


@pytest.mark.parametrize(
    "content", ["course:1", "activity:999", "activity:40'--", "../../admin", "https://evil.example"]
)
@pytest.mark.parametrize("person", [TEACHER, PUPIL])
def test_063_087_a_link_to_what_is_not_there_or_not_theirs(
    client: FlaskClient, school_a: School, content: str, person: int
) -> None:
    link = school_a.add_link(COURSE, "Old", custom={"content": content})
    answer = school_a.launch(client, person, link, follow=False)
    assert answer.status_code == 303
    assert answer.location.startswith("/courses/notice/")
    page = school_a.launch(client, person, link)
    assert page.status_code in (200, 404)
    assert "evil" not in page.text
