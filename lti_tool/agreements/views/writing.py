"""Writing a draft, section by section: about, parties, what each brings in, who answers for what; then proposing it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.agreements import operations
from lti_tool.agreements.forms import AboutForm, ContributionForm, DutiesForm, KindForm
from lti_tool.agreements.models import Agreement
from lti_tool.agreements.queries import organizations_named
from lti_tool.agreements.terms import DUTIES, DUTIES_OF, USUAL_DUTIES, Contribution, Terms
from lti_tool.agreements.views.base import (
    actor,
    agreement_for,
    back,
    blueprint,
    own_organization,
    page,
    show_faults,
)
from lti_tool.agreements.wording import starting_text
from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.paging import paged
from lti_tool.core.versions import Outdated
from lti_tool.organizations.models import Organization
from lti_tool.organizations.queries import found_by


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Any:
    """Choose what it is about; a draft begins with texts of that kind."""
    organization = own_organization("agreement.draft")
    form = KindForm()
    if not form.validate_on_submit():
        return page("new", status=422 if form.errors else 200, form=form)
    kind = form.kind.data
    title, purpose = starting_text(kind)
    own = Contribution(contact=organization.contacts[:200])
    usual = dict.fromkeys(USUAL_DUTIES.get(kind, ()), organization.id)
    terms = Terms(title=title, kind=kind, purpose=purpose, duties=usual, contributions={organization.id: own})
    agreement = operations.draft(actor=actor(), terms=terms)
    flash(_("A draft is ready. Only your organization sees it until you propose it."), "success")
    if usual:
        flash(_("The usual duties are laid on your organization. See whether the partner has some of them."), "info")
    return redirect(url_for(".about", agreement_id=agreement.id), 303)


@blueprint.route("/<int:agreement_id>/about", methods=["GET", "POST"])
def about(agreement_id: int) -> Any:
    """Title, purpose, days, and what the network form needs."""
    agreement, terms = _draft(agreement_id)
    form = AboutForm(obj=terms, data={"version": agreement.version})
    status = _save(agreement, form, lambda: form.applied(terms))
    return status if not isinstance(status, int) else page("about", status=status, form=form, agreement=agreement)


@blueprint.get("/<int:agreement_id>/parties")
def parties(agreement_id: int) -> Any:
    """Who takes part, and organizations to add, found by a part of their name or city."""
    agreement, terms = _draft(agreement_id)
    search = request.args.get("search", "")[:100]
    others = select(Organization).where(Organization.archived_at.is_(None), Organization.id.not_in(terms.parties))
    others = others.where(found_by(search)).order_by(Organization.name, Organization.id)
    found = paged(
        others,
        request.args.get("page", 1, type=int),
        lambda number: url_for(".parties", agreement_id=agreement_id, search=search or None, page=number),
        size=10,
    )
    taking_part = organizations_named(terms.parties)
    fixed = agreement.proposed_at is not None
    return page("parties", agreement=agreement, parties=taking_part, page=found, search=search, fixed=fixed)


@blueprint.post("/<int:agreement_id>/parties")
def change_parties(agreement_id: int) -> Any:
    """Add one organization, or take one out with what it was to bring in."""
    agreement, terms = _draft(agreement_id)
    added, removed = request.form.get("add", 0, type=as_key), request.form.get("remove", 0, type=as_key)
    brought = dict(terms.contributions)
    if added and added not in brought:
        organization = get_or_none(Organization, added)
        if organization is None or organization.archived_at is not None:
            raise NotFound
        brought[added] = Contribution(contact=organization.contacts[:200])
    if removed and removed != agreement.author_id:
        brought.pop(removed, None)
    duties = {duty: party for duty, party in terms.duties.items() if party in brought}
    changed = replace(terms, contributions=brought, duties=duties)
    seen = request.form.get("version", 0, type=int)
    operations.edit(actor=actor(), agreement=agreement, terms=changed, seen=seen)
    return redirect(url_for(".parties", agreement_id=agreement.id), 303)


@blueprint.route("/<int:agreement_id>/contributions/<int:organization_id>", methods=["GET", "POST"])
def contribution(agreement_id: int, organization_id: int) -> Any:
    """What one party brings in."""
    agreement, terms = _draft(agreement_id)
    party = organizations_named([organization_id]).get(organization_id)
    if party is None or organization_id not in terms.contributions:
        raise NotFound
    form = ContributionForm.of(terms.contributions[organization_id], agreement.version)
    status = _save(agreement, form, lambda: form.applied(terms, organization_id))
    if not isinstance(status, int):
        return status
    return page("contribution", status=status, form=form, agreement=agreement, party=party)


@blueprint.route("/<int:agreement_id>/duties", methods=["GET", "POST"])
def duties(agreement_id: int) -> Any:
    """Who answers for what."""
    agreement, terms = _draft(agreement_id)
    chosen = {duty: str(terms.duties.get(duty, "")) for duty in DUTIES}
    form = DutiesForm(data={**chosen, "version": agreement.version})
    form.offer(list(organizations_named(terms.parties).values()))
    status = _save(agreement, form, lambda: form.applied(terms))
    if not isinstance(status, int):
        return status
    needed = DUTIES_OF.get(terms.kind, DUTIES)
    return page("duties", status=status, form=form, agreement=agreement, duties=DUTIES, needed=needed)


@blueprint.post("/<int:agreement_id>/propose")
def propose(agreement_id: int) -> Any:
    """Lay the draft before all parties."""
    agreement = agreement_for("agreement.edit", agreement_id)
    try:
        operations.propose(actor=actor(), agreement=agreement, seen=request.form.get("version", 0, type=int))
    except Invalid as fault:
        flash(next(iter(fault.errors.values())), "danger")
    else:
        flash(_("Proposed. The coordinators of all parties see it now and can sign."), "success")
    return back(agreement)


@blueprint.post("/<int:agreement_id>/discard")
def discard(agreement_id: int) -> Any:
    """Throw the draft away."""
    agreement = agreement_for("agreement.edit", agreement_id)
    gone = operations.discard(actor=actor(), agreement=agreement)
    flash(_("The draft has been thrown away."), "success")
    return redirect(url_for(".index"), 303) if gone else back(agreement)


@blueprint.post("/<int:agreement_id>/rewrite")
def rewrite(agreement_id: int) -> Any:
    """Begin a counter-proposal or an amendment."""
    agreement = agreement_for("agreement.rewrite", agreement_id)
    operations.rewrite(actor=actor(), agreement=agreement, seen=request.form.get("version", 0, type=int))
    flash(
        _("A new draft has begun with the text as it was. Only your organization sees it until you propose it."),
        "success",
    )
    return back(agreement)


def _draft(agreement_id: int) -> tuple[Agreement, Terms]:
    agreement = agreement_for("agreement.edit", agreement_id)
    return agreement, agreement.revisions[-1].terms


def _save(agreement: Agreement, form: Any, applied: Any) -> Any:
    """Save a section and go back to the agreement, or the status of the form's page."""
    if not form.validate_on_submit():
        return 422 if form.errors else 200
    try:
        operations.edit(actor=actor(), agreement=agreement, terms=applied(), seen=form.seen)
    except Outdated as fault:
        form.form_errors = [str(fault.message)]
        form.now_from(agreement.version)
        return 409
    except Invalid as fault:
        show_faults(form, fault)
        return 422
    flash(_("Saved."), "success")
    return back(agreement)
