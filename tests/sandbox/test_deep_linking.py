from __future__ import annotations

import secrets
import time
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from tests.lms import COURSE, TEACHER, Form, School, read_forms, submit
from tests.sandbox.tiny_tool import TinyTool, private_key

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LINE_ITEM = {"scoreMaximum": 12, "resourceId": "r", "tag": "t", "submissionReview": {"url": "http://localhost:8080/r"}}


def answer(school: School, tool: TinyTool, items: list[Any], **changes: Any) -> Form:
    """The tool's signed answer, with some claims changed."""
    school.deep_link(tool.app.test_client(), TEACHER, COURSE)
    claims = {
        "iss": tool.client_id,
        "aud": [school.url],
        "iat": int(time.time()),
        "exp": int(time.time()) + 60,
        "nonce": secrets.token_hex(8),
        CLAIM + "deployment_id": "1",
        CLAIM + "message_type": "LtiDeepLinkingResponse",
        CLAIM + "version": "1.3.0",
        DEEP + "content_items": items,
    } | changes
    token = jwt.encode(claims, private_key(), algorithm="RS256", headers={"kid": "tiny"})
    settings = tool.received[DEEP + "deep_linking_settings"]
    return Form(settings["deep_link_return_url"], "post", {"JWT": token})


def link(**changes: Any) -> dict[str, Any]:
    return {"type": "ltiResourceLink", "title": "Title", **changes}


def give(school: School, form: Form) -> TestResponse:
    return school.return_content(form)


def draft_of(school: School, page: TestResponse) -> dict[str, Any]:
    assert page.status_code == 200, page.text
    draft: dict[str, Any] = school.control("GET", f"/drafts/{page.text.partition('/drafts/')[2].partition(chr(34))[0]}")
    return draft


def test_the_request_is_moodles(school: School, tool: TinyTool) -> None:
    school.deep_link(tool.app.test_client(), TEACHER, COURSE)
    assert tool.received[CLAIM + "message_type"] == "LtiDeepLinkingRequest"
    settings = tool.received[DEEP + "deep_linking_settings"]
    assert (settings["accept_types"], settings["accept_multiple"], "data" in settings) == (
        ["ltiResourceLink"],
        True,
        False,
    )
    assert CLAIM + "resource_link" not in tool.received


def test_one_item_becomes_an_activity_when_it_is_saved(school: School, tool: TinyTool) -> None:
    item = link(custom={"activity": "abc"}, lineItem=LINE_ITEM)
    draft = draft_of(school, give(school, answer(school, tool, [item])))
    assert school.links() == []
    assert school.save(draft) == [1]
    assert school.links()[0]["custom"] == "activity=abc"
    column = school.columns()[0]
    assert (column["maximum"], column["resource_id"], column["tag"], column["label"]) == (12, "r", "t", "Title")


def test_the_teacher_saves_some_of_several_items(school: School, tool: TinyTool) -> None:
    page = give(school, answer(school, tool, [link(title="One"), link(title="Two")]))
    client = school.app.test_client()
    client.post(f"{school.url}/enter/{TEACHER}")
    address = f"{school.url}/drafts/{draft_of(school, page)['id']}"
    form = next(each for each in read_forms(client.get(address).text, address) if each.action == address)
    submit(client, form, item=["1"])
    assert [each["title"] for each in school.links()] == ["Two"]


def test_an_empty_answer_shows_its_message(school: School, tool: TinyTool) -> None:
    form = answer(school, tool, [], **{DEEP + "msg": "Cancelled", DEEP + "errormsg": "Oh"})
    draft = draft_of(school, give(school, form))
    assert (draft["items"], draft["message"], draft["error"]) == ([], "Cancelled", "Oh")


@pytest.mark.parametrize(
    "item",
    [link(custom={}), link(custom={"0": "x"}), link(custom={"a": {"b": 1}}), link(custom=[]), "text"],
)
def test_what_crashes_moodle_is_a_crash_page(school: School, tool: TinyTool, item: Any) -> None:
    page = give(school, answer(school, tool, [item]))
    assert (page.status_code, "Exception" in page.text) == (404, True)


@pytest.mark.parametrize(
    "item",
    [
        link(title="x" * 256),
        link(lineItem={"scoreMaximum": 12.5}),
        link(lineItem={"scoreMaximum": 200}),
        link(lineItem={}),
    ],
)
def test_what_the_form_refuses_cannot_be_saved(school: School, tool: TinyTool, item: Any) -> None:
    draft = draft_of(school, give(school, answer(school, tool, [item])))
    with pytest.raises(AssertionError, match="400"):
        school.save(draft)
    assert school.links() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "https://other.example"},
        {"exp": 1},
        {"nonce": None},
        {CLAIM + "deployment_id": "2"},
        {CLAIM + "message_type": "LtiResourceLinkRequest"},
        {CLAIM + "version": "1.2"},
        {DEEP + "data": "not asked for"},
    ],
)
def test_a_wrong_answer_is_refused(school: School, tool: TinyTool, changes: dict[str, Any]) -> None:
    assert give(school, answer(school, tool, [link()], **changes)).status_code == 404


def test_an_answer_is_taken_once_and_with_its_signature(school: School, tool: TinyTool) -> None:
    form = answer(school, tool, [link()])
    assert [give(school, form).status_code for _ in range(2)] == [200, 404]
    forged = answer(school, tool, [link()])
    forged.fields["JWT"] = forged.fields["JWT"][:-8] + "AAAAAAAA"
    assert give(school, forged).status_code == 404
    assert give(school, Form(form.action.replace("sesskey=", "sesskey=x"), "post", form.fields)).status_code == 404


def test_data_has_to_come_back_unchanged(school: School, tool: TinyTool) -> None:
    school.switch(deep_link_data='{"x": "é"}')
    assert give(school, answer(school, tool, [link()])).status_code == 404
    assert give(school, answer(school, tool, [link()], **{DEEP + "data": '{"x": "é"}'})).status_code == 200


def test_a_review_opens_the_address_given_for_it(school: School, tool: TinyTool) -> None:
    draft = draft_of(school, give(school, answer(school, tool, [link(lineItem=LINE_ITEM)])))
    opened = school.save(draft)[0]
    school.submission_review(tool.app.test_client(), TEACHER, opened, 7)
    assert tool.received[CLAIM + "message_type"] == "LtiSubmissionReviewRequest"
    assert tool.received[CLAIM + "for_user"] == {"user_id": "7"}
    assert tool.received[CLAIM + "target_link_uri"] == "http://localhost:8080/r"
