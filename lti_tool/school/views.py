"""The coordinator's pages about the own organization."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.agreements.queries import to_attend
from lti_tool.core.db import db, get_or_none, is_key, utcnow
from lti_tool.core.errors import Invalid, NotFound, SignInNeeded
from lti_tool.core.paging import Page, paged
from lti_tool.core.policy import require
from lti_tool.courses.models import SharedCourse
from lti_tool.courses.progress.queries import MINIMUM, by_school, others_together, small_together
from lti_tool.courses.progress.standings import counted_ids
from lti_tool.courses.seats.operations.requests import school_rule, set_school_rule
from lti_tool.courses.seats.queries.places import count_seats, seats_by_course
from lti_tool.courses.seats.queries.requests import count_waiting, waiting_for_home, waiting_for_host
from lti_tool.courses.seats.views.requests import MOST_AT_ONCE
from lti_tool.courses.seats.wording import approval_names
from lti_tool.organizations.models import Organization
from lti_tool.people.names import display_name
from lti_tool.people.queries import count_asking
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
    to_sign, ending = to_attend(organization.id)
    return render_template(
        "school/home.html",
        organization=organization,
        to_sign=to_sign,
        ending=ending,
        requests=sum(count_waiting(organization.id)),
        asking=count_asking(organization.id),
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
    search = request.args.get("search", "")[:100]
    page = _paged(queries.courses_of(organization.id, search), ".courses", search=search or None)
    classes = queries.classes_of([each.id for each in page.items], organization.id)
    return render_template("school/courses.html", organization=organization, page=page, search=search, classes=classes)


@blueprint.get("/courses/<int:course_id>")
def course(course_id: int) -> str:
    """One of them in numbers; of other schools only what tells nothing of a single pupil."""
    organization = _own()
    wanted = queries.courses_of(organization.id).where(SharedCourse.id == course_id)
    found = db.session.scalar(wanted) if is_key(course_id) else None
    if found is None:
        raise NotFound
    ids = counted_ids(course_id)
    schools = small_together(by_school(course_id, ids), organization.id)
    if found.organization_id != organization.id:
        schools = others_together(schools, organization.id)
    return render_template(
        "school/course.html",
        organization=organization,
        course=found,
        schools=schools,
        activities=len(ids),
        minimum=MINIMUM,
    )


@blueprint.route("/seats", methods=["GET", "POST"])
def seats() -> Any:
    """Requests that wait for the coordinator, seats in numbers, and what our teachers may do alone."""
    organization = _own()
    if request.method == "POST":
        approval = request.form.get("approval", "")
        try:
            set_school_rule(actor=g.actor, organization_id=organization.id, approval=approval)
        except Invalid as fault:
            flash(next(iter(fault.errors.values())), "danger")
        else:
            flash(_("Saved."), "success")
        return redirect(url_for(".seats"), 303)
    page = _paged(seats_by_course(organization.id), ".seats")
    waiting = [
        paged(each, 1, lambda _number: url_for(".seats"), size=MOST_AT_ONCE)
        for each in (waiting_for_home(organization.id), waiting_for_host(organization.id))
    ]
    return render_template(
        "school/seats.html",
        organization=organization,
        home=waiting[0],
        host=waiting[1],
        page=page,
        counts=count_seats(page.items, organization.id),
        approval=school_rule(organization.id),
        approvals=approval_names(),
    )


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
    search = request.args.get("search", "")[:100]
    page = _paged(
        queries.contexts_of(organization.id, troubled=troubled, search=search),
        ".health",
        show="troubled" if troubled else None,
        search=search or None,
    )
    return render_template(
        "school/health.html",
        organization=organization,
        page=page,
        troubled=troubled,
        search=search,
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
