"""Verbs about organizations."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core import audit
from lti_tool.core.db import db
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.i18n import is_time_zone
from lti_tool.core.settings import LOCALES
from lti_tool.organizations.models import TYPES, Organization

LONGEST = {"name": 200, "department": 200, "city": 100, "contacts": 500}


@dataclass(frozen=True)
class OrganizationFacts:
    """What is told about an organization."""

    name: str
    type: str
    department: str
    city: str = ""
    contacts: str = ""
    locale: str = "ru"
    time_zone: str = "Europe/Moscow"


def add_organization(*, actor: audit.Acting | None, facts: OrganizationFacts) -> Organization:
    """Add an organization; the one that is there already when name, type, department and city agree.

    Raises Invalid.
    """
    facts = _checked(facts)
    known = db.session.scalar(
        select(Organization)
        .where(
            Organization.name == facts.name,
            Organization.type == facts.type,
            Organization.department == facts.department,
            Organization.city == facts.city,
            Organization.archived_at.is_(None),
        )
        .limit(1)
    )
    if known is not None:
        return known
    added = Organization(**asdict(facts))
    db.session.add(added)
    db.session.flush()
    audit.record(actor, "organization.add", "organization", added.id, concerns=added.id, type=added.type)
    return added


def change_organization(*, actor: audit.Acting | None, organization: Organization, facts: OrganizationFacts) -> None:
    """Correct what is told about an organization. Raises Invalid."""
    values = asdict(_checked(facts))
    changed = sorted(name for name, value in values.items() if getattr(organization, name) != value)
    for name in changed:
        setattr(organization, name, values[name])
    if changed:
        audit.record(
            actor, "organization.change", "organization", organization.id, concerns=organization.id, fields=changed
        )


def refuse_archived(organization: Organization) -> None:
    """Nobody new comes in from an archived organization. Raises Conflict."""
    if organization.archived_at is not None:
        raise Conflict(
            _("%(name)s is archived: nobody comes in from there.", name=organization.name),
            _("Restore the organization first."),
        )


def _checked(facts: OrganizationFacts) -> OrganizationFacts:
    values = {name: " ".join(str(value).split()) for name, value in asdict(facts).items()}
    errors = {
        name: _("Make it shorter: at most %(limit)d characters.", limit=limit)
        for name, limit in LONGEST.items()
        if len(values[name]) > limit
    }
    errors |= {name: _("This is needed.") for name in ("name", "department") if not values[name]}
    if values["type"] not in TYPES:
        errors["type"] = _("Choose one of: %(choices)s.", choices=", ".join(TYPES))
    if values["locale"] not in LOCALES:
        errors["locale"] = _("Choose one of: %(choices)s.", choices=", ".join(LOCALES))
    if not is_time_zone(values["time_zone"]):
        errors["time_zone"] = _("Write a time zone such as Europe/Moscow.")
    if errors:
        raise Invalid(errors)
    return OrganizationFacts(**values)
