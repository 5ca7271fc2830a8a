"""Registrations made without the administrator's clicks."""

from __future__ import annotations

from typing import Any

from flask import Flask

from lti_tool.core.db import db, unit_of_work
from lti_tool.organizations.models import Organization
from lti_tool.platforms.models import ACTIVE, Deployment, Registration
from tests.lms import School


def add_organization(app: Flask, name: str, **changes: Any) -> int:
    """An organization's id."""
    values: dict[str, Any] = {"type": "school", "department": "Education", "time_zone": "UTC"} | changes
    with app.app_context(), unit_of_work():
        organization = Organization(name=name, **values)
        db.session.add(organization)
        db.session.flush()
        return organization.id


def add_registration(app: Flask, school: School, name: str, *, deployment: str = ACTIVE, **changes: Any) -> int:
    """Register a sandbox school by hand on both sides; the registration's id."""
    told = school.register_manually(app.extensions["settings"].base_url)
    organization_id = changes.pop("organization_id", None) or add_organization(app, name)
    columns = ("issuer", "client_id", "auth_url", "token_url", "jwks_url")
    with app.app_context(), unit_of_work():
        values: dict[str, Any] = {column: told[column] for column in columns} | {"state": ACTIVE} | changes
        registration = Registration(organization_id=organization_id, **values)
        registration.deployments = [Deployment(deployment_id=told["deployment_id"], state=deployment)]
        db.session.add(registration)
        db.session.flush()
        return registration.id
