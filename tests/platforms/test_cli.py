"""The commands that scripts and people rely on: what they print, their exit codes, one clear sentence when wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from lti_tool.core.db import db, unit_of_work
from lti_tool.platforms.models import PENDING, Deployment
from tests.conftest import browser
from tests.factories.joining import organization, registration
from tests.lms import PUPIL, School

Run = Callable[..., Result]
LMS = {
    "--issuer": "https://lms.example",
    "--client-id": "client",
    "--auth-url": "https://lms.example/auth",
    "--token-url": "https://lms.example/token",
    "--jwks-url": "https://lms.example/jwks",
}


@pytest.fixture
def run(app: Flask) -> Run:
    runner = app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=[str(each) for each in arguments])


def add(run: Run, organization_id: int, *deployments: str, **changes: str) -> Result:
    options = [part for name, value in (LMS | changes).items() for part in (name, value)]
    return run("platforms", "add", organization_id, *options, *(p for d in deployments for p in ("--deployment-id", d)))


def rows(run: Run, *command: str) -> list[dict[str, Any]]:
    result = run(*command, "--json")
    assert result.exit_code == 0, result.output
    listed: list[dict[str, Any]] = json.loads(result.output)
    return listed


@pytest.mark.parametrize(
    "command",
    [
        ("organizations", "add"),
        ("organizations", "list"),
        ("platforms", "invite"),
        ("platforms", "add"),
        ("platforms", "list"),
        ("platforms", "approve"),
        ("platforms", "suspend"),
        ("platforms", "doctor"),
        ("keys", "list"),
        ("keys", "rotate"),
        ("operator", "invite"),
        ("jobs", "run"),
        ("jobs", "status"),
    ],
    ids=" ".join,
)
def test_every_command_explains_itself(run: Run, command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()[2].strip()) > 20


def test_an_invitation_is_an_address(run: Run, app: Flask) -> None:
    result = run("platforms", "invite", organization(app), "--auto-approve", "--expires", "3")
    assert result.output.split()[-1].startswith("https://tool.example/lti/register?invite=")


def test_registering_by_hand_is_idempotent(run: Run, app: Flask) -> None:
    owner = organization(app)
    first = add(run, owner, "1")
    again = add(run, owner, "1", "2", **{"--jwks-url": "https://lms.example/new-keys"})
    assert first.exit_code == again.exit_code == 0, first.output + again.output
    assert first.output.split()[-1] == again.output.split()[-1]
    (row,) = rows(run, "platforms", "list")
    expected = {
        "id": int(first.output.split()[-1]),
        "organization": owner,
        "issuer": "https://lms.example",
        "client_id": "client",
        "state": "active",
        "deployments": ["1", "2"],
        "pending_deployments": [],
        "last_launch": None,
    }
    assert {name: row[name] for name in expected} == expected


def test_two_schools_of_one_lms_differ_by_deployment(run: Run, app: Flask) -> None:
    first, second = organization(app), organization(app, "School 13")
    assert add(run, first, "1").exit_code == 0
    taken = add(run, second, "1")
    assert taken.exit_code == 1
    assert "registered already" in taken.output
    assert add(run, second, "2").exit_code == 0
    assert [(row["organization"], row["deployments"]) for row in rows(run, "platforms", "list")] == [
        (first, ["1"]),
        (second, ["2"]),
    ]


def test_a_waiting_deployment_goes_to_the_school_it_is_registered_for(run: Run, app: Flask) -> None:
    first, second = organization(app), organization(app, "School 13")
    add(run, first, "1")
    with app.app_context(), unit_of_work():
        db.session.add(Deployment(registration_id=1, deployment_id="2", state=PENDING))
    assert add(run, second, "2").exit_code == 0
    assert [(row["deployments"], row["pending_deployments"]) for row in rows(run, "platforms", "list")] == [
        (["1"], []),
        (["2"], []),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("--issuer", "lms.example"),
        ("--auth-url", "javascript:alert(1)"),
        ("--token-url", ""),
        ("--jwks-url", "https://a b"),
        ("--client-id", "x" * 256),
    ],
)
def test_what_cannot_be_registered_is_said(run: Run, app: Flask, name: str, value: str) -> None:
    result = add(run, organization(app), "1", **{name: value})
    assert result.exit_code == 1
    assert name.strip("-").replace("-", "_") in result.output
    assert rows(run, "platforms", "list") == []


def test_suspend_and_approve(run: Run, app: Flask, school_a: School) -> None:
    link = school_a.add_link(2, "Link")
    assert run("platforms", "suspend", 1).exit_code == 0
    with pytest.raises(AssertionError, match="403"):
        school_a.begin(browser(app), person=PUPIL, link=link)
    again = add(run, 1, "1", **{"--issuer": school_a.url, "--client-id": school_a.tools()[0]["client_id"]})
    assert again.exit_code == 1
    assert "suspended" in again.output
    assert run("platforms", "approve", 1).exit_code == 0
    assert school_a.launch(browser(app), PUPIL, link).status_code == 200


def test_a_pending_deployment_is_accepted_by_its_id(run: Run, app: Flask, school_a: School) -> None:
    link = school_a.add_link(2, "Link")

    def moved(claims: dict[str, Any]) -> None:
        claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"] = "77"

    with app.app_context(), unit_of_work():
        db.session.add(Deployment(registration_id=1, deployment_id="77", state=PENDING))
    (row,) = rows(run, "platforms", "list")
    assert row["pending_deployments"] == ["77"]
    unknown = run("platforms", "approve", 1, "--deployment-id", "78")
    assert unknown.exit_code == 1
    assert "78" in unknown.output
    assert run("platforms", "approve", 1, "--deployment-id", "77").exit_code == 0
    (row,) = rows(run, "platforms", "list")
    assert (row["pending_deployments"], "77" in row["deployments"]) == ([], True)
    assert link


@pytest.mark.parametrize(
    "command",
    [
        ("platforms", "invite", 99),
        ("platforms", "invite", 2**70),
        ("platforms", "approve", 99),
        ("platforms", "suspend", 0),
        ("platforms", "doctor", 99),
        ("platforms", "add", 99, *(p for pair in LMS.items() for p in pair), "--deployment-id", "1"),
    ],
)
def test_an_unknown_id_is_one_sentence(run: Run, command: tuple[Any, ...]) -> None:
    result = run(*command)
    assert result.exit_code == 1
    assert result.output.startswith("Error: There is no ")
    assert len(result.output.strip().splitlines()) == 1


def test_lists_read_well_as_text_and_after_many_rows(run: Run, app: Flask) -> None:
    for number in (1, 2, 3):
        registration(app, number, name=f"School {number}")
    lines = run("platforms", "list").output.splitlines()
    assert lines[0].split("\t")[:2] == ["id", "organization"]
    assert [line.split("\t")[0] for line in lines[1:]] == ["1", "2", "3"]
    assert len(rows(run, "organizations", "list")) == 3


def test_keys_are_listed_and_rotated(make_app: Any, tmp_path: Any) -> None:
    runner = make_app(keys_dir=tmp_path / "keys").test_cli_runner()
    (before,) = json.loads(runner.invoke(args=["keys", "list", "--json"]).output)
    assert {"kid", "published", "first_used", "retired"} <= before.keys()
    new = runner.invoke(args=["keys", "rotate"]).output.split()[-1]
    listed = json.loads(runner.invoke(args=["keys", "list", "--json"]).output)
    assert [row["kid"] for row in listed] == [before["kid"], new]
    assert listed[0]["retired"] is not None


def test_jobs_status_counts_what_waits(run: Run, app: Flask) -> None:
    registration(app)
    facts = json.loads(run("jobs", "status", "--json").output)
    assert (facts["worker"], facts["outbox"]) == (False, [])
    assert run("jobs", "status").output.startswith("worker\tnone")
