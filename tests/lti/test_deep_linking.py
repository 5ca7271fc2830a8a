"""Answers to a deep linking request: what is signed, what is left out, and where it may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt import PyJWK

from lti_tool.lti import claims
from lti_tool.lti.deep_linking import DeepLinkingRefused, LineItemSpec, LinkItem, answer, check_return_url
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.messages import DeepLinkingSettings
from tests.lti.fakes import NOW, NOW_SECONDS, Lms

BACK = "https://lms.example/mod/lti/contentitem_return.php?course=2&sesskey=s3cr3t"
HOME = LinkItem("Our course", custom={"content": "home"})


def settings(**changes: Any) -> DeepLinkingSettings:
    base: dict[str, Any] = {"return_url": BACK, "accept_types": ("ltiResourceLink",), "accept_multiple": True}
    return DeepLinkingSettings(**base | changes)


def told(ring: KeyRing, *items: LinkItem, asked: DeepLinkingSettings | None = None, **options: Any) -> dict[str, Any]:
    """The claims of an answer, its signature checked as a platform does."""
    given_back = answer(asked or settings(), items, platform=Lms(), deployment_id="1", keyring=ring, now=NOW, **options)
    kid = jwt.get_unverified_header(given_back.jwt)["kid"]
    key = next(key for key in ring.public_jwks()["keys"] if key["kid"] == kid)
    ignored: Any = {"verify_exp": False, "verify_iat": False}
    found: dict[str, Any] = jwt.decode(
        given_back.jwt, PyJWK(key), algorithms=["RS256"], audience="https://lms.example", options=ignored
    )
    return found


def code_of(call: Any, *args: Any, **options: Any) -> str:
    with pytest.raises(DeepLinkingRefused) as caught:
        call(*args, **options)
    return caught.value.code


def test_the_claims_of_an_answer(ring: KeyRing) -> None:
    content = told(ring, HOME)
    assert content["iss"] == "client-1"
    assert content["aud"] == "https://lms.example"
    assert content[claims.DEPLOYMENT_ID] == "1"
    assert content[claims.MESSAGE_TYPE] == "LtiDeepLinkingResponse"
    assert content[claims.VERSION] == "1.3.0"
    assert content["iat"] <= NOW_SECONDS < content["exp"] <= content["iat"] + 300
    assert told(ring, HOME)["nonce"] != content["nonce"]


@pytest.mark.parametrize("data", ["a=1&b=Ж", "", '{"x": [1, "\\u0416"]}', {"x": [1, None]}, 0])
def test_data_goes_back_as_it_came(ring: KeyRing, data: object) -> None:
    assert told(ring, HOME, asked=settings(data=data))[claims.DEEP_LINKING_DATA] == data


def test_without_data_there_is_no_such_claim(ring: KeyRing) -> None:
    assert claims.DEEP_LINKING_DATA not in told(ring, HOME)


def test_cancelled_is_an_empty_basket_with_a_word(ring: KeyRing) -> None:
    content = told(ring, message="Nothing was chosen.")
    assert content[claims.CONTENT_ITEMS] == []
    assert content[claims.DEEP_LINKING_MESSAGE] == "Nothing was chosen."
    assert claims.DEEP_LINKING_ERROR not in content


def test_an_error_is_told_in_our_words(ring: KeyRing) -> None:
    assert told(ring, error="Try again.")[claims.DEEP_LINKING_ERROR] == "Try again."


class TestItems:
    def test_a_link_with_as_little_as_possible(self, ring: KeyRing) -> None:
        """Neither nulls nor an empty `custom`, which makes Moodle crash."""
        assert told(ring, LinkItem("Home"))[claims.CONTENT_ITEMS] == [{"type": "ltiResourceLink", "title": "Home"}]

    def test_a_link_with_everything(self, ring: KeyRing) -> None:
        column = LineItemSpec("Дроби", 5, "activity:40", "graded")
        item = LinkItem("Дроби", "Text", {"content": "activity:40"}, column, "https://tool.example/lti/launch")
        assert told(ring, item)[claims.CONTENT_ITEMS] == [
            {
                "type": "ltiResourceLink",
                "title": "Дроби",
                "text": "Text",
                "url": "https://tool.example/lti/launch",
                "custom": {"content": "activity:40"},
                "lineItem": {"label": "Дроби", "scoreMaximum": 5, "resourceId": "activity:40", "tag": "graded"},
            }
        ]

    @pytest.mark.parametrize(("maximum", "sent"), [(5, 5), (0.2, 1), (0, 1), (100, 100), (1000, 100), (2.6, 3)])
    def test_a_maximum_is_one_that_moodle_takes(self, ring: KeyRing, maximum: float, sent: int) -> None:
        item = LinkItem("x", line_item=LineItemSpec("x", maximum, "activity:1"))
        found = told(ring, item)[claims.CONTENT_ITEMS][0]["lineItem"]["scoreMaximum"]
        assert (found, type(found)) == (sent, int)

    def test_no_column_where_none_is_wanted(self, ring: KeyRing) -> None:
        item = LinkItem("x", line_item=LineItemSpec("x", 5, "activity:1"))
        found = told(ring, item, asked=settings(accept_line_item=False))[claims.CONTENT_ITEMS]
        assert "lineItem" not in found[0]

    def test_a_platform_that_takes_only_plain_links_gets_them(self, ring: KeyRing) -> None:
        item = LinkItem("x", custom={"content": "home"}, url="https://tool.example/lti/launch")
        found = told(ring, item, asked=settings(accept_types=("link", "file")))[claims.CONTENT_ITEMS]
        assert found == [{"type": "link", "title": "x", "url": "https://tool.example/lti/launch"}]

    def test_a_plain_link_needs_an_address(self, ring: KeyRing) -> None:
        asked = settings(accept_types=("link",))
        assert code_of(told, ring, HOME, asked=asked) == "link_without_url"

    def test_types_we_do_not_make(self, ring: KeyRing) -> None:
        assert code_of(told, ring, HOME, asked=settings(accept_types=("file", "html"))) == "types_unsupported"

    def test_only_one_where_one_is_accepted(self, ring: KeyRing) -> None:
        one = settings(accept_multiple=False)
        assert len(told(ring, HOME, asked=one)[claims.CONTENT_ITEMS]) == 1
        assert code_of(told, ring, HOME, HOME, asked=one) == "too_many_items"
        assert len(told(ring, HOME, HOME)[claims.CONTENT_ITEMS]) == 2

    @given(st.text(), st.dictionaries(st.text(), st.text()))
    def test_moodle_survives_every_title_and_parameter(
        self, ring: KeyRing, title: str, custom: Mapping[str, str]
    ) -> None:
        item = told(ring, LinkItem(title, custom=custom))[claims.CONTENT_ITEMS][0]
        assert 0 < len(item["title"]) <= 255
        assert "\n" not in item["title"]
        assert item.get("custom", "absent") != {}
        for name, value in item.get("custom", {}).items():
            assert name
            assert not name.isdigit()
            assert len(value.splitlines()) <= 1


class TestWhereItGoes:
    def test_to_the_platform_it_came_from(self, ring: KeyRing) -> None:
        given_back = answer(settings(), [HOME], platform=Lms(), deployment_id="1", keyring=ring)
        assert (given_back.url, given_back.origin) == (BACK, "https://lms.example")
        assert "s3cr3t" not in repr(given_back)
        assert given_back.jwt not in repr(given_back)

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/return",
            "http://lms.example/return",
            "https://lms.example:8443/return",
            "https://lms.example.evil.example/",
            "https://lms.example@evil.example/",
            "javascript:alert(1)//https://lms.example",
            "//lms.example/return",
            "",
        ],
    )
    def test_nowhere_else(self, ring: KeyRing, url: str) -> None:
        assert code_of(told, ring, HOME, asked=settings(return_url=url)) == "return_url_foreign"

    def test_a_further_origin_of_the_platform_may_be_named(self) -> None:
        asked = settings(return_url="https://courses.example/return")
        assert check_return_url(asked, Lms(), ["https://courses.example/x"]) == "https://courses.example"
