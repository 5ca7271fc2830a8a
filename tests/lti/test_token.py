"""The id_token as a signed thing: its shape, its header, its one signature."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti import LaunchRefused, Refusal, claims
from lti_tool.lti.token import MAX_TOKEN, take_apart
from tests.lti.fakes import Lms, Tool, refusal, rsa_key
from tests.lti.strategies import json_values

HINT = '{"cmid":5,"launchid":"ltilaunch_5_17","x":"a b&c=d+Ж\\""}'


def compact(header: object, content: object, signature: bytes = b"x") -> str:
    parts = [json.dumps(part).encode() for part in (header, content)] + [signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class TestTheSignature:
    def test_no_key_id(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms)
        assert refusal(tool.receive, start, lms.sign(lms.claims(start.nonce), kid=None)).code == Refusal.KEY_ID_MISSING

    @pytest.mark.parametrize("kid", ["", 5, None, ["k1"], "k" * 256])
    def test_a_key_id_that_is_none(self, tool: Tool, lms: Lms, kid: object) -> None:
        start = tool.login(lms)
        token = compact({"alg": "RS256", "kid": kid}, lms.claims(start.nonce))
        assert refusal(tool.receive, start, token).code == Refusal.KEY_ID_MISSING

    def test_an_altered_token(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms)
        header, _body, signature = lms.sign(lms.claims(start.nonce)).split(".")
        told = lms.claims(start.nonce, ROLES=[claims.MEMBERSHIP + "#Instructor"])
        body = compact({}, told).split(".")[1]
        assert refusal(tool.receive, start, f"{header}.{body}.{signature}").code == Refusal.SIGNATURE_INVALID

    @pytest.mark.parametrize("signature", ["", "AAAA"])
    def test_a_cut_signature(self, tool: Tool, lms: Lms, signature: str) -> None:
        start = tool.login(lms)
        token = lms.sign(lms.claims(start.nonce)).rpartition(".")[0] + "." + signature
        assert refusal(tool.receive, start, token).code == Refusal.SIGNATURE_INVALID

    @pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", None, ["RS256"]])
    def test_no_algorithm_but_rs256(self, tool: Tool, lms: Lms, alg: object) -> None:
        start = tool.login(lms)
        token = compact({"alg": alg, "kid": "k1"}, lms.claims(start.nonce))
        assert refusal(tool.receive, start, token).code == Refusal.ALGORITHM_REFUSED

    def test_our_knowledge_of_the_public_key_signs_nothing(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms)
        pem = (
            rsa_key()
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        unsigned = compact({"alg": "HS256", "kid": "k1"}, lms.claims(start.nonce)).rpartition(".")[0]
        signature = hmac.digest(pem, unsigned.encode(), "sha256")
        token = f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        assert refusal(tool.receive, start, token).code == Refusal.ALGORITHM_REFUSED

    def test_a_critical_extension_we_do_not_know(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms)
        token = lms.sign(lms.claims(start.nonce), crit=["exp"])
        assert refusal(tool.receive, start, token).code == Refusal.ALGORITHM_REFUSED

    @pytest.mark.parametrize("alg", ["none", "RS256"])
    def test_checks_that_cost_nothing_come_before_the_network(self, lms: Lms, alg: str) -> None:
        tool = Tool(lms)
        start = tool.login(lms)
        refusal(tool.receive, start, compact({"alg": alg, "kid": "k1"}, lms.claims("wrong")))
        assert lms.network.requests == []


class TestTheShapeOfAToken:
    @pytest.mark.parametrize(
        ("token", "code"),
        [
            ("", Refusal.TOKEN_MISSING),
            ("x", Refusal.TOKEN_MALFORMED),
            ("x.y", Refusal.TOKEN_MALFORMED),
            ("x.y.z", Refusal.TOKEN_MALFORMED),
            ("a.b.c.d", Refusal.TOKEN_MALFORMED),
            ("ж.ж.ж", Refusal.TOKEN_MALFORMED),
            ("oauth_consumer_key=x", Refusal.TOKEN_MALFORMED),
            (compact([], {}), Refusal.TOKEN_MALFORMED),
            (compact({"alg": "RS256", "kid": "k"}, []), Refusal.TOKEN_MALFORMED),
            (compact({"alg": "RS256", "kid": "k"}, "text"), Refusal.TOKEN_MALFORMED),
            (compact({"alg": "RS256", "kid": "k"}, {"exp": float("nan")}), Refusal.TOKEN_MALFORMED),
            (compact({"alg": "RS256", "kid": "k"}, {"x": "y" * 1_000_000}), Refusal.TOKEN_TOO_LONG),
        ],
    )
    def test_what_is_no_token(self, tool: Tool, lms: Lms, token: str, code: Refusal) -> None:
        assert refusal(tool.receive, tool.login(lms), token).code == code

    def test_deep_nesting_is_no_crash(self) -> None:
        deep = base64.urlsafe_b64encode(b"[" * 40_000).decode()
        assert len(deep) < MAX_TOKEN
        assert refusal(take_apart, f"{deep}.e30.x").code == Refusal.TOKEN_MALFORMED

    @given(st.text() | st.lists(st.text("abAB01-_="), min_size=3, max_size=3).map(".".join))
    def test_any_text_is_taken_apart_or_refused(self, token: str) -> None:
        with suppress(LaunchRefused):
            take_apart(token)

    @given(
        st.dictionaries(st.sampled_from(["iss", "aud", "azp", "iat", "exp", "nonce", "sub"]), json_values),
        st.dictionaries(st.sampled_from(["kid", "alg", "crit", "typ"]), json_values),
    )
    def test_any_json_in_a_token_is_refused_and_nothing_else(
        self, changes: Mapping[str, Any], header: Mapping[str, Any]
    ) -> None:
        lms = Lms()
        tool = Tool(lms)
        start = tool.login(lms)
        token = compact({"alg": "RS256", "kid": "k1", **header}, {**lms.claims(start.nonce), **changes})
        refusal(tool.receive, start, token)
