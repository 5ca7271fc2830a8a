"""The pages of a move: for operators and the school's own people, and for whoever holds the link."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core import jobs
from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Conflict, Invalid, SignInNeeded
from lti_tool.core.limits import limit
from lti_tool.core.policy import allows, require
from lti_tool.core.settings import current_settings
from lti_tool.platforms.models import Registration
from lti_tool.platforms.moves import operations
from lti_tool.platforms.moves.addresses import base_of, count_below, moved_registration
from lti_tool.platforms.moves.forms import AddressForm
from lti_tool.platforms.moves.jobs import look_at_address
from lti_tool.platforms.moves.models import UNDER_WAY, Move
from lti_tool.platforms.moves.operations import LinkHolder
from lti_tool.platforms.moves.queries import latest_move, moves_to_confirm, recent_moves
from lti_tool.platforms.moves.wording import told_findings

blueprint = Blueprint("moves", __name__)
OPEN_VIEWS = {"moves.link", "moves.tell_by_link"}
LIMIT = "60 per minute"
"""From one address; what is told makes us call an LMS."""


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None and request.endpoint not in OPEN_VIEWS:
        raise SignInNeeded


@blueprint.get("/registrations/<int:registration_id>/move")
def move(registration_id: int) -> str:
    """How a move goes, and how far it is."""
    return _page(_registration("registration.propose_move", registration_id), AddressForm())


@blueprint.post("/registrations/<int:registration_id>/move/link")
def make_link(registration_id: int) -> str:
    """A link for the time after the move; it is shown this once."""
    registration = _registration("registration.propose_move", registration_id)
    made, code = operations.begin_move(
        actor=g.actor, registration=registration, by_operator=allows(g.actor, "registration.confirm_move", registration)
    )
    address = f"{current_settings().base_url}{url_for('.link', code=code)}"
    return render_template("moves/made.html", registration=registration, move=made, address=address)


@blueprint.post("/registrations/<int:registration_id>/move")
@limit(LIMIT)
def tell(registration_id: int) -> Any:
    """Tell the new address from inside: first what would change, then the look at it."""
    registration = _registration("registration.propose_move", registration_id)
    form = AddressForm()
    try:
        preview = _preview(form, registration, url_for(".tell", registration_id=registration.id))
    except Invalid:
        return _page(registration, form), 422
    if preview is not None:
        return preview
    under_way = latest_move(registration.id)
    if under_way is None or under_way.state not in UNDER_WAY:
        operates = allows(g.actor, "registration.confirm_move", registration)
        under_way, _code = operations.begin_move(actor=g.actor, registration=registration, by_operator=operates)
    _look(g.actor, under_way, form.address.data)
    return redirect(url_for(".move", registration_id=registration.id), 303)


@blueprint.get("/move")
@limit(LIMIT)
def link() -> Response:
    """The link's page. Looking uses nothing up."""
    code = request.args.get("code", "")[:100]
    return _link_page(operations.move_of_link(code), AddressForm(data={"code": code}))


@blueprint.post("/move")
@limit(LIMIT)
def tell_by_link() -> Any:
    """Tell the new address by the link: first what would change, then the look at it."""
    form = AddressForm()
    found = operations.move_of_link((form.code.data or "")[:100])
    try:
        preview = _preview(form, found.registration, url_for(".tell_by_link"))
    except Invalid:
        return _link_page(found, form), 422
    if preview is not None:
        return preview
    _look(LinkHolder(found.registration.organization_id), found, form.address.data)
    return redirect(url_for(".link", code=form.code.data), 303)


@blueprint.post("/registrations/<int:registration_id>/move/confirm")
def confirm(registration_id: int) -> Any:
    """An operator lets the registration follow."""
    found = _decided("registration.confirm_move", registration_id)
    operations.confirm_move(actor=g.actor, move=found)
    flash(_("The registration has followed its LMS. Check now whether its services work."), "success")
    return redirect(url_for("platforms.registration", registration_id=registration_id), 303)


@blueprint.post("/registrations/<int:registration_id>/move/undo")
def undo(registration_id: int) -> Any:
    """An operator takes the move back."""
    found = _decided("registration.undo_move", registration_id)
    operations.undo_move(actor=g.actor, move=found)
    flash(_("The registration has its old address again."), "success")
    return redirect(url_for(".move", registration_id=registration_id), 303)


@blueprint.post("/registrations/<int:registration_id>/move/cancel")
def cancel(registration_id: int) -> Any:
    """Nothing comes of it."""
    found = _decided("registration.propose_move", registration_id)
    operations.cancel_move(actor=g.actor, move=found)
    flash(_("The move has been called off; its link works no more."), "success")
    return redirect(url_for(".move", registration_id=registration_id), 303)


def _preview(form: AddressForm, registration: Registration, action: str) -> str | None:
    """What would change; None when that was confirmed. Raises Invalid, with the form's faults filled in."""
    if not form.validate_on_submit():
        raise Invalid({})
    try:
        new = operations.new_base(registration, form.address.data)
    except Invalid as error:
        form.address.errors = [*form.address.errors, error.errors["address"]]
        raise
    if form.sure.data:
        return None
    old = base_of(registration.issuer)
    after = moved_registration(registration, old, new)
    rows = [(name, getattr(registration, name), url) for name, url in after.items()]
    return render_template(
        "moves/preview.html",
        registration=registration,
        form=form,
        action=action,
        rows=rows,
        followers=count_below(registration.id, old),
    )


def _look(actor: Any, found: Move, address: str) -> None:
    operations.tell_address(actor=actor, move=found, address=address)
    jobs.nudge(look_at_address, [found.id])
    flash(_("The new address is being looked at. Reload this page in a moment."), "info")


def _page(registration: Registration, form: AddressForm) -> str:
    found = latest_move(registration.id)
    return render_template(
        "moves/move.html",
        registration=registration,
        form=form,
        move=found,
        findings=told_findings(found) if found else [],
        operates=allows(g.actor, "registration.confirm_move", registration),
    )


def _link_page(found: Move, form: AddressForm) -> Response:
    page = render_template(
        "moves/link.html", move=found, registration=found.registration, form=form, findings=told_findings(found)
    )
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _registration(verb: str, registration_id: int) -> Registration:
    found = get_or_none(Registration, registration_id)
    require(g.actor, verb, found, see="registration.see")
    assert found is not None
    return found


def _decided(verb: str, registration_id: int) -> Move:
    registration = _registration(verb, registration_id)
    found = latest_move(registration.id)
    if found is None:
        raise Conflict(_("There is no move."), _("Open the page again."))
    return found


blueprint.add_app_template_global(moves_to_confirm, "moves_to_confirm")
blueprint.add_app_template_global(recent_moves, "recent_moves")
