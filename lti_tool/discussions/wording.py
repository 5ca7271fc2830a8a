"""Words of discussions: of the audit trail, of reports, of why a post waits."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.discussions.models import FIRST, WORDS

HAPPENED: dict[str, Any] = {
    "forum.change": _l("Rules of a discussion changed"),
    "thread.change": _l("Thread locked, opened or pinned"),
    "post.write": _l("Message written"),
    "post.edit": _l("Message edited"),
    "post.delete": _l("Message deleted by its author"),
    "post.report": _l("Message reported"),
    "post.settle": _l("Reports of a message settled"),
    "post.show": _l("Message shown by a moderator"),
    "post.hide": _l("Message hidden by a moderator"),
    "filter.change": _l("List of filtered words changed"),
}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {
    "forum": _l("Discussion"),
    "thread": _l("Thread"),
    "post": _l("Message"),
    "filter": _l("List of filtered words"),
}
REASONS: dict[str, Any] = {
    "insult": _l("It insults or threatens somebody"),
    "private": _l("It tells private things: an address, a phone number, a picture of somebody"),
    "dirty": _l("Bad language, or not for children"),
    "advert": _l("Advertising, or links to bad sites"),
    "worry": _l("I worry about whoever wrote it"),
    "other": _l("Something else"),
}
"""Why a message is reported."""
WAITS: dict[str, Any] = {
    FIRST: _l("Your first message here is read by a teacher before the others see it. It will then appear by itself."),
    WORDS: _l(
        "A teacher will look at your message first, since it may hold a word that can hurt somebody. "
        "If it slipped in, you can change the message."
    ),
}
"""What an author is told of a message that waits."""
WAITED: dict[str, Any] = {
    FIRST: _l("first message of a pupil"),
    WORDS: _l("a word of the hub's list"),
}
"""The same for moderators, in short."""
