"""Coordinators of organizations: made by the one-time link, as people are."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from lti_tool.core.db import db, unit_of_work
from lti_tool.people import coordinators
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration
from tests.conftest import browser
from tests.factories.joining import fill, in_english
from tests.lms import COURSE, TEACHER, School


def organization_of(app: Flask, school: School) -> int:
    """The id of the organization whose LMS this is, by its first registration."""
    with app.app_context():
        own = db.select(Registration).where(Registration.issuer == school.url).order_by(Registration.id)
        return db.session.scalars(own.limit(1)).one().organization_id


def appointment(app: Flask, organization_id: int) -> str:
    """The code of a one-time link for a coordinator."""
    with app.app_context(), unit_of_work():
        return coordinators.appoint(actor=None, organization_id=organization_id)[1]


def coordinator(app: Flask, school: School, sub: int = TEACHER, link: int | None = None) -> FlaskClient:
    """A browser, in English, in which somebody came from a school's LMS and became its coordinator."""
    client = browser(app)
    school.launch(client, sub, link or school.add_link(COURSE, "The network"))
    in_english(client)
    fill(client, "/coordinate", "/coordinate", code=appointment(app, organization_of(app, school)))
    return client


def person_of(app: Flask, school: School, sub: int = TEACHER) -> int:
    """The id of the person an LMS calls `sub`."""
    with app.app_context():
        statement = db.select(Identity.person_id).join(Identity.registration)
        return db.session.scalars(statement.where(Registration.issuer == school.url, Identity.sub == str(sub))).one()
