"""The first page: of the LMS course a person came from, or, for strangers, what this is and how a school joins."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from lti_tool.contexts.models import Context
from lti_tool.contexts.queries import Entered, entered_context, roster_state
from lti_tool.core.db import as_key, db
from lti_tool.core.policy import require
from lti_tool.courses.endings.queries import endings_for
from lti_tool.courses.queries.courses import context_home
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.models import CONFIRMED, Coordinator
from lti_tool.people.names import office_name
from lti_tool.people.queries import office_of, offices

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> Any:
    """The home of the newest launch, or of the LMS course named in `context`."""
    actor: Actor | None = g.actor
    if actor is None:
        return render_template("launch/welcome.html")
    if actor.is_operator:
        return redirect(url_for("operator.home"))
    if actor.guest_id is not None:
        return _guest_home(actor)
    context = _context(actor)
    if context is None:
        return render_template("launch/nowhere.html", office=_office(actor))
    teaches = actor.is_teacher(context.id)
    return render_template(
        "launch/home.html",
        context=context,
        home=context_home(actor, context.id),
        others=_others(actor, context),
        roster=roster_state(context) if teaches else None,
        teaches=teaches,
        endings=endings_for(actor) if teaches else [],
        office=_office(actor),
    )


def _guest_home(actor: Actor) -> str:
    """What somebody invited by name takes part in: so far their organization, and who answers for it."""
    organization = db.session.get_one(Organization, actor.organization_id)
    contacts = [each for each in offices(organization.id) if each.coordinator.state == CONFIRMED]
    return render_template(
        "launch/guest.html",
        organization=organization,
        contacts=[office_name(actor, each) for each in contacts if each.coordinator.person_id != actor.person_id],
    )


def _office(actor: Actor) -> Coordinator | None:
    """How far an LMS administrator's wish to coordinate the organization has come."""
    if actor.administers is None or actor.organization_id is None:
        return None
    return office_of(actor.organization_id, actor.person_id)


def _context(actor: Actor) -> Entered | None:
    asked = request.args.get("context", type=as_key)
    if asked is not None:
        context = entered_context(asked)
        require(actor, "context.see", context)
        return context
    return entered_context(actor.context_id) if actor.context_id is not None else None


def _others(actor: Actor, context: Entered) -> list[Context]:
    """Other LMS courses entered in this session."""
    wanted = [context_id for context_id in actor.roles if context_id != context.id]
    if not wanted:
        return []
    statement = db.select(Context).where(Context.id.in_(wanted), Context.registration_id == actor.registration_id)
    return list(db.session.scalars(statement.order_by(Context.title, Context.id)).unique())
