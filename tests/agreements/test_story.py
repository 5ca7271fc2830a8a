"""An agreement from the first draft to its end, as the coordinators of its parties live it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.agreements import paper
from lti_tool.agreements.jobs import turn_agreements
from lti_tool.agreements.models import Agreement, Party, Revision
from lti_tool.agreements.queries import partnership, today
from lti_tool.agreements.views import reading
from lti_tool.core.db import db, execute, unit_of_work
from tests.conftest import browser
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.guests import guest
from tests.factories.joining import TOOL, operator, organization
from tests.lms import PUPIL, Form, School, read_forms, submit

TODAY = today()
LATER = TODAY + timedelta(days=200)


@dataclass
class Two:
    """Coordinators of two schools, signed in, and their organizations' ids."""

    app: Flask
    a: FlaskClient
    b: FlaskClient
    ids: tuple[int, int]


@pytest.fixture
def two(app: Flask, school_a: School, school_b: School) -> Two:
    ids = organization_of(app, school_a), organization_of(app, school_b)
    return Two(app, coordinator(app, school_a), coordinator(app, school_b), ids)


def send(client: FlaskClient, path: str, action: str = "", *, status: int = 200, **typed: Any) -> str:
    """Send the form of a page whose address ends with `action` (the page's own when empty)."""
    page = client.get(f"{TOOL}{path}")
    assert page.status_code == 200, page.text
    wanted = action or path
    form = next(
        form
        for form in read_forms(page.text, f"{TOOL}{path}")
        if form.action.endswith(wanted) and form.method == "post"
    )
    answer = submit(client, form, **typed)
    assert answer.status_code == status, answer.text
    return answer.text


def begin(two: Two, kind: str = "course") -> None:
    """Agreement 1: a draft of A with B in it."""
    send(two.a, "/agreements/new", kind=kind)
    assert add(two, two.ids[1]).status_code == 303


def add(two: Two, organization_id: int) -> TestResponse:
    """Add a party to the draft, as the button does."""
    fields = _about(two.a.get(f"{TOOL}/agreements/1/about").text).fields
    data = {"csrf_token": fields["csrf_token"], "version": fields["version"], "add": organization_id}
    return two.a.post(f"{TOOL}/agreements/1/parties", data=data)


def _about(page: str) -> Form:
    return next(form for form in read_forms(page, f"{TOOL}/agreements/1/about") if "purpose" in form.fields)


def fill_in(two: Two, first: date = TODAY, last: date = LATER, **about: Any) -> None:
    """Everything the law asks for."""
    send(
        two.a,
        "/agreements/1/about",
        title="Rivers together",
        starts_on=first.isoformat(),
        ends_on=last.isoformat(),
        **about,
    )
    for number, ident in enumerate(two.ids):
        path = f"/agreements/1/contributions/{ident}"
        send(
            two.a, path, staff="Two teachers", seats=15 + number, contact="Anna, 55-12", signatory="Director", hours=34
        )
    duties = dict.fromkeys(("teaching", "assessing", "safety", "documents"), str(two.ids[0]))
    send(two.a, "/agreements/1/duties", **duties)


def sign(client: FlaskClient, number: int = 1, **typed: Any) -> str:
    return send(client, f"/agreements/1/sign/{number}", **{"paper": "No. 7 of today", **typed})


def in_force(two: Two, **about: Any) -> None:
    begin(two)
    fill_in(two, **about)
    send(two.a, "/agreements/1", "/propose")
    sign(two.a)
    sign(two.b)


def state(two: Two) -> str:
    with two.app.app_context():
        return db.session.get_one(Agreement, 1).state


def test_from_draft_to_force(two: Two) -> None:
    begin(two)
    assert two.b.get(f"{TOOL}/agreements/1").status_code == 404  # a draft is its author's
    assert "No agreement yet" in two.b.get(f"{TOOL}/agreements").text
    page = two.a.get(f"{TOOL}/agreements/1").text
    for text in ("Nobody can sign before", "First day", "Riverside School: Contact"):
        assert text in page
    fill_in(two)
    page = two.a.get(f"{TOOL}/agreements/1").text
    assert "Nobody can sign before" not in page
    assert "horizontal" in page
    send(two.a, "/agreements/1", "/propose")
    assert "waits for your answer" in two.b.get(f"{TOOL}/agreements").text
    assert "Signed. The other parties see it." in sign(two.b, signatory="Ms Head, director")
    assert state(two) == "proposed"
    assert "Ms Head, director" in two.a.get(f"{TOOL}/agreements/1").text
    assert "it holds now" in sign(two.a)
    assert state(two) == "active"
    with two.app.app_context():
        assert dict(db.session.execute(db.select(Party.organization_id, Party.seats)).tuples().all()) == dict(
            zip(two.ids, (15, 16), strict=True)
        )


