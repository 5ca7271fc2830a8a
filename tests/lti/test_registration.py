"""Dynamic registration: what is read of a platform, what is sent, and every way it can go wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.http import GuardedSession
from lti_tool.lti import claims
from lti_tool.lti.registration import (
    CLAIMS,
    PLATFORM_CONFIGURATION,
    TOOL_CONFIGURATION,
    PlatformConfiguration,
    RegistrationRefused,
    RegistrationResult,
    ToolDescription,
    discover,
    register,
    registration_request,
)
from tests.lti.fakes import LAUNCH_URL, TOOL, Answer, Network
from tests.lti.strategies import json_values

ADDRESS = "https://lms.example/mod/lti/openid-configuration.php"
REGISTER = "https://lms.example/mod/lti/openid-registration.php"
MESSAGES = [{"type": claims.RESOURCE_LINK_REQUEST}, {"type": claims.DEEP_LINKING_REQUEST}]
DOCUMENT: dict[str, Any] = {
    "issuer": "https://lms.example",
    "authorization_endpoint": "https://lms.example/mod/lti/auth.php",
    "token_endpoint": "https://lms.example/mod/lti/token.php",
    "jwks_uri": "https://lms.example/mod/lti/certs.php",
    "registration_endpoint": REGISTER,
    "scopes_supported": [claims.SCOPE_SCORE, claims.SCOPE_MEMBERS, "openid"],
    "claims_supported": ["sub", "iss", "name", "email"],
    "response_types_supported": ["id_token"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    "id_token_signing_alg_values_supported": ["RS256"],
    PLATFORM_CONFIGURATION: {"product_family_code": "moodle", "version": "4.5", "messages_supported": MESSAGES},
}
US = ToolDescription(
    names={"": "Schools Together", "ru": "Школы вместе"},
    descriptions={"": "Shared courses"},
    base_url=TOOL,
    login_url=f"{TOOL}/lti/login",
    launch_url=LAUNCH_URL,
    jwks_url=f"{TOOL}/lti/jwks",
    logo_url=f"{TOOL}/logo.svg",
    pick_labels={"": "Choose", "ru": "Выбрать"},
)
ANSWER = {"client_id": "abc", "scope": claims.SCOPE_SCORE, TOOL_CONFIGURATION: {"deployment_id": "5"}}


@pytest.fixture
def network() -> Network:
    network = Network()
    network.on("GET", ADDRESS, (200, {}, DOCUMENT))
    network.on("POST", REGISTER, (200, {}, ANSWER))
    return network


def read(network: Network, **changes: Any) -> PlatformConfiguration:
    document = {name: value for name, value in (DOCUMENT | changes).items() if value is not None}
    network.on("GET", ADDRESS, (200, {}, document))
    return discover(network.session(), ADDRESS)


def sign_up(network: Network, token: str | None = "one-time") -> RegistrationResult:
    return register(network.session(), read(network), token, US)


def refusal(call: Any, *args: Any, **options: Any) -> RegistrationRefused:
    with pytest.raises(RegistrationRefused) as caught:
        call(*args, **options)
    return caught.value


class TestDiscovery:
    def test_a_platform_tells_of_itself(self, network: Network) -> None:
        found = read(network)
        assert found.issuer == "https://lms.example"
        assert found.registration_url == REGISTER
        assert (found.product, found.version) == ("moodle", "4.5")
        assert found.token_audience is None
        assert found.foreign_hosts == frozenset()
        assert claims.DEEP_LINKING_REQUEST in found.messages

    def test_an_audience_of_its_own(self, network: Network) -> None:
        assert read(network, authorization_server="https://lms.example").token_audience == "https://lms.example"

    def test_other_hosts_are_named_for_the_administrator(self, network: Network) -> None:
        found = read(network, issuer="https://cloud.example", jwks_uri="https://keys.example/jwks")
        assert found.foreign_hosts == {"cloud.example", "keys.example"}

    def test_what_is_not_listed_is_taken_to_be_there(self, network: Network) -> None:
        optional = [name for name in DOCUMENT if name.endswith("_supported")]
        found = read(network, **dict.fromkeys([*optional, PLATFORM_CONFIGURATION]))
        assert found.scopes == frozenset()

    @pytest.mark.parametrize(
        "name", ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"]
    )
    @pytest.mark.parametrize("value", [None, "", 5, "javascript:alert(1)", "ftp://lms.example/", "x" * 2000])
    def test_an_address_that_is_missing_or_none(self, network: Network, name: str, value: object) -> None:
        error = refusal(read, network, **{name: value})
        assert (error.code, error.facts) == ("incomplete", {"name": name})

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"id_token_signing_alg_values_supported": ["ES256"]}, "RS256"),
            ({"response_types_supported": ["code"]}, "id_token"),
            ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, "private_key_jwt"),
            (
                {PLATFORM_CONFIGURATION: {"messages_supported": [{"type": "LtiOther"}]}},
                claims.RESOURCE_LINK_REQUEST,
            ),
        ],
    )
    def test_what_we_cannot_do_without(self, network: Network, changes: dict[str, Any], name: str) -> None:
        error = refusal(read, network, **changes)
        assert (error.code, error.facts) == ("not_supported", {"name": name})

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            ((404, {}, b"<html>"), "not_a_configuration"),
            ((404, {}, DOCUMENT), "not_a_configuration"),
            ((200, {}, b"<html>login first</html>"), "not_a_configuration"),
            ((200, {}, ["x"]), "not_a_configuration"),
            ((302, {"Location": "http://127.0.0.1/"}, b""), "not_a_configuration"),
            ((200, {}, b"x" * 300_000), "unreachable"),
        ],
    )
    def test_an_answer_that_is_no_configuration(self, network: Network, answer: Answer, code: str) -> None:
        network.on("GET", ADDRESS, answer)
        assert refusal(discover, network.session(), ADDRESS).code == code
        assert len(network.requests) == 1

    def test_nobody_there(self) -> None:
        error = refusal(discover, Network().session(), ADDRESS)
        assert (error.code, error.facts) == ("unreachable", {"reason": "connect"})

    @pytest.mark.parametrize(
        "url",
        ["https://127.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[::1]/", "file:///etc/passwd"],
    )
    def test_an_address_inside_is_not_asked(self, url: str) -> None:
        with GuardedSession() as session:
            assert refusal(discover, session, url).code == "blocked"

    @given(st.dictionaries(st.sampled_from(sorted(DOCUMENT)), json_values) | json_values)
    def test_any_json_is_read_or_refused(self, sent: Any) -> None:
        network = Network()
        network.on("GET", ADDRESS, (200, {}, DOCUMENT | sent if isinstance(sent, dict) else sent))
        with suppress(RegistrationRefused):
            assert discover(network.session(), ADDRESS).issuer


class TestRequest:
    def test_what_moodle_asks_for_is_in_it(self, network: Network) -> None:
        request = registration_request(read(network), US)
        assert request["redirect_uris"] == [LAUNCH_URL]
        assert request["initiate_login_uri"] == f"{TOOL}/lti/login"
        assert request["jwks_uri"] == f"{TOOL}/lti/jwks"
        assert request["token_endpoint_auth_method"] == "private_key_jwt"
        assert request["response_types"] == ["id_token"]
        assert (request["client_name"], request["client_name#ru"]) == ("Schools Together", "Школы вместе")
        config = request[TOOL_CONFIGURATION]
        assert config["domain"] == "tool.example"
        assert config["target_link_uri"] == LAUNCH_URL
        assert [message["type"] for message in config["messages"]] == [each["type"] for each in MESSAGES]
        assert config["messages"][1]["label#ru"] == "Выбрать"
        assert config["custom_parameters"] == {
            "context_history": "$Context.id.history",
            "groups": "$Moodle.Person.userGroupIds",
        }

    def test_only_scopes_and_claims_the_platform_knows(self, network: Network) -> None:
        request = registration_request(read(network), US)
        assert set(request["scope"].split()) == {claims.SCOPE_SCORE, claims.SCOPE_MEMBERS}
        assert request[TOOL_CONFIGURATION]["claims"] == ["iss", "sub", "name", "email"]

    def test_all_of_ours_when_it_names_none(self, network: Network) -> None:
        request = registration_request(read(network, scopes_supported=None, claims_supported=None), US)
        assert set(request["scope"].split()) == set(claims.SERVICE_SCOPES)
        assert request[TOOL_CONFIGURATION]["claims"] == list(CLAIMS)

    def test_a_port_belongs_to_the_domain(self, network: Network) -> None:
        local = ToolDescription(**{**vars(US), "launch_url": "http://localhost:8080/lti/launch"})
        assert registration_request(read(network), local)[TOOL_CONFIGURATION]["domain"] == "localhost:8080"


class TestRegister:
    def test_the_answer_is_taken_as_it_is(self, network: Network) -> None:
        found = sign_up(network)
        assert found == RegistrationResult("abc", "5", frozenset({claims.SCOPE_SCORE}))

    def test_the_token_goes_once_and_only_in_its_header(self, network: Network) -> None:
        sign_up(network)
        sent = [request for request in network.requests if "one-time" in str(request.headers)]
        assert [str(request.url) for request in sent] == [REGISTER]
        assert sent[0].headers["Authorization"] == "Bearer one-time"
        assert b"one-time" not in (sent[0].body if isinstance(sent[0].body, bytes) else b"")

    def test_without_a_token_there_is_no_header(self, network: Network) -> None:
        sign_up(network, None)
        assert "Authorization" not in network.requests[-1].headers

    @pytest.mark.parametrize("token", ["a b", "a\r\nX-Evil: 1", "ж", "t" * 8001])
    def test_a_token_that_would_break_the_header_is_not_sent(self, network: Network, token: str) -> None:
        assert refusal(sign_up, network, token).code == "token_unusable"
        assert network.count(REGISTER) == 0

    @pytest.mark.parametrize(
        ("answer", "code", "facts"),
        [
            ((401, {}, b"x"), "token_used", {"status": 401}),
            ((400, {}, b"invalid_domain"), "refused", {"status": 400, "answer": "invalid_domain"}),
            ((400, {}, b"<html><b>no</b></html>"), "refused", {"status": 400, "answer": ""}),
            ((500, {}, b"x" * 400), "refused", {"status": 500, "answer": ""}),
            ((302, {"Location": "https://evil.example/"}, b""), "refused", {"status": 302, "answer": ""}),
            ((200, {}, b"<html>"), "bad_answer", {"status": 200}),
            ((200, {}, {"client_id": ""}), "bad_answer", {"status": 200}),
            ((200, {}, {"client_id": 5}), "bad_answer", {"status": 200}),
        ],
    )
    def test_bad_days(self, network: Network, answer: Answer, code: str, facts: dict[str, Any]) -> None:
        network.on("POST", REGISTER, answer)
        error = refusal(sign_up, network)
        assert (error.code, error.facts) == (code, facts)
        assert network.count(REGISTER) == 1

    @pytest.mark.parametrize("config", [None, "5", {}, {"deployment_id": None}, {"deployment_id": 5}])
    def test_a_deployment_may_come_later(self, network: Network, config: object) -> None:
        network.on("POST", REGISTER, (201, {}, ANSWER | {TOOL_CONFIGURATION: config, "scope": None}))
        found = sign_up(network)
        assert (found.deployment_id, found.scopes) == (None, frozenset())

    def test_it_is_posted_as_json(self, network: Network) -> None:
        sign_up(network)
        request: requests.PreparedRequest = network.requests[-1]
        assert request.headers["Content-Type"] == "application/json"
        assert json.loads(request.body or b"") == registration_request(read(network), US)
