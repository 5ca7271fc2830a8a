"""The doctor: what it finds on good and bad days, what it says to do, and that it leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from lti_tool.core.db import db, unit_of_work
from lti_tool.platforms.models import PENDING, Deployment
from lti_tool.sandbox.models import Tool
from tests.factories.joining import TOOL, operator, registration
from tests.lms import ADMIN, COURSE, TEACHER, School

Found = dict[str, dict[str, Any]]


def examine(app: Flask, number: int = 1) -> tuple[int, Found]:
    result = app.test_cli_runner().invoke(args=["platforms", "doctor", str(number), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, {row["name"]: row for row in json.loads(result.output)}


def verdicts(found: Found) -> dict[str, str]:
    return {name: row["verdict"] for name, row in found.items()}


@pytest.fixture
def launched(client: FlaskClient, school_a: School) -> School:
    """A school whose teacher has opened the tool once."""
    link = school_a.add_link(COURSE, "Link")
    assert school_a.launch(client, TEACHER, link).status_code == 200
    return school_a


def stumble(school: School, hits: Callable[[str], bool]) -> None:
    """Let the school's column service answer 500 when `hits` says so for a request's method."""
    inner = school.app.wsgi_app

    def faulty(environ: Any, start: Any) -> Any:
        if "/lineitems" in environ["PATH_INFO"] and hits(environ["REQUEST_METHOD"]):
            return Response("", 500)(environ, start)
        return inner(environ, start)

    school.app.wsgi_app = faulty  # type: ignore[method-assign]


def test_all_is_well(app: Flask, launched: School) -> None:
    launched.tell_time()
    before = launched.columns()
    code, found = examine(app)
    assert code == 0
    assert set(verdicts(found).values()) == {"ok"}, found
    assert list(found) == ["registration", "keys", "clock", "token", "scopes", "roster", "column", "launch"]
    assert "people" in found["roster"]["what"]
    assert launched.columns() == before
    assert [call["method"] for call in launched.calls("ags")].count("DELETE") == 1


def test_before_the_first_launch_services_wait_for_a_course(app: Flask, school_a: School) -> None:
    code, found = examine(app)
    assert code == 0
    assert verdicts(found) == {
        "registration": "ok",
        "keys": "ok",
        "clock": "skipped",
        "token": "ok",
        "scopes": "ok",
        "roster": "skipped",
        "column": "skipped",
        "launch": "warning",
    }
    assert any("teacher" in line for line in found["roster"]["todo"])


@pytest.mark.parametrize(
    ("service", "kind", "fails", "skips"),
    [
        ("jwks", "500", {"keys"}, set()),
        ("jwks", "hang", {"keys"}, set()),
        ("jwks", "html", {"keys"}, set()),
        ("token", "500", {"token"}, {"scopes", "roster", "column"}),
        ("token", "html", {"token"}, {"scopes", "roster", "column"}),
        ("nrps", "500", {"roster"}, set()),
        ("nrps", "html", {"roster"}, set()),
        ("nrps", "401", {"roster"}, set()),
        ("ags", "500", {"column"}, set()),
        ("ags", "401", {"column"}, set()),
        ("ags", "429", {"column"}, set()),
    ],
)
def test_a_service_on_a_bad_day(
    app: Flask, launched: School, service: str, kind: str, fails: set[str], skips: set[str]
) -> None:
    launched.fault(service, kind)
    code, found = examine(app)
    assert code == 1
    assert {name for name, verdict in verdicts(found).items() if verdict == "failed"} == fails
    assert {name for name, verdict in verdicts(found).items() if verdict == "skipped"} - {"clock"} == skips
    for name in fails:
        assert found[name]["todo"], name


@pytest.mark.parametrize("broken", ["GET", "POST", "PUT"])
def test_a_check_that_breaks_off_takes_its_column_away(app: Flask, launched: School, broken: str) -> None:
    before = launched.columns()
    gets = iter([False] if broken == "GET" else [])
    stumble(launched, lambda method: method == broken and next(gets, True))
    code, found = examine(app)
    assert (code, found["column"]["verdict"]) == (1, "failed")
    assert launched.columns() == before


def test_a_column_left_behind_goes_with_the_next_check_and_no_other(app: Flask, launched: School) -> None:
    own = launched.columns()
    stuck = iter([True])
    stumble(launched, lambda method: method == "DELETE" and next(stuck, False))
    code, found = examine(app)
    assert (code, found["column"]["facts"]["step"]) == (1, "remove")
    assert len(launched.columns()) == len(own) + 1
    code, _found = examine(app)
    assert code == 0
    assert launched.columns() == own


def test_what_is_not_permitted_is_named_with_its_place(app: Flask, launched: School) -> None:
    with launched.site.store.session() as rows:
        tool = rows.get(Tool, launched.tool_id)
        tool.scopes = [scope for scope in tool.scopes if "contextmembership" not in scope]
    code, found = examine(app)
    assert (code, found["scopes"]["verdict"], found["roster"]["verdict"]) == (0, "warning", "skipped")
    assert "list of participants" in found["scopes"]["what"]
    assert any("Manage tools" in line for line in found["scopes"]["todo"])


def test_a_school_without_names_is_told_what_that_means(app: Flask, launched: School) -> None:
    launched.privacy(names=False, emails=False)
    code, found = examine(app)
    assert (code, found["roster"]["verdict"]) == (0, "warning")


@pytest.mark.parametrize(
    ("ahead", "verdict", "word"), [(20, "warning", "ahead"), (-20, "warning", "behind"), (-3600, "failed", "behind")]
)
def test_clocks_that_differ(app: Flask, launched: School, ahead: int, verdict: str, word: str) -> None:
    launched.tell_time(timedelta(seconds=ahead))
    code, found = examine(app)
    assert (found["clock"]["verdict"], found["clock"]["code"]) == (verdict, word)
    assert code == (1 if verdict == "failed" else 0)
    assert any("NTP" in line for line in found["clock"]["todo"])


def test_an_address_that_may_not_be_contacted(app: Flask) -> None:
    registration(app, jwks_url="https://127.0.0.1/jwks", token_url="https://10.0.0.1/token")
    code, found = examine(app)
    assert code == 1
    assert (found["keys"]["code"], found["token"]["code"]) == ("blocked", "private_address")
    assert "LTI_TOOL_PLATFORM_ALLOW" in found["keys"]["todo"][0]


def test_a_pending_deployment_is_mentioned(app: Flask, launched: School) -> None:
    with app.app_context(), unit_of_work():
        db.session.add(Deployment(registration_id=1, deployment_id="77", state=PENDING))
    _code, found = examine(app)
    assert (found["registration"]["verdict"], found["registration"]["facts"]["deployments"]) == ("warning", "77")


def test_the_text_says_what_to_change(app: Flask, launched: School) -> None:
    launched.fault("ags", "500")
    result = app.test_cli_runner().invoke(args=["platforms", "doctor", "1"])
    assert result.exit_code == 1
    assert "failed   Gradebook columns: " in result.output
    assert "→" in result.output


def test_the_page_follows_a_check_in_the_background(app: Flask, launched: School, run_jobs: Callable[[], int]) -> None:
    client = operator(app)
    page = client.post(f"{TOOL}/registrations/1/check", data={"csrf_token": token_of(client)}, follow_redirects=True)
    assert "under way" in page.text
    assert 'hx-get="/registrations/1/check"' in page.text
    assert run_jobs() >= 1
    done = client.get(f"{TOOL}/registrations/1/check", headers={"HX-Request": "true"})
    assert "hx-get" not in done.text
    assert "A test column was made" in done.text
    assert "<html" not in done.text


def test_the_administrator_of_the_lms_checks_it_too(
    app: Flask, client: FlaskClient, launched: School, run_jobs: Callable[[], int]
) -> None:
    link = launched.links(COURSE)[0]["id"]
    home = launched.launch(client, ADMIN, link)
    assert 'href="/registrations/1"' in home.text
    assert client.post(f"{TOOL}/registrations/1/check", data={"csrf_token": token_of(client)}).status_code == 303
    run_jobs()
    page = client.get(f"{TOOL}/registrations/1")
    assert page.status_code == 200
    assert "/operator/" not in page.text


def token_of(client: FlaskClient) -> str:
    page = client.get(f"{TOOL}/registrations/1").text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
