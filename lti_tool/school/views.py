"""The coordinator's pages about the own organization."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for

from lti_tool.agreements.queries import awaiting_signature, ending_soon
from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import SignInNeeded
from lti_tool.core.paging import Page, paged
from lti_tool.core.policy import require
from lti_tool.organizations.models import Organization
from lti_tool.people.names import display_name
from lti_tool.people.queries import offices
from lti_tool.people.support.queries import lately
from lti_tool.people.support.wording import DURATIONS_IN_WORDS, STATES
from lti_tool.school import queries

blueprint = Blueprint("school", __name__, url_prefix="/school")


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.get("")
def home() -> str:
    """What waits for the coordinator, and the organization in numbers."""
    organization = _own()
    return render_template(
        "school/home.html",
        organization=organization,
        to_sign=awaiting_signature(organization.id),
        ending=ending_soon(organization.id),
        asking=[each for each in offices(organization.id) if each.coordinator.state == "asked"],
        seats=queries.seats_of(organization.id),
        courses=queries.count_courses(organization.id),
        health=queries.health_of(organization.id),
        support=lately(organization.id),
        with_organization=False,
        states=STATES,
        durations=DURATIONS_IN_WORDS,
        now=utcnow(),
    )


@blueprint.get("/partners")
def partners() -> str:
    """What we give and receive under each agreement in force, side by side."""
    organization = _own()
    page = _paged(queries.agreements_in_force(organization.id), ".partners")
    return render_template(
        "school/partners.html",
        organization=organization,
        page=page,
        exchanges=queries.exchanges(page.items, organization.id),
        guests=queries.guests_by_partner(organization.id),
    )


@blueprint.get("/courses")
def courses() -> str:
    """Shared courses we host or take part in."""
    organization = _own()
    page = _paged(queries.courses_of(organization.id), ".courses")
    classes = queries.classes_of([each.id for each in page.items], organization.id)
    return render_template("school/courses.html", organization=organization, page=page, classes=classes)


@blueprint.get("/teachers")
def teachers() -> str:
    """Our teachers and the LMS courses they teach in."""
    organization = _own()
    search = request.args.get("search", "")[:100]
    page = _paged(queries.teachers_of(organization.id, search), ".teachers", search=search or None)
    return render_template(
        "school/teachers.html",
        organization=organization,
        page=page,
        search=search,
        teaching=queries.teaching_of([each.id for each in page.items]),
        name=lambda identity: display_name(g.actor, identity, teacher=True),
    )


@blueprint.get("/health")
def health() -> str:
    """Rosters and grades of our LMS courses."""
    organization = _own()
    troubled = request.args.get("show") == "troubled"
    page = _paged(
        queries.contexts_of(organization.id, troubled=troubled), ".health", show="troubled" if troubled else None
    )
    return render_template(
        "school/health.html",
        organization=organization,
        page=page,
        troubled=troubled,
        health=queries.context_health([each.id for each in page.items]),
    )


def _own() -> Organization:
    found = get_or_none(Organization, g.actor.sees_organization_id or 0)
    require(g.actor, "school.see", found)
    assert found is not None
    return found


def _paged(statement: Any, endpoint: str, **arguments: Any) -> Page[Any]:
    number = request.args.get("page", 1, type=int)
    return paged(statement, number, lambda wanted: url_for(endpoint, page=wanted, **arguments))
