"""Verbs: tell how a resource did, ask its authors, answer, request what is missing, offer and thank."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select

from lti_tool.core import audit
from lti_tool.core.db import db, insert_if_absent, utcnow
from lti_tool.core.errors import Conflict
from lti_tool.exchange.community.models import CLOSED, OPEN, Need, NeedAnswer, Question, UsageReport
from lti_tool.exchange.community.queries import own_report
from lti_tool.exchange.models import Resource
from lti_tool.exchange.search.operations import note_numbers
from lti_tool.people.actor import Actor


def report(
    *, actor: Actor, resource: Resource, number: int, rating: int, setting: str, worked: str, changed: str
) -> None:
    """Tell how a resource did in class, and rate it by that; the same person's later one replaces it."""
    assert actor.organization_id is not None
    assert 1 <= rating <= 5
    row = own_report(resource.id, actor.person_id)
    if row is None:
        row = UsageReport(resource_id=resource.id, person_id=actor.person_id, organization_id=actor.organization_id)
        db.session.add(row)
    row.number, row.rating, row.setting, row.worked, row.changed = number, rating, setting, worked, changed
    row.changed_at = utcnow()
    db.session.flush()
    _count_ratings(resource)
    audit.record(actor, "resource.report", "resource", resource.id, concerns=resource.organization_id, rating=rating)


def take_back(*, actor: Actor, resource: Resource) -> None:
    """The own report goes, with its rating."""
    row = own_report(resource.id, actor.person_id)
    if row is not None:
        db.session.delete(row)
        db.session.flush()
        _count_ratings(resource)
        audit.record(actor, "resource.unreport", "resource", resource.id, concerns=resource.organization_id)


def _count_ratings(resource: Resource) -> None:
    """Counted anew from the reports, so that two at once cannot make it wrong."""
    db.session.refresh(resource, with_for_update=True)
    totals = select(func.count(), func.coalesce(func.sum(UsageReport.rating), 0))
    statement = totals.where(UsageReport.resource_id == resource.id)
    resource.rating_count, resource.rating_total = db.session.execute(statement).one()
    db.session.flush()
    note_numbers(resource)


def ask(*, actor: Actor, resource: Resource, text: str) -> None:
    """A question to the authors, which everybody reads to whom the resource is open."""
    assert actor.organization_id is not None
    row = Question(resource_id=resource.id, person_id=actor.person_id, organization_id=actor.organization_id, text=text)
    db.session.add(row)
    audit.record(actor, "resource.ask", "resource", resource.id, concerns=resource.organization_id)


def answer(*, actor: Actor, question: Question, text: str) -> None:
    """The authors' answer; a later one replaces it."""
    question.answer, question.answered_at = text, utcnow()
    audit.record(actor, "resource.answer", "resource", question.resource_id, concerns=question.organization_id)


def request(*, actor: Actor, title: str, text: str, subjects: Sequence[str]) -> Need:
    """Say what is missing; every organization sees it."""
    assert actor.organization_id is not None
    need = Need(
        person_id=actor.person_id,
        organization_id=actor.organization_id,
        title=title,
        text=text,
        subjects=list(subjects),
    )
    db.session.add(need)
    db.session.flush()
    audit.record(actor, "need.ask", "need", need.id)
    return need


def offer(*, actor: Actor, need: Need, resource: Resource) -> None:
    """Point to a resource that may be what is asked for. Raises Conflict when the request is closed."""
    if need.state != OPEN:
        raise Conflict(_("This request is closed."))
    values = {
        "need_id": need.id,
        "resource_id": resource.id,
        "organization_id": resource.organization_id,
        "person_id": actor.person_id,
        "created_at": utcnow(),
    }
    if insert_if_absent(NeedAnswer, values):
        audit.record(actor, "need.offer", "need", need.id, concerns=need.organization_id, resource=resource.id)


def thank(*, actor: Actor, need: Need, offered: NeedAnswer) -> None:
    """It helped: whose resource it is gets the credit."""
    if offered.thanked_at is None:
        offered.thanked_at = utcnow()
        audit.record(actor, "need.thank", "need", need.id, concerns=offered.organization_id)


def close(*, actor: Actor, need: Need) -> None:
    """Nothing more is looked for."""
    if need.state == OPEN:
        need.state = CLOSED
        audit.record(actor, "need.close", "need", need.id, concerns=need.organization_id)
