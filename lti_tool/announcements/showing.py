"""The announcements on top of a page, without asking the database for each page.

Every process keeps what is valid now or soon, and asks again after a minute. Only a page of somebody whom one that can
be put away is for costs a statement: whether that person has put it away.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, current_app, g
from markupsafe import Markup
from sqlalchemy import bindparam, select

from lti_tool.announcements.models import URGENT, Announcement, Dismissal
from lti_tool.core import markdown
from lti_tool.core.db import db, on_commit, run, utcnow
from lti_tool.core.i18n import page_language
from lti_tool.core.policy import allows

FRESH = 60.0
"""Seconds until a process looks again."""
AHEAD = timedelta(minutes=2)
"""What begins within this time is kept as well."""


@dataclass(frozen=True)
class Shown:
    """An announcement as pages show it."""

    id: int
    kind: str
    audience: str
    starts_at: datetime
    ends_at: datetime
    texts: dict[str, Markup]

    @property
    def html(self) -> Markup:
        """In the language of the page."""
        return self.texts.get(page_language(), self.texts["en"])


class _Cache:
    def __init__(self) -> None:
        self.known: tuple[Shown, ...] = ()
        self.until = 0.0


def init_app(app: Flask) -> None:
    app.extensions["announcements"] = _Cache()
    app.jinja_env.globals["announcements"] = shown_now


def look_again() -> None:
    """This process shows a change as soon as it is committed; others within a minute."""
    cache = _cache()
    on_commit(lambda: setattr(cache, "until", 0.0))


def shown_now() -> list[Shown]:
    """What the one who looks at this page shall be told; no statement while there is nothing to tell."""
    actor = g.get("actor")
    if actor is None:
        return []
    now = utcnow()
    valid = [each for each in _known() if each.starts_at <= now < each.ends_at]
    meant = [each for each in valid if allows(actor, "announcement.read", each)]
    if all(each.kind == URGENT for each in meant):
        return meant
    put_away = set(run(_PUT_AWAY, {"person_id": actor.person_id, "ids": [each.id for each in meant]}).scalars())
    return [each for each in meant if each.id not in put_away or each.kind == URGENT]


_PUT_AWAY = select(Dismissal.announcement_id).where(
    Dismissal.person_id == bindparam("person_id"), Dismissal.announcement_id.in_(bindparam("ids", expanding=True))
)


def _cache() -> _Cache:
    found: _Cache = current_app.extensions["announcements"]
    return found


def _known() -> tuple[Shown, ...]:
    cache = _cache()
    if time.monotonic() >= cache.until:
        cache.until = time.monotonic() + FRESH
        cache.known = tuple(_shown(each) for each in _valid(utcnow()))
    return cache.known


def _valid(now: datetime) -> list[Announcement]:
    soon = (Announcement.ends_at > now, Announcement.starts_at <= now + AHEAD)
    return list(db.session.scalars(select(Announcement).where(*soon).order_by(Announcement.starts_at)))


def _shown(row: Announcement) -> Shown:
    texts = {"ru": markdown.render(row.text_ru), "en": markdown.render(row.text_en)}
    return Shown(row.id, row.kind, row.audience, row.starts_at, row.ends_at, texts)
