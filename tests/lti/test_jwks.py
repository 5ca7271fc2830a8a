"""Public keys of platforms: which are used, how rarely they are fetched, and what happens when they cannot be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm

from lti_tool.core.http import GuardedSession, RemoteError
from lti_tool.lti import LaunchRefused, Refusal
from lti_tool.lti.jwks import FRESH, MAX_KEYS, PAUSE, PlatformKeys, StoredKeys
from tests.lti.fakes import NOW, Lms, MemoryKeyStore, Tool, public_jwk, rsa_key
from tests.lti.strategies import json_values

SECOND = timedelta(seconds=1)


@pytest.fixture
def store() -> MemoryKeyStore:
    return MemoryKeyStore()


@pytest.fixture
def keys(lms: Lms, store: MemoryKeyStore) -> PlatformKeys:
    return PlatformKeys(lms.network.session(), store)


def code_of(keys: PlatformKeys, lms: Lms, kid: str, **options: Any) -> Refusal:
    with pytest.raises(LaunchRefused) as caught:
        keys.key(lms, kid, **options)
    assert caught.value.platform_id == lms.id
    return caught.value.code


def serve(lms: Lms, *jwks: Any) -> None:
    lms.network.on("GET", lms.jwks_url, (200, {}, {"keys": list(jwks)}))


def fetches(lms: Lms) -> int:
    return lms.network.count(lms.jwks_url)


class TestCaching:
    def test_a_hundred_launches_fetch_once_and_parse_once(self, keys: PlatformKeys, lms: Lms) -> None:
        found = {id(keys.key(lms, "k1", NOW + each * SECOND)) for each in range(100)}
        assert len(found) == 1
        assert fetches(lms) == 1

    def test_launches_at_once_fetch_once(self, keys: PlatformKeys, lms: Lms) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _each: keys.key(lms, "k1", NOW), range(32)))
        assert fetches(lms) == 1

    def test_a_set_that_is_old_is_fetched_again(self, keys: PlatformKeys, lms: Lms) -> None:
        keys.key(lms, "k1", NOW)
        keys.key(lms, "k1", NOW + FRESH)
        assert fetches(lms) == 1
        keys.key(lms, "k1", NOW + FRESH + SECOND)
        assert fetches(lms) == 2

    def test_another_process_finds_what_this_one_fetched(
        self, keys: PlatformKeys, lms: Lms, store: MemoryKeyStore
    ) -> None:
        keys.key(lms, "k1", NOW)
        PlatformKeys(lms.network.session(), store).key(lms, "k1", NOW + SECOND)
        assert fetches(lms) == 1

    def test_a_newer_set_of_another_process_is_taken(self, keys: PlatformKeys, lms: Lms, store: MemoryKeyStore) -> None:
        keys.key(lms, "k1", NOW)
        store.put(lms.id, StoredKeys({"keys": [public_jwk(rsa_key("next"), "k2")]}, NOW + 5 * SECOND))
        found = keys.key(lms, "k2", NOW + 6 * SECOND)
        assert found.public_numbers() == rsa_key("next").public_key().public_numbers()
        assert fetches(lms) == 1


class TestUnknownKeyId:
    def test_a_new_key_is_met_by_one_more_fetch(self, keys: PlatformKeys, lms: Lms) -> None:
        keys.key(lms, "k1", NOW)
        serve(lms, lms.jwk(), public_jwk(rsa_key("next"), "k2"))
        keys.key(lms, "k2", NOW + PAUSE)
        keys.key(lms, "k1", NOW + PAUSE)
        assert fetches(lms) == 2

    def test_it_is_asked_at_most_once_a_minute(self, keys: PlatformKeys, lms: Lms) -> None:
        for second in range(180):
            assert code_of(keys, lms, f"made up {second}", now=NOW + second * SECOND) == Refusal.KEY_UNKNOWN
        assert fetches(lms) == 3

    def test_a_flood_from_many_threads_asks_once(self, keys: PlatformKeys, lms: Lms) -> None:
        keys.key(lms, "k1", NOW - PAUSE)
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda each: code_of(keys, lms, f"x{each}", now=NOW), range(32)))
        assert set(codes) == {Refusal.KEY_UNKNOWN}
        assert fetches(lms) == 2


class TestTrouble:
    @pytest.mark.parametrize(
        "answer",
        [
            (500, {}, b"oops"),
            (404, {}, {"keys": []}),
            (200, {}, b"<html>maintenance</html>"),
            (200, {}, ["keys"]),
            (200, {}, {"keys": "none"}),
            (302, {"Location": "https://elsewhere.example/jwks"}, b""),
        ],
    )
    def test_the_old_set_serves_while_the_platform_is_down(
        self, keys: PlatformKeys, lms: Lms, answer: tuple[int, dict[str, str], Any]
    ) -> None:
        known = keys.key(lms, "k1", NOW)
        lms.network.on("GET", lms.jwks_url, answer)
        days = NOW + timedelta(days=3)
        assert keys.key(lms, "k1", days).public_numbers() == known.public_numbers()
        keys.key(lms, "k1", days + SECOND)
        assert fetches(lms) == 2

    def test_without_any_set_the_reason_is_told(self, keys: PlatformKeys, lms: Lms) -> None:
        lms.network.routes.clear()
        for _again in range(2):
            with pytest.raises(LaunchRefused) as caught:
                keys.key(lms, "k1", NOW)
            assert caught.value.code == Refusal.KEYS_UNAVAILABLE
            assert caught.value.facts == {"reason": "connect"}
        assert fetches(lms) == 1

    def test_it_heals_after_a_minute(self, keys: PlatformKeys, lms: Lms) -> None:
        lms.network.on("GET", lms.jwks_url, (503, {}, b""))
        assert code_of(keys, lms, "k1", now=NOW) == Refusal.KEYS_UNAVAILABLE
        serve(lms, lms.jwk())
        assert code_of(keys, lms, "k1", now=NOW + PAUSE - SECOND) == Refusal.KEYS_UNAVAILABLE
        keys.key(lms, "k1", NOW + PAUSE)

    def test_the_doctor_fetches_now_and_hears_the_error(self, keys: PlatformKeys, lms: Lms) -> None:
        assert keys.fetch(lms, NOW) == ["k1"]
        assert keys.fetch(lms, NOW) == ["k1"]
        assert fetches(lms) == 2
        lms.network.routes.clear()
        with pytest.raises(RemoteError):
            keys.fetch(lms, NOW)

    def test_a_private_address_is_never_asked(self, store: MemoryKeyStore) -> None:
        inside = Lms(host="127.0.0.1:1")
        with GuardedSession() as session:
            assert code_of(PlatformKeys(session, store), inside, "k1") == Refusal.KEYS_UNAVAILABLE


class TestWhichKeysAreUsed:
    @pytest.mark.parametrize(
        "changes",
        [
            {"use": "enc"},
            {"alg": "RS512"},
            {"alg": "ES256"},
            {"kty": "oct", "k": "c2VjcmV0"},
            {"key_ops": ["encrypt"]},
            {"key_ops": "verify"},
            {"n": "AQAB"},
            {"n": None},
            {"n": "&"},
            {"e": "AA"},
        ],
    )
    def test_a_key_for_something_else_is_unusable(self, keys: PlatformKeys, lms: Lms, changes: dict[str, Any]) -> None:
        serve(lms, lms.jwk(**changes))
        assert code_of(keys, lms, "k1") == Refusal.KEY_UNUSABLE

    def test_a_weak_key_is_unusable(self, keys: PlatformKeys, lms: Lms) -> None:
        serve(lms, public_jwk(rsa_key("weak", 1024), "k1"))
        assert code_of(keys, lms, "k1") == Refusal.KEY_UNUSABLE

    def test_an_elliptic_key_is_unusable(self, keys: PlatformKeys, lms: Lms) -> None:
        curve = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
        serve(lms, {**curve, "kid": "k1"})
        assert code_of(keys, lms, "k1") == Refusal.KEY_UNUSABLE

    def test_alg_and_use_may_be_absent(self, keys: PlatformKeys, lms: Lms) -> None:
        jwk = lms.jwk()
        serve(lms, {name: value for name, value in jwk.items() if name not in ("alg", "use")})
        assert keys.key(lms, "k1").key_size == 2048

    def test_one_bad_key_spoils_no_other(self, keys: PlatformKeys, lms: Lms) -> None:
        serve(lms, None, 5, {}, {"kid": 7}, lms.jwk(use="enc"), lms.jwk())
        assert keys.key(lms, "k1").key_size == 2048

    def test_a_set_without_end_is_cut(self, keys: PlatformKeys, lms: Lms) -> None:
        serve(lms, *({"kid": str(number)} for number in range(MAX_KEYS)), lms.jwk())
        assert code_of(keys, lms, "k1") == Refusal.KEY_UNKNOWN

    jwk_members = st.dictionaries(st.sampled_from(["kty", "use", "alg", "n", "e", "key_ops", "kid"]), json_values)

    @given(jwk_members)
    def test_any_json_as_a_key_gives_a_key_or_a_refusal(self, changes: dict[str, Any]) -> None:
        lms = Lms()
        serve(lms, lms.jwk() | changes)
        with suppress(LaunchRefused):
            assert PlatformKeys(lms.network.session(), MemoryKeyStore()).key(lms, "k1").key_size >= 2048


class TestEachRegistrationHasItsOwnKeys:
    def test_the_same_key_id_at_two_platforms(self) -> None:
        first = Lms()
        second = Lms(id=2, host="two.example", key_name="second", network=first.network)
        tool = Tool(first, second)
        for platform in (first, second):
            assert tool.launch(platform).platform is platform

    def test_the_same_address_in_two_registrations(self) -> None:
        """An owner of one registration cannot change what the other is checked with, not even at one address."""
        first = Lms(client_id="client-1")
        second = Lms(id=2, client_id="client-2", network=first.network)
        tool = Tool(first, second)
        tool.launch(first)
        tool.launch(second)
        assert tool.store.rows.keys() == {1, 2}
        tool.store.put(2, StoredKeys({"keys": [public_jwk(rsa_key("second"), "k1")]}, NOW + SECOND))
        assert tool.launch(first).platform is first

    def test_an_address_that_was_changed_is_asked_anew(self, keys: PlatformKeys, lms: Lms) -> None:
        keys.key(lms, "k1", NOW)
        moved = Lms(host="new.example", key_name="moved", network=lms.network)
        found = keys.key(moved, "k1", NOW + FRESH + SECOND)
        assert found.public_numbers() == rsa_key("moved").public_key().public_numbers()
