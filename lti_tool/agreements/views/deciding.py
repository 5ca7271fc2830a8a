"""Deciding about an agreement: sign, decline, end before the time."""

from __future__ import annotations

from typing import Any

from flask import flash
from flask_babel import gettext as _

from lti_tool.agreements import operations
from lti_tool.agreements.forms import MAX_SCAN_BYTES, DeclineForm, EndForm, SignForm
from lti_tool.agreements.models import PROPOSED, Agreement
from lti_tool.agreements.queries import today
from lti_tool.agreements.terms import Contribution
from lti_tool.agreements.views.base import (
    actor,
    agreement_for,
    back,
    blueprint,
    names_of,
    page,
    readable,
    show_faults,
)
from lti_tool.agreements.wording import missing_in_words
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.storage import StoredFile, current_storage, keep_upload


@blueprint.route("/<int:agreement_id>/sign/<int:number>", methods=["GET", "POST"])
def sign(agreement_id: int, number: int) -> Any:
    """Say who has signed, when, and where the paper is."""
    agreement = agreement_for("agreement.answer", agreement_id)
    revision = readable(agreement)[0]
    if revision.number != number or revision.state != PROPOSED:
        raise Conflict(
            _("Another text is proposed now, or this one has been answered."), _("Open the agreement again.")
        )
    brought = revision.terms.contributions.get(actor().organization_id or 0, Contribution())
    form = SignForm(data={"signatory": brought.signatory, "signed_on": today()})
    if form.validate_on_submit() and _signed(agreement, number, form):
        in_force = agreement.state != PROPOSED and agreement.revisions[-1].state == "signed"
        flash(_("Signed by all: it holds now.") if in_force else _("Signed. The other parties see it."), "success")
        return back(agreement)
    missing = missing_in_words(revision.terms.missing(), names_of(agreement))
    status = 422 if form.errors or form.form_errors else 200
    return page("sign", status=status, form=form, agreement=agreement, revision=revision, missing=missing)


def _signed(agreement: Agreement, number: int, form: SignForm) -> bool:
    """Sign with what was typed; False with faults in the form. A scan that is not taken is not kept."""
    if form.scan.data and form.fault_of_scan():
        return False
    scan, taken = None, False
    try:
        scan = _kept(form)
        taken = operations.sign(
            actor=actor(), agreement=agreement, number=number, signing=form.value(scan), today=today()
        )
    except Invalid as fault:
        show_faults(form, fault)
        return False
    finally:
        if scan is not None and not taken:
            current_storage().delete(scan.key)
    return True


def _kept(form: SignForm) -> StoredFile | None:
    upload = form.scan.data
    if not upload:
        return None
    return keep_upload(upload.stream, upload.filename or "", limit=MAX_SCAN_BYTES, field="scan")


@blueprint.route("/<int:agreement_id>/decline", methods=["GET", "POST"])
def decline(agreement_id: int) -> Any:
    """Say no, with a reason."""
    agreement = agreement_for("agreement.answer", agreement_id)
    form = DeclineForm()
    if form.validate_on_submit():
        operations.decline(actor=actor(), agreement=agreement, reason=form.reason.data)
        flash(_("Declined. The other parties read your reason and may propose another text; so may you."), "success")
        return back(agreement)
    return page("decline", status=422 if form.errors else 200, form=form, agreement=agreement)


@blueprint.route("/<int:agreement_id>/end", methods=["GET", "POST"])
def end(agreement_id: int) -> Any:
    """End it before its time."""
    agreement = agreement_for("agreement.end", agreement_id)
    form = EndForm(data={"last_day": today()})
    if form.validate_on_submit():
        try:
            operations.end_early(
                actor=actor(),
                agreement=agreement,
                last_day=form.last_day.data,
                reason=form.reason.data,
                today=today(),
            )
        except Invalid as fault:
            show_faults(form, fault)
        else:
            flash(_("Its last day has been set. The other parties see it."), "success")
            return back(agreement)
    return page("end", status=422 if form.errors else 200, form=form, agreement=agreement)
