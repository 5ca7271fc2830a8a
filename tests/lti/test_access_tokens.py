"""Service tokens: the assertion, keeping and dropping, one fetch for all workers, and bad answers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from hypothesis import given
from jwt import PyJWK

from lti_tool.lti.calls import (
    EARLY,
    LOCK_SECONDS,
    AccessTokens,
    Refused,
    Retry,
    ServiceError,
    ServiceToken,
    TokenRefused,
)
from lti_tool.lti.keys import KeyRing
from tests.lti.fakes import Answer, Lms, MemoryTokenStore, form_of
from tests.lti.strategies import json_values

GOOD = {"access_token": "abc", "token_type": "Bearer", "expires_in": 3600, "scope": "b a"}


class Endpoint:
    """A platform's token endpoint and our workers before it."""

    def __init__(self, ring: KeyRing, lms: Lms | None = None, answer: Answer = (200, {}, GOOD)) -> None:
        self.ring = ring
        self.lms = lms or Lms()
        self.store = MemoryTokenStore()
        self.answer(answer)

    def answer(self, answer: Any) -> None:
        self.lms.network.on("POST", self.lms.token_url, answer)

    def worker(self) -> AccessTokens:
        return AccessTokens(self.lms, http=self.lms.network.session(), keyring=self.ring, store=self.store)

    @property
    def fetches(self) -> int:
        return self.lms.network.count(self.lms.token_url)


@pytest.fixture
def endpoint(ring: KeyRing) -> Endpoint:
    return Endpoint(ring)


class TestAssertion:
    def sent(self, endpoint: Endpoint) -> tuple[dict[str, str], dict[str, Any]]:
        endpoint.worker().get(["b", "a"])
        form = form_of(endpoint.lms.network.requests[-1])
        kid = jwt.get_unverified_header(form["client_assertion"])["kid"]
        key = next(key for key in endpoint.ring.public_jwks()["keys"] if key["kid"] == kid)
        unchecked: Any = {"verify_aud": False}
        return form, jwt.decode(form["client_assertion"], PyJWK(key), algorithms=["RS256"], options=unchecked)

    def test_the_form(self, endpoint: Endpoint) -> None:
        form, _content = self.sent(endpoint)
        assert form["grant_type"] == "client_credentials"
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert form["scope"] == "a b"

    def test_the_claims(self, endpoint: Endpoint) -> None:
        now = time.time()
        _form, content = self.sent(endpoint)
        assert content["iss"] == content["sub"] == "client-1"
        assert content["aud"] == "https://lms.example/token"
        assert content["iat"] <= now < content["exp"] <= content["iat"] + 300
        assert len(content["jti"]) >= 20
        endpoint.store.rows.clear()
        assert self.sent(endpoint)[1]["jti"] != content["jti"]

    def test_an_audience_of_the_platforms_own(self, ring: KeyRing) -> None:
        audience = "https://lms.example/audience"
        assert self.sent(Endpoint(ring, Lms(token_audience=audience)))[1]["aud"] == audience


class TestKeeping:
    def test_one_token_serves_all_workers_and_any_order_of_scopes(self, endpoint: Endpoint) -> None:
        tokens = [endpoint.worker().get(scopes) for scopes in (["a", "b"], ["b", "a"], ("a", "b"))]
        assert {token.value for token in tokens} == {"abc"}
        assert endpoint.fetches == 1

    def test_other_scopes_and_other_registrations_have_their_own(self, endpoint: Endpoint) -> None:
        endpoint.worker().get(["a"])
        endpoint.worker().get(["b"])
        twin = Lms(id=2, network=endpoint.lms.network)
        AccessTokens(twin, http=twin.network.session(), keyring=endpoint.ring, store=endpoint.store).get(["a"])
        assert endpoint.store.rows.keys() == {(1, "a"), (1, "b"), (2, "a")}
        assert endpoint.fetches == 3

    @pytest.mark.parametrize(("left", "fetches"), [(timedelta(0), 1), (EARLY, 1), (EARLY + timedelta(seconds=30), 0)])
    def test_it_is_dropped_a_minute_before_it_ends(self, endpoint: Endpoint, left: timedelta, fetches: int) -> None:
        endpoint.store.put(1, "a", ServiceToken("old", datetime.now(UTC) + left, frozenset("a")))
        assert endpoint.worker().get(["a"]).value == ("abc" if fetches else "old")
        assert endpoint.fetches == fetches

    @pytest.mark.parametrize(
        ("told", "seconds"),
        [(3600, 3600), ("120", 120), (90.5, 90.5), (None, 600), (0, 600), (-5, 600), ("soon", 600), (10**12, 600)],
    )
    def test_how_long_it_lives(self, endpoint: Endpoint, told: object, seconds: float) -> None:
        endpoint.answer((200, {}, GOOD | {"expires_in": told}))
        before = datetime.now(UTC)
        ends = endpoint.worker().get(["a"]).expires_at
        assert before + timedelta(seconds=seconds) <= ends <= datetime.now(UTC) + timedelta(seconds=seconds)

    def test_dropping_spares_a_newer_one(self, endpoint: Endpoint) -> None:
        old = endpoint.worker().get(["a"])
        newer = ServiceToken("newer", datetime.now(UTC) + timedelta(hours=1), frozenset("a"))
        endpoint.store.put(1, "a", newer)
        endpoint.worker().drop(old, ["a"])
        assert endpoint.worker().get(["a"]) == newer

    def test_it_shows_in_no_repr(self, endpoint: Endpoint) -> None:
        assert "abc" not in repr(endpoint.worker().get(["a"]))

    @pytest.mark.parametrize(("told", "scopes"), [("b a", {"a", "b"}), ("", {"a"}), (None, {"a"}), (["a"], {"a"})])
    def test_what_was_granted(self, endpoint: Endpoint, told: object, scopes: set[str]) -> None:
        endpoint.answer((200, {}, GOOD | {"scope": told}))
        assert endpoint.worker().get(["a"]).scopes == frozenset(scopes)

    def test_moodle_calls_it_html(self, endpoint: Endpoint) -> None:
        endpoint.answer((200, {"Content-Type": "text/html; charset=utf-8"}, GOOD))
        assert endpoint.worker().get(["a"]).value == "abc"


