"""Every difference of Moodle from the specifications or from other platforms that we act upon, each with its reason."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

FAMILY = "moodle"
"""`product_family_code` of Moodle and of what is made from it."""
MAX_TITLE = 255
"""Longest activity name: a longer title makes saving the teacher's form fail."""
MAX_COLUMN = 100
"""Largest maximum its activity form takes; a column made by the grade service may have more."""
_ODD_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))

_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")


def column_maximum(score_maximum: float) -> int:
    """What to ask for in a deep linking line item: the form takes whole numbers from 1 to 100 only.

    Nothing is lost: scores carry their own maximum and are scaled to the column.
    """
    return min(max(round(score_maximum), 1), MAX_COLUMN)


def link_title(title: str) -> str:
    """A title the activity form takes: one line, not too long, never empty."""
    return " ".join(title.split())[:MAX_TITLE] or "…"


def link_custom(custom: Mapping[str, str]) -> dict[str, str] | None:
    """Custom parameters Moodle survives; None when there are none, because an empty object makes it crash.

    It keeps them as `name=value` lines, so a value has one line; a name of digits only crashes it as well.
    """
    kept = {name: " ".join(value.split()) for name, value in custom.items() if name and not name.isdigit()}
    return kept or None


def plain_name(name: str) -> str:
    """A name from the roster, which Moodle sends escaped for HTML although launches send it plain."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), name)


def readable_link_header(header: str) -> str:
    """A Link header with straight quotes and plain ampersands.

    The grade service writes curly quotes (UTF-8, which arrives decoded as Latin-1) and escapes the address for HTML.
    """
    with suppress(UnicodeError):  # it was decoded rightly already
        header = header.encode("latin-1").decode("utf-8")
    return header.replace("&amp;", "&").translate(_ODD_QUOTES)


def bare_next(header: str) -> str | None:
    """The address in `url;rel=next`: the roster service of some versions leaves out the angle brackets."""
    found = re.fullmatch(r"\s*(?P<url>[^\s<>,]+?)\s*;\s*rel\s*=\s*\"?next\"?\s*", header, re.IGNORECASE)
    return found["url"] if found else None


def score_timestamp(now: datetime, last_sent: datetime | None) -> datetime:
    """When to say a score was given: at least a whole second after the last one sent for this pupil and column.

    Moodle compares whole seconds and answers 409 unless the new one is later; it also keeps a time in the future, and
    then refuses everything until that time has come, so this is never more than needed.
    """
    if last_sent is None:
        return now
    return max(now, last_sent.replace(microsecond=0) + timedelta(seconds=1))
