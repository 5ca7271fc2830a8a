"""Privacy notices and consent through the outside: two schools, each kind of person, versions, withdrawal."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db
from lti_tool.people.privacy.models import PrivacyEvent
from tests.conftest import browser
from tests.courses.scene import build
from tests.factories.coordinators import coordinator, organization_of, person_of
from tests.factories.joining import TOOL, operator
from tests.factories.privacy import agree, choose, come, form_to, publish, refuse, statements, token
from tests.lms import ADMIN, COURSE, PUPIL, TEACHER, School, submit

TEXTS = {"notice_ru": "Уведомление", "notice_en": "Our notice", "consent_ru": "Согласие", "consent_en": "Our consent"}


@pytest.fixture
def owner(app: Flask, school_b: School) -> int:
    return organization_of(app, school_b)


@pytest.fixture
def head(app: Flask, school_b: School) -> FlaskClient:
    """The coordinator of the school that asks for consent."""
    return coordinator(app, school_b)


def decided(app: Flask, person: int) -> list[tuple[str, int]]:
    with app.app_context():
        rows = db.session.scalars(select(PrivacyEvent).filter_by(person_id=person).order_by(PrivacyEvent.id))
        return [(row.kind, row.version) for row in rows]


def test_the_built_in_notice_is_one_click_away_for_everybody(app: Flask, school_a: School) -> None:
    stranger = browser(app)
    welcome = stranger.get(f"{TOOL}/")
    assert 'href="/privacy/notice"' in welcome.text
    assert "/privacy/mine" not in welcome.text
    assert "What is kept about you" in stranger.get(f"{TOOL}/privacy/notice").text
    assert "What is kept about you" in operator(app).get(f"{TOOL}/privacy/notice").text
    pupil, page = come(app, school_a, PUPIL)
    assert 'href="/privacy/mine"' in page.text
    assert "asks for no consent" in pupil.get(f"{TOOL}/privacy/mine").text
    submit(pupil, form_to(pupil.get(f"{TOOL}/"), "/language"), locale="ru")
    assert "Что о вас хранится" in pupil.get(f"{TOOL}/privacy/notice").text
    for path in ("mine", "consent", "versions/0"):
        assert stranger.get(f"{TOOL}/privacy/{path}").status_code == 401


def test_the_note_is_put_away_until_a_version_asks_again(
    app: Flask, school_b: School, head: FlaskClient, owner: int
) -> None:
    pupil, page = come(app, school_b, PUPIL)
    assert "Got it" in page.text
    assert "Got it" not in submit(pupil, form_to(page, "/privacy/noted")).text
    _again, page = come(app, school_b, PUPIL)
    assert "Got it" not in page.text
    publish(head, owner, **TEXTS)
    assert "Got it" not in pupil.get(f"{TOOL}/").text
    assert "Our notice" in pupil.get(f"{TOOL}/privacy/notice").text
    publish(head, owner, again=True, notice_en="Our newer notice")
    assert "Got it" in pupil.get(f"{TOOL}/").text


def test_everybody_of_the_one_school_meets_the_gate_and_nobody_of_the_other(
    app: Flask, school_a: School, school_b: School, head: FlaskClient, owner: int
) -> None:
    choose(head, owner, contact="Room 3, 555-1234")
    for sub in (PUPIL, TEACHER + 1, ADMIN):
        client, page = come(app, school_b, sub)
        assert page.request.path == "/privacy/consent"
        assert "Room 3, 555-1234" in page.text
        assert "frame-ancestors http://127.0.0.1:8082" in page.headers["Content-Security-Policy"]
        assert client.get(f"{TOOL}/courses/new").status_code == 303
        behind = agree(client, page)
        assert behind.request.path == "/"
        assert "Your consent is needed" not in behind.text
        assert come(app, school_b, sub)[1].request.path == "/"
    assert come(app, school_a, PUPIL)[1].request.path == "/"


def test_offices_stay_open_without_an_answer(app: Flask, school_b: School, head: FlaskClient, owner: int) -> None:
    choose(head, owner)
    assert head.get(f"{TOOL}/").location.startswith("/privacy/consent")
    for path in (f"/organizations/{owner}/coordinators", f"/organizations/{owner}/privacy", "/coordinate"):
        assert head.get(f"{TOOL}{path}").status_code == 200
    admin, page = come(app, school_b, ADMIN)
    assert "/registrations/1" in page.text
    assert admin.get(f"{TOOL}/registrations/1").status_code == 200
    assert admin.get(f"{TOOL}/organizations/{owner}/privacy").status_code == 303
    pupil, _page = come(app, school_b, PUPIL)
    assert pupil.get(f"{TOOL}/registrations/1").status_code == 303
    answer = submit(pupil, form_to(pupil.get(f"{TOOL}/privacy/consent"), "/language"), locale="ru")
    assert answer.request.path == "/privacy/consent"
    assert "Я могу отозвать согласие" in answer.text


def test_the_gate_leads_on_to_the_picker_and_to_the_work(
    app: Flask, school_a: School, school_b: School, head: FlaskClient, owner: int
) -> None:
    work = build(app, school_a, school_b).pupil_ids["partner's pupil"]
    choose(head, owner)
    teacher = browser(app)
    picker = agree(teacher, school_b.deep_link(teacher, TEACHER, COURSE))
    assert picker.request.path == "/selection/1"
    draft = school_b.accept(submit(teacher, form_to(picker, "/selection/1"), content="activity:2"))
    assert [item["title"] for item in draft["items"]] == ["Report"]
    link = school_b.save(draft)[0]
    second = browser(app)
    school_b.launch(second, TEACHER, link)
    submit(second, form_to(second.get(f"{TOOL}/privacy/mine"), "/privacy/withdraw"))
    reviewed = agree(second, school_b.submission_review(second, TEACHER, link, PUPIL))
    assert reviewed.request.path == f"/courses/activities/2/works/{work}"
    pupil = browser(app)
    page = agree(pupil, school_b.launch(pupil, PUPIL, link))
    assert page.request.path == "/courses/activities/2"


def test_what_is_typed_when_consent_falls_due_is_not_lost(
    app: Flask, school_a: School, school_b: School, head: FlaskClient, owner: int
) -> None:
    pupil = build(app, school_a, school_b)["partner's pupil"].browser
    work = pupil.get(f"{TOOL}/courses/activities/2")
    choose(head, owner)
    typed = {"text": "An answer that took an hour to write", "version": "1", "csrf_token": token(pupil)}
    for accepts in ("text/html", "application/json"):
        address = f"{TOOL}/courses/activities/2/draft"
        headers = {"Accept": accepts, "Referer": f"{TOOL}/courses/activities/2"}
        held = pupil.post(address, data=typed, headers=headers)
        assert held.status_code == 403
        assert ("took an hour" in held.text) == (accepts == "text/html")
    page = pupil.get(f"{TOOL}/courses/activities/2", follow_redirects=True)
    assert agree(pupil, page).request.path == work.request.path
    part = pupil.get(f"{TOOL}/", headers={"HX-Request": "true"})
    assert part.status_code == 200
    choose(head, owner, ask="notice")
    publish(head, owner, again=True, **TEXTS)
    choose(head, owner)
    assert pupil.get(f"{TOOL}/", headers={"HX-Request": "true"}).status_code == 403
    held = pupil.post(f"{TOOL}/courses/activities/2/work", data=typed, headers={"Referer": work.request.url})
    assert "/privacy/consent?next=/courses/activities/2" in held.text.replace("%2F", "/")


def test_without_cookies_the_gate_works_as_well(app: Flask, school_b: School, head: FlaskClient, owner: int) -> None:
    choose(head, owner)
    pupil, page = come(app, school_b, PUPIL)
    assert page.request.path == "/privacy/consent"
    with pupil.session_transaction(base_url=TOOL) as session:
        values = dict(session)
    with app.test_request_context():
        bearer = app.session_interface.get_signing_serializer(app).dumps(values)  # type: ignore[union-attr]
    bare = app.test_client(use_cookies=False)
    signed = {"Authorization": f"Bearer {bearer}"}
    whole = bare.get(f"{TOOL}/", headers={**signed, "HX-Request": "true"})
    assert whole.headers["HX-Location"].startswith("/privacy/consent")
    assert bare.get(f"{TOOL}/", headers=signed).status_code == 403


def test_refusing_withdrawing_and_agreeing_again(app: Flask, school_b: School, head: FlaskClient, owner: int) -> None:
    choose(head, owner)
    pupil, page = come(app, school_b, PUPIL)
    held = refuse(pupil, page)
    assert "You have not agreed" in held.text
    assert "still delivered there" in held.text
    assert pupil.get(f"{TOOL}/").status_code == 303
    assert "<strong>1</strong>" in head.get(f"{TOOL}/organizations/{owner}/privacy").text
    agree(pupil, held)
    mine = pupil.get(f"{TOOL}/privacy/mine")
    assert "You have agreed" in mine.text
    assert "Consent refused" in mine.text
    after = submit(pupil, form_to(mine, "/privacy/withdraw"))
    assert "Consent taken back" in after.text
    assert "You have not agreed" in come(app, school_b, PUPIL)[1].text
    person = person_of(app, school_b, PUPIL)
    assert decided(app, person) == [("refused", 0), ("given", 0), ("withdrawn", 0)]
    listed = head.get(f"{TOOL}/organizations/{owner}/privacy/people?state=withdrawn").text
    assert "1 person found" in listed
    assert "Consent taken back" in head.get(f"{TOOL}/organizations/{owner}/privacy/people/{person}").text
    data = {"csrf_token": token(pupil)}
    pupil.post(f"{TOOL}/privacy/withdraw", data=data)  # twice is once
    assert len(decided(app, person)) == 3


def test_versions_ask_again_or_not_and_stay_readable(
    app: Flask, school_b: School, head: FlaskClient, owner: int
) -> None:
    choose(head, owner)
    pupil, page = come(app, school_b, PUPIL)
    agree(pupil, page)
    assert "Version 1 is in force" in publish(head, owner, **TEXTS).text
    assert pupil.get(f"{TOOL}/").status_code == 200
    publish(head, owner, again=True, notice_en="Our notice\n\nA new line")
    old = pupil.get(f"{TOOL}/", follow_redirects=True)
    assert "A new line" in old.text
    publish(head, owner, consent_en="Third consent")
    stale = submit(pupil, form_to(old, "/privacy/consent"), answer="agree")
    assert stale.status_code == 409  # they saw another text than the one in force
    agree(pupil, pupil.get(f"{TOOL}/", follow_redirects=True))
    assert decided(app, person_of(app, school_b, PUPIL)) == [("given", 0), ("given", 3)]
    second = pupil.get(f"{TOOL}/privacy/versions/2").text
    assert "<ins>" in second
    assert "A new line" in second
    assert "Our consent" in pupil.get(f"{TOOL}/privacy/versions/1").text
    for number in (4, 2**70):
        assert pupil.get(f"{TOOL}/privacy/versions/{number}").status_code == 404


def test_a_draft_is_nobodys_business_and_is_not_overwritten(
    app: Flask, school_b: School, head: FlaskClient, owner: int
) -> None:
    address = f"{TOOL}/organizations/{owner}/privacy"
    first = head.get(f"{address}/draft")
    look = submit(head, form_to(first, "/privacy/draft"), **{**TEXTS, "notice_en": "<script>x</script> unheard of"})
    assert "<script>x" not in look.text
    assert "unheard of" in look.text
    assert "unheard of" not in come(app, school_b, PUPIL)[0].get(f"{TOOL}/privacy/notice").text
    assert submit(head, form_to(first, "/privacy/draft"), notice_en="A much longer text of mine").status_code == 409
    submit(head, form_to(head.get(f"{address}/draft"), "/privacy/draft"), notice_ru="")
    refused = submit(head, form_to(head.get(f"{address}/preview"), "/privacy/publish"))
    assert refused.status_code == 422
    assert "both languages" in refused.text
    submit(head, form_to(head.get(f"{address}/preview"), "/privacy/discard"))
    assert head.get(f"{address}/preview").status_code == 404


def test_no_other_organization_sees_anything_and_the_operator_sees_counts(
    app: Flask, school_a: School, school_b: School, head: FlaskClient, owner: int
) -> None:
    choose(head, owner, guardian="y")
    publish(head, owner, **TEXTS)
    come(app, school_b, PUPIL)
    person = person_of(app, school_b, PUPIL)
    foreign, hub = coordinator(app, school_a), operator(app)
    pupil, page = come(app, school_b, PUPIL)
    agree(pupil, page)
    root = f"{TOOL}/organizations/{owner}/privacy"
    reads = ("", "/draft", "/preview", "/people", f"/people/{person}", "/classes")
    writes = ("", "/draft", "/publish", "/discard", f"/people/{person}/guardian")
    for client in (
        foreign,
        come(app, school_a, PUPIL)[0],
        come(app, school_a, ADMIN)[0],
        come(app, school_a, TEACHER)[0],
    ):
        assert {client.get(f"{root}{path}").status_code for path in reads} == {404} or client is not foreign
        data = {"csrf_token": token(client), "ask": "notice", "agreed": "yes"}
        assert {client.post(f"{root}{path}", data=data).status_code for path in writes} == {404}
    assert {foreign.get(f"{root}{path}").status_code for path in reads} == {404}
    own = organization_of(app, school_a)
    assert foreign.get(f"{TOOL}/organizations/{own}/privacy/people/{person}").status_code == 404
    assert foreign.get(f"{TOOL}/privacy/versions/1").status_code == 404
    counts = hub.get(root)
    assert "wait for the guardian" in counts.text
    assert "/privacy/people" not in counts.text
    assert {hub.get(f"{root}{path}").status_code for path in reads[1:]} == {404}
    assert {hub.post(f"{root}{path}", data={"csrf_token": token(hub)}).status_code for path in writes} == {404}


def test_the_audit_trail_holds_no_words(app: Flask, school_b: School, head: FlaskClient, owner: int) -> None:
    choose(head, owner, guardian="y", contact="Secretary Smith")
    pupil, page = come(app, school_b, PUPIL)
    agree(pupil, page)
    person = person_of(app, school_b, PUPIL)
    form = form_to(head.get(f"{TOOL}/organizations/{owner}/privacy/people/{person}"), "/guardian")
    done = submit(head, form, agreed="yes", basis="no. 14 of 1 September")
    assert "no. 14 of 1 September" in done.text
    with app.app_context():
        lines = db.session.scalars(select(AuditEvent).where(AuditEvent.verb.like("%consent%"))).all()
        told = [(line.verb, line.organization_id, line.facts) for line in lines]
    assert ("consent.given", owner, {"version": 0}) in told
    assert ("consent.guardian_confirmed", owner, {"people": [person], "has_basis": True}) in told
    assert "Smith" not in str(told)


def test_the_gate_costs_no_statement(app: Flask, school_b: School, head: FlaskClient, owner: int) -> None:
    pupil, _page = come(app, school_b, PUPIL)
    before = statements(app, lambda: pupil.get(f"{TOOL}/"))
    choose(head, owner)
    assert statements(app, lambda: pupil.get(f"{TOOL}/")) == 1  # the one that says who it is
    agree(pupil, pupil.get(f"{TOOL}/", follow_redirects=True))
    assert statements(app, lambda: pupil.get(f"{TOOL}/")) == before
    assert statements(app, lambda: pupil.get(f"{TOOL}/privacy/notice")) <= 6
