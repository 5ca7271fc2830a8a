"""Finding resources, and searches that people keep."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import get_or_none, key_or_none
from lti_tool.core.errors import NotFound
from lti_tool.core.paging import paged
from lti_tool.exchange import queries
from lti_tool.exchange.community.queries import thanked, unanswered
from lti_tool.exchange.health.queries import failing_count
from lti_tool.exchange.models import Term
from lti_tool.exchange.search.keeping import forget_search, keep_search, open_search
from lti_tool.exchange.search.models import SavedSearch
from lti_tool.exchange.search.queries import asked_of, find, news_of, saved_of, suggestions
from lti_tool.exchange.views.base import actor, blueprint, own_organization, page, search_url, viewer
from lti_tool.exchange.wording import STATES


@blueprint.get("")
def index() -> Any:
    """The search."""
    own_organization("exchange.search")
    asked = asked_of(request.args.to_dict(flat=False))
    number = request.args.get("page", 1, type=int)
    found = find(viewer(), asked, number, lambda wanted: search_url(asked, wanted))
    nothing = not found.page.total
    return page(
        "index",
        asked=asked,
        found=found,
        suggestions=suggestions(viewer(), asked) if nothing else [],
        tags=_tag_names(asked.filters.get("tag", ())),
        saved=saved_of(actor().person_id) if not asked.parameters() else (),
        news=queries.news_for(_taught()) if not asked.parameters() else (),
        questions=unanswered(actor().person_id) if not asked.parameters() else (),
    )


def _tag_names(codes: tuple[str, ...]) -> dict[str, str]:
    found = {code: get_or_none(Term, ident) for code in codes if (ident := key_or_none(code))}
    return {code: term.name for code, term in found.items() if term is not None}


def _taught() -> list[int]:
    return [context_id for context_id, role in actor().roles.items() if role == "teacher"]


@blueprint.get("/mine")
def mine() -> Any:
    """What the actor has added, and what a new version of waits for a look."""
    organization_id = own_organization("exchange.search")
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    statement = queries.written_by(actor().person_id, organization_id, state=state)
    number = request.args.get("page", 1, type=int)
    found = paged(statement, number, lambda wanted: url_for(".mine", state=state or None, page=wanted))
    uses = queries.uses_in(_taught())
    return page("mine", page=found, uses=uses, state=state, broken=failing_count(organization_id))


@blueprint.get("/ours")
def of_us() -> Any:
    """What the own organization gives and takes, for its coordinators."""
    if not actor().coordinates:
        raise NotFound
    organization_id = own_organization("exchange.search")
    statement = queries.of_organization(organization_id)
    found = paged(statement, request.args.get("page", 1, type=int), lambda number: url_for(".of_us", page=number))
    return page(
        "ours",
        page=found,
        counts=queries.counts_of(organization_id),
        thanked=thanked(organization_id),
        broken=failing_count(organization_id),
    )


@blueprint.get("/searches")
def searches() -> Any:
    """Kept searches with what is new in each."""
    own_organization("exchange.search")
    kept = saved_of(actor().person_id)
    return page("searches", kept=[(each, asked_of(each.asked)) for each in kept], news=news_of(viewer(), kept))


@blueprint.post("/searches")
def keep() -> Any:
    """Keep the search whose parameters were sent."""
    own_organization("exchange.search")
    asked = asked_of(request.form.to_dict(flat=False))
    keep_search(actor=actor(), asked=asked, name=request.form.get("name", ""))
    flash(_("The search is kept. What is new in it is shown under “Kept searches”."), "success")
    return redirect(search_url(asked), 303)


@blueprint.get("/searches/<int:search_id>")
def reopen(search_id: int) -> Any:
    """Go to a kept search, the newest first."""
    return redirect(search_url(asked_of(_own_search(search_id).asked)), 303)


@blueprint.post("/searches/<int:search_id>")
def change_search(search_id: int) -> Any:
    """Mark a kept search as looked at and go there, or forget it."""
    kept = _own_search(search_id)
    if request.form.get("action") == "forget":
        forget_search(kept)
        flash(_("The search is no longer kept."), "success")
        return redirect(url_for(".searches"), 303)
    open_search(kept)
    return redirect(search_url(asked_of(kept.asked)), 303)


def _own_search(search_id: int) -> SavedSearch:
    kept = get_or_none(SavedSearch, search_id)
    if kept is None or kept.person_id != actor().person_id:
        raise NotFound
    return kept
