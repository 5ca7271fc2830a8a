"""A school chooses how much of its people's names and addresses the tool keeps: what changes is said before it does."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import SignInNeeded
from lti_tool.core.policy import require
from lti_tool.people.forms import KeepingForm
from lti_tool.people.keeping import Kept, choose_kept, surplus_of
from lti_tool.people.wording import consequences, kept_in_words
from lti_tool.platforms.models import Registration

blueprint = Blueprint("keeping", __name__)


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.get("/registrations/<int:registration_id>/names")
def choice(registration_id: int) -> str:
    """What is kept now, and the other choices."""
    registration = _registration(registration_id)
    form = KeepingForm(data={"names": registration.kept_names, "emails": registration.keeps_emails})
    return _form(form, registration)


@blueprint.post("/registrations/<int:registration_id>/names")
def choose(registration_id: int) -> Any:
    """Say what would change; when that was confirmed, change it."""
    registration = _registration(registration_id)
    form = KeepingForm()
    if not form.validate_on_submit():
        return _form(form, registration), 422
    before, after = kept_of(registration), form.value()
    if before == after:
        flash(_("Nothing has changed: that is how it is already."), "info")
    elif not request.form.get("sure"):
        told = consequences(before, after, surplus_of(registration.id, after))
        return render_template("people/keeping_sure.html", registration=registration, after=after, told=told)
    else:
        choose_kept(actor=g.actor, registration=registration, kept=after)
        flash(_("Saved: %(what)s.", what=kept_in_words(after)), "success")
    return redirect(url_for("platforms.registration", registration_id=registration.id), 303)


def _form(form: KeepingForm, registration: Registration) -> str:
    return render_template("people/keeping.html", form=form, registration=registration)


def _registration(registration_id: int) -> Registration:
    found = get_or_none(Registration, registration_id)
    require(g.actor, "registration.choose_names", found, see="registration.see")
    assert found is not None
    return found


@blueprint.app_template_global("kept_of")
def kept_of(registration: Registration) -> Kept:
    """What a registration lets the tool keep."""
    return Kept(registration.kept_names, registration.keeps_emails)


blueprint.add_app_template_global(kept_in_words, "kept_in_words")
