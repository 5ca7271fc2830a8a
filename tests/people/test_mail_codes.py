"""Codes by e-mail: confirming an address, coming in by it, and nothing to learn or to guess for anybody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.people.guests.jobs import forget_codes
from lti_tool.people.guests.models import Guest, MailCode
from tests.conftest import MakeApp, browser
from tests.factories.guests import guest, guest_id, press
from tests.factories.joining import TOOL, operator, organization
from tests.factories.mail import PostOffice, post_office

PAVEL = "pavel@museum.example"
Run = Callable[[], int]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as running:
        yield running


@pytest.fixture
def app(make_app: MakeApp, office: PostOffice) -> Flask:
    return make_app(mail=office.server)


def confirm(client: FlaskClient, run_jobs: Run, office: PostOffice, address: str = PAVEL) -> TestResponse:
    """Confirm an address by the code that was sent to it."""
    press(client, "/my/sign-in", "/my/sign-in/email", email=address)
    run_jobs()
    return press(client, "/my/sign-in/email/code", "/email/code", code=office.digits())


def ask(client: FlaskClient, address: str = PAVEL) -> TestResponse:
    return press(client, "/sign-in", "/sign-in/email", email=address)


def type_code(client: FlaskClient, code: str) -> TestResponse:
    return press(client, "/sign-in/code", "/sign-in/code", code=code)


def is_in(client: FlaskClient) -> bool:
    return client.get(f"{TOOL}/my/sign-in").status_code == 200


def other(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


@pytest.fixture
def known(app: Flask, run_jobs: Run, office: PostOffice) -> FlaskClient:
    """A guest who can come in by codes to Pavel's address."""
    client = guest(app, organization(app, "Museum"))
    assert "from now on you can sign in with a code" in confirm(client, run_jobs, office).text
    return client


def test_a_confirmed_address_lets_in(app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient) -> None:
    assert PAVEL in known.get(f"{TOOL}/my/sign-in").text
    client = browser(app)
    assert "If somebody signs in here with this address" in ask(client, f" {PAVEL.upper()} ").text
    run_jobs()
    mail = office.messages[-1]
    assert (mail["To"], mail["From"]) == (PAVEL, "together@tool.example")
    assert "Pavel" not in mail.get_content()
    assert "Pavel Partner" in type_code(client, f" {office.digits()[:3]} {office.digits()[3:]} ").text
    assert is_in(client)


def test_a_code_works_once_and_only_where_it_was_asked_for(
    app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient
) -> None:
    asking, thief = browser(app), browser(app)
    ask(asking)
    run_jobs()
    digits = office.digits()
    ask(thief, "nobody@museum.example")
    assert "This is not the code" in type_code(thief, digits).text
    copied = asking.get_cookie("__Host-session", "tool.example")
    assert copied
    assert "Pavel" in type_code(asking, digits).text
    thief.set_cookie("__Host-session", copied.value, domain="tool.example", secure=True)
    assert type_code(thief, digits).status_code == 410
    assert not is_in(thief)


def told(app: Flask, address: str, *codes: str) -> list[tuple[int, str]]:
    """Everything a stranger reads on the way, but for what differs at every request."""
    client, seen = browser(app), []
    answers = [ask(client, address), *(type_code(client, code) for code in codes)]
    for answer in answers:
        text = re.sub(r'(csrf_token" value=)"[^"]+"|Reference code: \w+', "", answer.text)
        seen.append((answer.status_code, text))
    return seen


def test_nobody_learns_who_is_known(app: Flask, known: FlaskClient) -> None:
    codes = ["000000", "", "1", "999999", "000001"]
    known_one, unknown = told(app, PAVEL, *codes), told(app, "nobody@museum.example", *codes)
    assert known_one == unknown
    assert [status for status, _text in known_one] == [200] * 6
    with app.app_context():
        assert [row.tries for row in db.session.scalars(select(MailCode).where(MailCode.purpose == "enter"))] == [5, 5]


def test_an_unknown_address_gets_no_mail_and_is_not_kept(
    app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient
) -> None:
    before = len(office.messages)
    ask(browser(app), "nobody@museum.example")
    run_jobs()
    assert len(office.messages) == before
    with app.app_context():
        assert "nobody@" not in repr(db.session.execute(db.metadata.tables["mail_code"].select()).all())


def test_guessing_is_stopped(app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient) -> None:
    client = browser(app)
    ask(client)
    run_jobs()
    digits = office.digits()
    for _guess in range(5):
        assert "This is not the code" in type_code(client, other(digits)).text
    assert type_code(client, digits).status_code == 410
    assert not is_in(client)


def test_ten_codes_a_day_are_sent_to_one_address(
    app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient
) -> None:
    for _time in range(12):
        assert ask(browser(app)).status_code == 200
    run_jobs()
    assert len(office.messages) == 10  # with the one that confirmed the address