@pytest.mark.parametrize(
    ("kind", "usual"),
    [
        ("course", {"teaching", "assessing", "safety", "documents"}),
        ("project", {"teaching", "assessing", "safety", "documents"}),
        ("facilities", {"safety"}),
        ("mentoring", {"safety"}),
        ("other", set()),
    ],
)
def test_a_template_lays_the_usual_duties_on_who_writes(two: Two, kind: str, usual: set[str]) -> None:
    page = send(two.a, "/agreements/new", kind=kind)
    assert ("usual duties are laid on your organization" in page) == bool(usual)
    add(two, two.ids[1])
    page = two.a.get(f"{TOOL}/agreements/1/duties").text
    form = next(form for form in read_forms(page, f"{TOOL}/agreements/1/duties") if "safety" in form.fields)
    names = ("teaching", "assessing", "safety", "documents")
    assert {name: form.fields[name] for name in names} == {
        name: str(two.ids[0]) if name in usual else "" for name in names
    }


def test_nobody_signs_what_is_incomplete(two: Two) -> None:
    begin(two)
    send(two.a, "/agreements/1", "/propose")
    page = send(two.b, "/agreements/1/sign/1", status=422, paper="No. 7")
    assert "Some fields are missing" in page
    assert "First day" in page
    assert state(two) == "proposed"
    shown = two.b.get(f"{TOOL}/agreements/1").text
    assert "Nobody can sign before these are filled in" in shown
    assert "/agreements/1/sign/1" not in shown
    send(two.b, "/agreements/1", "/rewrite")  # what is missing is written in another text


def test_three_sides_of_which_each_has_to_sign(two: Two) -> None:
    museum = organization(two.app, "Museum of rivers", department="Culture")
    head = guest(two.app, museum, name="Mira", role="coordinator")
    begin(two)
    assert add(two, museum).status_code == 303
    fill_in(two)
    assert "Museum of rivers: What it brings in" in two.a.get(f"{TOOL}/agreements/1").text
    assert head.get(f"{TOOL}/agreements/1").status_code == 404
    brought = {"rooms": "The lecture hall", "contact": "Mira", "signatory": "Director"}
    send(two.a, f"/agreements/1/contributions/{museum}", **brought)
    send(two.a, "/agreements/1", "/propose")
    shown = head.get(f"{TOOL}/agreements/1").text
    assert "mixed: organizations of several departments" in shown
    assert "The lecture hall" in shown
    for signs in (two.b, head):
        sign(signs)
        assert state(two) == "proposed"
    assert shown.count("not signed yet") == 3
    assert two.a.get(f"{TOOL}/agreements/1").text.count("not signed yet") == 1
    sign(two.a)
    assert state(two) == "active"
    for number in two.ids:
        with two.app.app_context():
            assert partnership(museum, number).in_force


def test_a_draft_needs_somebody_to_propose_it_to(two: Two) -> None:
    send(two.a, "/agreements/new", kind="other")
    assert "add the other organization first" in send(two.a, "/agreements/1", "/propose")
    assert state(two) == "draft"


