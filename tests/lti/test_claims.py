"""What roles come to, and that nothing unknown gives rights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.claims import LIS, MEMBERSHIP, TEST_USER, parse_roles

INSTITUTION = LIS + "institution/person#"
SYSTEM = LIS + "system/person#"


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([], set()),
        ([MEMBERSHIP + "#Instructor"], {"teacher"}),
        ([MEMBERSHIP + "#Learner"], {"learner"}),
        (["Instructor"], {"teacher"}),
        (["Learner"], {"learner"}),
        ([MEMBERSHIP + "#Administrator"], {"teacher"}),
        ([INSTITUTION + "Administrator"], {"administrator"}),
        ([SYSTEM + "SysAdmin"], {"administrator"}),
        ([LIS + "person#Administrator", "Instructor"], {"administrator", "teacher"}),
        ([INSTITUTION + "Instructor", MEMBERSHIP + "#Learner"], {"learner"}),
        ([INSTITUTION + "Faculty"], set()),
        ([INSTITUTION + "Student"], set()),
        ([MEMBERSHIP + "/Instructor#TeachingAssistant"], {"assistant"}),
        ([MEMBERSHIP + "/Instructor#TeachingAssistant", MEMBERSHIP + "#Instructor"], {"assistant"}),
        ([MEMBERSHIP + "/Instructor#TeachingAssistantSection"], {"assistant"}),
        ([MEMBERSHIP + "/Instructor#PrimaryInstructor"], {"teacher"}),
        ([MEMBERSHIP + "/Instructor#TeachingAssistant", MEMBERSHIP + "/Instructor#Lecturer"], {"assistant", "teacher"}),
        ([MEMBERSHIP + "/Learner#GuestLearner"], {"learner"}),
        ([MEMBERSHIP + "#Mentor"], {"mentor"}),
        ([MEMBERSHIP + "#ContentDeveloper"], set()),
        ([MEMBERSHIP + "#Learner", TEST_USER], {"learner", "test_user"}),
        (["https://school.example/roles#Headmaster"], set()),
        (["https://school.example/roles#Instructor", MEMBERSHIP + "#Learner"], {"learner"}),
        ([MEMBERSHIP + "X#Instructor"], set()),
        ([MEMBERSHIP + "#instructor"], set()),
        ([MEMBERSHIP + "#"], set()),
        ([""], set()),
    ],
)
def test_what_roles_come_to(roles: list[str], expected: set[str]) -> None:
    found = parse_roles(roles)
    flags = ("teacher", "learner", "assistant", "mentor", "administrator", "test_user")
    assert {name for name in flags if getattr(found, name)} == expected
    assert found.strings == tuple(roles)


@given(st.lists(st.text()))
def test_any_text_is_taken_and_only_known_words_teach(roles: list[str]) -> None:
    assert not parse_roles(roles).teacher or any("Instructor" in role or "Administrator" in role for role in roles)


@given(st.lists(st.sampled_from([INSTITUTION, SYSTEM]).flatmap(lambda place: st.text().map(lambda name: place + name))))
def test_no_institution_or_system_role_ever_counts_in_a_course(roles: list[str]) -> None:
    found = parse_roles(roles)
    assert not any((found.teacher, found.learner, found.assistant, found.mentor))
