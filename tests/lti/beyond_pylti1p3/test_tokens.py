"""Which id_tokens are accepted, beside plain pylti1p3."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from pylti1p3.exception import LtiException

from lti_tool.lti import Refusal
from lti_tool.lti.jwks import PAUSE
from tests.lti.beyond_pylti1p3.peer import Peer
from tests.lti.fakes import NOW, NOW_SECONDS, Lms, Tool, public_jwk, refusal, rsa_key
from tests.lti.test_token import compact

HOUR = 3600


def test_016_115_keys_are_kept_and_a_new_key_id_is_met_by_one_fetch(lms: Lms) -> None:
    tool, cached, plain = Tool(lms), Peer(lms, cached_keys=True), Peer(lms)
    tool.launch(lms)
    tool.launch(lms)
    assert lms.network.count(lms.jwks_url) == 1
    plain.launch(lms)
    plain.launch(lms)
    assert lms.network.count(lms.jwks_url) == 3  # by default: at every launch
    cached.launch(lms)
    renewed = Lms(kid="k2", key_name="second", network=lms.network)
    start = tool.login(lms)
    later = NOW + PAUSE
    assert tool.receive(start, renewed.sign(lms.claims(start.nonce)), now=later).launch.user.sub == "7"
    login = cached.begin(lms)
    with pytest.raises(LtiException, match="Unable to find public key"):
        login.send(renewed.sign(lms.claims(login.nonce)))


def test_115_a_platform_whose_keys_cannot_be_had_for_a_while(lms: Lms) -> None:
    tool, peer = Tool(lms), Peer(lms)
    tool.launch(lms)
    lms.network.on("GET", lms.jwks_url, (503, {}, b"<html>"))
    start = tool.login(lms)
    token = lms.sign(lms.claims(start.nonce))
    assert tool.receive(start, token, now=NOW + timedelta(seconds=30)).launch.user.sub == "7"
    with pytest.raises(LtiException, match="Must be JSON"):
        peer.launch(lms)


def test_018_no_algorithm_but_our_own(lms: Lms) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    jwk = ECAlgorithm.to_jwk(curve.public_key(), as_dict=True) | {"kid": "k1", "alg": "ES256", "use": "sig"}
    lms.network.on("GET", lms.jwks_url, (200, {}, {"keys": [jwk]}))
    tool, peer = Tool(lms), Peer(lms)
    start = tool.login(lms)
    token = jwt.encode(lms.claims(start.nonce), curve, algorithm="ES256", headers={"kid": "k1"})
    assert refusal(tool.receive, start, token).code == Refusal.ALGORITHM_REFUSED
    login = peer.begin(lms)
    login.send(jwt.encode(lms.claims(login.nonce), curve, algorithm="ES256", headers={"kid": "k1"}))


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(("bits", "changes"), [(1024, {}), (2048, {"use": "enc"})])
def test_019_no_weak_key_and_none_for_something_else(bits: int, changes: dict[str, str]) -> None:
    lms, key = Lms(), rsa_key(f"of {bits}", bits)
    lms.network.on("GET", lms.jwks_url, (200, {}, {"keys": [public_jwk(key, "k1", **changes)]}))
    tool, peer = Tool(lms), Peer(lms)
    start = tool.login(lms)
    token = jwt.encode(lms.claims(start.nonce), key, algorithm="RS256", headers={"kid": "k1"})
    assert refusal(tool.receive, start, token).code == Refusal.KEY_UNUSABLE
    login = peer.begin(lms)
    login.send(jwt.encode(lms.claims(login.nonce), key, algorithm="RS256", headers={"kid": "k1"}))


def test_020_a_token_whose_parts_are_no_objects(tool: Tool, lms: Lms, peer: Peer) -> None:
    token = compact({"alg": "RS256", "kid": "k1"}, [])
    assert refusal(tool.receive, tool.login(lms), token).code == Refusal.TOKEN_MALFORMED
    with pytest.raises(AttributeError):
        peer.begin(lms).send(token)


def test_023_several_audiences_with_us_as_the_party(tool: Tool, lms: Lms, peer: Peer) -> None:
    several: dict[str, Any] = {"aud": ["other", "client-1"], "azp": "client-1"}
    assert tool.launch(lms, **several).launch.user.sub == "7"
    with pytest.raises(Exception, match="not found"):
        peer.launch(lms, **several)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"aud": ["client-1", "other"]}, Refusal.AUTHORIZED_PARTY_MISMATCH, id="025-no-azp"),
        pytest.param({"azp": "other"}, Refusal.AUTHORIZED_PARTY_MISMATCH, id="026-foreign-azp"),
        pytest.param({"exp": None}, Refusal.TIMES_MISSING, id="027-no-exp"),
        pytest.param({"iat": None}, Refusal.TIMES_MISSING, id="027-no-iat"),
        pytest.param({"iat": 1_400_000_000}, Refusal.TOKEN_TOO_OLD, id="030-ten-years-old"),
    ],
)
def test_what_the_library_accepts(tool: Tool, lms: Lms, peer: Peer, changes: dict[str, Any], code: Refusal) -> None:
    assert refusal(tool.launch, lms, **changes).code == code
    peer.launch(lms, **changes)


@pytest.mark.parametrize(("issued", "expires"), [(2, 62), (-90, -30)])
def test_029_clocks_that_differ_a_little(tool: Tool, lms: Lms, peer: Peer, issued: int, expires: int) -> None:
    times: dict[str, Any] = {"iat": NOW_SECONDS + issued, "exp": NOW_SECONDS + expires}
    assert tool.launch(lms, **times).launch.user.sub == "7"
    with pytest.raises(LtiException, match="Can't decode id_token"):
        peer.launch(lms, **times)


def test_032_the_nonce_of_another_login_of_this_browser(tool: Tool, lms: Lms, peer: Peer) -> None:
    old, new = tool.login(lms), tool.login(lms)
    assert refusal(tool.receive, new, lms.sign(lms.claims(old.nonce))).code == Refusal.NONCE_MISMATCH
    browser = peer.browser()
    first, second = peer.begin(lms, browser), peer.begin(lms, browser)
    second.send(lms.sign(lms.claims(first.nonce)))


def test_033_the_same_launch_once_more(tool: Tool, lms: Lms, peer: Peer) -> None:
    """Ours gives the same fingerprint again, which the launch page stores once (tests/launch: accepted once)."""
    start = tool.login(lms)
    token = lms.sign(lms.claims(start.nonce))
    hashes = {tool.receive(start, token).state_hash for _each in range(2)}
    assert len(hashes) == 1
    later = NOW + timedelta(seconds=601)
    assert refusal(tool.receive, start, token, now=later).code == Refusal.STATE_EXPIRED
    login = peer.begin(lms)
    token = lms.sign(lms.claims(login.nonce, exp=NOW_SECONDS + 24 * HOUR))
    for _again in range(3):
        login.send(token)


def test_034_the_same_launch_at_once(lms: Lms, peer: Peer) -> None:
    """Ours lets one in (tests/launch: two at once); the library all of them."""
    login = peer.begin(lms)
    token = lms.sign(lms.claims(login.nonce))
    cookies = {cookie.key: cookie.value for cookie in (login.client._cookies or {}).values()}

    def send(_each: int) -> int:
        browser = peer.browser()
        for name, value in cookies.items():
            browser.set_cookie(name, value, domain="tool.example", secure=True)
        form = {"state": login.state, "id_token": token}
        return browser.post("/launch", data=form, base_url="https://tool.example").status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [200] * 4
