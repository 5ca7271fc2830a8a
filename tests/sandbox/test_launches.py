from __future__ import annotations

import pytest

from tests.lms import ADMIN, ASSISTANT, COURSE, PUPIL, TEACHER, School
from tests.sandbox.tiny_tool import TinyTool

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


def test_a_pupil_arrives_with_moodles_claims(school: School, tool: TinyTool) -> None:
    link = school.add_link(
        COURSE, "Дроби", maximum=12, custom={"MixedKey": "a=b;c", "who": "$User.id", "x": "$No.such"}
    )
    answer = school.launch(tool.app.test_client(), PUPIL, link)
    got = tool.received
    assert answer.text == "Hello 7"
    assert (got["iss"], got["aud"], got["sub"]) == (school.url, tool.client_id, "7")
    assert got["exp"] - got["iat"] == 60
    assert got[CLAIM + "deployment_id"] == "1"
    assert got[CLAIM + "roles"] == [LEARNER]
    assert got[CLAIM + "context"] == {
        "id": "2",
        "label": "ЭКО-7",
        "title": "Экология 7 класс",
        "type": ["CourseSection"],
    }
    assert got[CLAIM + "resource_link"] == {"id": "1", "title": "Дроби", "description": ""}
    assert got[CLAIM + "launch_presentation"]["locale"] == "ru"
    custom = got[CLAIM + "custom"]
    assert (custom["MixedKey"], custom["mixedkey"]) == ("a=b;c", "a=b;c")
    assert (custom["who"], custom["x"], custom["context_history"]) == ("7", "$No.such", "")
    endpoint = got["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
    assert endpoint["lineitem"] == f"{school.url}/services/2/lineitems/1/lineitem?type_id=1"


@pytest.mark.parametrize(
    ("user", "roles"),
    [
        (TEACHER, {INSTRUCTOR}),
        (ASSISTANT, {INSTRUCTOR}),
        (
            ADMIN,
            {
                INSTRUCTOR,
                "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
                "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
            },
        ),
    ],
)
def test_everybody_but_pupils_is_an_instructor(school: School, tool: TinyTool, user: int, roles: set[str]) -> None:
    school.launch(tool.app.test_client(), user, school.add_link(COURSE, "Link"))
    assert set(tool.received[CLAIM + "roles"]) == roles


def test_a_teacher_who_switched_role_is_a_learner_with_her_own_sub(school: School, tool: TinyTool) -> None:
    school.launch(tool.app.test_client(), TEACHER, school.add_link(COURSE, "Link"), as_pupil=True)
    assert (tool.received["sub"], tool.received[CLAIM + "roles"]) == ("3", [LEARNER])


def test_an_ungraded_link_has_no_line_item(school: School, tool: TinyTool) -> None:
    school.launch(tool.app.test_client(), PUPIL, school.add_link(COURSE, "Read", graded=False))
    assert "lineitem" not in tool.received["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]


def test_without_names_and_mail_the_claims_vanish(school: School, tool: TinyTool) -> None:
    school.privacy(names=False, emails=False)
    school.launch(tool.app.test_client(), PUPIL, school.add_link(COURSE, "Link"))
    assert not {"name", "given_name", "family_name", "email"} & tool.received.keys()
    assert tool.received[CLAIM + "ext"] == {"lms": "moodle-2"}


def test_the_authorization_address_works_once(school: School, tool: TinyTool) -> None:
    login = school.login_form(person=PUPIL, link=school.add_link(COURSE, "Link"))
    location = tool.app.test_client().post(login.action, data=login.fields).location
    browser = school.app.test_client()
    assert browser.get(location).status_code == 200
    assert browser.get(location).status_code == 404


@pytest.mark.parametrize(
    ("part", "replaced", "status", "error"),
    [
        ("client_id=", "client_id=x", 200, "unauthorized_client"),
        ("login_hint=", "login_hint=9", 200, "access_denied"),
        ("prompt=none", "prompt=login", 200, "invalid_request"),
        ("response_mode=form_post", "response_mode=query", 200, "invalid_request"),
        ("lti%2Flaunch", "lti%2Flaunch%2F", 404, None),
        ("scope=openid", "scope=openid+email", 404, None),
        ("nonce=", "not_nonce=", 404, None),
        ("launchid", "launched", 404, None),
    ],
)
def test_a_bad_authorization_request_is_answered_as_moodle_answers(
    school: School, tool: TinyTool, part: str, replaced: str, status: int, error: str | None
) -> None:
    login = school.login_form(person=PUPIL, link=school.add_link(COURSE, "Link"))
    location = tool.app.test_client().post(login.action, data=login.fields).location
    answer = school.app.test_client().get(location.replace(part, replaced))
    assert answer.status_code == status
    if error:
        assert f'value="{error}"' in answer.text
        assert "id_token" not in answer.text


def test_a_browser_signed_in_as_somebody_else_is_refused(school: School, tool: TinyTool) -> None:
    login = school.login_form(person=PUPIL, link=school.add_link(COURSE, "Link"))
    location = tool.app.test_client().post(login.action, data=login.fields).location
    browser = school.app.test_client()
    browser.post(f"{school.url}/sandbox/login", json={"person": TEACHER})
    assert 'value="access_denied"' in browser.get(location).text


def test_tests_can_forge_messages(school: School, tool: TinyTool) -> None:
    link = school.add_link(COURSE, "Link")
    school.launch(tool.app.test_client(), PUPIL, link, claims=lambda given: given | {"sub": "99"})
    assert tool.received["sub"] == "99"


def test_the_storage_switch_names_the_frame(school: School) -> None:
    link = school.add_link(COURSE, "Link")
    assert "lti_storage_target" not in school.login_form(person=PUPIL, link=link).fields
    school.switch(storage="parent")
    assert school.login_form(person=PUPIL, link=link).fields["lti_storage_target"] == "_parent"


def test_a_new_key_signs_after_rotation(school: School, tool: TinyTool) -> None:
    link = school.add_link(COURSE, "Link")
    kid = school.rotate_key(keep_old=False)
    school.launch(tool.app.test_client(), PUPIL, link)
    assert tool.received["sub"] == "7"
    assert [each["kid"] for each in school.app.test_client().get(f"{school.url}/lti/certs").get_json()["keys"]] == [kid]


def test_ids_are_equal_in_both_schools(school: School, other_school: School, tool: TinyTool) -> None:
    other_school.register_manually("http://localhost:8080", client_id=tool.client_id)
    links = [each.add_link(COURSE, "Link") for each in (school, other_school)]
    messages = [
        each.begin(tool.app.test_client(), person=PUPIL, link=links[0]).claims for each in (school, other_school)
    ]
    assert links == [1, 1]
    assert {(m["sub"], m[CLAIM + "deployment_id"], m[CLAIM + "context"]["id"]) for m in messages} == {("7", "1", "2")}
    assert len({m["iss"] for m in messages}) == 2
