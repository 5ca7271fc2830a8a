"""Answers to deep linking, beside plain pylti1p3."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pylti1p3.deep_link import DeepLink
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.exception import LtiException

from lti_tool.lti import Refusal, claims
from lti_tool.lti.deep_linking import DeepLinkingRefused, LinkItem, answer
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.messages import DeepLinkingLaunch, DeepLinkingSettings
from tests.lms import COURSE, SCHOOL_A, TEACHER, School, read_forms, submit
from tests.lti.beyond_pylti1p3.peer import Peer
from tests.lti.fakes import Lms, Tool, refusal

BACK = "https://lms.example/return"
SETTINGS: dict[str, Any] = {
    "deep_link_return_url": BACK,
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe"],
}


def picking(lms: Lms, peer: Peer, **changes: Any) -> DeepLink:
    """The plain library's answer to a deep linking launch."""
    told: dict[str, Any] = {"MESSAGE_TYPE": claims.DEEP_LINKING_REQUEST, "DEEP_LINKING_SETTINGS": SETTINGS | changes}
    return peer.launch(lms, **told).get_deep_link()


def asked(tool: Tool, lms: Lms, **changes: Any) -> DeepLinkingSettings:
    told: dict[str, Any] = {"MESSAGE_TYPE": claims.DEEP_LINKING_REQUEST, "DEEP_LINKING_SETTINGS": SETTINGS | changes}
    launch = tool.launch(lms, **told).launch
    assert isinstance(launch, DeepLinkingLaunch)
    return launch.settings


def sent(tool: Tool, lms: Lms, ring: KeyRing, *items: LinkItem, **changes: Any) -> dict[str, Any]:
    made = answer(asked(tool, lms, **changes), items, platform=lms, deployment_id="1", keyring=ring)
    content: dict[str, Any] = jwt.decode(made.jwt, options={"verify_signature": False})
    return content


def test_077_no_data_stays_no_data(tool: Tool, lms: Lms, peer: Peer, ring: KeyRing) -> None:
    assert claims.DEEP_LINKING_DATA not in sent(tool, lms, ring)
    theirs: dict[str, Any] = picking(lms, peer).get_message_jwt([])
    assert theirs[claims.DEEP_LINKING_DATA] is None


def test_078_a_return_address_that_breaks_out_of_the_page(tool: Tool, lms: Lms, peer: Peer) -> None:
    evil = f'{BACK}"><script>alert(1)</script>'
    told: dict[str, Any] = {
        "MESSAGE_TYPE": claims.DEEP_LINKING_REQUEST,
        "DEEP_LINKING_SETTINGS": SETTINGS | {"deep_link_return_url": evil},
    }
    assert refusal(tool.launch, lms, **told).code == Refusal.CLAIM_INVALID
    page = picking(lms, peer, deep_link_return_url=evil).output_response_form([])
    assert "<script>alert(1)</script>" in page


def test_079_the_answer_needs_no_script_in_the_page(
    app: Flask, client: FlaskClient, school_a: School, lms: Lms, peer: Peer
) -> None:
    picker = school_a.deep_link(client, TEACHER, COURSE)
    form = next(form for form in read_forms(picker.text, picker.request.url) if "selection" in form.action)
    page = submit(client, form, content="home")
    assert "<script>" not in page.text
    assert 'type="text/javascript"' not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' {SCHOOL_A}" in policy or f"form-action {SCHOOL_A}" in policy
    assert "unsafe-inline" not in policy
    assert '<script type="text/javascript">document.' in picking(lms, peer).output_response_form([])


def test_080_one_item_where_one_is_accepted(tool: Tool, lms: Lms, peer: Peer, ring: KeyRing) -> None:
    with pytest.raises(DeepLinkingRefused, match="too_many_items"):
        sent(tool, lms, ring, LinkItem("a"), LinkItem("b"), accept_multiple=False)
    theirs: dict[str, Any] = picking(lms, peer, accept_multiple=False).get_message_jwt(
        [DeepLinkResource(), DeepLinkResource()]
    )
    assert len(theirs[claims.CONTENT_ITEMS]) == 2


def test_080_a_request_for_plain_links(tool: Tool, lms: Lms, peer: Peer, ring: KeyRing) -> None:
    item = LinkItem("a", url="https://tool.example/lti/launch")
    assert sent(tool, lms, ring, item, accept_types=["link"])[claims.CONTENT_ITEMS][0]["type"] == "link"
    with pytest.raises(LtiException, match="resource link"):
        picking(lms, peer, accept_types=["link"])


def test_081_an_item_without_parameters_leaves_moodle_standing(tool: Tool, lms: Lms, peer: Peer, ring: KeyRing) -> None:
    """Moodle cannot read an empty `custom` object."""
    assert "custom" not in sent(tool, lms, ring, LinkItem("a"))[claims.CONTENT_ITEMS][0]
    theirs: dict[str, Any] = picking(lms, peer).get_message_jwt([DeepLinkResource().set_title("a")])
    assert theirs[claims.CONTENT_ITEMS][0]["custom"] == {}
