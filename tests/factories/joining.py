"""Organizations, registrations and operators without a launch: made by the operations themselves.

The test client keeps cookies by the host of whole addresses: open pages as `TOOL + path`.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from lti_tool.core.db import db, unit_of_work
from lti_tool.organizations.models import Organization
from lti_tool.organizations.operations import OrganizationFacts, add_organization
from lti_tool.people.operators import invite_operator
from lti_tool.platforms.operations.invitations import create_invitation
from lti_tool.platforms.operations.registrations import PlatformFacts, add_registration
from tests.conftest import browser
from tests.lms import read_forms, submit

TOOL = "https://tool.example"


def organization(app: Flask, name: str = "School 12", *, department: str = "City") -> int:
    """An organization's id; the same one for the same name."""
    facts = OrganizationFacts(name=name, type="school", department=department)
    with app.app_context(), unit_of_work():
        return add_organization(actor=None, facts=facts).id


def invitation(app: Flask, name: str = "School 12", **options: Any) -> str:
    """A registration address."""
    owner = organization(app, name)
    with app.app_context(), unit_of_work():
        _row, code = create_invitation(actor=None, organization=db.session.get_one(Organization, owner), **options)
    return f"{app.extensions['settings'].base_url}/lti/register?invite={code}"


def platform_facts(number: int = 1, **changes: Any) -> PlatformFacts:
    """An LMS that nobody runs."""
    lms = f"https://lms{number}.example"
    values = {
        "issuer": lms,
        "client_id": f"client-{number}",
        "auth_url": f"{lms}/auth",
        "token_url": f"{lms}/token",
        "jwks_url": f"{lms}/jwks",
        "deployment_ids": ("1",),
    }
    return PlatformFacts(**{**values, **changes})


def registration(app: Flask, number: int = 1, *, name: str = "School 12", **changes: Any) -> int:
    """An active registration's id."""
    owner = organization(app, name)
    with app.app_context(), unit_of_work():
        facts = platform_facts(number, **changes)
        return add_registration(actor=None, organization=db.session.get_one(Organization, owner), facts=facts).id


def operator(app: Flask, name: str = "Olga Operator") -> FlaskClient:
    """A browser in which an operator has signed in."""
    with app.app_context(), unit_of_work():
        _link, code = invite_operator(actor=None, name=name)
    client = browser(app)
    page = client.get(f"{TOOL}/operator/sign-in?code={code}")
    form = next(form for form in read_forms(page.text, f"{TOOL}/operator/sign-in") if "code" in form.fields)
    assert submit(client, form).status_code == 200
    return client


def fill(client: FlaskClient, path: str, part: str, **typed: object) -> str:
    """Send the form of a page whose address holds `part`; the text of the answer."""
    page = client.get(f"{TOOL}{path}")
    assert page.status_code == 200
    form = next(
        form for form in read_forms(page.text, f"{TOOL}{path}") if part in form.action and form.method == "post"
    )
    answer = submit(client, form, **typed)
    assert answer.status_code in (200, 422), answer.text
    return answer.text


def in_english(client: FlaskClient) -> FlaskClient:
    """Choose English for somebody who came in from a Russian LMS."""
    fill(client, "/", "/language", locale="en")
    return client
