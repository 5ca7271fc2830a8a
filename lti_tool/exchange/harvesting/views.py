"""The address at which catalogues harvest, and the pages about catalogues that we harvest."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.db import get_or_none, key_or_none
from lti_tool.core.limits import limit
from lti_tool.core.paging import SIZE, paged
from lti_tool.core.policy import require
from lti_tool.core.settings import current_settings
from lti_tool.core.versions import Outdated
from lti_tool.core.web import csrf
from lti_tool.exchange.harvesting import operations, queries, wording
from lti_tool.exchange.harvesting.forms import INTERVALS, SourceForm
from lti_tool.exchange.harvesting.models import HarvestSource
from lti_tool.exchange.harvesting.protocol import Repository
from lti_tool.exchange.licences import LICENCES
from lti_tool.exchange.views.base import actor, page
from lti_tool.exchange.views.base import blueprint as exchange

REFUSED_SHOWN = 20
"""Records that were not taken, on the page of a catalogue."""
BEGINS = "30 per hour"
"""How often one person may have a harvest begun, in each way there is."""
blueprint = Blueprint("harvesting", __name__)


@blueprint.route("/oai", methods=["GET", "POST"])
@limit("240 per minute")
def oai() -> Response:
    """OAI-PMH 2.0; both methods, as it asks."""
    base_url = current_settings().base_url
    mail = f"postmaster@{urlsplit(base_url).hostname}"
    repository = Repository(f"{base_url}{url_for('.oai')}", base_url, _("Schools Together"), mail)
    arguments = request.values.to_dict(flat=False)
    return current_app.response_class(repository.answer(arguments), content_type="text/xml; charset=utf-8")


csrf.exempt(oai)


@exchange.get("/sources")
def sources() -> Any:
    """Catalogues that are harvested: the own organization's, or all of them for an operator."""
    require(actor(), "harvest.list", "sources")
    owner = None if actor().is_operator else actor().organization_id
    number = request.args.get("page", 1, type=int)
    found = paged(queries.sources_of(owner), number, lambda wanted: url_for("exchange.sources", page=wanted))
    owners = queries.names_of_owners(found.items) if actor().is_operator else {}
    return page("sources", page=found, owners=owners, words=wording)


def _coordinator() -> str:
    return str(actor().person_id)


@exchange.route("/sources/new", methods=["GET", "POST"])
@limit(BEGINS, key=_coordinator, methods=("POST",))
def new_source() -> Any:
    """Add a catalogue."""
    require(actor(), "harvest.add", "sources")
    return _write(None)


@exchange.route("/sources/<int:source_id>/edit", methods=["GET", "POST"])
@limit(BEGINS, key=_coordinator, methods=("POST",))
def edit_source(source_id: int) -> Any:
    """Change what is asked of a catalogue."""
    return _write(_source("harvest.edit", source_id))


def _source(verb: str, source_id: int) -> HarvestSource:
    source = get_or_none(HarvestSource, source_id)
    require(actor(), verb, source, see="harvest.see")
    assert source is not None
    return source


def _write(source: HarvestSource | None) -> Any:
    form, status = SourceForm(obj=source), 200
    if form.validate_on_submit():
        try:
            source = operations.write_source(actor=actor(), source=source, seen=form.seen, **form.facts())
        except Outdated as fault:
            assert source is not None
            form.form_errors = [str(fault.message)]
            form.now_from(source.version)
            status = 409
        else:
            operations.set_paused(actor=actor(), source=source, paused=False)
            flash(_("Saved. The first records come within minutes."), "success")
            return redirect(url_for("exchange.show_source", source_id=source.id), 303)
    return page("source_form", status=422 if form.errors and status == 200 else status, form=form, source=source)


@exchange.get("/sources/<int:source_id>")
def show_source(source_id: int) -> Any:
    """How the harvest goes, what waits for a look, what was not taken."""
    source = _source("harvest.see", source_id)
    number = request.args.get("page", 1, type=int)
    waiting = paged(
        queries.waiting_of(source),
        number,
        lambda wanted: url_for("exchange.show_source", source_id=source_id, page=wanted),
    )
    changed = paged(
        queries.changed_of(source),
        request.args.get("changes", 1, type=int),
        lambda wanted: url_for("exchange.show_source", source_id=source_id, changes=wanted),
    )
    told: dict[str, Any] = {"refused": queries.refused_of(source, REFUSED_SHOWN), "changed": changed}
    told["addresses"] = queries.addresses_of([each.resource for each in changed.items if each.resource is not None])
    return page("source", source=source, page=waiting, words=wording, intervals=INTERVALS, licences=LICENCES, **told)


@exchange.post("/sources/<int:source_id>/run")
@limit(BEGINS, key=_coordinator)
def run_source(source_id: int) -> Any:
    """Harvest at once, or pause."""
    source = _source("harvest.run", source_id)
    paused = request.form.get("action") == "pause"
    operations.set_paused(actor=actor(), source=source, paused=paused)
    flash(_("Paused.") if paused else _("The harvest begins within minutes."), "success")
    return redirect(url_for("exchange.show_source", source_id=source_id), 303)


@exchange.post("/sources/<int:source_id>/publish")
def publish_harvested(source_id: int) -> Any:
    """A coordinator has looked: publish what was ticked."""
    source = _source("harvest.edit", source_id)
    seen = _ticked("resource")
    count = operations.publish_waiting(actor=actor(), source=source, seen=seen)
    flash(ngettext("%(num)d resource is published.", "%(num)d resources are published.", count), "success")
    _tell_of_others(len(seen) - count)
    return redirect(url_for("exchange.show_source", source_id=source_id), 303)


def _ticked(name: str) -> dict[int, str]:
    """What was ticked, by id: how it was when it was looked at."""
    told = (each.partition(".") for each in request.form.getlist(name)[:SIZE])
    return {key: seen for ident, _sign, seen in told if (key := key_or_none(ident))}


def _tell_of_others(count: int) -> None:
    if count:
        told = ngettext(
            "%(num)d was changed meanwhile. Look once more.", "%(num)d were changed meanwhile. Look once more.", count
        )
        flash(told, "warning")


@exchange.post("/sources/<int:source_id>/changes")
def decide_changes(source_id: int) -> Any:
    """A coordinator has looked: take what the catalogue says now of what was ticked, or keep what is here."""
    source = _source("harvest.edit", source_id)
    seen = _ticked("record")
    if request.form.get("action") == "take":
        count = operations.take_offered(actor=actor(), source=source, seen=seen)
        flash(ngettext("%(num)d resource is changed.", "%(num)d resources are changed.", count), "success")
    else:
        count = operations.keep_ours(actor=actor(), source=source, seen=seen)
        flash(ngettext("%(num)d resource stays as it is.", "%(num)d resources stay as they are.", count), "success")
    _tell_of_others(len(seen) - count)
    return redirect(url_for("exchange.show_source", source_id=source_id), 303)


@exchange.post("/sources/<int:source_id>/remove")
def remove_source(source_id: int) -> Any:
    """Harvest it no more."""
    operations.remove_source(actor=actor(), source=_source("harvest.remove", source_id))
    flash(_("The catalogue is removed. What was published from it stays."), "success")
    return redirect(url_for("exchange.sources"), 303)
