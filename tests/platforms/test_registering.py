"""Dynamic registration as an LMS administrator lives it: the sandbox school on the other side, and its bad days."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.platforms.models import Deployment, Invitation, Registration
from tests.factories.joining import invitation, organization
from tests.lms import SCHOOL_A, Form, School, read_forms, submit


@pytest.fixture
def app(make_app) -> Flask:  # type: ignore[no-untyped-def]
    return make_app(platform_allow=("127.0.0.0/8",))


@pytest.fixture
def school(app: Flask) -> School:
    return School.start("ru", SCHOOL_A, tool=app)


def one(model: type) -> object:
    return db.session.scalars(db.select(model)).unique().one()


def test_from_the_address_to_an_approved_registration(app: Flask, client: FlaskClient, school: School) -> None:
    invite = invitation(app, auto_approve=True)
    arrived = school.register(client, invite)
    with app.app_context():
        registration = one(Registration)
        assert (registration.state, registration.client_id) == ("active", arrived["client_id"])
        assert (registration.issuer, registration.product) == (SCHOOL_A, "moodle")
        assert len(registration.scopes) == 5
        assert [(each.deployment_id, each.state) for each in registration.deployments] == [("1", "active")]
        used = one(Invitation)
        assert used.used_at is not None
        assert used.registration_id == registration.id
