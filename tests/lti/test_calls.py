"""Authorised calls: what every answer means to the caller, and when nothing is sent at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.http import CONNECT_SECONDS, READ_SECONDS
from lti_tool.lti import claims
from lti_tool.lti.calls import retry_after
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.services import (
    LineItemSpec,
    Refused,
    Retry,
    ServiceError,
    TokenRefused,
)
from tests.lti.fakes import Answer, form_of
from tests.lti.service import COLUMN, COLUMNS, ROSTER, ROW, SCORED, Service

EVERY_CALL: dict[str, tuple[str, Callable[[Service], object]]] = {
    "members": ("GET", lambda service: service.roster.members(ROSTER)),
    "find": ("GET", lambda service: service.grades.find(COLUMNS)),
    "create": ("POST", lambda service: service.grades.create(COLUMNS, LineItemSpec("x", 5, "activity:1"))),
    "read": ("GET", lambda service: service.grades.read(COLUMN)),
    "update": ("GET", lambda service: service.grades.update(COLUMN, label="x")),
    "delete": ("DELETE", lambda service: service.grades.delete(COLUMN)),
    "post_score": ("POST", lambda service: service.grades.post_score(COLUMN, SCORED)),
    "results": ("GET", lambda service: service.grades.results(COLUMN)),
}


def answer_all(service: Service, answer: Answer) -> None:
    for url in (ROSTER, COLUMNS, COLUMN, f"{COLUMN.partition('?')[0]}/scores", f"{COLUMN.partition('?')[0]}/results"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            service.network.on(method, url.partition("?")[0], answer)


@pytest.mark.parametrize("name", EVERY_CALL)
class TestEveryCall:
    @pytest.mark.parametrize(
        ("status", "kind", "code"),
        [
            (400, Refused, "bad_request"),
            (403, Refused, "forbidden"),
            (404, Refused, "not_found"),
            (410, Refused, "not_found"),
            (418, Refused, "refused"),
            (302, Refused, "redirected"),
            (408, Retry, "platform_trouble"),
            (429, Retry, "busy"),
            (500, Retry, "platform_trouble"),
            (503, Retry, "platform_trouble"),
        ],
    )
    def test_what_a_status_means(
        self, service: Service, name: str, status: int, kind: type[ServiceError], code: str
    ) -> None:
        answer_all(service, (status, {"Retry-After": "120", "Location": "https://evil.example/"}, b"Petya Ivanov"))
        with pytest.raises(kind) as caught:
            EVERY_CALL[name][1](service)
        assert (caught.value.code, caught.value.status) == (code, status)
        assert "Petya" not in repr(caught.value)
        assert getattr(caught.value, "after", None) == (120 if kind is Retry else None)
        assert len(service.asked) == 1

    def test_one_401_is_answered_with_a_new_token(self, service: Service, name: str) -> None:
        answer_all(service, (404, {}, b""))
        method = EVERY_CALL[name][0]
        for (verb, url), _handler in list(service.network.routes.items()):
            if verb == method and url != service.lms.token_url:
                service.network.on(
                    verb,
                    url,
                    lambda request: (401 if request.headers["Authorization"] == "Bearer t1" else 404, {}, b""),
                )
        with pytest.raises(Refused, match="not_found"):
            EVERY_CALL[name][1](service)
        assert service.network.count(service.lms.token_url) == 2
        assert [request.headers["Authorization"] for request in service.asked] == ["Bearer t1", "Bearer t2"]

    def test_two_401_end_it(self, service: Service, name: str) -> None:
        answer_all(service, (401, {}, b""))
        with pytest.raises(TokenRefused) as caught:
            EVERY_CALL[name][1](service)
        assert (caught.value.code, caught.value.status) == ("unauthorized", 401)
        assert service.network.count(service.lms.token_url) == 2
        assert len(service.asked) == 2

    def test_html_in_place_of_json_is_tried_later(self, service: Service, name: str) -> None:
        if name == "delete":
            return  # its answer holds nothing
        answer_all(service, (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>maintenance</html>"))
        with pytest.raises(Retry) as caught:
            EVERY_CALL[name][1](service)
        assert caught.value.code == "not_json"

    def test_nobody_there_is_tried_later(self, service: Service, name: str) -> None:
        with pytest.raises(Retry, match="connect"):
            EVERY_CALL[name][1](service)

    def test_every_request_has_a_timeout_and_follows_nothing(self, service: Service, name: str) -> None:
        answer_all(service, (404, {}, b""))
        with pytest.raises(Refused):
            EVERY_CALL[name][1](service)
        assert {options["timeout"] for options in service.network.options} == {(CONNECT_SECONDS, READ_SECONDS)}

    def test_only_one_scope_is_asked_for(self, service: Service, name: str) -> None:
        answer_all(service, (404, {}, b""))
        with pytest.raises(Refused):
            EVERY_CALL[name][1](service)
        assert form_of(service.network.requests[0])["scope"] in claims.SERVICE_SCOPES

    def test_a_scope_that_was_not_granted_makes_no_call(self, service: Service, name: str) -> None:
        granted: Answer = (200, {}, {"access_token": "t", "expires_in": 3600, "scope": "openid"})
        service.network.on("POST", service.lms.token_url, granted)
        with pytest.raises(Refused, match="scope_not_granted"):
            EVERY_CALL[name][1](service)
        assert service.asked == []


class TestScopes:
    @pytest.mark.parametrize("name", [name for name in EVERY_CALL if name != "members"])
    def test_what_is_not_offered_is_not_even_asked(self, ring: KeyRing, name: str) -> None:
        service = Service(ring, "https://purl.imsglobal.org/spec/lti-ags/scope/other")
        with pytest.raises(Refused, match="scope_not_offered"):
            EVERY_CALL[name][1](service)
        assert service.network.requests == []

    def test_reading_is_enough_to_read(self, ring: KeyRing) -> None:
        service = Service(ring, claims.SCOPE_LINE_ITEM_READ)
        service.network.on("GET", COLUMN.partition("?")[0], (200, {}, ROW))
        service.grades.read(COLUMN)
        assert form_of(service.network.requests[0])["scope"] == claims.SCOPE_LINE_ITEM_READ
        with pytest.raises(Refused, match="scope_not_offered"):
            service.grades.delete(COLUMN)

    @pytest.mark.parametrize(
        "url",
        ["https://evil.example/x/lineitem", "http://lms.example/x", "https://lms.example:444/x", "//lms.example", ""],
    )
    def test_addresses_of_others_get_nothing_of_ours(self, service: Service, url: str) -> None:
        for call in (service.grades.read, service.grades.delete, service.roster.members):
            with pytest.raises(Refused, match="foreign_address"):
                call(url)
        assert service.network.requests == []


class TestRetryAfter:
    def value(self, text: str) -> int | None:
        response = requests.Response()
        response.headers["Retry-After"] = text
        return retry_after(response)

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("0", 0), (" 30 ", 30), ("99999999", 86400), ("-5", None), ("soon", None), ("", None), ("²", None)],
    )
    def test_seconds(self, text: str, seconds: int | None) -> None:
        assert self.value(text) == seconds

    def test_a_date(self) -> None:
        found = self.value(format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True))
        assert found is not None
        assert 590 <= found <= 600
        assert self.value("Sun, 06 Nov 1994 08:49:37 GMT") == 0

    @given(st.text())
    def test_any_text(self, text: str) -> None:
        found = self.value(text)
        assert found is None or 0 <= found <= 86400
