from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.lms import ADMIN, ASSISTANT, COURSE, PUPIL, SCHOOL_B, TEACHER, School
from tests.sandbox.tiny_tool import URL, TinyTool

ROSTER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def ask(tool: TinyTool, school: School, query: str = "", accept: str = ROSTER) -> requests.Response:
    return tool.call("GET", f"{school.url}/services/CourseSection/2/bindings/1/memberships{query}", accept=accept)


def members(tool: TinyTool, school: School, query: str = "") -> dict[str, dict[str, Any]]:
    return {each["user_id"]: each for each in ask(tool, school, query).json()["members"]}


def test_everybody_comes_at_once_with_short_roles(school: School, tool: TinyTool) -> None:
    found = members(tool, school)
    assert len(found) == 33
    assert {found[str(user)]["roles"][0] for user in (PUPIL, ASSISTANT)} == {"Learner"}
    assert found[str(TEACHER)]["roles"] == ["Instructor"]
    assert {each["status"] for each in found.values()} == {"Active"}
    assert str(ADMIN) not in found
    assert found["7"]["email"] == "pupil01@school-a.example.org"


def test_suspended_people_are_missing(school: School, tool: TinyTool) -> None:
    school.enrol(COURSE, PUPIL, suspended=True)
    assert str(PUPIL) not in members(tool, school)


def test_an_enrolled_administrator_has_an_odd_role(school: School, tool: TinyTool) -> None:
    school.enrol(COURSE, ADMIN, role="teacher")
    roles = members(tool, school)[str(ADMIN)]["roles"]
    assert roles == ["http://purl.imsglobal.org/vocab/lis/v2/person#Administrator", "Instructor"]


def test_names_are_escaped_and_stripped(tool: TinyTool) -> None:
    school = School.start("en", SCHOOL_B, tool=tool.app)
    school.register(tool.app.test_client(), f"{URL}/lti/register?invite=code")
    added = school.control("POST", "/people", {"given_name": "Zoë & Co <x>", "family_name": "Zimmer"})
    school.enrol(COURSE, added["id"])
    assert members(tool, school)[str(added["id"])]["name"] == "Zoë &amp; Co  Zimmer"


def test_without_names_only_ids_and_roles_are_left(school: School, tool: TinyTool) -> None:
    school.privacy(names=False, emails=False)
    assert members(tool, school)["7"] == {
        "status": "Active",
        "roles": ["Learner"],
        "user_id": "7",
        "lis_person_sourcedid": "S0001",
    }


@pytest.mark.parametrize("accept", ["application/json", f"{ROSTER}, application/json"])
def test_the_accept_header_is_exact(school: School, tool: TinyTool, accept: str) -> None:
    assert ask(tool, school, accept=accept).status_code == 400


def test_pages_follow_and_forget_the_role(school: School, tool: TinyTool) -> None:
    address, seen = f"{school.url}/services/CourseSection/2/bindings/1/memberships?limit=10", set()
    while address:
        answer = tool.call("GET", address, accept=ROSTER)
        seen |= {each["user_id"] for each in answer.json()["members"]}
        address = answer.headers.get("Link", "").removeprefix("<").removesuffix('>; rel="next"')
    assert len(seen) == 33
    assert "role" not in ask(tool, school, "?role=Learner&limit=5").headers["Link"]


def test_the_bare_link_header_has_no_brackets(school: School, tool: TinyTool) -> None:
    school.switch(roster_link="bare", roster_page=20)
    answer = ask(tool, school)
    assert len(answer.json()["members"]) == 20
    assert answer.headers["Link"].endswith("memberships?limit=20&from=20;rel=next")


@pytest.mark.parametrize(
    ("role", "count"),
    [
        ("Learner", 31),
        ("Instructor", 2),
        ("http://purl.imsglobal.org/vocab/lis/v2/membership%23Learner", 31),
        ("Mentor", 33),
    ],
)
def test_roles_filter(school: School, tool: TinyTool, role: str, count: int) -> None:
    assert len(members(tool, school, f"?role={role}")) == count


def test_a_link_filters_and_a_wrong_link_is_404(school: School, tool: TinyTool) -> None:
    school.add_link(COURSE, "Link")
    assert "message" in members(tool, school, "?rlid=1")["7"]
    assert {ask(tool, school, f"?rlid={each}").status_code for each in ("99", "abc")} == {404}


@pytest.mark.parametrize(("path", "status"), [("99/bindings/1", 404), ("2/bindings/2", 401)])
def test_other_courses_and_tools(school: School, tool: TinyTool, path: str, status: int) -> None:
    address = f"{school.url}/services/CourseSection/{path}/memberships"
    assert tool.call("GET", address, accept=ROSTER).status_code == status
