"""Claims as platforms send them, and claims of the wrong shape."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti import LaunchRefused, Refusal, claims
from lti_tool.lti.messages import (
    DeepLinkingLaunch,
    DeepLinkingSettings,
    ResourceLinkLaunch,
    SubmissionReviewLaunch,
    parse,
)
from tests.lti.fakes import TOOL, Lms
from tests.lti.strategies import json_values

BASE = Lms().claims("n")
AGS = {"scope": [claims.SCOPE_SCORE], "lineitems": "https://lms.example/2/lineitems?type_id=1"}
PICKING = {
    "deep_link_return_url": "https://lms.example/return?sesskey=s3cr3t",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe"],
    "accept_multiple": True,
}


def parsed(**changes: Any) -> Any:
    return parse(Lms().claims("n", **changes), tool_url=TOOL)


def refused(**changes: Any) -> LaunchRefused:
    with pytest.raises(LaunchRefused) as caught:
        parsed(**changes)
    return caught.value


def test_a_resource_link_launch_has_its_parts() -> None:
    launch = parsed(
        given_name="Алексей",
        CUSTOM={"content": "course:12", "context_history": "9, 4", "unknown": "$ResourceLink.id.history", "nil": None},
        GRADE_SERVICE=AGS | {"lineitem": ""},
        NAMES_AND_ROLES={"context_memberships_url": "https://lms.example/2/members", "service_versions": ["2.0"]},
        LAUNCH_PRESENTATION={
            "locale": "ru",
            "document_target": "iframe",
            "return_url": "https://lms.example/r?sesskey=1",
        },
        TOOL_PLATFORM={"product_family_code": "moodle", "version": "2024100706", "guid": "g", "name": "school"},
        TARGET_LINK_URI="https://tool.example/courses/5?tab=1#part",
    )
    assert isinstance(launch, ResourceLinkLaunch)
    assert (launch.user.sub, launch.user.name, launch.user.given_name) == ("7", "Алексей Иванов", "Алексей")
    assert launch.roles.learner
    assert launch.context is not None
    assert (launch.context.id, launch.context.types) == ("2", ("CourseSection",))
    assert launch.context.history == ("9", "4")
    assert launch.custom == {"content": "course:12", "context_history": "9, 4"}
    assert launch.ags is not None
    assert launch.ags.lineitem is None
    assert launch.ags.can_score
    assert not launch.ags.can_create
    assert launch.nrps == "https://lms.example/2/members"
    assert (launch.presentation.locale, launch.platform.family) == ("ru", "moodle")
    assert launch.target_path == "/courses/5?tab=1"


def test_moodle_sends_custom_names_twice_and_both_are_kept() -> None:
    assert parsed(CUSTOM={"MixedKey": "a", "mixedkey": "a"}).custom == {"MixedKey": "a", "mixedkey": "a"}


def test_nothing_personal_shows_in_a_repr() -> None:
    launch = parsed(
        email="ivanov@school.example", LAUNCH_PRESENTATION={"return_url": "https://lms.example/r?sesskey=s3cr3t"}
    )
    shown = repr(launch)
    assert "Иванов" not in shown
    assert "ivanov" not in shown
    assert "s3cr3t" not in shown


def test_a_launch_with_as_little_as_allowed() -> None:
    launch = parsed(name=None, CONTEXT=None, ROLES=[])
    assert launch.context is None
    assert not launch.roles.learner
    assert launch.user.name == ""
    assert launch.ags is None
    assert launch.custom == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"VERSION": None}, Refusal.VERSION_UNSUPPORTED),
        ({"VERSION": "1.2"}, Refusal.VERSION_UNSUPPORTED),
        ({"VERSION": "11.3"}, Refusal.VERSION_UNSUPPORTED),
        ({"VERSION": "1.3.1"}, Refusal.VERSION_UNSUPPORTED),
        ({"MESSAGE_TYPE": None}, Refusal.MESSAGE_TYPE_UNSUPPORTED),
        ({"MESSAGE_TYPE": "LtiOtherRequest"}, Refusal.MESSAGE_TYPE_UNSUPPORTED),
        ({"MESSAGE_TYPE": ["LtiResourceLinkRequest"]}, Refusal.MESSAGE_TYPE_UNSUPPORTED),
        ({"DEPLOYMENT_ID": None}, Refusal.DEPLOYMENT_INVALID),
        ({"DEPLOYMENT_ID": ""}, Refusal.DEPLOYMENT_INVALID),
        ({"DEPLOYMENT_ID": 1}, Refusal.DEPLOYMENT_INVALID),
        ({"DEPLOYMENT_ID": "d" * 256}, Refusal.DEPLOYMENT_INVALID),
        ({"TARGET_LINK_URI": None}, Refusal.TARGET_MISSING),
        ({"TARGET_LINK_URI": 5}, Refusal.TARGET_MISSING),
        ({"TARGET_LINK_URI": "https://evil.example/lti/launch"}, Refusal.TARGET_FOREIGN),
        ({"TARGET_LINK_URI": "http://tool.example/"}, Refusal.TARGET_FOREIGN),
        ({"TARGET_LINK_URI": "https://tool.example:8443/"}, Refusal.TARGET_FOREIGN),
        ({"TARGET_LINK_URI": "https://tool.example@evil.example/"}, Refusal.TARGET_FOREIGN),
        ({"TARGET_LINK_URI": "https://tool.example/\\evil.example"}, Refusal.TARGET_FOREIGN),
        ({"TARGET_LINK_URI": "javascript:alert(1)"}, Refusal.TARGET_FOREIGN),
        ({"sub": None}, Refusal.USER_MISSING),
        ({"sub": 7}, Refusal.USER_INVALID),
        ({"sub": ""}, Refusal.USER_INVALID),
        ({"sub": "s" * 256}, Refusal.USER_INVALID),
        ({"sub": "7\x00"}, Refusal.USER_INVALID),
        ({"sub": "\ud800"}, Refusal.USER_INVALID),
        ({"ROLES": None}, Refusal.ROLES_INVALID),
        ({"ROLES": claims.MEMBERSHIP + "#Instructor"}, Refusal.ROLES_INVALID),
        ({"ROLES": [5]}, Refusal.ROLES_INVALID),
        ({"RESOURCE_LINK": None}, Refusal.RESOURCE_LINK_INVALID),
        ({"RESOURCE_LINK": {}}, Refusal.RESOURCE_LINK_INVALID),
        ({"RESOURCE_LINK": {"id": "r" * 256}}, Refusal.RESOURCE_LINK_INVALID),
        ({"RESOURCE_LINK": {"id": 5}}, Refusal.RESOURCE_LINK_INVALID),
        ({"CONTEXT": "2"}, Refusal.CLAIM_INVALID),
        ({"CONTEXT": {"title": "no id"}}, Refusal.CLAIM_INVALID),
        ({"CONTEXT": {"id": "2", "type": "CourseSection"}}, Refusal.CLAIM_INVALID),
        ({"CUSTOM": ["content"]}, Refusal.CLAIM_INVALID),
        ({"CUSTOM": {"content": {"id": 1}}}, Refusal.CLAIM_INVALID),
        ({"TOOL_PLATFORM": "moodle"}, Refusal.CLAIM_INVALID),
        ({"name": ["Иванов"]}, Refusal.CLAIM_INVALID),
        ({"GRADE_SERVICE": {"scope": "all"}}, Refusal.CLAIM_INVALID),
        ({"GRADE_SERVICE": {"scope": [], "lineitems": "javascript:1"}}, Refusal.CLAIM_INVALID),
        ({"NAMES_AND_ROLES": {"context_memberships_url": 5}}, Refusal.CLAIM_INVALID),
        ({"MESSAGE_TYPE": claims.DEEP_LINKING_REQUEST}, Refusal.DEEP_LINKING_INVALID),
        ({"MESSAGE_TYPE": claims.SUBMISSION_REVIEW_REQUEST}, Refusal.REVIEW_INVALID),
    ],
)
def test_what_is_missing_or_misshapen_is_refused(changes: dict[str, Any], code: Refusal) -> None:
    assert refused(**changes).code == code


def test_a_refusal_names_the_claim_and_nothing_of_its_content() -> None:
    error = refused(CONTEXT={"id": "2", "title": ["Иванов"]})
    assert (error.code, error.facts) == (Refusal.CLAIM_INVALID, {"claim": "title"})


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("https://tool.example", "/"),
        ("https://TOOL.example:443/a", "/a"),
        ("https://tool.example//evil.example/x", "/evil.example/x"),
        ("https://tool.example/a?b=%2F%2Fc", "/a?b=%2F%2Fc"),
    ],
)
def test_the_target_is_always_a_path_of_ours(target: str, path: str) -> None:
    assert parsed(TARGET_LINK_URI=target).target_path == path


@given(st.text())
def test_no_target_leads_away(target: str) -> None:
    try:
        path = parsed(TARGET_LINK_URI="https://tool.example" + target).target_path
    except LaunchRefused:
        return
    assert path.startswith("/")
    assert not path.startswith("//")
    assert path.isprintable()


def test_a_deep_linking_request() -> None:
    launch = parsed(
        MESSAGE_TYPE=claims.DEEP_LINKING_REQUEST, RESOURCE_LINK=None, DEEP_LINKING_SETTINGS=PICKING | {"data": "a=1&b"}
    )
    assert isinstance(launch, DeepLinkingLaunch)
    assert launch.settings.accept_multiple
    assert launch.settings.data == "a=1&b"
    assert "s3cr3t" not in repr(launch)
    assert DeepLinkingSettings.from_json(launch.settings.to_json()) == launch.settings


@pytest.mark.parametrize(("sent", "meant"), [(True, True), ("true", True), ("false", False), (None, False)])
def test_accept_multiple_in_every_spelling(sent: object, meant: bool) -> None:
    launch = parsed(MESSAGE_TYPE=claims.DEEP_LINKING_REQUEST, DEEP_LINKING_SETTINGS=PICKING | {"accept_multiple": sent})
    assert launch.settings.accept_multiple is meant


@pytest.mark.parametrize("url", [None, 5, "javascript:alert(1)", 'https://lms.example/"><script>', "//lms.example"])
def test_a_return_address_that_is_none_is_refused(url: object) -> None:
    settings = PICKING | {"deep_link_return_url": url}
    refused(MESSAGE_TYPE=claims.DEEP_LINKING_REQUEST, DEEP_LINKING_SETTINGS=settings)


def test_a_submission_review_without_a_column_falls_back_to_its_link() -> None:
    launch = parsed(MESSAGE_TYPE=claims.SUBMISSION_REVIEW_REQUEST, FOR_USER={"user_id": "9"}, GRADE_SERVICE=AGS)
    assert isinstance(launch, SubmissionReviewLaunch)
    assert launch.for_user == "9"
    assert launch.resource_link is not None


def test_a_submission_review_of_a_column_needs_no_link() -> None:
    column = AGS | {"lineitem": "https://lms.example/2/lineitems/4/lineitem"}
    launch = parsed(
        MESSAGE_TYPE=claims.SUBMISSION_REVIEW_REQUEST,
        FOR_USER={"user_id": "9"},
        GRADE_SERVICE=column,
        RESOURCE_LINK=None,
    )
    assert launch.resource_link is None


def test_a_mentor_sees_the_listed_pupils() -> None:
    launch = parsed(ROLES=[claims.MEMBERSHIP + "#Mentor"], ROLE_SCOPE_MENTOR=["7", "9"])
    assert launch.roles.mentor
    assert launch.mentored == ("7", "9")


def test_texts_are_cleaned_and_cut_but_markup_is_left_to_the_pages() -> None:
    launch = parsed(name="Ан\x00на <b>" + "и" * 300)
    assert launch.user.name.startswith("Анна <b>")
    assert len(launch.user.name) == 255


claim_names = sorted(
    {*BASE, *(value for value in vars(claims).values() if str(value).startswith("https://"))} - {"iss"}
)


@given(st.dictionaries(st.sampled_from(claim_names), json_values, max_size=4))
def test_any_json_in_any_claim_gives_a_launch_or_a_refusal(changes: dict[str, Any]) -> None:
    for kind in (claims.RESOURCE_LINK_REQUEST, claims.DEEP_LINKING_REQUEST, claims.SUBMISSION_REVIEW_REQUEST):
        sent = {**BASE, claims.MESSAGE_TYPE: kind, claims.DEEP_LINKING_SETTINGS: PICKING, **changes}
        with suppress(LaunchRefused):  # any other exception would be a crash
            assert parse(sent, tool_url=TOOL).user.sub
