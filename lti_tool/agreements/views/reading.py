"""Agreements as their parties read them: the list, one agreement, its earlier texts, the printable document."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import force_locale

from lti_tool.agreements import wording
from lti_tool.agreements.models import DRAFT, PROPOSED, SIGNED, STATES, Agreement, Revision, Signature
from lti_tool.agreements.paper import pdf_of, printer
from lti_tool.agreements.queries import (
    ENDS_SOON,
    agreements_of,
    awaiting_signature,
    counts_of,
    history,
    today,
)
from lti_tool.agreements.terms import DUTIES, DUTIES_OF, changes
from lti_tool.agreements.views.base import actor, agreement_for, blueprint, names_of, own_organization, page, readable
from lti_tool.core.db import get_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.i18n import LOCALE_NAMES, current_locale
from lti_tool.core.limits import limit
from lti_tool.core.paging import paged
from lti_tool.core.policy import allows, require
from lti_tool.core.web import attachment, made_attachment


@blueprint.get("")
def index() -> Any:
    """The organization's agreements, by state and by words of the title or a party's name."""
    organization = own_organization("agreement.list")
    search, state = request.args.get("search", "")[:100], request.args.get("state", "")
    state = state if state in STATES else ""
    listed = paged(
        agreements_of(organization.id, state=state, search=search),
        request.args.get("page", 1, type=int),
        lambda number: url_for(".index", search=search or None, state=state or None, page=number),
    )
    return page(
        "index",
        page=listed,
        search=search,
        state=state,
        counts=counts_of(organization.id),
        waiting={each.id for each in awaiting_signature(organization.id)},
        organization=organization,
        soon=today() + ENDS_SOON,
    )


@blueprint.get("/<int:agreement_id>")
def show(agreement_id: int) -> Any:
    """What it says now, who has signed, what may be done, what happened."""
    agreement = agreement_for("agreement.see", agreement_id)
    revisions = readable(agreement)
    shown = revisions[0]
    in_force = next((each for each in revisions if each.state == SIGNED and each is not shown), None)
    names = names_of(agreement)
    return page(
        "show",
        agreement=agreement,
        revision=shown,
        terms=shown.terms,
        duties=DUTIES_OF.get(shown.terms.kind, DUTIES),
        names=names,
        missing=wording.missing_in_words(shown.terms.missing(), names),
        revisions=revisions,
        lines=[line for line in history(agreement) if _may_show(line.event, revisions)],
        differences=changes(in_force.terms, shown.terms) if in_force else [],
        signed={each.organization_id for each in shown.signatures},
        **_may(agreement, shown, revisions),
    )


def _may(agreement: Agreement, shown: Revision, revisions: list[Revision]) -> dict[str, bool]:
    own = actor().organization_id
    answers = allows(actor(), "agreement.answer", agreement)
    open_text = answers and shown.state == PROPOSED
    over = agreement.state in ("expired", "terminated")
    hidden = agreement.revisions[-1] is not revisions[0]
    signed = {each.organization_id for each in shown.signatures}
    return {
        "may_edit": allows(actor(), "agreement.edit", agreement),
        "may_sign": open_text and not over and not shown.terms.missing() and own not in signed,
        "may_decline": open_text and shown.author_id != own,
        "may_rewrite": answers and not hidden and shown.state != DRAFT and not over,
        "may_end": answers and agreement.state in ("signed", "active"),
        "written_elsewhere": hidden,
    }


def _may_show(event: Any, revisions: list[Revision]) -> bool:
    """A draft's steps are its author's until it is proposed."""
    number = event.facts.get("revision")
    return (
        event.verb not in ("agreement.edit", "agreement.draft", "agreement.rewrite", "agreement.discard")
        or event.organization_id == actor().sees_organization_id
        or (event.verb == "agreement.rewrite" and number in {each.number for each in revisions})
    )


@blueprint.get("/<int:agreement_id>/texts/<int:number>")
def text(agreement_id: int, number: int) -> Any:
    """An earlier text, and what it changed."""
    agreement = agreement_for("agreement.see", agreement_id)
    revision = _revision(agreement, number)
    earlier = next((each for each in readable(agreement) if each.number < number), None)
    return page(
        "text",
        agreement=agreement,
        revision=revision,
        terms=revision.terms,
        duties=DUTIES_OF.get(revision.terms.kind, DUTIES),
        names=names_of(agreement),
        earlier=earlier,
        differences=changes(earlier.terms, revision.terms) if earlier else [],
    )


@blueprint.get("/<int:agreement_id>/texts/<int:number>/document")
def document(agreement_id: int, number: int) -> Any:
    """The text as a document to print and sign, in the language asked for."""
    agreement = agreement_for("agreement.see", agreement_id)
    values = _printed(agreement, _revision(agreement, number))
    with force_locale(values["language"]):
        return page("document", heading=wording.heading(values["terms"].network_form), pdf=printer(), **values)


@blueprint.get("/<int:agreement_id>/texts/<int:number>/document.pdf")
@limit("60 per minute")
def paper(agreement_id: int, number: int) -> Any:
    """The same as a PDF, where the installation can make one."""
    agreement = agreement_for("agreement.see", agreement_id)
    values = _printed(agreement, _revision(agreement, number))
    if printer() is None:
        raise NotFound
    with force_locale(values["language"]):
        heading = wording.heading(values["terms"].network_form)
        text = render_template("agreements/paper.html", heading=heading, **values)
    return made_attachment(pdf_of(text), f"agreement-{agreement_id}-{number}-{values['language']}.pdf")


def _printed(agreement: Agreement, revision: Revision) -> dict[str, Any]:
    language = request.args.get("language", "")
    return {
        "agreement": agreement,
        "revision": revision,
        "terms": revision.terms,
        "duties": DUTIES_OF.get(revision.terms.kind, DUTIES),
        "parties": agreement.parties,
        "names": names_of(agreement),
        "language": language if language in LOCALE_NAMES else current_locale(),
    }


@blueprint.get("/scans/<int:signature_id>")
def scan(signature_id: int) -> Any:
    """The scan of a signed paper, as a download."""
    found = get_or_none(Signature, signature_id)
    require(actor(), "agreement.see_revision", found and found.revision)
    if found is None or not found.scan_key:
        raise NotFound
    return attachment(found.scan_key, found.scan_name, found.scan_size)


def _revision(agreement: Agreement, number: int) -> Revision:
    for each in readable(agreement):
        if each.number == number:
            return each
    raise NotFound
