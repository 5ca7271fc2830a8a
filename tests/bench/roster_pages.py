"""A platform's roster as finished answers: pages of members as Moodle sends them, each with a link to the next."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GIVEN = ("Анна", "Пётр", "Мария", "Иван", "Ольга", "Zoë", "Тимур", "Лада", "Егор", "Вера")
FAMILY = ("Иванов", "Smirnova", "Ким", "Белова", "Осипов", "Юдин", "Орлова", "Ng", "Цой", "Крылова")


def member(number: int) -> dict[str, Any]:
    """A pupil as Moodle sends one; every thirtieth is a teacher."""
    given, family = GIVEN[number % 10], f"{FAMILY[number // 10 % 10]} {number}"
    return {
        "status": "Active",
        "roles": ["Instructor"] if number % 30 == 0 else ["Learner"],
        "user_id": str(1000 + number),
        "lis_person_sourcedid": f"S{number:05}",
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "ext_user_username": f"pupil{number}",
        "email": f"pupil{number}@lms.example",
    }


def path_of(members: int, page: int) -> str:
    """Where a platform has a roster of so many members in pages of `page`."""
    return f"/{members}/{page}/members"


@lru_cache
def pages(issuer: str, members: int, page: int) -> list[tuple[bytes, bytes]]:
    """(further header lines, body) of each page."""
    starts = range(0, members, page)
    return [(_head(issuer, members, page, start), _body(issuer, members, page, start)) for start in starts]


def _head(issuer: str, members: int, page: int, start: int) -> bytes:
    if start + page >= members:
        return b""
    return f'Link: <{issuer}{path_of(members, page)}?page={start // page + 1}>; rel="next"\r\n'.encode()


def _body(issuer: str, members: int, page: int, start: int) -> bytes:
    rows = [member(number) for number in range(start, min(start + page, members))]
    return json.dumps({"id": issuer, "context": {"id": "2", "title": "Экология"}, "members": rows}).encode()
