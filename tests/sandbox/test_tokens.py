from __future__ import annotations

import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.lms import COURSE, School
from tests.sandbox.tiny_tool import AGS, TinyTool


def test_a_token_is_json_in_a_text_answer(school: School, tool: TinyTool) -> None:
    answer = tool.ask_token(f"{AGS}score https://unknown.example/scope")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert {key: answer.json()[key] for key in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": f"{AGS}score",
    }


def test_no_known_scope_is_an_error(school: School, tool: TinyTool) -> None:
    answer = tool.ask_token("https://unknown.example/scope")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_scope"})


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": int(time.time()) + 3600},
        {"exp": 1},
        {"exp": None},
        {"aud": "https://other.example"},
        {"sub": "somebody", "iss": "somebody"},
        {"iss": "somebody"},
        {"jti": None},
    ],
)
def test_bad_assertions_get_no_token(school: School, tool: TinyTool, changes: dict[str, object]) -> None:
    assert tool.ask_token(assertion=tool.assertion(**changes)).status_code == 400


def test_an_assertion_is_taken_once(school: School, tool: TinyTool) -> None:
    assertion = tool.assertion()
    assert [tool.ask_token(assertion=assertion).status_code for _ in range(2)] == [200, 400]


def test_another_key_gets_no_token(school: School, tool: TinyTool) -> None:
    claims = jwt.decode(tool.assertion(), options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for headers in ({"kid": "tiny"}, {"kid": "unknown"}, {}):
        forged = jwt.encode(claims, stranger, algorithm="RS256", headers=headers)
        assert tool.ask_token(assertion=forged).status_code == 400
    assert tool.ask_token(assertion="not a token").status_code == 400


def test_a_pending_tool_gets_no_token(school: School, tool: TinyTool) -> None:
    again = School(school.app, tool.app)
    again.register(tool.app.test_client(), "http://localhost:8080/lti/register?invite=x", activate=False)
    assert tool.ask_token().json() == {"error": "invalid_client"}


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("429", 429), ("401", 401)])
def test_faults_answer_and_count_down(school: School, tool: TinyTool, kind: str, status: int) -> None:
    school.fault("token", kind, times=1)
    first, second = tool.ask_token(), tool.ask_token()
    assert (first.status_code, second.status_code) == (status, 200)
    assert ("Retry-After" in first.headers) == (kind == "429")
    assert [call["status"] for call in school.calls("token")] == [status, 200]


def test_html_instead_of_json(school: School, tool: TinyTool) -> None:
    school.fault("token", "html")
    answer = tool.ask_token()
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")


def test_hanging_is_a_timeout_for_the_caller_and_slow_is_not(school: School, tool: TinyTool) -> None:
    school.fault("token", "hang")
    with pytest.raises(requests.ReadTimeout):
        tool.ask_token()
    school.fault("token", "slow", seconds=1)
    assert tool.ask_token().status_code == 200


def test_no_percent_means_no_fault(school: School, tool: TinyTool) -> None:
    school.fault("nrps", "500", percent=0)
    address = f"{school.url}/services/CourseSection/{COURSE}/bindings/1/memberships"
    assert tool.call("GET", address).status_code == 200
