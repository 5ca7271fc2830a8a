"""Organizations: the commands and the screens of the operator."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from lti_tool.core.db import db
from lti_tool.organizations.models import Organization
from tests.factories.joining import TOOL, operator, organization
from tests.lms import read_forms, submit


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["organizations", *arguments])


def test_add_prints_the_id_and_list_shows_it(app: Flask) -> None:
    first = run(app, "add", "Школа № 12", "--type", "school", "--department", "Москва", "--city", "Москва")
    second = run(app, "add", "Science Museum", "--type", "culture", "--department", "City of Tver")
    assert [first.output.split()[-1], second.output.split()[-1]] == ["1", "2"]
    assert json.loads(run(app, "list", "--json").output) == [
        {"id": 1, "name": "Школа № 12", "type": "school", "department": "Москва", "city": "Москва"},
        {"id": 2, "name": "Science Museum", "type": "culture", "department": "City of Tver", "city": ""},
    ]
    assert "Школа № 12" in run(app, "list").output


def test_adding_the_same_again_gives_the_same(app: Flask) -> None:
    options = ("--type", "school", "--department", "City")
    assert run(app, "add", "School 12", *options).output == run(app, "add", " School  12 ", *options).output
    assert run(app, "add", "School 12", *options, "--city", "Tver").output.split()[-1] == "2"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("add", "X", "--type", "castle", "--department", "D"), 2, "castle"),
        (("add", "X", "--type", "school"), 2, "--department"),
        (("add", " ", "--type", "school", "--department", "D"), 1, "name: This is needed."),
        (("add", "X" * 201, "--type", "school", "--department", "D"), 1, "at most 200"),
        (("add", "X", "--type", "school", "--department", "D", "--time-zone", "Moscow"), 1, "Europe/Moscow"),
    ],
)
def test_what_cannot_be_added_is_said(app: Flask, arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run(app, *arguments)
    assert result.exit_code == code
    assert says in result.output
    assert "Traceback" not in result.output
    assert json.loads(run(app, "list", "--json").output) == []


@pytest.mark.parametrize("search", ["школа № 7", "ШКОЛА № 7", "Школа № 7", "№ 7", "Тверь", "тверь", "7"])
def test_an_operator_finds_an_organization(app: Flask, search: str) -> None:
    for number in range(1, 31):
        name = f"Школа № {number}"
        city = "Тверь" if number == 7 else "Москва"
        run(app, "add", name, "--type", "school", "--department", "Образование", "--city", city)
    client = operator(app)
    page = client.get(f"{TOOL}/operator/organizations", query_string={"search": search}).text
    assert ">Школа № 7<" in page
    assert ">Школа № 8<" not in page


def test_long_lists_come_in_pages(app: Flask) -> None:
    for number in range(60):
        organization(app, f"School {number:02}")
    client = operator(app)
    first = client.get(f"{TOOL}/operator/organizations").text
    assert "School 00" in first
    assert "School 59" not in first
    assert "School 59" in client.get(f"{TOOL}/operator/organizations?page=3").text
    assert "School 59" in client.get(f"{TOOL}/operator/organizations?page=999999").text


def test_nothing_found_says_what_to_do(app: Flask) -> None:
    page = operator(app).get(f"{TOOL}/operator/organizations?search=%3Cb%3E%25_").text
    assert "Nothing found" in page
    assert "<b>%" not in page


def test_correcting_an_organization(app: Flask) -> None:
    organization(app)
    client = operator(app)
    address = f"{TOOL}/operator/organizations/1/edit"
    form = next(f for f in read_forms(client.get(address).text, address) if f.action == address)
    wrong = submit(client, form, name="", time_zone="nowhere")
    assert wrong.status_code == 422
    right = submit(client, form, name="School 12a", type="college", time_zone="Asia/Omsk")
    assert right.status_code == 200
    with app.app_context():
        row = db.session.get_one(Organization, 1)
        assert (row.name, row.type, row.time_zone, row.department) == ("School 12a", "college", "Asia/Omsk", "City")
