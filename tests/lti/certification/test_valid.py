"""Launches that must be let in, and with which rights."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import browser
from tests.lms import TEACHER
from tests.lti.certification.conftest import Candidate, Change
from tests.lti.certification.payloads import (
    ABSENT,
    INSTITUTION,
    MEMBERSHIP,
    SYSTEM,
    Put,
    Times,
    audience_as_list,
    several_audiences,
)

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>"


def roles(*names: str) -> Put:
    return Put(ROLES=list(names))


@pytest.mark.parametrize(("person", "role"), [(TEACHER, "teacher"), (7, "learner")])
def test_014_a_teacher_and_a_pupil(candidate: Candidate, person: int, role: str) -> None:
    answer = candidate.send(candidate.begin(browser(candidate.app), person=person))
    assert answer.page.status_code == 200
    assert candidate.role() == role


@pytest.mark.parametrize(
    ("change", "role"),
    [
        pytest.param(audience_as_list, "learner", id="023-audience-as-list"),
        pytest.param(several_audiences, "learner", id="023-several-audiences-and-azp"),
        pytest.param(Times(-90, -30), "learner", id="029-ran-out-30-seconds-ago"),
        pytest.param(Times(30, 90), "learner", id="029-issued-30-seconds-ahead"),
        pytest.param(roles(), None, id="047-no-roles"),
        pytest.param(roles("https://school.example/roles#Headmaster"), None, id="049-unknown-role"),
        pytest.param(roles("https://school.example/x", MEMBERSHIP + "Learner"), "learner", id="049-unknown-and-known"),
        pytest.param(roles("Learner"), "learner", id="050-short-learner"),
        pytest.param(roles("Instructor"), "teacher", id="050-short-instructor"),
        pytest.param(roles(INSTITUTION + "Administrator"), None, id="051-institution-administrator"),
        pytest.param(roles(SYSTEM + "SysAdmin"), None, id="051-system-administrator"),
        pytest.param(roles(INSTITUTION + "Instructor", MEMBERSHIP + "Learner"), "learner", id="052-learns-here"),
        pytest.param(Put(name=ABSENT, given_name=ABSENT, family_name=ABSENT), "learner", id="055-no-names"),
        pytest.param(Put(email=ABSENT), "learner", id="055-no-email"),
        pytest.param(
            Put(name=ABSENT, given_name=ABSENT, family_name=ABSENT, email=ABSENT), "learner", id="055-neither"
        ),
        pytest.param(Put(name="", given_name="", family_name="", email=""), "learner", id="055-empty"),
        pytest.param(Put(CONTEXT=ABSENT), "learner", id="057-no-context"),
        pytest.param(Put(CONTEXT={"id": "2", "type": ["CourseSection"]}), "learner", id="057-short-type"),
        pytest.param(Put(CONTEXT={"id": "2"}), "learner", id="057-context-without-words"),
        pytest.param(Put(CUSTOM={"content": "$ResourceLink.x", "y": None}), "learner", id="059-unknown-variable"),
        pytest.param(Put(CUSTOM=ABSENT), "learner", id="059-no-custom"),
        pytest.param(Put(made_up={"a": [1]}, **{"https://x.example/claim": "y"}), "learner", id="060-unknown-claims"),
        pytest.param(Put(NAMES_AND_ROLES=ABSENT, GRADE_SERVICE=ABSENT), "learner", id="088-no-services"),
    ],
)
def test_let_in(candidate: Candidate, change: Change, role: str | None) -> None:
    answer = candidate.launch(change)
    assert answer.page.status_code == 200
    assert answer.refusal is None
    assert candidate.role() == role


def test_053_an_assistant_is_no_teacher(candidate: Candidate) -> None:
    candidate.launch(roles("http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"))
    assert candidate.role() is None


@pytest.mark.parametrize("language", ["en", "ru"])
def test_061_markup_is_shown_as_text(candidate: Candidate, language: str) -> None:
    context = {"id": "2", "title": EVIL, "label": EVIL}
    link = {"id": str(candidate.link), "title": EVIL, "description": EVIL}
    presentation = {"locale": language, "return_url": "https://lms.example/'onclick='x"}
    change = Put(name=EVIL, given_name=EVIL, CONTEXT=context, RESOURCE_LINK=link, LAUNCH_PRESENTATION=presentation)
    page = candidate.launch(change).page
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "&lt;script&gt;" in page.text


def test_056_the_same_email_makes_nobody_the_same(candidate: Candidate) -> None:
    def as_person(sub: str) -> Any:
        return Put(sub=sub, email="shared@school.example")

    candidate.launch(as_person("one"))
    before = candidate.stored()[0]
    candidate.launch(as_person("another"))
    candidate.launch(as_person("one"))
    assert candidate.stored()[0] == before + 1


def test_046_people_are_told_apart_by_the_case_of_their_ids(candidate: Candidate) -> None:
    before = candidate.stored()[0]
    for sub in ("AbC", "abc", "АбВ", "s" * 255):
        assert candidate.launch(Put(sub=sub)).page.status_code == 200
    assert candidate.stored()[0] == before + 4
