"""Keeping searches: each is one person's own."""

from __future__ import annotations

from lti_tool.core.db import db, utcnow
from lti_tool.exchange.search.models import SavedSearch
from lti_tool.exchange.search.queries import Asked, saved_of
from lti_tool.people.actor import Actor

MOST = 50
"""Searches one person keeps; the oldest makes room."""


def keep_search(*, actor: Actor, asked: Asked, name: str) -> SavedSearch:
    """Keep a search under a name; the same one again only gets the new name."""
    parameters = asked.parameters()
    kept = saved_of(actor.person_id)
    name = name.strip()[:200] or asked.text or "…"
    same = next((each for each in kept if each.asked == parameters), None)
    if same is not None:
        same.name = name
        return same
    if len(kept) >= MOST:
        db.session.delete(kept[-1])
    made = SavedSearch(person_id=actor.person_id, name=name, asked=parameters, seen_at=utcnow())
    db.session.add(made)
    return made


def open_search(kept: SavedSearch) -> None:
    """Its news have been looked at."""
    kept.seen_at = utcnow()


def forget_search(kept: SavedSearch) -> None:
    """Keep it no longer."""
    db.session.delete(kept)
