from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lti_tool.sandbox import create_school
from tests.lms import COURSE, PUPIL, SCHOOL_A, School
from tests.sandbox.tiny_tool import CONFIGURATION, URL, TinyTool, registration_request

INVITE = f"{URL}/lti/register?invite=code"


@pytest.fixture
def fresh(tool: TinyTool) -> School:
    """A school that knows no tool yet."""
    return School.start("ru", SCHOOL_A, tool=tool.app)


def test_a_tool_arrives_pending(fresh: School, tool: TinyTool) -> None:
    arrived = fresh.register(tool.app.test_client(), INVITE, activate=False)
    assert (arrived["state"], arrived["in_chooser"], arrived["client_id"]) == ("pending", False, tool.client_id)
    assert arrived["custom"] == "context_history=$Context.id.history"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"jwks_uri": ""}, "missing required attribute jwks_uri"),
        ({"client_name": None}, "missing required attribute client_name"),
        ({"redirect_uris": []}, "missing required attribute redirect_uris"),
        ({CONFIGURATION: None}, f"missing required attribute {CONFIGURATION}"),
        ({CONFIGURATION: {"target_link_uri": f"{URL}/x"}}, "missing_domain"),
        ({CONFIGURATION: {"domain": "a.example", "target_link_uri": f"{URL}/x"}}, "domain_targetlinkuri_mismatch"),
        ({"token_endpoint_auth_method": None}, "missing required attribute token_endpoint_auth_method"),
        ({"response_types": ["code"]}, "invalid_response_types"),
        ({"application_type": "native"}, "invalid_application_type"),
    ],
)
def test_mistakes_are_plain_text(fresh: School, tool: TinyTool, changes: dict[str, Any], text: str) -> None:
    tool.registration = registration_request(**changes)
    with pytest.raises(AssertionError, match="400"):
        fresh.register(tool.app.test_client(), INVITE)
    token = fresh.control("POST", "/registrations")["registration_token"]
    assert tool.send_registration(token, tool.registration).text == text


def test_a_token_is_taken_once_and_a_wrong_one_never(fresh: School, tool: TinyTool) -> None:
    fresh.register(tool.app.test_client(), INVITE)
    token = fresh.control("POST", "/registrations")["registration_token"]
    codes = [
        tool.send_registration(each, registration_request()).status_code for each in (token, token, "x", token[:-9])
    ]
    assert codes == [200, 401, 404, 404]


def test_names_scopes_and_messages_that_were_not_asked_for_are_off(fresh: School, tool: TinyTool) -> None:
    tool.registration = registration_request(
        **{CONFIGURATION: {"domain": "localhost:8080", "target_link_uri": f"{URL}/lti/launch"}, "scope": ""}
    )
    fresh.register(tool.app.test_client(), INVITE)
    fresh.launch(tool.app.test_client(), PUPIL, fresh.add_link(COURSE, "Link"))
    assert "name" not in tool.received
    assert not [each for each in tool.received if "lti-ags" in each or "lti-nrps" in each]


def test_a_second_start_keeps_everything(tool: TinyTool, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'school.sqlite'}"
    first = School.start("ru", SCHOOL_A, tool=tool.app, database=database)
    first.register(tool.app.test_client(), INVITE)
    link = first.add_link(COURSE, "Link")
    first.fault("ags", "500")
    first.site.store.engine.dispose()
    again = School(create_school(name="Школа № 12", url=SCHOOL_A, language="ru", database=database), tool.app)
    again.launch(tool.app.test_client(), PUPIL, link)
    assert tool.received["sub"] == str(PUPIL)
    assert again.site.faults["ags"].kind == "500"
    again.site.store.engine.dispose()
