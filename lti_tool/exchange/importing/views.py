"""The screens of imports: beginning one, watching it, its report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.limits import limit
from lti_tool.core.paging import paged
from lti_tool.core.policy import require
from lti_tool.exchange.forms import MATERIAL, show_faults
from lti_tool.exchange.importing import operations, queries, wording
from lti_tool.exchange.importing.forms import ImportForm, rules_of
from lti_tool.exchange.importing.models import ADDRESS, SOURCES, Import, ImportEntry
from lti_tool.exchange.queries import last_of, visible_ids
from lti_tool.exchange.views.base import actor, blueprint, own_organization, page, viewer
from lti_tool.files.forms import accept_files, picked
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import require_allowed

accept_files(blueprint, {"exchange.new_import": MATERIAL})


def _beginner() -> str:
    """Who begins an import, and from addresses alone or from files: pages fetched for one are counted for one."""
    source = (request.view_args or {}).get("source")
    return f"{actor().person_id} {'address' if source == ADDRESS else 'files'}"


@blueprint.get("/imports")
def imports() -> Any:
    """Ways to bring much in at once, and what was brought in so far."""
    organization_id = own_organization("resource.create")
    statement = queries.imports_of(actor().person_id, organization_id, coordinates=actor().coordinates)
    number = request.args.get("page", 1, type=int)
    return page(
        "imports",
        page=paged(statement, number, lambda wanted: url_for(".imports", page=wanted)),
        words=wording,
    )


@blueprint.route("/imports/new/<source>", methods=["GET", "POST"])
@limit("60 per hour", key=_beginner, methods=("POST",))
def new_import(source: str) -> Any:
    """Bring much in at once: what it is, and what is said about all of it."""
    organization_id = own_organization("resource.create")
    if source not in SOURCES:
        raise NotFound
    form = ImportForm.fresh(source, last_of(actor().person_id))
    files, faults = _picked(source)
    if form.validate_on_submit() and not faults:
        try:
            job = operations.begin(
                actor=actor(),
                organization_id=organization_id,
                source=source,
                order=form.order(),
                rules=rules_of(source),
                files=[file.id for file in files],
                url=form.url.data if source == ADDRESS else "",
            )
        except Invalid as fault:
            faults = show_faults(form, fault.errors)
        else:
            flash(_("It has begun. You may close this page: the report will be here."), "success")
            return redirect(url_for(".show_import", import_id=job.id), 303)
    status = 422 if form.errors or faults else 200
    told: dict[str, Any] = {"form": form, "source": source, "files": files, "faults": faults, "rules": rules_of(source)}
    return page("import_form", status=status, words=wording, **told)


def _picked(source: str) -> tuple[Sequence[StoredFile], list[Any]]:
    """The files that came, and what is wrong with them."""
    if request.method != "POST" or source == ADDRESS:
        return [], []
    files: Sequence[StoredFile] = []
    try:
        files = picked(actor(), rules=rules_of(source))
        require_allowed(files, rules_of(source), field="files")
    except Invalid as fault:
        return files, list(fault.errors.values())
    return files, [] if files else [_("Choose at least one file.")]


def _job(verb: str, import_id: int) -> Import:
    job = get_or_none(Import, import_id)
    require(actor(), verb, job, see="import.see")
    assert job is not None
    return job


@blueprint.get("/imports/<int:import_id>")
def show_import(import_id: int) -> Any:
    """The report: what became of each entry."""
    job = _job("import.see", import_id)
    outcome = request.args.get("outcome", "")
    outcome = outcome if outcome in wording.OUTCOMES else ""
    entries = paged(
        queries.entries_of(job, outcome),
        request.args.get("page", 1, type=int),
        lambda wanted: url_for(".show_import", import_id=import_id, outcome=outcome or None, page=wanted),
        size=50,
    )
    told: dict[str, Any] = {"counts": queries.counts_of(job), "outcome": outcome, "openable": _openable(entries.items)}
    return page("import", job=job, page=entries, words=wording, **told)


def _openable(entries: Sequence[ImportEntry]) -> set[int]:
    """Resources of these entries that the actor may open."""
    known = [each.resource for each in entries if each.resource is not None]
    me = actor()
    mine = {each.id for each in known if (each.person_id, each.organization_id) == (me.person_id, me.organization_id)}
    return mine | visible_ids(viewer(), [each.id for each in known])


@blueprint.get("/imports/<int:import_id>/progress")
def import_progress(import_id: int) -> Any:
    """How far it is; the page asks again while it is under way."""
    job = _job("import.see", import_id)
    return page("_import_progress", job=job, counts=queries.counts_of(job), words=wording)


@blueprint.post("/imports/<int:import_id>/undo")
def undo_import(import_id: int) -> Any:
    """Take back what it brought."""
    operations.undo(actor=actor(), job=_job("import.undo", import_id))
    flash(_("It is being undone."), "success")
    return redirect(url_for(".show_import", import_id=import_id), 303)
