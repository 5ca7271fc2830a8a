"""A guest's own page: passkeys and e-mail address by which they come in, to add and to remove."""

from __future__ import annotations

from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Invalid
from lti_tool.core.i18n import current_locale
from lti_tool.core.limits import limit
from lti_tool.core.mail import mail_is_set
from lti_tool.core.policy import require
from lti_tool.core.web import in_bearer_mode
from lti_tool.people import session
from lti_tool.people.guests.forms import AddressForm, CodeForm
from lti_tool.people.guests.models import CONFIRM, Passkey
from lti_tool.people.guests.operations import codes
from lti_tool.people.guests.operations import passkeys as keys
from lti_tool.people.guests.queries import passkeys_of
from lti_tool.people.guests.views.base import blueprint, own_guest, show_faults


@blueprint.get("/my/sign-in")
def ways() -> Any:
    """The own ways in."""
    return _page(AddressForm(), 200)


@blueprint.post("/my/sign-in/passkeys/options")
@limit("60 per hour")
def new_passkey_options() -> Any:
    """What the browser is to make a passkey of."""
    options, challenge = keys.creation_options(own_guest())
    session.keep_challenge(CONFIRM, challenge)
    return jsonify(options)


@blueprint.post("/my/sign-in/passkeys")
def add_passkey() -> Any:
    """Keep the passkey that the browser has made."""
    guest, challenge = own_guest(), session.take_challenge(CONFIRM)
    name, credential = request.form.get("name", ""), request.form.get("credential", "")
    try:
        keys.add_passkey(actor=g.actor, guest=guest, credential=credential, challenge=challenge, name=name)
    except Invalid as error:
        flash(str(error.message), "error")
    else:
        flash(_("Done: from now on you can sign in with this device."), "success")
    return redirect(url_for(".ways"), 303)


@blueprint.post("/my/sign-in/passkeys/<int:passkey_id>/remove")
def remove_passkey(passkey_id: int) -> Any:
    """Forget a passkey."""
    found = get_or_none(Passkey, passkey_id)
    require(g.actor, "passkey.remove", found)
    assert found is not None
    guest = own_guest()
    keys.remove_passkey(actor=g.actor, guest=guest, passkey=found)
    session.stay(guest)
    flash(_("Removed. If you were signed in on other devices, you are not any more."), "success")
    return redirect(url_for(".ways"), 303)


@blueprint.post("/my/sign-in/email")
@limit("30 per hour")
def ask_address() -> Any:
    """Send a code to an address, to see whether it is theirs."""
    guest, form = own_guest(), AddressForm()
    if not mail_is_set() or not form.validate_on_submit():
        return _page(form, 422)
    try:
        order = codes.ask_to_confirm(guest=guest, address=form.email.data or "", locale=current_locale())
    except Invalid as error:
        show_faults(form, error)
        return _page(form, 422)
    session.keep_code(CONFIRM, order.id)
    return redirect(url_for(".address_code"), 303)


@blueprint.get("/my/sign-in/email/code")
def address_code() -> Any:
    """A field for the digits of the mail."""
    own_guest()
    if session.asked_code(CONFIRM) is None:
        return redirect(url_for(".ways"), 303)
    return render_template("people/guests/code.html", form=CodeForm(), action=url_for(".confirm_address"), own=True)


@blueprint.post("/my/sign-in/email/code")
@limit("60 per hour")
def confirm_address() -> Any:
    """Keep the address when the digits are right."""
    guest, typed = own_guest(), request.form.get("code", "")
    if not codes.confirm_address(actor=g.actor, guest=guest, code_id=session.asked_code(CONFIRM), typed=typed):
        flash(_("This is not the code. Look at the newest e-mail and try again."), "error")
        return redirect(url_for(".address_code"), 303)
    session.forget_code()
    flash(_("Done: from now on you can sign in with a code sent to this address."), "success")
    return redirect(url_for(".ways"), 303)


@blueprint.post("/my/sign-in/email/remove")
def remove_address() -> Any:
    """Forget the address."""
    guest = own_guest()
    codes.forget_address(actor=g.actor, guest=guest)
    session.stay(guest)
    flash(_("Removed. If you were signed in on other devices, you are not any more."), "success")
    return redirect(url_for(".ways"), 303)


def _page(form: AddressForm, status: int) -> Any:
    guest = own_guest()
    return render_template(
        "people/guests/ways.html",
        guest=guest,
        passkeys=passkeys_of(guest.id),
        form=form,
        mail=mail_is_set(),
        passkeys_possible=keys.passkeys_possible(),
        most=keys.MOST_PASSKEYS,
        framed=in_bearer_mode(),
    ), status
