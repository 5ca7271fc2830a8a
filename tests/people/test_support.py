"""Support access: asked with a reason, reading only, written down line by line, seen and ended by the school."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lti_tool.agreements.queries import today
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.people.support.models import WAITS, SupportAccess
from tests.conftest import browser
from tests.factories.agreements import agreement
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.joining import TOOL, fill, operator
from tests.lms import School, read_forms, submit

PAGES = ("/school", "/school/partners", "/school/courses", "/school/teachers", "/school/health", "/agreements")


@pytest.fixture
def two(app: Flask, school_a: School, school_b: School) -> tuple[int, int]:
    return organization_of(app, school_a), organization_of(app, school_b)


def look_in(client: FlaskClient, organization_id: int, reason: str = "Seats are wrong", minutes: int = 15) -> str:
    path = f"/organizations/{organization_id}/support"
    return fill(client, path, f"organizations/{organization_id}/support", reason=reason, minutes=minutes)


def press(client: FlaskClient, path: str, part: str, **typed: object) -> int:
    page = client.get(f"{TOOL}{path}")
    form = next(
        form
        for form in read_forms(page.text, f"{TOOL}{path}")
        if part in form.action and form.fields.get("answer") == typed.get("answer")
    )
    return submit(client, form, follow=False, **typed).status_code


def lines(app: Flask) -> list[tuple[str, int | None, int | None, str | None]]:
    with app.app_context():
        found = db.session.scalars(select(AuditEvent).where(AuditEvent.thing == "support").order_by(AuditEvent.id))
        return [(each.verb, each.organization_id, each.concerns_id, each.facts.get("page")) for each in found]


def test_reading_only_and_everything_is_seen(app: Flask, two: tuple[int, int], school_b: School) -> None:
    ours, other = two[1], two[0]
    agreement(app, *two, seats=20)
    agreement(app, other, ours, last=today() + timedelta(days=200))
    head, olga = coordinator(app, school_b), operator(app)
    page = look_in(olga, ours)
    assert "You are seeing Riverside School as support until" in page
    assert "Nothing waits." in page
    for path in (
        *PAGES,
        "/agreements/1",
        "/agreements/1/texts/1",
        "/agreements/1/texts/1/document",
        "/registrations/2",
    ):
        shown = olga.get(f"{TOOL}{path}")
        assert shown.status_code == 200, path
        assert "as support until" in shown.text
    assert "New agreement" not in olga.get(f"{TOOL}/agreements").text
    for text in ("/sign", "/end", "/rewrite"):
        assert f"/agreements/1{text}" not in olga.get(f"{TOOL}/agreements/1").text
    assert olga.get(f"{TOOL}/registrations/1").status_code == 404
    assert lines(app)[0] == ("support.open", None, ours, None)
    opened = [page for verb, actor, concerns, page in lines(app)[1:] if (verb, actor, concerns)]
    assert opened[0] == "school.home"
    assert opened[-1] == "platforms.registration"
    assert {"agreements.document", "school.teachers"} <= set(opened)
    own = head.get(f"{TOOL}/school").text
    assert "going on now" in own
    assert "Olga Operator: Seats are wrong" in own
    journal = head.get(f"{TOOL}/journal").text
    assert "Page opened in support access: Agreement as a document" in journal
    assert "Olga Operator, operator of the hub" in journal
    trail = head.get(f"{TOOL}/support/1").text
    assert "Support access begun" in trail
    assert "Page opened in support access: Teachers" in trail
    assert browser(app).get(f"{TOOL}/support/1").status_code == 401


def test_no_act_and_no_other_page(app: Flask, two: tuple[int, int]) -> None:
    olga = operator(app)
    token = next(f for f in read_forms(olga.get(f"{TOOL}/operator").text, f"{TOOL}/operator") if f.fields).fields
    look_in(olga, two[1])
    for path in (
        f"/operator/organizations/{two[1]}/archive",
        f"/organizations/{two[1]}/coordinators",
        f"/organizations/{two[1]}/support",
        "/agreements/new",
        "/operator/registrations/2/suspend",
        "/announcements/1/dismiss",
    ):
        refused = olga.post(f"{TOOL}{path}", data={"csrf_token": token["csrf_token"]}, headers={"Referer": TOOL})
        assert refused.status_code == 403
        assert "you can read, and change nothing" in refused.text, path
    assert next(page for verb, *_ids, page in lines(app) if verb == "support.refused") == "console.archive"
    for path in (
        "/journal",
        f"/organizations/{two[1]}",
        f"/organizations/{two[1]}/coordinators",
        f"/organizations/{two[1]}/people",
        f"/organizations/{two[1]}/support",
        "/operator/organizations",
        "/operator/rules",
        "/registrations/2/deliveries",
        "/agreements/new",
        "/support/1",
    ):
        assert olga.get(f"{TOOL}{path}").status_code in (403, 404), path
    assert olga.get(f"{TOOL}/operator").location == "/school"
    assert olga.get(f"{TOOL}/").location == "/school"
    assert press(olga, "/school", "/support/leave") == 303
    assert olga.get(f"{TOOL}/operator").status_code == 200
    assert olga.get(f"{TOOL}/school").status_code == 404


def test_time_and_the_school_end_it(app: Flask, two: tuple[int, int], school_b: School) -> None:
    head, olga = coordinator(app, school_b), operator(app)
    look_in(olga, two[1])
    with app.app_context(), unit_of_work():
        execute(update(SupportAccess).values(until=utcnow() - timedelta(seconds=1)))
    assert olga.get(f"{TOOL}/school").location == "/operator/support"
    assert "time is over" in olga.get(f"{TOOL}/operator/support").text
    assert olga.get(f"{TOOL}/school").status_code == 404
    look_in(olga, two[1], minutes=240)
    assert press(head, "/school", "/support/2/end") == 303
    assert olga.post(f"{TOOL}/operator/organizations/{two[1]}/archive").status_code in (303, 403)
    assert olga.get(f"{TOOL}/school").status_code in (303, 404)
    assert "as support until" not in olga.get(f"{TOOL}/operator").text
    with app.app_context():
        assert db.session.get_one(SupportAccess, 2).state == "ended"
    assert "ended" in head.get(f"{TOOL}/school").text


def test_only_after_our_yes(app: Flask, two: tuple[int, int], school_a: School, school_b: School) -> None:
    head, foreign, olga, oleg = (
        coordinator(app, school_b),
        coordinator(app, school_a),
        operator(app),
        operator(app, "Oleg"),
    )
    path = f"/organizations/{two[1]}/support"
    assert press(head, path, "/support/choice", when="yes") == 303
    assert "Asked." in look_in(olga, two[1])
    assert olga.get(f"{TOOL}/school").status_code == 404
    assert "waits for your yes" in head.get(f"{TOOL}/school").text
    assert press(head, "/school", "/support/1/answer", answer="yes") == 303
    for stranger in (foreign, oleg):
        page = stranger.get(f"{TOOL}/operator/support" if stranger is oleg else f"{TOOL}/school").text
        token = next(form.fields["csrf_token"] for form in read_forms(page, TOOL) if "csrf_token" in form.fields)
        for act in ("start", "end", "answer"):
            sent = stranger.post(f"{TOOL}/support/1/{act}", data={"csrf_token": token}, headers={"Referer": TOOL})
            assert sent.status_code == 404
    assert foreign.get(f"{TOOL}/support/1").status_code == 404
    assert foreign.get(f"{TOOL}{path}").status_code == 404
    assert press(olga, path, "/support/1/start") == 303
    assert olga.get(f"{TOOL}/school").status_code == 200
    assert press(olga, "/school", "/support/leave") == 303
    look_in(olga, two[1], reason="Again")
    assert press(head, "/school", "/support/2/answer", answer="no") == 303
    assert "refused" in olga.get(f"{TOOL}{path}").text
    look_in(olga, two[1], reason="Once more")
    with app.app_context(), unit_of_work():
        execute(update(SupportAccess).where(SupportAccess.id == 3).values(changed_at=utcnow() - WAITS))
    assert "not answered or used in time" in head.get(f"{TOOL}{path}").text
    verbs = [verb for verb, *_rest in lines(app) if verb != "support.page"]
    assert verbs == [f"support.{each}" for each in ("ask", "granted", "open", "end", "ask", "denied", "ask")]


def test_a_reason_is_needed_and_asking_twice_is_asking_once(app: Flask, two: tuple[int, int]) -> None:
    olga, oleg = operator(app), operator(app, "Oleg")
    assert "Write why" in look_in(olga, two[1], reason="  ")
    assert "not a valid choice" in look_in(olga, two[1], minutes=9999).lower()
    look_in(olga, two[1])
    assert operator(app).get(f"{TOOL}/school").status_code == 404  # the access is of one browser's session
    again = operator(app)
    assert "Go on" in again.get(f"{TOOL}/organizations/{two[1]}/support").text
    assert press(again, f"/organizations/{two[1]}/support", "/support/1/start") == 303
    assert again.get(f"{TOOL}/school").status_code == 200
    assert look_in(oleg, two[0], reason="Other").count("as support until") == 1
    with app.app_context():
        assert db.session.query(SupportAccess).count() == 2
