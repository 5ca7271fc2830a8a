"""Consent in words, texts in the reader's language, and what changed between two versions."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.people.privacy.models import CONFIRMED, GIVEN, REFUSED, REVOKED, WITHDRAWN
from lti_tool.people.privacy.queries import PARTS, Texts

STATE_NAMES: dict[str, Any] = {
    "asked": _l("asked, no answer yet"),
    "given": _l("agreed"),
    "guardian": _l("wait for the guardian's confirmation"),
    "refused": _l("said no"),
    "withdrawn": _l("took consent back"),
    "away": _l("have not come in yet"),
}
KINDS: dict[str, Any] = {
    GIVEN: _l("Consent given"),
    REFUSED: _l("Consent refused"),
    WITHDRAWN: _l("Consent taken back"),
    CONFIRMED: _l("The school confirmed that a guardian agrees"),
    REVOKED: _l("The school took back that a guardian agrees"),
}
PART_NAMES: dict[str, Any] = {
    "notice_ru": _l("Notice in Russian"),
    "notice_en": _l("Notice in English"),
    "consent_ru": _l("Consent in Russian"),
    "consent_en": _l("Consent in English"),
}


@dataclass(frozen=True)
class Line:
    """A line of a comparison; `kind`: same, added or removed."""

    kind: str
    text: str


def notice(texts: Texts, locale: str) -> str:
    """The notice in the reader's language."""
    return texts.notice_ru if locale == "ru" else texts.notice_en


def consent(texts: Texts, locale: str) -> str:
    """The consent in the reader's language."""
    return texts.consent_ru if locale == "ru" else texts.consent_en


def differences(old: Texts, new: Texts) -> list[tuple[Any, list[Line]]]:
    """What changed, part by part: the part's name and its lines; parts that are the same are left out."""
    compared = ((part, getattr(old, part), getattr(new, part)) for part in PARTS)
    return [(PART_NAMES[part], lines(before, after)) for part, before, after in compared if before != after]


def lines(before: str, after: str) -> list[Line]:
    """Both texts in one list of lines."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for tag, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            found += [Line("same", text) for text in old[from_old:to_old]]
        else:
            found += [Line("removed", text) for text in old[from_old:to_old]]
            found += [Line("added", text) for text in new[from_new:to_new]]
    return found
