"""Reading the members of a roster (Names and Role Provisioning Services 2.0, section 2.3) out of a page's JSON.

It goes column by column: ten thousand rows are the ordinary case of a large school, and nearly all of them are plain.
A column that holds anything odd is read value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lti_tool.lti import fields, moodle
from lti_tool.lti.calls import Refused
from lti_tool.lti.claims import Roles, parse_roles

ACTIVE, INACTIVE, DELETED = "Active", "Inactive", "Deleted"
MAX_ESCAPED = 1000
"""Longest name taken before escapes are undone."""


class Member(NamedTuple):
    """A person in a roster."""

    user_id: str
    name: str
    given_name: str
    family_name: str
    email: str
    roles: Roles
    status: str
    """ACTIVE, INACTIVE or DELETED."""

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    def __repr__(self) -> str:
        """Without what would tell who it is."""
        return f"Member(roles={self.roles!r}, status={self.status!r})"


def members_of(rows: Sequence[Any]) -> list[Member]:
    """The members of one page. A row that cannot be read makes the whole answer unusable: its person would seem to
    have left. Raises Refused."""
    if not set(map(type, rows)) <= {dict}:
        raise _unreadable()
    columns = (
        _ids([row.get("user_id") for row in rows]),
        *(_texts(rows, name, _name) for name in ("name", "given_name", "family_name")),
        _texts(rows, "email", _text),
        _roles([row.get("roles", _NO_ROLES) for row in rows]),
        _states([row.get("status") or ACTIVE for row in rows]),
    )
    return list(map(Member._make, zip(*columns, strict=True)))


_NO_ROLES: list[str] = []


def _unreadable() -> Refused:
    return Refused("member_unreadable")


def _ids(values: list[Any]) -> list[str]:
    if _are_plain(values) and all(values):
        return values
    return [_id(value) for value in values]


def _id(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not fields.is_identifier(value):
        raise _unreadable()
    return value


def _roles(values: list[Any]) -> list[Roles]:
    known: dict[tuple[object, ...], Roles] = {}
    found: list[Roles] = []
    for value in values:
        if not isinstance(value, list):
            raise _unreadable()
        try:
            found.append(known[tuple(value)])
        except (KeyError, TypeError):
            roles = parse_roles(fields.clean(each) for each in value if isinstance(each, str))
            found.append(roles)
            known[tuple(each for each in value if isinstance(each, str))] = roles
    return found


def _states(values: list[Any]) -> list[str]:
    if values.count(ACTIVE) == len(values):
        return values
    if not all(isinstance(value, str) for value in values):
        raise _unreadable()
    return [value if value in (INACTIVE, DELETED) else ACTIVE for value in values]


def _texts(rows: Sequence[Mapping[str, Any]], name: str, read: Callable[[object], str]) -> list[str]:
    values = [row.get(name) or "" for row in rows]
    return values if _are_plain(values) else [read(value) for value in values]


def _are_plain(values: list[Any]) -> bool:
    """Texts that are taken as they are: short, of characters that can be stored, without an escape for HTML."""
    try:
        joined = "".join(values)
    except TypeError:
        return False
    return joined.isprintable() and "&" not in joined and max(map(len, values), default=0) <= fields.MAX_ID


def _name(value: object) -> str:
    return moodle.plain_name(fields.clean(value)[:MAX_ESCAPED])[: fields.MAX_ID] if isinstance(value, str) else ""


def _text(value: object) -> str:
    return fields.clean(value)[: fields.MAX_ID] if isinstance(value, str) else ""
