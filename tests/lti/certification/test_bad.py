"""Launches that must be refused: with a page that helps, nothing stored, and nothing personal told."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest

from lti_tool.lti import Refusal, claims
from tests.conftest import browser
from tests.lti.certification.conftest import Answer, Candidate, Change
from tests.lti.certification.payloads import ABSENT, Put, Times, audiences_without_party
from tests.lti.fakes import rsa_key

DEEP_LINKING = {"MESSAGE_TYPE": claims.DEEP_LINKING_REQUEST}
REVIEW = {"MESSAGE_TYPE": claims.SUBMISSION_REVIEW_REQUEST}


def check_refused(candidate: Candidate, answer: Answer, code: Refusal, before: list[int]) -> None:
    assert answer.refusal == code
    assert 400 <= answer.page.status_code < 500
    assert answer.page.headers["X-Request-ID"] in answer.page.text
    assert "Traceback" not in answer.page.text
    assert candidate.stored() == before
    assert answer.client.get("/courses/1").status_code == 401
    told = answer.page.text + repr(answer.log)
    assert [secret for secret in candidate.personal if secret in told] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(Put(iss="https://other.example"), Refusal.ISSUER_MISMATCH, id="022-issuer-of-another"),
        pytest.param(Put(iss=ABSENT), Refusal.ISSUER_MISMATCH, id="022-no-issuer"),
        pytest.param(Put(aud="another tool"), Refusal.AUDIENCE_MISMATCH, id="024-audience-of-another"),
        pytest.param(Put(aud=ABSENT), Refusal.AUDIENCE_MISMATCH, id="024-no-audience"),
        pytest.param(audiences_without_party, Refusal.AUTHORIZED_PARTY_MISMATCH, id="025-audiences-without-azp"),
        pytest.param(Put(azp="another tool"), Refusal.AUTHORIZED_PARTY_MISMATCH, id="026-party-of-another"),
        pytest.param(Put(exp=ABSENT), Refusal.TIMES_MISSING, id="027-no-exp"),
        pytest.param(Put(iat=ABSENT), Refusal.TIMES_MISSING, id="027-no-iat"),
        pytest.param(Put(iat=11111, exp=22222), Refusal.TOKEN_EXPIRED, id="028-times-of-1970"),
        pytest.param(Times(-180, -120), Refusal.TOKEN_EXPIRED, id="029-ran-out-two-minutes-ago"),
        pytest.param(Times(120, 180), Refusal.TOKEN_FROM_FUTURE, id="029-two-minutes-ahead"),
        pytest.param(Times(-86400 * 3650, 86400), Refusal.TOKEN_TOO_OLD, id="030-ten-years-old"),
        pytest.param(Put(nonce=ABSENT), Refusal.NONCE_MISMATCH, id="031-no-nonce"),
        pytest.param(Put(nonce="of another login"), Refusal.NONCE_MISMATCH, id="032-other-nonce"),
        pytest.param(Put(VERSION=ABSENT), Refusal.VERSION_UNSUPPORTED, id="036-no-version"),
        pytest.param(Put(VERSION="1.2"), Refusal.VERSION_UNSUPPORTED, id="036-version-1.2"),
        pytest.param(Put(VERSION="11.3"), Refusal.VERSION_UNSUPPORTED, id="036-version-11.3"),
        pytest.param(Put(VERSION="1.3.1"), Refusal.VERSION_UNSUPPORTED, id="036-version-1.3.1"),
        pytest.param(Put(MESSAGE_TYPE=ABSENT), Refusal.MESSAGE_TYPE_UNSUPPORTED, id="037-no-message-type"),
        pytest.param(Put(MESSAGE_TYPE="LtiOther"), Refusal.MESSAGE_TYPE_UNSUPPORTED, id="037-unknown-message-type"),
        pytest.param(Put(**DEEP_LINKING), Refusal.DEEP_LINKING_INVALID, id="038-deep-linking-without-settings"),
        pytest.param(Put(**REVIEW), Refusal.REVIEW_INVALID, id="038-review-of-nobody"),
        pytest.param(Put(DEPLOYMENT_ID=2**31), Refusal.DEPLOYMENT_MISMATCH, id="039-deployment-a-number"),
        pytest.param(Put(DEPLOYMENT_ID=""), Refusal.DEPLOYMENT_MISMATCH, id="039-deployment-empty"),
        pytest.param(Put(DEPLOYMENT_ID="d" * 256), Refusal.DEPLOYMENT_MISMATCH, id="039-deployment-endless"),
        pytest.param(Put(DEPLOYMENT_ID=ABSENT), Refusal.DEPLOYMENT_MISMATCH, id="039-no-deployment"),
        pytest.param(Put(DEPLOYMENT_ID="other"), Refusal.DEPLOYMENT_MISMATCH, id="041-other-deployment"),
        pytest.param(Put(RESOURCE_LINK=ABSENT), Refusal.RESOURCE_LINK_INVALID, id="042-no-link"),
        pytest.param(Put(RESOURCE_LINK=None), Refusal.RESOURCE_LINK_INVALID, id="042-link-null"),
        pytest.param(Put(RESOURCE_LINK={"title": "x"}), Refusal.RESOURCE_LINK_INVALID, id="042-link-without-id"),
        pytest.param(Put(RESOURCE_LINK={"id": "r" * 256}), Refusal.RESOURCE_LINK_INVALID, id="042-link-id-endless"),
        pytest.param(Put(RESOURCE_LINK="5"), Refusal.RESOURCE_LINK_INVALID, id="042-link-as-text"),
        pytest.param(Put(TARGET_LINK_URI=ABSENT), Refusal.TARGET_MISSING, id="043-no-target"),
        pytest.param(Put(TARGET_LINK_URI="https://evil.example/"), Refusal.TARGET_FOREIGN, id="043-foreign-target"),
        pytest.param(Put(sub=ABSENT), Refusal.USER_MISSING, id="044-nobody"),
        pytest.param(Put(sub=None), Refusal.USER_MISSING, id="044-null"),
        pytest.param(Put(sub=""), Refusal.USER_INVALID, id="044-empty"),
        pytest.param(Put(sub="s" * 256), Refusal.USER_INVALID, id="046-sub-endless"),
        pytest.param(Put(ROLES=ABSENT), Refusal.ROLES_INVALID, id="047-roles-absent"),
        pytest.param(Put(ROLES=None), Refusal.ROLES_INVALID, id="047-roles-null"),
        pytest.param(Put(ROLES="Learner"), Refusal.ROLES_INVALID, id="048-roles-as-text"),
        pytest.param(Put(ROLES=[{"role": "Learner"}]), Refusal.ROLES_INVALID, id="048-roles-as-objects"),
        pytest.param(Put(CONTEXT="2"), Refusal.CLAIM_INVALID, id="058-context-as-text"),
        pytest.param(Put(CONTEXT={"title": "x"}), Refusal.CLAIM_INVALID, id="058-context-without-id"),
        pytest.param(Put(CUSTOM=[1]), Refusal.CLAIM_INVALID, id="058-custom-as-list"),
        pytest.param(Put(TOOL_PLATFORM="moodle"), Refusal.CLAIM_INVALID, id="058-platform-as-text"),
        pytest.param(Put(LAUNCH_PRESENTATION=5), Refusal.CLAIM_INVALID, id="058-presentation-as-number"),
        pytest.param(Put(NAMES_AND_ROLES=["x"]), Refusal.CLAIM_INVALID, id="058-roster-service-as-list"),
        pytest.param(Put(GRADE_SERVICE={"scope": "x"}), Refusal.CLAIM_INVALID, id="058-scope-as-text"),
        pytest.param(Put(name={"given": "x"}), Refusal.CLAIM_INVALID, id="058-name-as-object"),
    ],
)
def test_claims(candidate: Candidate, change: Change, code: Refusal) -> None:
    before = candidate.stored()
    check_refused(candidate, candidate.launch(change), code, before)


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        pytest.param({"header": {"kid": None}}, Refusal.KEY_ID_MISSING, id="015-no-kid"),
        pytest.param({"header": {"kid": "made up"}}, Refusal.KEY_UNKNOWN, id="016-unknown-kid"),
        pytest.param({"algorithm": "RS512"}, Refusal.ALGORITHM_REFUSED, id="017-rs512"),
        pytest.param({"algorithm": "PS256"}, Refusal.ALGORITHM_REFUSED, id="018-ps256"),
        pytest.param({"key": rsa_key("a stranger's")}, Refusal.SIGNATURE_INVALID, id="021-a-strangers-key"),
    ],
)
def test_signatures(candidate: Candidate, forged: dict[str, Any], code: Refusal) -> None:
    before = candidate.stored()
    check_refused(candidate, candidate.launch(**forged), code, before)


def unsigned(token: str) -> str:
    return _part({"alg": "none"}) + "." + token.split(".")[1] + "."


def signed_with_what_everybody_knows(token: str) -> str:
    head = _part({"alg": "HS256", "kid": "k1"}) + "." + token.split(".")[1]
    signature = hmac.digest(b"-----BEGIN PUBLIC KEY-----", head.encode(), "sha256")
    return f"{head}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(unsigned, Refusal.ALGORITHM_REFUSED, id="017-alg-none"),
        pytest.param(signed_with_what_everybody_knows, Refusal.ALGORITHM_REFUSED, id="017-hs256"),
        pytest.param(lambda _token: "", Refusal.TOKEN_MISSING, id="020-empty"),
        pytest.param(lambda _token: "{}", Refusal.TOKEN_MALFORMED, id="020-json"),
        pytest.param(lambda _token: "a.b", Refusal.TOKEN_MALFORMED, id="020-two-parts"),
        pytest.param(lambda _token: "a.b.c", Refusal.TOKEN_MALFORMED, id="020-not-base64"),
        pytest.param(lambda _token: f"{_part([])}.{_part([])}.x", Refusal.TOKEN_MALFORMED, id="020-arrays"),
        pytest.param(lambda token: token + "A" * 100_000, Refusal.TOKEN_TOO_LONG, id="020-endless"),
        pytest.param(lambda token: token[:-6] + "AAAAAA", Refusal.SIGNATURE_INVALID, id="021-altered-signature"),
    ],
)
def test_tokens(candidate: Candidate, damage: Any, code: Refusal) -> None:
    before = candidate.stored()
    message = candidate.begin(browser(candidate.app))
    message.fields["id_token"] = damage(message.fields["id_token"])
    check_refused(candidate, candidate.send(message), code, before)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        pytest.param("", Refusal.STATE_MISSING, id="035-no-state"),
        pytest.param("state-1234", Refusal.STATE_INVALID, id="035-unknown-state"),
    ],
)
def test_states(candidate: Candidate, state: str, code: Refusal) -> None:
    before = candidate.stored()
    message = candidate.begin(browser(candidate.app))
    message.fields["state"] = state
    candidate.personal.discard("")
    answer = candidate.send(message)
    candidate.personal -= {"", state}
    check_refused(candidate, answer, code, before)


def test_033_a_launch_that_was_refused_is_used_up(candidate: Candidate) -> None:
    """Nobody tries again and again with one state."""
    message = candidate.begin(browser(candidate.app))
    good = message.fields["id_token"]
    message.fields["id_token"] = good[:-6] + "AAAAAA"
    assert candidate.send(message).refusal == Refusal.SIGNATURE_INVALID
    message.fields["id_token"] = good
    assert candidate.send(message).refusal == Refusal.STATE_USED


def test_020_a_very_large_form_is_no_crash(candidate: Candidate) -> None:
    message = candidate.begin(browser(candidate.app))
    message.fields["id_token"] = "x" * 20_000_000
    page = message.send()
    assert 400 <= page.status_code < 500
