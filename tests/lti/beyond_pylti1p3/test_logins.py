"""Logins and their cookies, beside plain pylti1p3."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

import pytest
from flask import Flask
from pylti1p3.exception import LtiException

from lti_tool.lti import Refusal
from tests.lms import COURSE, PUPIL, School
from tests.lti.beyond_pylti1p3.peer import Peer
from tests.lti.fakes import Lms, Tool, query_of, refusal


def test_008_an_authorization_address_with_a_query() -> None:
    lms = Lms(auth_path="/auth?id=3")
    assert query_of(Tool(lms).login(lms).url)["id"] == "3"
    peer = Peer(lms)
    location = peer.login(lms, peer.browser()).location
    assert urlsplit(location).query.startswith("id=3?scope=")


def test_009_a_state_of_128_bits_that_its_nonce_belongs_to(tool: Tool, lms: Lms, peer: Peer) -> None:
    first, second = tool.login(lms), tool.login(lms)
    crossed = lms.sign(lms.claims(second.nonce))
    assert refusal(tool.receive, first, crossed).code == Refusal.NONCE_MISMATCH
    browser = peer.browser()
    begun, other = peer.begin(lms, browser), peer.begin(lms, browser)
    assert uuid.UUID(begun.state.removeprefix("state-")).version == 4  # 122 random bits
    begun.send(lms.sign(lms.claims(other.nonce)))  # the nonce of another login


def test_022_a_platform_that_answers_the_login_of_another() -> None:
    first = Lms()
    second = Lms(id=2, host="two.example", key_name="second", network=first.network)
    tool, peer = Tool(first, second), Peer(first, second)
    start = tool.login(first)
    assert refusal(tool.receive, start, second.sign(second.claims(start.nonce))).code == Refusal.ISSUER_MISMATCH
    login = peer.begin(first)
    login.send(second.sign(second.claims(login.nonce)))


def test_041_a_launch_into_another_deployment_than_the_login_named() -> None:
    lms = Lms(deployments=("1", "2"))
    tool, peer = Tool(lms), Peer(lms)
    start = tool.login(lms, lti_deployment_id="2")
    token = lms.sign(lms.claims(start.nonce, DEPLOYMENT_ID="1"))
    assert refusal(tool.receive, start, token).code == Refusal.DEPLOYMENT_MISMATCH
    login = peer.begin(lms, lti_deployment_id="2")
    login.send(lms.sign(lms.claims(login.nonce, DEPLOYMENT_ID="1")))


def test_064_065_cookies_that_a_frame_keeps_even_behind_a_proxy(app: Flask, school_a: School, lms: Lms) -> None:
    """The TLS ends at a proxy that does not say so: the request itself looks like plain http."""
    flags = ("Secure", "SameSite=None", "Partitioned")
    form = school_a.login_form(person=PUPIL, link=school_a.add_link(COURSE, "Home"))
    answer = app.test_client().post("/lti/login", data=form.fields, base_url="http://tool.example")
    ours = answer.headers["Set-Cookie"]
    assert ours.startswith("__Host-")
    assert [flag for flag in flags if flag not in ours] == []
    peer = Peer(lms)
    theirs = peer.login(lms, peer.browser(), scheme="http").headers["Set-Cookie"]
    assert [flag for flag in flags if flag in theirs] == []
    assert "Partitioned" not in peer.login(lms, peer.browser()).headers["Set-Cookie"]


def test_067_a_platform_that_lends_its_storage(tool: Tool, lms: Lms, peer: Peer) -> None:
    start = tool.login(lms, lti_storage_target="_parent")
    assert (start.storage_target, start.storage_origin) == ("_parent", lms.issuer)
    answer = peer.login(lms, peer.browser(), lti_storage_target="_parent")
    assert answer.status_code == 302
    assert "_parent" not in answer.text + answer.location
    login = peer.begin(lms, lti_storage_target="_parent")
    login.client = peer.browser()  # its cookies are blocked
    with pytest.raises(LtiException, match="State not found"):
        login.send(lms.sign(lms.claims(login.nonce)))
