"""Choosing content for an LMS course (deep linking): a basket, and the signed answer that carries it to the LMS."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, make_response, render_template, request
from flask_babel import gettext as _

from lti_tool.contexts.models import Context
from lti_tool.contexts.operations import TARGET_PARAMETER
from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import Conflict, Invalid, SignInNeeded
from lti_tool.core.policy import require
from lti_tool.core.settings import current_settings
from lti_tool.core.web import allow_posting_to
from lti_tool.courses.linking import LinkChoice, bring_in, offers
from lti_tool.exchange.linking import PlacedResource, Shelf, place_chosen, resource_id_of, shelf
from lti_tool.exchange.search.queries import asked_of
from lti_tool.launch.models import ContentSelection
from lti_tool.launch.operations import finish_selection
from lti_tool.lti.deep_linking import DeepLinkingRefused, LineItemSpec, LinkItem, answer
from lti_tool.lti.messages import DeepLinkingSettings
from lti_tool.platforms.access import key_ring, platform_of
from lti_tool.platforms.models import Registration

blueprint = Blueprint("selection", __name__, url_prefix="/selection")


@blueprint.get("/<int:selection_id>")
def choose(selection_id: int) -> Any:
    """What can be placed in the LMS course."""
    return _picker(_selection(selection_id))


@blueprint.post("/<int:selection_id>")
def send(selection_id: int) -> Any:
    """Hand the basket, or nothing, to the LMS."""
    selection = _selection(selection_id)
    if "cancel" in request.form:
        return _answer(selection, [], message=_("Nothing was chosen."))
    wanted = request.form.getlist("content")
    if "look" in request.form or "page" in request.form:
        return _picker(selection, wanted=wanted)
    try:
        chosen = _bring_in(selection, wanted)
        if len(chosen) > 1 and not DeepLinkingSettings.from_json(selection.settings).accept_multiple:
            raise Invalid({"content": _("Your LMS takes one thing at a time: choose one.")})
    except Invalid as invalid:
        return _picker(selection, fault=next(iter(invalid.errors.values())), wanted=wanted, status=422)
    return _answer(selection, [_item(choice) for choice in chosen])


def _bring_in(selection: ContentSelection, wanted: list[str]) -> list[LinkChoice | PlacedResource]:
    """What was chosen, courses first, with everything done that makes it open to the class. Raises Invalid."""
    resources = [ident for content in wanted if (ident := resource_id_of(content)) is not None]
    others = [content for content in wanted if resource_id_of(content) is None]
    chosen: list[LinkChoice | PlacedResource] = []
    if others or not resources:
        chosen += bring_in(actor=g.actor, context_id=selection.context_id, contents=others)
    if resources and selection.context_id is None:
        raise Invalid({"content": _("Choose something from the list.")})
    if resources:
        chosen += place_chosen(actor=g.actor, context_id=selection.context_id or 0, idents=resources)
    return chosen


def _selection(selection_id: int) -> ContentSelection:
    if g.actor is None:
        raise SignInNeeded
    selection = get_or_none(ContentSelection, selection_id)
    require(g.actor, "selection.answer", selection)
    assert selection is not None
    if selection.answered_at is not None or selection.expires_at < utcnow():
        raise _over()
    return selection


def _over() -> Conflict:
    return Conflict(
        _("This choice has been sent to your LMS already, or is too old."),
        _("In your course choose “Select content” once more."),
    )


def _picker(selection: ContentSelection, *, fault: Any = "", wanted: Any = (), status: int = 200) -> Any:
    settings = DeepLinkingSettings.from_json(selection.settings)
    context = get_or_none(Context, selection.context_id) if selection.context_id is not None else None
    found = offers(g.actor, selection.context_id)
    values = {
        "settings": settings,
        "context": context,
        "offers": found,
        "fault": fault,
        "wanted": wanted,
        "shelf": _shelf(selection, wanted),
    }
    response = make_response(render_template("launch/selection.html", selection=selection, **values))
    response.status_code = status
    return response


def _shelf(selection: ContentSelection, wanted: Any) -> Shelf | None:
    """Resources beside the courses; none when the LMS named no course to open them to."""
    if selection.context_id is None:
        return None
    asked = asked_of(request.form.to_dict(flat=False))
    chosen = [ident for content in wanted if (ident := resource_id_of(content)) is not None]
    number = 1 if "look" in request.form else request.form.get("page", 1, type=int)
    return shelf(g.actor, selection.context_id, asked, number, chosen)


def _answer(selection: ContentSelection, items: list[LinkItem], message: str | None = None) -> Any:
    settings = DeepLinkingSettings.from_json(selection.settings)
    deployment_id = selection.deployment_id
    try:
        finish_selection(selection)
    except Conflict:
        raise _over() from None
    registration = get_or_none(Registration, selection.registration_id)
    assert registration is not None
    try:
        form = answer(
            settings,
            items,
            platform=platform_of(registration),
            deployment_id=deployment_id,
            keyring=key_ring(),
            message=message,
        )
    except DeepLinkingRefused as refused:
        raise Conflict(*_refusal(refused.code)) from None
    allow_posting_to(form.url)
    return render_template("launch/send.html", form=form, count=len(items))


def _refusal(code: str) -> tuple[str, str]:
    if code == "return_url_foreign":
        return (
            _("Your LMS wants the choice sent to an address that is not its own."),
            _("The LMS administrator should check the address of the LMS in the tool's registration."),
        )
    return (
        _("Your LMS does not take links to this tool here."),
        _("Add an activity “External tool” to your course and choose content there."),
    )


def _item(choice: LinkChoice | PlacedResource) -> LinkItem:
    column, text = None, ""
    name = choice.column if isinstance(choice, PlacedResource) else choice.resource_id
    if choice.points is not None:
        column = LineItemSpec(choice.title, choice.points, name)
    if isinstance(choice, PlacedResource):
        text = choice.text
    address = f"{current_settings().base_url}/lti/launch"
    return LinkItem(choice.title, text=text, custom={TARGET_PARAMETER: choice.content}, line_item=column, url=address)
