"""The hub's list of words: a post with any form of one waits for a moderator."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, select

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.discussions.models import FilteredWord
from lti_tool.discussions.stems import folded, stem, words

MOST_WORDS = 5000
LONGEST_WORD = 60


def is_caught(text: str) -> bool:
    """Does a text hold a word of the list?"""
    listed = set(db.session.scalars(select(FilteredWord.stem)))
    return bool(listed) and not listed.isdisjoint(words(text))


def change_list(*, actor: audit.Acting, wanted: Iterable[str]) -> int:
    """Make these words the whole list; how many there are now. Raises Invalid for the field `words`."""
    by_stem: dict[str, str] = {}
    for word in (" ".join(each.split()) for each in wanted):
        if not word:
            continue
        if len(word) > LONGEST_WORD or len(list(words(word))) != 1:
            raise Invalid(
                {"words": _("“%(word)s” is not one word. Write each word on a line of its own.", word=word[:80])}
            )
        by_stem.setdefault(stem(folded(word))[:LONGEST_WORD], word)
    if len(by_stem) > MOST_WORDS:
        raise Invalid({"words": ngettext("At most %(num)d word fits.", "At most %(num)d words fit.", MOST_WORDS)})
    known = set(db.session.scalars(select(FilteredWord.stem)))
    added, removed = by_stem.keys() - known, known - by_stem.keys()
    execute(delete(FilteredWord).where(FilteredWord.stem.in_(removed)))
    for each in sorted(added):
        insert_if_absent(FilteredWord, {"stem": each, "word": by_stem[each], "created_at": utcnow()})
    if added or removed:
        audit.record(actor, "filter.change", "filter", added=len(added), removed=len(removed))
    return len(by_stem)
