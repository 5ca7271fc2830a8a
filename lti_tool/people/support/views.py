"""Screens of support access, and the door that keeps it to reading the pages meant for it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.core.db import end_reading, get_or_none, unit_of_work, utcnow
from lti_tool.core.errors import Invalid, NotAllowed, SignInNeeded
from lti_tool.core.paging import paged
from lti_tool.core.policy import allows, require
from lti_tool.organizations.models import Organization
from lti_tool.organizations.policy import OperatorSignInNeeded
from lti_tool.people import session
from lti_tool.people.support import operations
from lti_tool.people.support.forms import AskForm, ChoiceForm
from lti_tool.people.support.models import OPEN, SupportAccess
from lti_tool.people.support.queries import accesses, lines_of, running_of
from lti_tool.people.support.wording import DURATIONS_IN_WORDS, STATES, is_open

blueprint = Blueprint("support", __name__)
HOME = "school.home"
_ALWAYS = {"static", "web.favicon", "web.language", "operator.sign_out", "support.leave"}
_HOMES = {"home.index", "operator.home"}


class ReadsOnly(NotAllowed):
    """Something was to be changed in a support access."""

    message = _l("You are seeing a school's pages as support: you can read, and change nothing. Nothing was changed.")
    todo: tuple[Any, ...] = (
        _l("End the support access to act as an operator again."),
        _l("If the school needs something changed, ask one of its coordinators to do it."),
    )


class NotForSupport(NotAllowed):
    """A page that a support access does not open."""

    message = _l("A support access does not open this page.")
    todo: tuple[Any, ...] = (
        _l("You see the school's own pages, its agreements, courses and registrations."),
        _l("End the support access to see your own pages again."),
    )


@blueprint.before_app_request
def _keep_to_reading() -> Any:
    """Every page of a support access is noted before it is shown, and nothing but reading gets past here."""
    actor, endpoint = g.get("actor"), request.endpoint
    if g.get("support_over"):
        return _tell_it_is_over()
    if actor is None or actor.support is None or endpoint is None or endpoint in _ALWAYS:
        return None
    reads = request.method in ("GET", "HEAD")
    if reads and endpoint in _HOMES:
        return redirect(url_for(HOME), 303)
    if reads and not is_open(endpoint):
        raise NotForSupport(ways=_ways())
    end_reading()  # a line of its own: it stays, whatever becomes of the page
    with unit_of_work():
        operations.note_page(actor=actor, endpoint=endpoint, arguments=request.view_args or {}, refused=not reads)
    if not reads:
        raise ReadsOnly(ways=_ways())
    return None


def _ways() -> list[tuple[str, Any, bool]]:
    return [(url_for(HOME), _("Back to the school's pages"), False)]


def _tell_it_is_over() -> Any:
    """The first request after the end: no act of the support page goes on with an operator's rights unnoticed."""
    flash(_("The support access is over. You are the operator again."), "info")
    return redirect(url_for("support.every"), 303)


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise OperatorSignInNeeded if request.endpoint == "support.every" else SignInNeeded


@blueprint.get("/operator/support")
def every() -> str:
    """Every support access there was."""
    require(g.actor, "support.list", None if not g.actor.is_operator else "hub")
    page = paged(accesses(), _page(), lambda number: url_for(".every", page=number))
    return render_template("people/support/every.html", page=page, **_words())


@blueprint.route("/organizations/<int:organization_id>/support", methods=["GET", "POST"])
def index(organization_id: int) -> Any:
    """For the school: who looked in and why, and when they may. For operators: asking for it."""
    organization = _organization("support.list", organization_id)
    form = AskForm() if allows(g.actor, "support.ask", organization) else None
    if form is not None and form.validate_on_submit():
        try:
            return _asked(organization, form)
        except Invalid as error:
            for name, text in error.errors.items():
                form[name].errors = [*form[name].errors, text]
    elif request.method == "POST":
        require(g.actor, "support.ask", organization, see="support.list")
    status = 422 if form is not None and form.errors else 200
    return _list(organization, form), status