def test_a_signature_needs_a_paper_or_a_scan(two: Two) -> None:
    begin(two)
    fill_in(two)
    send(two.a, "/agreements/1", "/propose")
    assert "or add a scan" in send(two.b, "/agreements/1/sign/1", status=422, paper="")
    tomorrow = (TODAY + timedelta(days=2)).isoformat()
    assert "has not come yet" in send(two.b, "/agreements/1/sign/1", status=422, paper="1", signed_on=tomorrow)
    assert "PDF or a picture" in send(two.b, "/agreements/1/sign/1", status=422, scan=(BytesIO(b"MZ"), "run.exe"))
    send(two.b, "/agreements/1/sign/1", scan=(BytesIO(b"%PDF-1.7 signed"), "Договор.pdf"))
    scan = two.a.get(f"{TOOL}/agreements/scans/1")
    assert scan.data == b"%PDF-1.7 signed"
    assert scan.headers["Content-Disposition"].startswith("attachment")
    assert scan.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_declined_and_written_anew(two: Two) -> None:
    begin(two)
    fill_in(two)
    send(two.a, "/agreements/1", "/propose")
    send(two.b, "/agreements/1/decline", status=422, reason=" ")
    send(two.b, "/agreements/1/decline", reason="Too many seats for us")
    assert "Too many seats for us" in two.a.get(f"{TOOL}/agreements/1").text
    send(two.b, "/agreements/1", "/rewrite")
    assert "is writing a new text" in two.a.get(f"{TOOL}/agreements/1").text
    assert two.a.get(f"{TOOL}/agreements/1/texts/2").status_code == 404
    assert two.a.get(f"{TOOL}/agreements/1/about").status_code == 403
    send(two.b, f"/agreements/1/contributions/{two.ids[1]}", seats=5)
    send(two.b, "/agreements/1", "/propose")
    text = two.a.get(f"{TOOL}/agreements/1/texts/2").text
    assert "<del>16</del>" in text
    assert "<ins>5</ins>" in text
    sign(two.a, 2)
    sign(two.b, 2)
    assert state(two) == "active"


def test_another_text_takes_the_signatures_with_it(two: Two) -> None:
    begin(two)
    fill_in(two)
    send(two.a, "/agreements/1", "/propose")
    sign(two.b)
    page = two.b.get(f"{TOOL}/agreements/1")
    send(two.a, "/agreements/1", "/rewrite")
    send(two.a, "/agreements/1", "/propose")
    assert "not signed yet" in two.b.get(f"{TOOL}/agreements/1").text
    assert "signed</span>" in page.text
    late = two.b.post(
        f"{TOOL}/agreements/1/sign/1", data={"csrf_token": read_forms(page.text, TOOL)[0].fields["csrf_token"]}
    )
    assert late.status_code == 409


def test_an_amendment_holds_once_all_have_signed_it(two: Two) -> None:
    in_force(two)
    send(two.b, "/agreements/1", "/rewrite")
    send(two.b, "/agreements/1/about", ends_on=(LATER + timedelta(days=30)).isoformat())
    assert state(two) == "active"
    send(two.b, "/agreements/1", "/propose")
    page = two.a.get(f"{TOOL}/agreements/1").text
    assert "What this text changes" in page
    assert page.count("<del>") == 1
    sign(two.b, 2)
    with two.app.app_context():
        assert db.session.get_one(Agreement, 1).ends_on == LATER
    sign(two.a, 2)
    with two.app.app_context():
        found = db.session.get_one(Agreement, 1)
        assert (found.ends_on, found.state) == (LATER + timedelta(days=30), "active")
        assert [each.state for each in found.revisions] == ["replaced", "signed"]


def test_its_parties_stay_once_it_was_proposed(two: Two) -> None:
    in_force(two)
    other = organization(two.app, "Museum of rivers")
    send(two.a, "/agreements/1", "/rewrite")
    page = two.a.get(f"{TOOL}/agreements/1/parties")
    assert "stay the same" in page.text
    assert add(two, other).status_code == 422


def test_the_calendar_begins_and_ends(two: Two) -> None:
    in_force(two, first=TODAY + timedelta(days=3))
    assert state(two) == "signed"
    _days(two, starts_on=TODAY - timedelta(days=1))
    assert state(two) == "active"
    _days(two, ends_on=TODAY)
    assert state(two) == "active"
    _days(two, ends_on=TODAY - timedelta(days=2))
    assert state(two) == "expired"
    assert "The last day has passed" in two.a.get(f"{TOOL}/agreements/1").text


def test_ended_before_its_time(two: Two) -> None:
    in_force(two)
    too_late = (LATER + timedelta(days=1)).isoformat()
    assert "Choose a day" in send(two.b, "/agreements/1/end", status=422, last_day=too_late, reason="Moved")
    send(two.b, "/agreements/1/end", last_day=TODAY.isoformat(), reason="We moved to another building")
    page = two.a.get(f"{TOOL}/agreements/1").text
    assert "Riverside School has ended it" in page
    assert "We moved to another building" in page
    assert state(two) == "active"  # today is its last day
    _days(two, ends_on=TODAY - timedelta(days=2))
    assert state(two) == "terminated"
    assert "/rewrite" not in two.a.get(f"{TOOL}/agreements/1").text