def test_an_old_code_is_over(app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient) -> None:
    client = browser(app)
    ask(client)
    run_jobs()
    with app.app_context(), unit_of_work():
        execute(update(MailCode).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert type_code(client, office.digits()).status_code == 410


def test_digits_are_kept_nowhere(app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient) -> None:
    ask(browser(app))
    run_jobs()
    with app.app_context():
        rows = repr(db.session.execute(db.metadata.tables["mail_code"].select()).all())
        assert office.digits() not in rows
        assert PAVEL not in rows


def test_an_address_lets_one_person_in(app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient) -> None:
    second = guest(app, organization(app, "Museum"), name="Petra")
    refused = confirm(second, run_jobs, office)
    assert refused.status_code == 409
    with app.app_context():
        assert db.session.scalars(select(Guest.name).where(Guest.email == PAVEL)).all() == ["Pavel Partner"]


def test_a_code_for_one_purpose_or_person_is_none_for_another(
    app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient
) -> None:
    second = guest(app, organization(app, "Museum"), name="Petra")
    press(second, "/my/sign-in", "/my/sign-in/email", email="petra@museum.example")
    run_jobs()
    page = second.get(f"{TOOL}/sign-in/code")
    assert page.status_code == 303
    token = re.search(r'name="csrf_token" value="([^"]+)"', second.get(f"{TOOL}/").text)
    assert token
    answer = second.post(f"{TOOL}/sign-in/code", data={"csrf_token": token[1], "code": office.digits()})
    assert answer.status_code == 410


def test_removing_the_address(app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient) -> None:
    waiting = browser(app)
    ask(waiting)
    run_jobs()
    assert "Removed" in press(known, "/my/sign-in", "/email/remove").text
    assert is_in(known)
    assert type_code(waiting, office.digits()).status_code == 410
    sent = len(office.messages)
    ask(browser(app))
    run_jobs()
    assert len(office.messages) == sent


def test_ending_the_access_ends_codes(app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient) -> None:
    waiting = browser(app)
    ask(waiting)
    run_jobs()
    museum = organization(app, "Museum")
    press(operator(app), f"/organizations/{museum}/guests", f"/guests/{guest_id(app)}/end")
    assert type_code(waiting, office.digits()).status_code == 410
    with app.app_context():
        assert PAVEL not in repr(db.session.execute(db.metadata.tables["guest"].select()).all())


@pytest.mark.parametrize(
    "address", ["", "pavel", "a@b", "a b@c.example", "ä@c.example", f"{'x' * 250}@c.example", "a@b.c\nBcc: d@e.f"]
)
def test_what_is_no_address(app: Flask, address: str) -> None:
    assert ask(browser(app), address).status_code == 422


@pytest.mark.parametrize(
    ("refusal", "state"),
    [({"RCPT": "550 no"}, "failed"), ({"RCPT": "450 later"}, "waiting"), ({"MAIL": "530 no"}, "failed")],
)
def test_a_server_that_refuses(
    app: Flask, run_jobs: Run, office: PostOffice, refusal: dict[str, str], state: str
) -> None:
    client = guest(app, organization(app, "Museum"))
    office.refusals.update(refusal)
    press(client, "/my/sign-in", "/my/sign-in/email", email=PAVEL)
    with capture_logs() as logs:
        run_jobs()
    with app.app_context():
        assert db.session.scalars(select(MailCode.state)).all() == [state]
    assert "code not sent" in {line["event"] for line in logs}
    assert PAVEL not in repr(logs)


def test_no_address_and_no_code_is_logged(app: Flask, run_jobs: Run, office: PostOffice, known: FlaskClient) -> None:
    client = browser(app)
    with capture_logs() as logs:
        ask(client)
        run_jobs()
        type_code(client, office.digits())
    assert "guests.enter_by_code" in repr(logs)
    assert PAVEL not in repr(logs)
    assert office.digits() not in repr(logs)


def test_codes_are_forgotten_after_a_day(app: Flask, known: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        execute(update(MailCode).values(created_at=utcnow() - timedelta(days=1, seconds=1)))
        forget_codes()
        assert db.session.scalars(select(MailCode)).all() == []


def test_the_mail_speaks_the_language_of_the_page(app: Flask, run_jobs: Run, office: PostOffice) -> None:
    client = guest(app, organization(app, "Museum"))
    press(client, "/", "/language", locale="ru")
    press(client, "/my/sign-in", "/my/sign-in/email", email=PAVEL)
    run_jobs()
    with app.app_context():
        assert db.session.scalars(select(MailCode.locale)).all() == ["ru"]


def test_without_a_server_nothing_promises_mail(make_app: MakeApp) -> None:
    app = make_app()
    client = guest(app, organization(app, "Museum"))
    for page in (client.get(f"{TOOL}/my/sign-in").text, browser(app).get(f"{TOOL}/sign-in").text):
        assert "mail" not in page.lower()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{TOOL}/").text)
    assert token
    for path in ("/my/sign-in/email", "/sign-in/email"):
        answer = client.post(f"{TOOL}{path}", data={"csrf_token": token[1], "email": PAVEL})
        assert answer.status_code == 422
    with app.app_context():
        assert db.session.scalars(select(MailCode)).all() == []
