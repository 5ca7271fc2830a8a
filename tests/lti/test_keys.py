"""Our own signing keys: closed files, a change without a gap, nothing private shown."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import jwt
import pytest
from jwt import PyJWK

from lti_tool.lti.keys import LEAD, METADATA, OVERLAP, KeyRing

SECOND = timedelta(seconds=1)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


@pytest.fixture
def begun(ring: KeyRing) -> datetime:
    """When the first key was made."""
    return ring.describe()[0].published


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def published(ring: KeyRing, now: datetime) -> list[str]:
    return [key["kid"] for key in ring.public_jwks(now)["keys"]]


def test_the_files_are_readable_by_their_owner_only(ring: KeyRing, tmp_path: Path) -> None:
    ring.rotate()
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    files = list((tmp_path / "keys").iterdir())
    assert len([path for path in files if path.suffix == ".pem"]) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_directory_left_open_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    KeyRing(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_only_public_members_are_published(ring: KeyRing) -> None:
    ring.rotate()
    for key in ring.public_jwks()["keys"]:
        assert key.keys() == {"kty", "kid", "alg", "use", "n", "e"}
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")


def test_what_is_signed_is_verified_by_the_published_set(ring: KeyRing) -> None:
    token = ring.sign({"iss": "client-1", "aud": "lms"})
    key = next(key for key in ring.public_jwks()["keys"] if key["kid"] == kid_of(token))
    assert jwt.decode(token, PyJWK(key), algorithms=["RS256"], audience="lms")["iss"] == "client-1"


class TestRotation:
    def test_no_platform_ever_meets_a_key_it_could_not_know(self, ring: KeyRing, begun: datetime) -> None:
        """Whoever caches our set for less than a day has every key that signs, and has had it in time."""
        switch = begun + timedelta(days=30)
        ring.rotate(switch)
        for hours in range(-30, 80):
            now = switch + timedelta(hours=hours)
            signing = kid_of(ring.sign({}, now))
            for age in (timedelta(0), OVERLAP - SECOND):
                if now - age >= switch or hours < 0:
                    assert signing in published(ring, now - age)
            assert signing in published(ring, now + OVERLAP - SECOND)

    def test_the_new_key_is_shown_a_day_before_it_signs(self, ring: KeyRing, begun: datetime) -> None:
        old = ring.describe(begun)[0].kid
        new = ring.rotate(begun)
        assert published(ring, begun) == [old, new]
        assert kid_of(ring.sign({}, begun + LEAD - SECOND)) == old
        assert kid_of(ring.sign({}, begun + LEAD)) == new

    def test_the_old_key_stays_a_day_after_it_last_signed(self, ring: KeyRing, begun: datetime) -> None:
        old = ring.describe(begun)[0].kid
        new = ring.rotate(begun)
        assert published(ring, begun + LEAD + OVERLAP - SECOND) == [old, new]
        assert published(ring, begun + LEAD + OVERLAP) == [new]

    def test_a_second_order_while_one_waits_changes_nothing(self, ring: KeyRing, begun: datetime) -> None:
        assert ring.rotate(begun) == ring.rotate(begun + LEAD - SECOND)
        assert len(published(ring, begun)) == 2

    def test_two_orders_at_once_make_one_key(self, tmp_path: Path) -> None:
        rings = [KeyRing(tmp_path) for _each in range(4)]
        with ThreadPoolExecutor(4) as pool:
            kids = set(pool.map(lambda ring: ring.rotate(), rings))
        assert len(kids) == 1
        assert len(rings[0].public_jwks()["keys"]) == 2

    def test_the_file_of_a_key_that_left_is_removed(self, ring: KeyRing, begun: datetime, tmp_path: Path) -> None:
        old = ring.describe(begun)[0].kid
        ring.rotate(begun)
        ring.rotate(begun + LEAD + OVERLAP)
        assert not (tmp_path / "keys" / f"{old}.pem").exists()
        assert len(list((tmp_path / "keys").glob("*.pem"))) == 2

    def test_states_are_told_in_words(self, ring: KeyRing, begun: datetime) -> None:
        ring.rotate(begun)
        told = [[info.state for info in ring.describe(begun + shift)] for shift in (timedelta(0), LEAD, LEAD + OVERLAP)]
        assert told == [["signing", "waiting"], ["overlap", "signing"], ["signing"]]

    def test_a_clock_set_back_still_signs(self, ring: KeyRing, begun: datetime) -> None:
        assert kid_of(ring.sign({}, begun - timedelta(days=400))) in published(ring, begun)


class TestSharing:
    def test_another_process_sees_the_change_at_once(self, ring: KeyRing, tmp_path: Path) -> None:
        other = KeyRing(tmp_path / "keys")
        assert len(other.public_jwks()["keys"]) == 1
        kid = ring.rotate()
        assert kid in [key["kid"] for key in other.public_jwks()["keys"]]

    def test_processes_that_start_together_make_one_key(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(4) as pool:
            rings = list(pool.map(lambda _each: KeyRing(tmp_path), range(4)))
        assert len({ring.describe()[0].kid for ring in rings}) == 1
        assert len(list(tmp_path.glob("*.pem"))) == 1

    def test_a_key_is_parsed_once(self, ring: KeyRing, tmp_path: Path) -> None:
        """Its file is not even needed any more."""
        ring.sign({})
        for path in (tmp_path / "keys").glob("*.pem"):
            path.unlink()
        assert len({kid_of(ring.sign({})) for _each in range(5)}) == 1
        assert len(ring.public_jwks()["keys"]) == 1

    def test_the_metadata_holds_no_secret(self, ring: KeyRing, tmp_path: Path) -> None:
        rows = json.loads((tmp_path / "keys" / METADATA).read_text())["keys"]
        assert [row.keys() for row in rows] == [{"kid", "published", "signs_from", "signs_until"}]
