"""Screens of reports, questions and requests; part of the exchange's blueprint."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.paging import paged
from lti_tool.core.policy import allows, require
from lti_tool.exchange.access import resource_access
from lti_tool.exchange.community import operations, queries
from lti_tool.exchange.community.forms import AnswerForm, NeedForm, OfferForm, QuestionForm, ReportForm
from lti_tool.exchange.community.models import Need, NeedAnswer, Question
from lti_tool.exchange.views.base import actor, blueprint, own_organization, page, resource_for, viewer
from lti_tool.exchange.vocabularies import SUBJECTS


@blueprint.route("/<int:resource_id>/report", methods=["GET", "POST"])
def report(resource_id: int) -> Any:
    """Tell how it did in class."""
    access = resource_for("resource.report", resource_id)
    own = queries.own_report(resource_id, actor().person_id)
    told = (
        {name: getattr(own, name) for name in ("setting", "worked", "changed")} | {"rating": str(own.rating)}
        if own
        else {}
    )
    form = ReportForm(data=told)
    if form.validate_on_submit():
        operations.report(
            actor=actor(),
            resource=access.resource,
            number=access.resource.number,
            rating=int(form.rating.data),
            setting=form.setting.data,
            worked=form.worked.data,
            changed=form.changed.data or "",
        )
        flash(_("Thank you: your report helps others to choose."), "success")
        return redirect(url_for(".show", resource_id=resource_id, _anchor="reports"), 303)
    return page("report", status=422 if form.errors else 200, form=form, resource=access.resource, own=own)


@blueprint.post("/<int:resource_id>/report/remove")
def remove_report(resource_id: int) -> Any:
    """Take the own report back."""
    access = resource_for("resource.see", resource_id)
    operations.take_back(actor=actor(), resource=access.resource)
    flash(_("Your report is gone."), "success")
    return redirect(url_for(".show", resource_id=resource_id), 303)


@blueprint.route("/<int:resource_id>/ask", methods=["GET", "POST"])
def ask(resource_id: int) -> Any:
    """Ask the authors."""
    access = resource_for("resource.ask", resource_id)
    form = QuestionForm()
    if form.validate_on_submit():
        operations.ask(actor=actor(), resource=access.resource, text=form.text.data)
        flash(_("Asked. The authors see it when they open the exchange."), "success")
        return redirect(url_for(".show", resource_id=resource_id, _anchor="questions"), 303)
    return page("ask", status=422 if form.errors else 200, form=form, resource=access.resource, question=None)


@blueprint.route("/questions/<int:question_id>", methods=["GET", "POST"])
def answer(question_id: int) -> Any:
    """Answer a question."""
    question = get_or_none(Question, question_id)
    if question is None:
        raise NotFound
    access = resource_for("resource.edit", question.resource_id)
    form = AnswerForm(data={"text": question.answer})
    if form.validate_on_submit():
        operations.answer(actor=actor(), question=question, text=form.text.data)
        flash(_("Answered."), "success")
        return redirect(url_for(".show", resource_id=access.resource.id, _anchor="questions"), 303)
    return page("ask", status=422 if form.errors else 200, form=form, resource=access.resource, question=question)


@blueprint.get("/needs")
def needs() -> Any:
    """Requests of all organizations."""
    own_organization("exchange.search")
    subject = request.args.get("subject", "")
    subject = subject if subject in SUBJECTS else ""
    found = paged(
        queries.needs(subject=subject),
        request.args.get("page", 1, type=int),
        lambda number: url_for(".needs", page=number, subject=subject or None),
    )
    counts = queries.counts_of_answers([each.id for each in found.items])
    return page("needs", page=found, counts=counts, subject=subject)


@blueprint.route("/needs/new", methods=["GET", "POST"])
def new_need() -> Any:
    """Say what is missing."""
    own_organization("exchange.search")
    form = NeedForm(data={"title": request.args.get("title", "")[:200]})
    if form.validate_on_submit():
        subjects = [form.subject.data] if form.subject.data else []
        made = operations.request(actor=actor(), title=form.title.data, text=form.text.data or "", subjects=subjects)
        flash(_("Asked. Every organization of the network sees it."), "success")
        return redirect(url_for(".need", need_id=made.id), 303)
    return page("need_form", status=422 if form.errors else 200, form=form)


def _need(need_id: int, verb: str = "need.see") -> Need:
    found = get_or_none(Need, need_id)
    require(actor(), verb, found, see="need.see")
    assert found is not None
    return found


@blueprint.get("/needs/<int:need_id>")
def need(need_id: int) -> Any:
    """A request and what was offered for it."""
    return _need_page(_need(need_id), OfferForm())


def _need_page(found: Need, form: OfferForm, status: int = 200) -> Any:
    return page(
        "need",
        status=status,
        need=found,
        answers=queries.answers_to(found, viewer()),
        names=queries.names_of(actor(), [found]),
        may_change=allows(actor(), "need.change", found),
        form=form,
    )


@blueprint.post("/needs/<int:need_id>/offers")
def offer(need_id: int) -> Any:
    """Point to a resource."""
    found, form = _need(need_id), OfferForm()
    if form.validate_on_submit():
        access = resource_access(actor(), form.number())
        if access is not None and allows(actor(), "resource.adapt", access):
            operations.offer(actor=actor(), need=found, resource=access.resource)
            flash(_("Offered. Thank you!"), "success")
            return redirect(url_for(".need", need_id=need_id), 303)
        form.resource.errors = [_("There is no such resource. Copy the address from its page.")]
    return _need_page(found, form, 422)


@blueprint.post("/needs/<int:need_id>")
def change_need(need_id: int) -> Any:
    """Thank for an offer, or close the request."""
    found = _need(need_id, "need.change")
    action = request.form.get("action")
    if action == "close":
        operations.close(actor=actor(), need=found)
        flash(_("The request is closed."), "success")
    elif action == "thank":
        offered = get_or_none(NeedAnswer, request.form.get("answer", 0, type=as_key))
        if offered is None or offered.need_id != found.id:
            raise NotFound
        operations.thank(actor=actor(), need=found, offered=offered)
        flash(_("Thanked. It counts as a contribution of whose resource it is."), "success")
    else:
        raise BadRequest
    return redirect(url_for(".need", need_id=need_id), 303)
