"""The operator's list of words that make a message wait."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import ngettext

from lti_tool.core.errors import Invalid
from lti_tool.core.policy import require
from lti_tool.discussions.forms import WordsForm, show_faults
from lti_tool.discussions.operations import filtering
from lti_tool.discussions.queries import filtered_words
from lti_tool.organizations.policy import OperatorSignInNeeded

blueprint = Blueprint("filtering", __name__, url_prefix="/operator/words")
HUB = "hub"


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise OperatorSignInNeeded
    require(g.actor, "filter.edit", HUB)


@blueprint.route("", methods=["GET", "POST"])
def words() -> Any:
    """The list, a word on a line."""
    form = WordsForm()
    if form.validate_on_submit():
        try:
            count = filtering.change_list(actor=g.actor, wanted=(form.words.data or "").splitlines())
        except Invalid as invalid:
            show_faults(form, invalid.errors)
        else:
            flash(ngettext("The list has %(num)d word.", "The list has %(num)d words.", count), "success")
            return redirect(url_for(".words"), 303)
    if not form.is_submitted():
        form.words.data = "\n".join(each.word for each in filtered_words())
    return render_template("discussions/words.html", form=form), 422 if form.errors else 200
