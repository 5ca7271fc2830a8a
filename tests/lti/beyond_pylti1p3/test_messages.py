"""What a launch may say, beside plain pylti1p3."""

from __future__ import annotations

from typing import Any

import pytest
from pylti1p3.exception import LtiException

from lti_tool.lti import Refusal, claims
from lti_tool.lti.claims import LIS, MEMBERSHIP
from lti_tool.lti.messages import SubmissionReviewLaunch
from tests.lti.beyond_pylti1p3.peer import Peer
from tests.lti.fakes import Lms, Tool, refusal

EVIL = "https://evil.example/lti/launch"


def test_042_a_resource_link_that_is_null(tool: Tool, lms: Lms, peer: Peer) -> None:
    start, login = tool.login(lms), peer.begin(lms)
    ours, theirs = ({**lms.claims(each), claims.RESOURCE_LINK: None} for each in (start.nonce, login.nonce))
    assert refusal(tool.receive, start, lms.sign(ours)).code == Refusal.RESOURCE_LINK_INVALID
    with pytest.raises(AttributeError):
        login.send(lms.sign(theirs))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"TARGET_LINK_URI": None}, Refusal.TARGET_MISSING, id="043-no-target"),
        pytest.param({"TARGET_LINK_URI": EVIL}, Refusal.TARGET_FOREIGN, id="043-foreign-target"),
        pytest.param({"RESOURCE_LINK": {"id": "r" * 256}}, Refusal.RESOURCE_LINK_INVALID, id="042-long-link"),
        pytest.param({"sub": "s" * 300}, Refusal.USER_INVALID, id="046-long-sub"),
        pytest.param({"sub": "7\x00"}, Refusal.USER_INVALID, id="046-control-in-sub"),
        pytest.param({"ROLES": MEMBERSHIP + "#Learner"}, Refusal.ROLES_INVALID, id="048-roles-as-text"),
        pytest.param({"CONTEXT": "2"}, Refusal.CLAIM_INVALID, id="058-context-as-text"),
        pytest.param({"CUSTOM": ["x"]}, Refusal.CLAIM_INVALID, id="058-custom-as-list"),
        pytest.param({"TOOL_PLATFORM": 5}, Refusal.CLAIM_INVALID, id="058-platform-as-number"),
    ],
)
def test_what_the_library_accepts(tool: Tool, lms: Lms, peer: Peer, changes: dict[str, Any], code: Refusal) -> None:
    assert refusal(tool.launch, lms, **changes).code == code
    peer.launch(lms, **changes)


def test_058_a_service_of_the_wrong_type(tool: Tool, lms: Lms, peer: Peer) -> None:
    wrong: dict[str, Any] = {"NAMES_AND_ROLES": "https://lms.example/members"}
    assert refusal(tool.launch, lms, **wrong).facts == {"claim": "namesroleservice"}
    launched = peer.launch(lms, **wrong)
    with pytest.raises(AttributeError):
        launched.has_nrps()


def test_044_a_launch_without_a_person_is_told_apart(tool: Tool, lms: Lms, peer: Peer) -> None:
    """Neither lets anybody in; ours has a reason of its own, for which the page has its own advice."""
    assert refusal(tool.launch, lms, sub=None).code == Refusal.USER_MISSING
    assert refusal(tool.launch, lms, sub=7).code == Refusal.USER_INVALID
    with pytest.raises(LtiException):
        peer.launch(lms, sub=None)


def test_052_a_teacher_elsewhere_who_learns_here(tool: Tool, lms: Lms, peer: Peer) -> None:
    roles: dict[str, Any] = {"ROLES": [LIS + "institution/person#Instructor", MEMBERSHIP + "#Learner"]}
    found = tool.launch(lms, **roles).launch.roles
    assert (found.teacher, found.learner) == (False, True)
    assert peer.launch(lms, **roles).check_staff_access()


def test_062_a_review_of_a_link_with_several_columns(tool: Tool, lms: Lms, peer: Peer) -> None:
    review: dict[str, Any] = {
        "MESSAGE_TYPE": claims.SUBMISSION_REVIEW_REQUEST,
        "FOR_USER": {"user_id": "9"},
        "GRADE_SERVICE": {"scope": [claims.SCOPE_SCORE], "lineitems": "https://lms.example/2/lineitems"},
    }
    launch = tool.launch(lms, **review).launch
    assert isinstance(launch, SubmissionReviewLaunch)
    assert launch.resource_link is not None
    with pytest.raises(LtiException, match="lineitem"):
        peer.launch(lms, **review)
