"""Using a resource in a class: choosing its version, and working it through."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.errors import NotAllowed, NotFound
from lti_tool.exchange import queries
from lti_tool.exchange.operations import using
from lti_tool.exchange.views.base import actor, blueprint, resource_for


@blueprint.post("/<int:resource_id>/uses/<int:context_id>")
def choose_version(resource_id: int, context_id: int) -> Any:
    """Let a class stay with a version, or always have the newest."""
    access = resource_for("resource.see", resource_id)
    use = queries.use_in(resource_id, context_id)
    if use is None or context_id not in access.placed_in or not actor().is_teacher(context_id):
        raise NotFound
    number = request.form.get("number", type=int)
    if number is not None and not 1 <= number <= access.resource.number:
        raise NotFound
    using.pin(actor=actor(), use=use, number=number)
    flash(
        _("The class stays with version %(number)d.", number=number)
        if number
        else _("The class has the newest version."),
        "success",
    )
    return redirect(url_for(".show", resource_id=resource_id), 303)


@blueprint.post("/<int:resource_id>/done/<int:context_id>")
def complete(resource_id: int, context_id: int) -> Any:
    """A pupil has worked it through."""
    access = resource_for("resource.see", resource_id)
    if context_id not in access.placed_in:
        raise NotFound
    if not actor().is_learner(context_id):
        raise NotAllowed(_("Only pupils of the class do this."))
    using.complete(actor=actor(), resource=access.resource, context_id=context_id)
    graded = access.resource.points is not None
    flash(_("Noted. The points are on their way to your gradebook.") if graded else _("Noted."), "success")
    return redirect(url_for(".show", resource_id=resource_id), 303)
