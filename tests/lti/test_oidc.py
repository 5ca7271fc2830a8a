"""The login and the answer to it: what is sent to a platform, and which answers are taken."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti import LaunchRefused, Refusal
from lti_tool.lti.oidc import LEEWAY, MAX_AGE, Proof
from lti_tool.lti.state import STATE_SECONDS, cookie, dump, fingerprint, load, new_state
from tests.lti.fakes import LAUNCH_URL, NOW, NOW_SECONDS, SECRET, Lms, Tool, query_of, refusal

HINT = '{"cmid":5,"launchid":"ltilaunch_5_17","x":"a b&c=d+Ж\\""}'


class TestLogin:
    def test_exactly_these_parameters_go_to_the_platform(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms, lti_message_hint=HINT, target_link_uri=LAUNCH_URL)
        address, _, _query = start.url.partition("?")
        assert address == lms.auth_url
        assert query_of(start.url) == {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": "client-1",
            "redirect_uri": LAUNCH_URL,
            "login_hint": "7",
            "lti_message_hint": HINT,
            "state": start.state,
            "nonce": start.nonce,
        }

    def test_no_target_moves_the_redirect_address(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms, target_link_uri="https://evil.example/lti/launch", redirect_uri="https://evil.example")
        assert query_of(start.url)["redirect_uri"] == LAUNCH_URL
        assert "evil" not in start.url

    @pytest.mark.parametrize(
        ("path", "begins"),
        [
            ("/auth", "/auth?scope="),
            ("/auth?id=3", "/auth?id=3&scope="),
            ("/auth?", "/auth?scope="),
            ("/auth?id=3&", "/auth?id=3&scope="),
            ("/auth?id=3#part", "/auth?id=3&scope="),
        ],
    )
    def test_an_authorization_address_keeps_its_own_query(self, path: str, begins: str) -> None:
        lms = Lms(auth_path=path)
        assert Tool(lms).login(lms).url.startswith(f"https://lms.example{begins}")

    @pytest.mark.parametrize("missing", ["iss", "login_hint"])
    def test_an_incomplete_login_is_refused(self, tool: Tool, lms: Lms, missing: str) -> None:
        error = refusal(tool.login, lms, **{missing: ""})
        assert (error.code, error.facts) == (Refusal.LOGIN_INCOMPLETE, {"parameter": missing})

    @pytest.mark.parametrize("name", ["iss", "client_id", "login_hint", "lti_message_hint", "lti_deployment_id"])
    def test_an_endless_parameter_is_refused(self, tool: Tool, lms: Lms, name: str) -> None:
        assert refusal(tool.login, lms, **{name: "x" * 9000}).code == Refusal.LOGIN_PARAMETER_TOO_LONG

    @pytest.mark.parametrize("changes", [{"iss": "https://other.example"}, {"client_id": "client-9"}])
    def test_who_is_not_registered_is_unknown(self, tool: Tool, lms: Lms, changes: dict[str, str]) -> None:
        assert refusal(tool.login, lms, **changes).code == Refusal.PLATFORM_UNKNOWN


class TestWhichRegistration:
    first = Lms(id=1, client_id="client-1", deployments=("1", "2"))
    second = Lms(id=2, client_id="client-2", deployments=("2", "3"))
    twin = Lms(id=3, client_id="client-1", deployments=("4",))

    def test_the_client_id_decides(self) -> None:
        tool = Tool(self.first, self.second)
        assert [tool.login(each).platform_id for each in (self.first, self.second)] == [1, 2]

    def test_without_it_the_deployment_decides(self) -> None:
        tool = Tool(self.first, self.second)
        assert tool.login(self.first, client_id="", lti_deployment_id="3").platform_id == 2

    @pytest.mark.parametrize("deployment", ["", "2", "9"])
    def test_nothing_is_guessed(self, deployment: str) -> None:
        tool = Tool(self.first, self.second)
        error = refusal(tool.login, self.first, client_id="", lti_deployment_id=deployment)
        assert error.code == Refusal.PLATFORM_AMBIGUOUS

    def test_one_client_id_with_two_registrations_is_told_apart_by_deployment(self) -> None:
        tool = Tool(self.first, self.twin)
        assert tool.login(self.first, lti_deployment_id="4").platform_id == 3
        assert refusal(tool.login, self.first).code == Refusal.PLATFORM_AMBIGUOUS

    def test_the_only_registration_serves_deployments_it_does_not_know_yet(self, tool: Tool, lms: Lms) -> None:
        assert tool.login(lms, client_id="", lti_deployment_id="new").platform_id == 1


class TestStateAndNonce:
    def test_every_login_has_its_own(self, tool: Tool, lms: Lms) -> None:
        starts = [tool.login(lms) for _each in range(50)]
        for name in ("state", "nonce", "cookie_name", "cookie_value"):
            assert len({getattr(start, name) for start in starts}) == 50

    def test_128_bits_are_random(self) -> None:
        state = new_state(1, "", "", NOW_SECONDS)
        assert len(base64.urlsafe_b64decode(state.id + "==")) >= 16

    def test_nonce_and_cookie_follow_from_the_state_and_the_secret_alone(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms)
        login = load(start.state, SECRET, NOW_SECONDS)
        assert cookie(login, SECRET, https=True) == (start.cookie_name, start.cookie_value)
        assert cookie(login, "another secret", https=True)[1] != start.cookie_value
        assert start.nonce not in start.state
        assert start.cookie_value not in start.url

    def test_the_cookie_is_bound_to_the_host_on_https(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms)
        assert start.cookie_name.startswith("__Host-")
        assert start.cookie_seconds == STATE_SECONDS == 600

    @given(st.text())
    def test_no_text_but_ours_is_a_state(self, text: str) -> None:
        assert refusal(load, text, SECRET, NOW_SECONDS).code in (Refusal.STATE_MISSING, Refusal.STATE_INVALID)

    @given(st.data())
    def test_a_state_with_one_character_changed_is_none(self, data: st.DataObject) -> None:
        state = dump(new_state(1, "1", "", NOW_SECONDS), SECRET)
        place = data.draw(st.integers(0, len(state) - 1))
        other = data.draw(st.characters().filter(lambda letter: letter != state[place]))
        changed = state[:place] + other + state[place + 1 :]
        # the last character of base64 holds bits that mean nothing: another spelling, still used up as itself
        with suppress(LaunchRefused):
            assert load(changed, SECRET, NOW_SECONDS) == load(state, SECRET, NOW_SECONDS)
            assert place == len(state) - 1 or fingerprint(changed) != fingerprint(state)


class TestWhoBringsTheAnswer:
    def test_the_browser_of_the_login(self, tool: Tool, lms: Lms) -> None:
        received = tool.launch(lms)
        assert received.proof is Proof.COOKIE
        assert received.launch.user.sub == "7"
        assert received.platform is lms

    def test_a_browser_without_cookies_is_to_be_asked(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms)
        received = tool.receive(start, lms.sign(lms.claims(start.nonce)), cookies={})
        assert received.proof is Proof.NONE

    def test_the_storage_of_the_platform_may_prove_it(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms, lti_storage_target="post_message_forwarding")
        assert (start.storage_target, start.storage_origin) == ("post_message_forwarding", "https://lms.example")
        received = tool.receive(start, lms.sign(lms.claims(start.nonce)), cookies={})
        assert received.proof is Proof.STORAGE
        assert (received.state, received.nonce) == (start.state, start.nonce)
        assert received.storage_origin == "https://lms.example"

    @pytest.mark.parametrize("target", ["*", 'x"><script>', "a" * 101, "имя"])
    def test_a_frame_name_that_is_none_is_ignored(self, tool: Tool, lms: Lms, target: str) -> None:
        assert tool.login(lms, lti_storage_target=target).storage_target is None

    def test_the_cookie_of_another_login_is_refused(self, tool: Tool, lms: Lms) -> None:
        start, other = tool.login(lms), tool.login(lms)
        token = lms.sign(lms.claims(start.nonce))
        error = refusal(tool.receive, start, token, cookies={start.cookie_name: other.cookie_value})
        assert error.code == Refusal.BROWSER_MISMATCH
        assert error.state_hash == fingerprint(start.state)

    @pytest.mark.parametrize("value", ["", "ы", "\ud800"])
    def test_a_cookie_of_any_letters_is_refused_and_nothing_else(self, tool: Tool, lms: Lms, value: str) -> None:
        start = tool.login(lms)
        error = refusal(tool.receive, start, "x.y.z", cookies={start.cookie_name: value})
        assert error.code == Refusal.BROWSER_MISMATCH

    def test_two_tabs_have_two_cookies(self, tool: Tool, lms: Lms) -> None:
        starts = [tool.login(lms), tool.login(lms)]
        cookies = {start.cookie_name: start.cookie_value for start in starts}
        for start in reversed(starts):
            received = tool.receive(start, lms.sign(lms.claims(start.nonce)), cookies=cookies)
            assert received.proof is Proof.COOKIE

    @pytest.mark.parametrize(("state", "code"), [("", Refusal.STATE_MISSING), ("x" * 5000, Refusal.STATE_INVALID)])
    def test_without_a_state_of_ours_nothing_is_looked_at(
        self, tool: Tool, lms: Lms, state: str, code: Refusal
    ) -> None:
        error = refusal(tool.receive, replace(tool.login(lms), state=state), "x")
        assert (error.code, error.state_hash, error.platform_id) == (code, None, None)

    def test_a_state_made_with_another_secret_is_refused(self, tool: Tool, lms: Lms) -> None:
        forged = dump(new_state(1, "", "", NOW_SECONDS), "guessed")
        assert refusal(tool.receive, replace(tool.login(lms), state=forged)).code == Refusal.STATE_INVALID

    @pytest.mark.parametrize(("seconds", "accepted"), [(0, True), (600, True), (601, False), (-1, False)])
    def test_a_login_is_good_for_ten_minutes(self, tool: Tool, lms: Lms, seconds: int, accepted: bool) -> None:
        start, now = tool.login(lms), NOW + timedelta(seconds=seconds)
        told = lms.claims(start.nonce, iat=NOW_SECONDS + seconds, exp=NOW_SECONDS + seconds + 60)
        if accepted:
            assert tool.receive(start, lms.sign(told), now=now).expires > now
        else:
            assert refusal(tool.receive, start, lms.sign(told), now=now).code == Refusal.STATE_EXPIRED

    def test_the_used_mark_outlives_the_state(self, tool: Tool, lms: Lms) -> None:
        received = tool.launch(lms)
        assert received.expires > NOW + timedelta(seconds=STATE_SECONDS)
        assert received.state_hash == fingerprint(received.state)

    @pytest.mark.parametrize(
        ("sent", "told"),
        [("login_required", "login_required"), ("invalid_request", "invalid_request"), ("<script>", "other")],
    )
    def test_an_error_of_the_platform_is_named_and_uses_the_state(
        self, tool: Tool, lms: Lms, sent: str, told: str
    ) -> None:
        error = refusal(tool.receive, tool.login(lms), error=sent, error_description="<b>")
        assert (error.code, error.facts, error.platform_id) == (Refusal.PLATFORM_ERROR, {"error": told}, 1)
        assert error.state_hash is not None

    def test_a_registration_that_was_removed_meanwhile(self, tool: Tool, lms: Lms) -> None:
        start = tool.login(lms)
        tool.platforms = ()
        assert refusal(tool.receive, start, "x").code == Refusal.PLATFORM_UNKNOWN


class TestTheTokenIsForUsNow:
    @pytest.mark.parametrize("aud", ["client-1", ["client-1"]])
    def test_our_client_id_is_the_audience(self, tool: Tool, lms: Lms, aud: object) -> None:
        assert tool.launch(lms, aud=aud).launch.user.sub == "7"

    def test_among_several_we_are_the_authorized_party(self, tool: Tool, lms: Lms) -> None:
        assert tool.launch(lms, aud=["other", "client-1"], azp="client-1").launch.user.sub == "7"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"iss": "https://other.example"}, Refusal.ISSUER_MISMATCH),
            ({"iss": None}, Refusal.ISSUER_MISMATCH),
            ({"iss": ["https://lms.example"]}, Refusal.ISSUER_MISMATCH),
            ({"aud": "other"}, Refusal.AUDIENCE_MISMATCH),
            ({"aud": None}, Refusal.AUDIENCE_MISMATCH),
            ({"aud": []}, Refusal.AUDIENCE_MISMATCH),
            ({"aud": {"client-1": 1}}, Refusal.AUDIENCE_MISMATCH),
            ({"aud": ["client-1", "other"]}, Refusal.AUTHORIZED_PARTY_MISMATCH),
            ({"aud": ["client-1", "other"], "azp": "other"}, Refusal.AUTHORIZED_PARTY_MISMATCH),
            ({"azp": "other"}, Refusal.AUTHORIZED_PARTY_MISMATCH),
            ({"azp": ["client-1"]}, Refusal.AUTHORIZED_PARTY_MISMATCH),
            ({"nonce": None}, Refusal.NONCE_MISMATCH),
            ({"nonce": ""}, Refusal.NONCE_MISMATCH),
            ({"nonce": 5}, Refusal.NONCE_MISMATCH),
            ({"nonce": "ж\ud800"}, Refusal.NONCE_MISMATCH),
            ({"iat": None}, Refusal.TIMES_MISSING),
            ({"exp": None}, Refusal.TIMES_MISSING),
            ({"exp": "later"}, Refusal.TIMES_MISSING),
            ({"exp": True}, Refusal.TIMES_MISSING),
            ({"exp": 10**400}, Refusal.TIMES_MISSING),
            ({"iat": 11111, "exp": 22222}, Refusal.TOKEN_EXPIRED),
        ],
    )
    def test_anything_else_is_refused(self, tool: Tool, lms: Lms, changes: dict[str, Any], code: Refusal) -> None:
        error = refusal(tool.launch, lms, **changes)
        assert error.code == code
        assert error.platform_id == 1

    @pytest.mark.parametrize(
        ("issued", "expires", "code"),
        [
            (0, 60, None),
            (-90, -30, None),
            (30, 90, None),
            (-LEEWAY, -LEEWAY, None),
            (-MAX_AGE - LEEWAY, 60, None),
            (-180, -120, Refusal.TOKEN_EXPIRED),
            (120, 180, Refusal.TOKEN_FROM_FUTURE),
            (-MAX_AGE - LEEWAY - 1, 60, Refusal.TOKEN_TOO_OLD),
            (-10 * 365 * 86400, 86400, Refusal.TOKEN_TOO_OLD),
        ],
    )
    def test_clocks_may_differ_by_a_minute(
        self, tool: Tool, lms: Lms, issued: int, expires: int, code: Refusal | None
    ) -> None:
        times: dict[str, Any] = {"iat": NOW_SECONDS + issued, "exp": NOW_SECONDS + expires}
        if code is None:
            assert tool.launch(lms, **times).launch.user.sub == "7"
        else:
            error = refusal(tool.launch, lms, **times)
            assert error.code == code
            assert int(error.facts["seconds"]) > LEEWAY

    def test_the_nonce_of_another_login_is_refused(self, tool: Tool, lms: Lms) -> None:
        first, second = tool.login(lms), tool.login(lms)
        token = lms.sign(lms.claims(first.nonce))
        assert refusal(tool.receive, second, token).code == Refusal.NONCE_MISMATCH

    def test_the_deployment_of_the_login_is_the_one_of_the_launch(self) -> None:
        lms = Lms(deployments=("1", "2"))
        tool = Tool(lms)
        start = tool.login(lms, lti_deployment_id="2")
        wrong = lms.sign(lms.claims(start.nonce, DEPLOYMENT_ID="1"))
        assert refusal(tool.receive, start, wrong).code == Refusal.DEPLOYMENT_MISMATCH
        right = lms.sign(lms.claims(start.nonce, DEPLOYMENT_ID="2"))
        assert tool.receive(start, right).launch.deployment_id == "2"

    def test_one_platform_cannot_answer_for_another(self) -> None:
        good, evil = Lms(), Lms(id=2, host="evil.example", key_name="evil")
        tool = Tool(good, evil)
        start = tool.login(evil)
        assert refusal(tool.receive, start, evil.sign(good.claims(start.nonce))).code == Refusal.ISSUER_MISMATCH
        start = tool.login(good)
        assert refusal(tool.receive, start, evil.sign(good.claims(start.nonce))).code == Refusal.SIGNATURE_INVALID
