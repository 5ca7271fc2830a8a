"""Curating a collection: putting things in, ordering and annotating them."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.exchange.models import COLLECTION, CollectionItem
from lti_tool.exchange.operations import collecting
from lti_tool.exchange.views.base import actor, blueprint, resource_for


@blueprint.post("/<int:resource_id>/collect")
def collect(resource_id: int) -> Any:
    """Put a resource into one of the actor's collections."""
    resource = resource_for("resource.adapt", resource_id).resource
    collection = resource_for("resource.edit", request.form.get("collection", 0, type=as_key)).resource
    try:
        collecting.put_in(
            actor=actor(), collection=collection, resource=resource, note=request.form.get("note", "").strip()[:500]
        )
    except Invalid as fault:
        flash(next(iter(fault.errors.values())), "danger")
    else:
        flash(_("It is in “%(title)s” now.", title=collection.title), "success")
    return redirect(url_for(".show", resource_id=resource_id), 303)


@blueprint.post("/items/<int:item_id>")
def change_item(item_id: int) -> Any:
    """Move, annotate or take out one item."""
    item = get_or_none(CollectionItem, item_id)
    if item is None:
        raise NotFound
    collection = resource_for("resource.edit", item.collection_id).resource
    assert collection.kind == COLLECTION
    action = request.form.get("action")
    if action in ("up", "down"):
        collecting.move(actor=actor(), item=item, step=-1 if action == "up" else 1)
    elif action == "note":
        collecting.annotate(actor=actor(), item=item, note=request.form.get("note", "").strip()[:500])
        flash(_("Saved."), "success")
    elif action == "out":
        collecting.take_out(actor=actor(), item=item)
        flash(_("Taken out of the collection."), "success")
    else:
        raise BadRequest
    return redirect(url_for(".show", resource_id=collection.id, _anchor=f"item-{item_id}"), 303)
