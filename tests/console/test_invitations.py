"""All invitations on one page: filtered, taken back and made several at once."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.platforms.models import Invitation
from tests.conftest import browser
from tests.factories.joining import TOOL, fill, invitation, operator, organization
from tests.lms import read_forms

PAGE = "/operator/invitations"


@pytest.fixture
def four(app: Flask) -> None:
    """An invitation in every state: open, used, expired, revoked."""
    for number in range(1, 5):
        invitation(app, f"School {number}")
    now = utcnow()
    changes = {2: {"used_at": now}, 3: {"expires_at": now - timedelta(days=1)}, 4: {"revoked_at": now}}
    with app.app_context(), unit_of_work():
        for ident, values in changes.items():
            execute(update(Invitation).where(Invitation.id == ident).values(**values))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [4, 3, 2, 1]),
        ("?state=open", [1]),
        ("?state=used", [2]),
        ("?state=expired", [3]),
        ("?state=revoked", [4]),
        ("?state=eaten", [4, 3, 2, 1]),
        ("?search=school+3", [3]),
        ("?search=school+3&state=open", []),
    ],
)
def test_filters(app: Flask, four: None, query: str, shown: list[int]) -> None:
    page = operator(app).get(f"{TOOL}{PAGE}{query}").text
    assert [int(found) for found in re.findall(r"Invitation (\d+)<", page)] == shown


def test_several_are_taken_back_at_once(app: Flask, four: None) -> None:
    address = invitation(app, "School 5")
    client = operator(app)
    page = fill(client, PAGE, "/revoke", invitation=[1, 2, 3, 5])
    assert "2 invitations have been taken back" in page
    assert browser(app).get(address).status_code == 410
    with app.app_context():
        left = db.session.scalars(select(Invitation.id).where(Invitation.revoked_at.is_(None))).all()
        assert sorted(left) == [2, 3]
        lines = db.session.scalars(select(AuditEvent.thing_id).where(AuditEvent.verb == "invitation.revoke")).all()
        assert sorted(lines) == [1, 5]


def test_nothing_marked_is_said(app: Flask, four: None) -> None:
    client = operator(app)
    assert "Mark at least one" in fill(client, PAGE, "/revoke")
    organization(app, "School 9")
    assert "Mark at least one" in fill(client, f"{PAGE}/new", "/new")


def test_addresses_for_several_are_shown_once(app: Flask) -> None:
    numbers = [organization(app, f"School {number}") for number in range(3)]
    client = operator(app)
    page = fill(client, f"{PAGE}/new", "/new", organization=numbers[:2], days="3")
    addresses = set(re.findall(r"https://tool\.example/lti/register\?invite=[\w-]+", page))
    assert len(addresses) == 2
    for address in addresses:
        assert browser(app).get(address).status_code == 200
        assert address not in client.get(f"{TOOL}{PAGE}").text
    assert [name for name in ("School 0", "School 1", "School 2") if name in client.get(f"{TOOL}{PAGE}/new").text] == [
        "School 2"
    ]
    assert "School 0" in client.get(f"{TOOL}{PAGE}/new?every=1").text


def test_addresses_as_a_table(app: Flask) -> None:
    numbers = [organization(app, name) for name in ('=cmd("x")', "Школа; «12»")]
    client = operator(app)
    page = client.get(f"{TOOL}{PAGE}/new")
    form = next(
        form for form in read_forms(page.text, f"{TOOL}{PAGE}/new") if form.method == "post" and "days" in form.fields
    )
    data = {**form.fields, "organization": numbers, "as": "table"}
    answer = client.post(form.action, data=data)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row[0] for row in rows] == ["Organization", '\'=cmd("x")', "Школа; «12»"]
    for row in rows[1:]:
        assert browser(app).get(row[2]).status_code == 200


def test_too_long_a_time_keeps_the_marks_and_makes_nothing(app: Flask) -> None:
    number = organization(app, "School 1")
    page = fill(operator(app), f"{PAGE}/new", "/new", organization=[number], days="9999")
    assert re.search(rf'value="{number}" id="organization-{number}" checked', page)
    with app.app_context():
        assert db.session.scalars(select(Invitation.id)).all() == []


def test_strangers_stay_out(app: Flask, four: None) -> None:
    for path in (PAGE, f"{PAGE}/new"):
        assert browser(app).get(f"{TOOL}{path}").status_code == 401
