"""A platform's roster as finished answers, handed out by an adapter of requests: a call costs both sides the same."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from tests.bench import driver

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


class Platform(BaseAdapter):
    """Answers for tokens and for one course's members."""

    def __init__(self, members: int, *, page: int) -> None:
        super().__init__()
        self.pages: list[bytes] = []
        for start in range(0, members, page):
            rows = [member(number) for number in range(start, min(start + page, members))]
            body = {"id": driver.ISSUER, "context": {"id": "2", "title": "Экология"}, "members": rows}
            self.pages.append(json.dumps(body).encode())
        self.token = json.dumps({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}).encode()

    def send(self, request: requests.PreparedRequest, *_args: object, **_options: object) -> requests.Response:
        """One finished answer."""
        assert request.url is not None
        parts = urlsplit(request.url)
        if parts.path == "/token":
            return _answer(request, self.token, {"Content-Type": "application/json"})
        number = int(parse_qs(parts.query).get("page", ["0"])[0])
        headers = {"Content-Type": MEMBERS_TYPE}
        if number + 1 < len(self.pages):
            headers["Link"] = f'<{driver.ISSUER}{parts.path}?page={number + 1}>; rel="next"'
        return _answer(request, self.pages[number], headers)

    def close(self) -> None:
        """Nothing is kept open."""


def _answer(request: requests.PreparedRequest, body: bytes, headers: dict[str, str]) -> requests.Response:
    response = requests.Response()
    response.status_code, response.reason = 200, "OK"
    response.headers = CaseInsensitiveDict(headers)
    response.url, response.request = str(request.url), request
    response.raw = HTTPResponse(BytesIO(body), headers=headers, status=200, preload_content=False)
    return response
