"""Adding a resource and changing it: publishing, adapting, naming origins, retiring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.markdown import render as render_markdown
from lti_tool.core.policy import allows
from lti_tool.core.versions import Outdated
from lti_tool.exchange import queries
from lti_tool.exchange.access import Access, resource_access
from lti_tool.exchange.forms import MATERIAL, PACKAGES, OriginForm, ResourceForm, RetireForm, show_faults, wants_saving
from lti_tool.exchange.licences import of_remix
from lti_tool.exchange.models import FILE, KINDS, PACKAGE, PURPOSE, Resource, ResourceVersion
from lti_tool.exchange.operations import publishing
from lti_tool.exchange.operations.collecting import copy_items
from lti_tool.exchange.views.base import actor, blueprint, own_organization, page, resource_for, viewer
from lti_tool.files.forms import picked, take_picked
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules, require_allowed


@blueprint.get("/new")
def choose_kind() -> Any:
    """What is to be shared."""
    own_organization("resource.create")
    return page("kinds")


@blueprint.route("/new/<kind>", methods=["GET", "POST"])
def new(kind: str) -> Any:
    """A new resource; one form, published with one button."""
    organization_id = own_organization("resource.create")
    if kind not in KINDS:
        raise NotFound
    author = "; ".join(filter(None, (actor().display_name, actor().organization_name)))
    form = ResourceForm.fresh(queries.last_of(actor().person_id), author)
    form.offer(of_remix(()), queries.vocabularies_for(organization_id))
    if request.args.get("title") and request.method == "GET":
        form.title.data = request.args["title"][:200]
    files, faults = _picked(kind)
    if wants_saving() and form.validate() and not faults:
        try:
            return _added(_add(organization_id, kind, form, files))
        except Invalid as fault:
            faults = show_faults(form, fault.errors)
    return _form_page(form, kind, files=files, faults=faults)


def _rules(kind: str) -> Rules:
    return PACKAGES if kind == PACKAGE else MATERIAL


def _picked(kind: str) -> tuple[Sequence[StoredFile], list[Any]]:
    """The files that came, and what is wrong with them."""
    if request.method != "POST" or kind not in (FILE, PACKAGE):
        return [], []
    try:
        files = picked(actor(), rules=_rules(kind))
        require_allowed(files, _rules(kind), field="files")
    except Invalid as fault:
        return [], list(fault.errors.values())
    return files, []


def _add(organization_id: int, kind: str, form: ResourceForm, files: Sequence[StoredFile]) -> Resource:
    if request.form.get("action") == "publish":
        publishing.check_content(kind, form.content(kind, new=files))
    new = take_picked(actor(), purpose=PURPOSE, rules=_rules(kind), files=files)
    return publishing.add(
        actor=actor(),
        organization_id=organization_id,
        kind=kind,
        description=form.description(),
        content=form.content(kind, new=new),
        authors=form.credited(),
    )


def _added(resource: Resource) -> Any:
    """Publish at once, unless the same is there already: that is shown first."""
    if request.form.get("action") == "publish":
        if queries.same_files(resource, viewer()):
            flash(_("The same file is in the exchange already. Look at it before you publish yours."), "warning")
        else:
            publishing.publish(actor=actor(), resource=resource)
            flash(_("Published. Teachers find it now, in the exchange and in their LMS courses."), "success")
    else:
        flash(_("Saved as a draft. Only you see it until you publish it."), "success")
    return redirect(url_for(".show", resource_id=resource.id), 303)


@blueprint.route("/<int:resource_id>/edit", methods=["GET", "POST"])
def edit(resource_id: int) -> Any:
    """Change what is said about a resource, or what it holds."""
    access = resource_for("resource.edit", resource_id)
    resource = access.resource
    version = publishing.newest_version(resource)
    form = ResourceForm.of(resource, version)
    form.offer(
        publishing.remix_outcome(resource.organization_id, resource.origins),
        queries.vocabularies_for(resource.organization_id),
    )
    files, faults = _picked(resource.kind)
    if not (wants_saving() and form.validate() and not faults):
        return _form_page(form, resource.kind, access, version, files=files, faults=faults)
    try:
        made = _save(access, version, form, files)
    except Outdated:
        form.now_from(resource.version)
        return _form_page(form, resource.kind, access, version, files=files, status=409, theirs=resource)
    except Invalid as fault:
        faults = show_faults(form, fault.errors)
        return _form_page(form, resource.kind, access, version, files=files, faults=faults)
    flash(_("Saved as version %(number)d.", number=resource.number) if made else _("Saved."), "success")
    return redirect(url_for(".show", resource_id=resource.id), 303)


def _save(access: Access, version: ResourceVersion, form: ResourceForm, files: Sequence[StoredFile]) -> bool:
    resource = access.resource
    new = take_picked(actor(), purpose=PURPOSE, rules=_rules(resource.kind), files=files)
    made = publishing.edit(
        actor=actor(),
        resource=resource,
        seen=form.seen,
        description=form.description(),
        content=form.content(resource.kind, version.files, new),
        authors=form.credited(),
        note=form.note.data or "",
    )
    if request.form.get("action") == "publish":
        publishing.publish(actor=actor(), resource=resource)
    return made


def _form_page(
    form: ResourceForm,
    kind: str,
    access: Access | None = None,
    version: ResourceVersion | None = None,
    *,
    files: Sequence[StoredFile] = (),
    faults: Sequence[Any] = (),
    status: int = 0,
    theirs: Any = None,
) -> Any:
    wanted = request.method == "POST" and request.form.get("action") == "preview"
    return page(
        "form",
        status=status or (422 if form.errors or faults else 200),
        form=form,
        kind=kind,
        resource=access.resource if access else None,
        version=version,
        theirs=theirs,
        files=files,
        faults=faults,
        rules=_rules(kind),
        preview=render_markdown(form.body.data or "") if wanted else None,
    )


@blueprint.post("/<int:resource_id>/publish")
def publish(resource_id: int) -> Any:
    """Publish a draft, or bring back what was retired."""
    resource = resource_for("resource.edit", resource_id).resource
    try:
        publishing.publish(actor=actor(), resource=resource)
    except Invalid as fault:
        flash(next(iter(fault.errors.values())), "danger")
        return redirect(url_for(".edit", resource_id=resource_id), 303)
    flash(_("Published. Teachers find it now, in the exchange and in their LMS courses."), "success")
    return redirect(url_for(".show", resource_id=resource_id), 303)


@blueprint.post("/<int:resource_id>/discard")
def discard(resource_id: int) -> Any:
    """Delete a draft."""
    publishing.discard(actor=actor(), resource=resource_for("resource.edit", resource_id).resource)
    flash(_("The draft is deleted."), "success")
    return redirect(url_for(".mine"), 303)


@blueprint.post("/<int:resource_id>/adapt")
def adapt(resource_id: int) -> Any:
    """Begin an adaptation: a draft of the own organization."""
    access = resource_for("resource.adapt", resource_id)
    organization_id = own_organization("resource.create")
    number = request.form.get("number", type=as_key)
    try:
        made = publishing.adapt(actor=actor(), organization_id=organization_id, resource=access.resource, number=number)
    except Invalid as fault:
        flash(next(iter(fault.errors.values())), "danger")
        return redirect(url_for(".show", resource_id=resource_id), 303)
    copy_items(source=access.resource, made=made)
    flash(_("Here is your copy. Change it, then publish it: the original is named in it by itself."), "success")
    return redirect(url_for(".edit", resource_id=made.id), 303)


@blueprint.route("/<int:resource_id>/origins", methods=["GET", "POST"])
def origins(resource_id: int) -> Any:
    """Name a work from elsewhere that this one is made from."""
    access = resource_for("resource.edit", resource_id)
    form = OriginForm()
    if form.validate_on_submit():
        try:
            publishing.add_origin(
                actor=actor(),
                resource=access.resource,
                title=form.origin_title.data,
                authors=form.origin_authors.data or "",
                url=form.origin_url.data or "",
                licence=form.origin_licence.data,
            )
        except Invalid as fault:
            form.origin_licence.errors = list(fault.errors.values())
        else:
            flash(_("The work is named now."), "success")
            return redirect(url_for(".show", resource_id=resource_id), 303)
    return page("origins", status=422 if form.errors else 200, form=form, resource=access.resource)


@blueprint.route("/<int:resource_id>/retire", methods=["GET", "POST"])
def retire(resource_id: int) -> Any:
    """Take a resource out, with the way on to what is used instead."""
    access = resource_for("resource.retire", resource_id)
    form = RetireForm()
    if form.validate_on_submit():
        try:
            _retire(access, form)
        except Invalid as fault:
            show_faults(form, fault.errors)
        else:
            flash(
                _("Retired. Nobody finds it any more; who comes by an old link reads why and where to go."), "success"
            )
            return redirect(url_for(".show", resource_id=resource_id), 303)
    usage = queries.usage_of(access.resource)
    return page("retire", status=422 if form.errors else 200, form=form, resource=access.resource, usage=usage)


def _retire(access: Access, form: RetireForm) -> None:
    ident = form.forward_id()
    forward = resource_access(actor(), ident) if ident else None
    known = forward is not None and allows(actor(), "resource.adapt", forward)
    if ident is not None and (forward is None or not known or ident == access.resource.id):
        raise Invalid({"forward": _("There is no such resource. Copy the address from its page.")})
    publishing.retire(
        actor=actor(),
        resource=access.resource,
        reason=form.reason.data or "",
        forward=forward.resource if forward else None,
        withdrawn=bool(form.withdrawn.data),
    )