def test_two_coordinators_on_one_draft(two: Two) -> None:
    begin(two)
    page = two.a.get(f"{TOOL}/agreements/1/about")
    form = _about(page.text)
    send(two.a, "/agreements/1/about", title="First")
    late = submit(two.a, form, title="Second", purpose="Typed at length")
    assert late.status_code == 409
    assert "Typed at length" in late.text
    assert submit(two.a, _about(late.text)).status_code == 200
    assert "Second" in two.a.get(f"{TOOL}/agreements/1").text


def test_a_discarded_draft_leaves_nothing(two: Two) -> None:
    begin(two)
    assert "thrown away" in send(two.a, "/agreements/1", "/discard")
    with two.app.app_context():
        assert [
            db.session.scalar(db.select(db.func.count()).select_from(model)) for model in (Agreement, Party, Revision)
        ] == [0] * 3


def test_only_parties_see_it(two: Two, school_b: School) -> None:
    in_force(two)
    teacher = browser(two.app)
    link = school_b.links()[0]["id"]
    school_b.launch(teacher, PUPIL, link)
    addresses = ["", "/texts/1", "/texts/1/document", "/about", "/parties", "/duties", "/sign/1", "/decline", "/end"]
    for someone in (teacher, operator(two.app)):
        assert someone.get(f"{TOOL}/agreements").status_code == 404
        for address in addresses:
            assert someone.get(f"{TOOL}/agreements/1{address}").status_code == 404
    with two.app.app_context(), unit_of_work():
        other = organization(two.app, "Elsewhere")
        execute(db.update(Party).where(Party.organization_id == two.ids[1]).values(organization_id=other))
    for address in addresses:
        assert two.b.get(f"{TOOL}/agreements/1{address}").status_code == 404
    assert two.b.get(f"{TOOL}/agreements/scans/1").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "Договор о сотрудничестве"), ("en", "Agreement on cooperation")]
)
def test_the_document_in_both_languages(two: Two, language: str, words: str) -> None:
    in_force(two)
    page = two.a.get(f"{TOOL}/agreements/1/texts/1/document?language={language}").text
    assert words in page
    assert "сетевой форм" not in page.lower()
    assert f'<html lang="{language}"' in page
    assert 'lang="en"' in two.a.get(f"{TOOL}/agreements/1").text.split("<head>")[0]  # the reader's own language stays


def test_the_document_as_a_pdf(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    in_force(two)
    page, made = (
        f"{TOOL}/agreements/1/texts/1/document?language=ru",
        f"{TOOL}/agreements/1/texts/1/document.pdf?language=ru",
    )
    if paper.printer() is None:
        pytest.skip("WeasyPrint or a library it needs is missing: see the extra pdf")
    assert "document.pdf?language=ru" in two.a.get(page).text
    answer = two.a.get(made)
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == "attachment; filename=agreement-1-1-ru.pdf"
    assert operator(two.app).get(made).status_code == 404
    monkeypatch.setattr(reading, "printer", lambda: None)
    assert "document.pdf" not in two.a.get(page).text
    assert two.a.get(made).status_code == 404


def test_network_form_is_said_only_where_it_is_one(two: Two) -> None:
    begin(two)
    fill_in(
        two,
        network_form="y",
        programme="Basic general, Geography 8",
        admission="By the home school",
        document="Certificate",
    )
    page = two.a.get(f"{TOOL}/agreements/1/texts/1/document?language=ru").text
    assert "Договор о сетевой форме" in page
    assert "Geography 8" in page


@pytest.mark.parametrize("many", [1, 40])
def test_the_list_is_paged_and_found(two: Two, many: int) -> None:
    with two.app.app_context(), unit_of_work():
        for number in range(many):
            made = Agreement(author_id=two.ids[0], kind="course", form="mixed", title=f"Rivers {number}")
            made.parties = [Party(organization_id=ident) for ident in two.ids]
            db.session.add(made)
    page = two.a.get(f"{TOOL}/agreements").text
    assert page.count("list-group-item") == min(many, 25)
    assert "Rivers 0" in two.a.get(f"{TOOL}/agreements?search=rivers+0").text
    assert "Rivers 0" in two.a.get(f"{TOOL}/agreements?search=riverside&page=2").text
    assert "Nothing found" in two.a.get(f"{TOOL}/agreements?state=active").text


def _days(two: Two, **values: Any) -> None:
    with two.app.app_context():
        with unit_of_work():
            execute(db.update(Agreement).values(**values))
        with unit_of_work():
            turn_agreements()
