"""Coming in: by a personal link, by a passkey, by a code sent to an e-mail address; and the way out.

Answers to a wrong code are redirects, since only what ends below 400 is committed, and the try has to count.
"""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.errors import Invalid
from lti_tool.core.i18n import current_locale
from lti_tool.core.limits import limit
from lti_tool.core.mail import mail_is_set
from lti_tool.core.web import in_bearer_mode
from lti_tool.people import session
from lti_tool.people.guests.forms import AddressForm, CodeForm
from lti_tool.people.guests.models import ENTER
from lti_tool.people.guests.operations import codes, passkeys
from lti_tool.people.guests.operations import inviting as links
from lti_tool.people.guests.queries import inviter_of, passkeys_of
from lti_tool.people.guests.views.base import blueprint, show_faults


@blueprint.get("/invited")
@limit("60 per minute")
def link() -> Response:
    """Who invites to what, and a button: programs that look at links in mails must not use this one up."""
    code = request.args.get("code", "")[:100]
    found = links.open_link(code)
    page = render_template("people/guests/link.html", guest=found.guest, code=code, inviter=inviter_of(found))
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.post("/invited")
@limit("60 per minute")
def use_link() -> Any:
    """Use the link up and sign in; then a way in for next time is set up."""
    guest = links.use_link(request.form.get("code", "")[:100])
    session.enter_guest(guest)
    has_way = guest.email is not None or passkeys_of(guest.id)
    return redirect(url_for("home.index") if has_way else url_for(".ways"), 303)


@blueprint.get("/sign-in")
def sign_in() -> Any:
    """The ways in for people who were invited by name."""
    if g.actor is not None and g.actor.guest_id is not None:
        return redirect(url_for("home.index"), 303)
    return _sign_in_page(AddressForm(), 200)


@blueprint.post("/sign-in/passkey/options")
@limit("60 per minute")
def passkey_options() -> Any:
    """What the browser is to ask a passkey for."""
    options, challenge = passkeys.request_options()
    session.keep_challenge(ENTER, challenge)
    return jsonify(options)


@blueprint.post("/sign-in/passkey")
@limit("60 per minute")
def enter_by_passkey() -> Any:
    """Sign in by a passkey's answer."""
    challenge = session.take_challenge(ENTER)
    guest = passkeys.enter_by_passkey(credential=request.form.get("credential", ""), challenge=challenge)
    session.enter_guest(guest)
    return redirect(url_for("home.index"), 303)


@blueprint.post("/sign-in/email")
@limit("30 per hour")
def ask_code() -> Any:
    """Ask for a code; the answer is the same whether or not anybody has this address."""
    form = AddressForm()
    if not mail_is_set() or not form.validate_on_submit():
        return _sign_in_page(form, 422)
    try:
        order = codes.ask_to_enter(address=form.email.data or "", locale=current_locale())
    except Invalid as error:
        show_faults(form, error)
        return _sign_in_page(form, 422)
    session.keep_code(ENTER, order.id)
    return redirect(url_for(".code"), 303)


@blueprint.get("/sign-in/code")
def code() -> Any:
    """A field for the digits of the mail."""
    if session.asked_code(ENTER) is None:
        return redirect(url_for(".sign_in"), 303)
    return render_template("people/guests/code.html", form=CodeForm(), action=url_for(".enter_by_code"), own=False)


@blueprint.post("/sign-in/code")
@limit("60 per hour")
def enter_by_code() -> Any:
    """Sign in by the digits."""
    guest = codes.enter_by_code(code_id=session.asked_code(ENTER), typed=request.form.get("code", ""))
    if guest is None:
        flash(_("This is not the code. Look at the newest e-mail and try again."), "error")
        return redirect(url_for(".code"), 303)
    session.enter_guest(guest)
    return redirect(url_for("home.index"), 303)


@blueprint.post("/sign-out")
def sign_out() -> Any:
    """End the session."""
    session.leave()
    return redirect(url_for(".sign_in"), 303)


def _sign_in_page(form: AddressForm, status: int) -> Any:
    return render_template(
        "people/guests/sign_in.html",
        form=form,
        mail=mail_is_set(),
        passkeys=passkeys.passkeys_possible(),
        framed=in_bearer_mode(),
    ), status