class TestOneFetchForAll:
    def test_fifty_at_once(self, endpoint: Endpoint) -> None:
        def slow(_request: requests.PreparedRequest) -> Answer:
            time.sleep(0.05)
            return 200, {}, GOOD

        endpoint.answer(slow)
        with ThreadPoolExecutor(50) as pool:
            tokens = list(pool.map(lambda _each: endpoint.worker().get(["a"]), range(50)))
        assert {token.value for token in tokens} == {"abc"}
        assert endpoint.fetches == 1

    def test_a_failure_frees_the_others(self, endpoint: Endpoint) -> None:
        endpoint.answer((500, {}, b""))
        with pytest.raises(Retry):
            endpoint.worker().get(["a"])
        assert endpoint.store.lock(1, "a", LOCK_SECONDS)

    def test_who_waits_too_long_comes_back_later(self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("lti_tool.lti.calls.WAIT_SECONDS", 0.0)
        endpoint.store.lock(1, "a", LOCK_SECONDS)
        with pytest.raises(Retry, match="token_busy"):
            endpoint.worker().get(["a"])
        assert endpoint.fetches == 0


class TestBadAnswers:
    @pytest.mark.parametrize(
        ("answer", "kind", "code"),
        [
            ((400, {}, {"error": "invalid_scope"}), TokenRefused, "invalid_scope"),
            ((401, {}, {"error": "invalid_client"}), TokenRefused, "invalid_client"),
            ((400, {}, {"error": "Petya Ivanov"}), TokenRefused, "token_refused"),
            ((400, {}, {"error": {"a": 1}}), TokenRefused, "token_refused"),
            ((400, {}, b"<html>"), TokenRefused, "token_refused"),
            ((404, {}, b""), TokenRefused, "token_refused"),
            ((302, {"Location": "https://evil.example"}, b""), TokenRefused, "token_refused"),
            ((429, {}, b""), Retry, "token_unavailable"),
            ((500, {}, b""), Retry, "token_unavailable"),
            ((200, {}, b"<html>login</html>"), Retry, "token_not_json"),
            ((200, {}, []), Retry, "token_not_json"),
            ((200, {}, {}), Retry, "token_unusable"),
            ((200, {}, GOOD | {"access_token": ""}), Retry, "token_unusable"),
            ((200, {}, GOOD | {"access_token": "a\r\nX: 1"}), Retry, "token_unusable"),
            ((200, {}, GOOD | {"access_token": "ж"}), Retry, "token_unusable"),
            ((200, {}, GOOD | {"access_token": "t" * 8001}), Retry, "token_unusable"),
            ((200, {}, b"x" * 300_000), Refused, "too_large"),
        ],
    )
    def test_what_they_mean(self, endpoint: Endpoint, answer: Answer, kind: type[ServiceError], code: str) -> None:
        endpoint.answer(answer)
        with pytest.raises(kind) as caught:
            endpoint.worker().get(["a"])
        assert caught.value.code == code
        assert "Petya" not in repr(caught.value)
        assert endpoint.store.rows == {}

    def test_a_wish_to_wait_is_kept(self, endpoint: Endpoint) -> None:
        endpoint.answer((429, {"Retry-After": "90"}, b""))
        with pytest.raises(Retry) as caught:
            endpoint.worker().get(["a"])
        assert caught.value.after == 90

    @given(json_values)
    def test_any_json_is_a_token_or_a_service_error(self, ring: KeyRing, body: Any) -> None:
        for answer in (body, GOOD | body if isinstance(body, dict) else GOOD | {"expires_in": body}):
            try:
                found = Endpoint(ring, answer=(200, {}, answer)).worker().get(["a"])
            except ServiceError:
                continue
            assert found.value == "abc"