def _asked(organization: Organization, form: AskForm) -> Any:
    access = operations.ask_support(
        actor=g.actor, organization=organization, reason=form.reason.data or "", minutes=form.minutes.data
    )
    if access.state_at(utcnow()) == OPEN:
        session.enter_support(access)
        return redirect(url_for(HOME), 303)
    flash(_("Asked. A coordinator of the organization has to say yes; then begin here."), "success")
    return redirect(url_for(".index", organization_id=organization.id), 303)


def _list(organization: Organization, form: AskForm | None) -> str:
    page = paged(
        accesses(organization.id),
        _page(),
        lambda number: url_for(".index", organization_id=organization.id, page=number),
    )
    choice = ChoiceForm(when="yes" if organization.support_needs_yes else "once")
    return render_template(
        "people/support/index.html",
        organization=organization,
        page=page,
        form=form,
        choice=choice if allows(g.actor, "support.choose", organization) else None,
        running=running_of(organization.id, g.actor.person_id, utcnow()) if form is not None else None,
        **_words(),
    )


@blueprint.post("/organizations/<int:organization_id>/support/choice")
def choose(organization_id: int) -> Any:
    """At once, or only after our yes."""
    organization = _organization("support.choose", organization_id)
    form = ChoiceForm()
    if not form.validate_on_submit():
        flash(_("Choose one of the two."), "error")
    else:
        operations.choose_support(actor=g.actor, organization=organization, needs_yes=form.when.data == "yes")
        flash(_("Saved."), "success")
    return redirect(url_for(".index", organization_id=organization.id), 303)


@blueprint.get("/support/<int:access_id>")
def show(access_id: int) -> str:
    """One access, line by line: which pages were opened and when."""
    access = _access("support.see", access_id)
    page = paged(lines_of(access.id), _page(), lambda number: url_for(".show", access_id=access.id, page=number))
    return render_template("people/support/show.html", access=access, page=page, **_words())


@blueprint.post("/support/<int:access_id>/answer")
def answer(access_id: int) -> Any:
    """The school's yes or no."""
    access = _access("support.decide", access_id)
    yes = request.form.get("answer") == "yes"
    operations.decide_support(actor=g.actor, access=access, yes=yes)
    flash(_("Support may look in now.") if yes else _("Refused: support does not look in."), "success")
    return redirect(url_for(".index", organization_id=access.organization_id), 303)


@blueprint.post("/support/<int:access_id>/start")
def start(access_id: int) -> Any:
    """Begin what the school has allowed, or go on."""
    access = _access("support.start", access_id)
    operations.start_support(actor=g.actor, access=access)
    session.enter_support(access)
    return redirect(url_for(HOME), 303)


@blueprint.post("/support/<int:access_id>/end")
def end(access_id: int) -> Any:
    """Either side ends it, or the operator takes the request back."""
    access = _access("support.end", access_id)
    operations.end_support(actor=g.actor, access=access)
    flash(_("Ended: support no longer sees these pages."), "success")
    return redirect(url_for(".index", organization_id=access.organization_id), 303)


@blueprint.post("/support/leave")
def leave() -> Any:
    """The button of the bar."""
    if g.actor.support is not None:
        access = _access("support.end", g.actor.support.id)
        operations.end_support(actor=g.actor, access=access)
        flash(_("The support access is over. You are the operator again."), "success")
        session.leave_support()
        return redirect(url_for(".index", organization_id=access.organization_id), 303)
    return redirect(url_for("home.index"), 303)


def _organization(verb: str, organization_id: int) -> Organization:
    found = get_or_none(Organization, organization_id)
    require(g.actor, verb, found)
    assert found is not None
    return found


def _access(verb: str, access_id: int) -> SupportAccess:
    found = get_or_none(SupportAccess, access_id)
    require(g.actor, verb, found)
    assert found is not None
    return found


def _page() -> int:
    return request.args.get("page", 1, type=int)


def _words() -> dict[str, Any]:
    return {"states": STATES, "durations": DURATIONS_IN_WORDS, "now": utcnow()}
