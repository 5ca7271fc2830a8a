"""Reading claims whose JSON types are not to be trusted: every reader gives the right type or refuses the launch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from lti_tool.lti.platform import origin
from lti_tool.lti.refusals import LaunchRefused, Refusal

MAX_ID = 255
MAX_URL = 1000
_NOT_IN_URLS = frozenset(' "<>')
_CONTROLS = {code: None for code in (*range(32), 127) if chr(code) not in "\t\n\r"} | dict.fromkeys(
    range(0xD800, 0xE000)
)
"""Characters no database or page can do anything with: controls and lone surrogates."""


def wrong(claim: str) -> LaunchRefused:
    """The refusal for a claim of the wrong type; only the last part of its name is told."""
    return LaunchRefused(Refusal.CLAIM_INVALID, claim=claim.rpartition("/")[2])


def claim_object(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A JSON object; empty when absent or null."""
    value = claims.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(name)
    return value


def text(holder: Mapping[str, Any], name: str, limit: int = MAX_ID) -> str:
    """A text for people, cut to `limit` characters; empty when absent or null."""
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(name)
    return clean(value)[:limit]


def clean(value: str) -> str:
    """Without characters that cannot be stored."""
    return value if value.isprintable() else value.translate(_CONTROLS)


def is_identifier(value: object) -> TypeGuard[str]:
    """A text of 1 to 255 characters that can be stored, and written in one line, exactly as it is."""
    return isinstance(value, str) and 0 < len(value) <= MAX_ID and value.isprintable()


def texts(holder: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts; empty when absent or null."""
    value = holder.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise wrong(name)
    return tuple(map(clean, value))


def url(holder: Mapping[str, Any], name: str) -> str | None:
    """An http(s) address; None when absent, null or empty."""
    value = holder.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not is_url(value):
        raise wrong(name)
    return value


def is_url(value: str) -> bool:
    """An absolute http(s) address of storable length, without blanks, controls, quotes or angle brackets."""
    return len(value) <= MAX_URL and value.isprintable() and not _NOT_IN_URLS & set(value) and origin(value) is not None


def flag(holder: Mapping[str, Any], name: str, default: bool) -> bool:
    """A boolean; some platforms send it as text."""
    value = holder.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise wrong(name)
