"""Own vocabularies of an organization, or of the hub."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.policy import require
from lti_tool.core.versions import Outdated
from lti_tool.exchange import queries
from lti_tool.exchange.forms import VocabularyForm
from lti_tool.exchange.models import Vocabulary
from lti_tool.exchange.operations.describing import write_vocabulary
from lti_tool.exchange.views.base import actor, blueprint, page


@blueprint.get("/vocabularies")
def vocabularies() -> Any:
    """The hub's and the own organization's vocabularies."""
    require(actor(), "vocabulary.list", "vocabularies")
    return page("vocabularies", vocabularies=queries.vocabularies_for(actor().organization_id))


@blueprint.route("/vocabularies/new", methods=["GET", "POST"])
def new_vocabulary() -> Any:
    """Begin one: an operator's is the hub's, a coordinator's the organization's."""
    require(actor(), "vocabulary.list", "vocabularies")
    return _write(None)


@blueprint.route("/vocabularies/<int:vocabulary_id>", methods=["GET", "POST"])
def vocabulary(vocabulary_id: int) -> Any:
    """Change one."""
    found = get_or_none(Vocabulary, vocabulary_id)
    require(actor(), "vocabulary.edit", found)
    return _write(found)


def _write(found: Vocabulary | None) -> Any:
    shown = [term.name for term in found.terms if not term.removed] if found else []
    data = {"terms": "\n".join(shown), "name": found.name if found else "", "version": found.version if found else 0}
    form = VocabularyForm(data=data)
    status = 200
    if form.validate_on_submit():
        try:
            write_vocabulary(
                actor=actor(),
                vocabulary=found,
                organization_id=actor().organization_id,
                seen=form.seen,
                name=form.name.data,
                terms=form.lines(),
            )
        except Outdated as fault:
            assert found is not None
            form.form_errors = [str(fault.message)]
            form.now_from(found.version)
            status = 409
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".vocabularies"), 303)
    return page("vocabulary", status=422 if form.errors and status == 200 else status, form=form, vocabulary=found)
