"""An LMS moves to another address: its registration follows, with everything that hangs on it, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_tool.contexts.models import Context, Membership
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db
from lti_tool.grades.models import LineItem
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration
from lti_tool.platforms.moves.addresses import moved
from lti_tool.platforms.moves.models import Move
from tests.conftest import browser
from tests.factories.coordinators import coordinator
from tests.factories.grades import record, score
from tests.factories.joining import TOOL, in_english, operator
from tests.lms import ADMIN, COURSE, PUPIL, SCHOOL_A, TEACHER, School, read_forms, submit

RunJobs = Callable[[], int]
NEW = "http://127.0.0.9:8099"
PAGE = "/registrations/1/move"


@pytest.fixture
def link(app: Flask, school_a: School, run_jobs: RunJobs) -> int:
    """A class with a roster and a grade that has arrived."""
    link = school_a.add_link(COURSE, "Link", custom={"content": "activity:1"})
    school_a.launch(browser(app), TEACHER, link)
    school_a.launch(browser(app), PUPIL, link)
    run_jobs()
    record(app, PUPIL, 7.0)
    run_jobs()
    return link


def enter(app: Flask, school: School, sub: int) -> FlaskClient:
    client = browser(app)
    found = school.links()
    assert school.launch(client, sub, found[0]["id"] if found else school.add_link(COURSE, "Link")).status_code == 200
    return in_english(client)


def press(client: FlaskClient, path: str, action: str, **typed: object) -> tuple[int, str]:
    page = client.get(f"{TOOL}{path}")
    form = next(form for form in read_forms(page.text, f"{TOOL}{path}") if form.action.endswith(action))
    answer = submit(client, form, **typed)
    return answer.status_code, answer.text


def send(client: FlaskClient, path: str, answer: str, action: str) -> str:
    """Press the only such button of an answer."""
    form = next(form for form in read_forms(answer, f"{TOOL}{path}") if form.action.endswith(action))
    done = submit(client, form)
    assert done.status_code == 200, done.text
    return done.text


def link_of(client: FlaskClient) -> str:
    """Make a link; the path with its code."""
    status, page = press(client, PAGE, "/move/link")
    assert status == 200
    return "/move?code=" + page.partition("/move?code=")[2].partition('"')[0]


def tell(client: FlaskClient, path: str, address: str = NEW) -> str:
    """Tell the new address and confirm the preview; the preview."""
    status, preview = press(client, path, "/move", address=address)
    assert status == 200, preview
    assert "Nothing has been changed yet" in preview
    send(client, path, preview, "/move")
    return preview


def rows(app: Flask) -> dict[str, Any]:
    """Everything that must stay, and the addresses."""
    with app.app_context():
        registration = db.session.get_one(Registration, 1)
        told = ("issuer", "auth_url", "token_url", "jwks_url")
        return {
            "addresses": [getattr(registration, name) for name in told],
            "services": [
                *db.session.execute(select(Context.memberships_url, Context.lineitems_url).order_by(Context.id)).one(),
                *db.session.scalars(select(LineItem.url)),
            ],
            "people": db.session.execute(select(Identity.id, Identity.sub).order_by(Identity.id)).all(),
            "members": db.session.execute(select(Membership.id, Membership.context_id).order_by(Membership.id)).all(),
            "client": registration.client_id,
        }


def bases(values: list[str]) -> set[str]:
    return {"/".join(value.split("/")[:3]) for value in values}


def test_an_operators_link_moves_by_itself(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    before = rows(app)
    hub = operator(app)
    path = link_of(hub)
    school_a.move(NEW, app)
    waiting = record(app, PUPIL, 9.0)
    run_jobs()
    assert score(app, waiting).state == "refused"
    stranger = in_english(browser(app))
    assert "moved lately" not in hub.get(f"{TOOL}/operator").text
    preview = tell(stranger, path)
    assert f"{NEW}/lti/auth" in preview
    assert "3 follow" in preview
    assert rows(app) == before
    run_jobs()
    after = rows(app)
    assert bases(after["addresses"]) == bases(after["services"]) == {NEW}
    assert {name: after[name] for name in ("people", "members", "client")} == {
        name: before[name] for name in ("people", "members", "client")
    }
    assert "has followed its LMS" in stranger.get(f"{TOOL}{path}").text
    assert "moved lately" in hub.get(f"{TOOL}/operator").text  # nobody had to say yes, so somebody should know
    assert score(app, waiting).state == "delivered"
    shown = [cell["raw"] for column in school_a.columns() for cell in column["grades"].values()]
    assert shown == [9.0]
    assert school_a.launch(browser(app), PUPIL, link).status_code == 200
    assert rows(app)["people"] == before["people"]
    with app.app_context():
        verbs = db.session.scalars(
            select(AuditEvent.verb).where(AuditEvent.verb.like("move.%")).order_by(AuditEvent.id)
        )
        assert list(verbs) == ["move.begin", "move.tell", "move.confirm"]
        assert db.session.scalar(select(func.count()).select_from(Registration)) == 1


def test_a_schools_own_link_waits_for_an_operator(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    path = link_of(enter(app, school_a, ADMIN))
    hub = operator(app)
    school_a.move(NEW, app)
    stranger = in_english(browser(app))
    tell(stranger, path)
    run_jobs()
    assert bases(rows(app)["addresses"]) == {SCHOOL_A}
    assert "look at it" in stranger.get(f"{TOOL}{path}").text
    assert "wait for your yes" in hub.get(f"{TOOL}/operator").text
    page = hub.get(f"{TOOL}{PAGE}").text
    assert "same keys as the old one" in page
    assert "knows the tool" in page
    assert "has followed" in press(hub, PAGE, "/move/confirm")[1]
    assert bases(rows(app)["addresses"]) == {NEW}
    assert "wait for your yes" not in hub.get(f"{TOOL}/operator").text


def test_the_way_back(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    before = rows(app)
    hub = operator(app)
    path = link_of(hub)
    school_a.move(NEW, app)
    tell(browser(app), path)
    run_jobs()
    assert rows(app) != before
    school_a.move(SCHOOL_A, app)
    assert "old address again" in press(hub, PAGE, "/move/undo")[1]
    assert rows(app) == before
    assert school_a.launch(browser(app), PUPIL, link).status_code == 200


def test_launches_from_the_old_address_are_told(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    path = link_of(operator(app))
    old = school_a.login_form(person=PUPIL, link=link)
    school_a.move(NEW, app)
    tell(browser(app), path)
    run_jobs()
    refused = browser(app).post(old.action, data=old.fields, headers={"Accept-Language": "en"})
    assert refused.status_code == 400
    assert "has another address now" in refused.text
    unknown = browser(app).post(old.action, data=old.fields | {"client_id": "x"}, headers={"Accept-Language": "en"})
    assert "is not registered here" in unknown.text


def test_another_lms_cannot_take_the_place(app: Flask, school_a: School, school_b: School, run_jobs: RunJobs) -> None:
    """Whoever got hold of a link names an LMS of their own: its keys are others, so a human looks, and says no."""
    school_a.launch(browser(app), PUPIL, school_a.add_link(COURSE, "Link"))
    before = rows(app)["addresses"]
    hub = operator(app)
    path = link_of(hub)
    tell(browser(app), path, school_b.url)
    run_jobs()
    assert rows(app)["addresses"] == before
    assert "other keys than the old one" in hub.get(f"{TOOL}{PAGE}").text
    assert "called off" in press(hub, PAGE, "/move/cancel")[1]
    assert browser(app).get(f"{TOOL}{path}").status_code == 410


def test_an_address_that_does_not_answer(app: Flask, school_a: School, link: int, run_jobs: RunJobs) -> None:
    hub = operator(app)
    tell(hub, PAGE, "https://127.0.0.77")
    run_jobs()
    page = hub.get(f"{TOOL}{PAGE}").text
    assert "cannot be read at the new address" in page
    assert "/move/confirm" not in page
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert hub.post(f"{TOOL}{PAGE}/confirm", data={"csrf_token": token}).status_code == 409
    school_a.move(NEW, app)
    tell(hub, PAGE)
    run_jobs()
    assert bases(rows(app)["addresses"]) == {NEW}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("moodle.example", "begins with https://"),
        ("https://moodle.example/?x=1", "begins with https://"),
        ("javascript:alert(1)", "begins with https://"),
        (f"{SCHOOL_A}/", "the LMS has now"),
        ("https://moodle.example/" + "a" * 300, "at most 255"),
    ],
)
def test_what_is_no_new_address(app: Flask, school_a: School, typed: str, said: str) -> None:
    status, page = press(operator(app), PAGE, "/move", address=typed)
    assert status == 422
    assert said in page


def test_who_may_move(app: Flask, school_a: School, school_b: School, link: int, run_jobs: RunJobs) -> None:
    acts = (PAGE, f"{PAGE}/link", f"{PAGE}/confirm", f"{PAGE}/undo", f"{PAGE}/cancel")

    def ask(client: FlaskClient) -> list[int]:
        page = client.get(f"{TOOL}/", follow_redirects=True).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        data = {"csrf_token": token, "address": NEW}
        return [client.get(f"{TOOL}{PAGE}").status_code] + [
            client.post(f"{TOOL}{act}", data=data).status_code for act in acts
        ]

    for client in (
        enter(app, school_a, PUPIL),
        enter(app, school_a, TEACHER),
        enter(app, school_b, ADMIN),
        coordinator(app, school_b),
    ):
        assert ask(client) == [404] * 6
    for client in (enter(app, school_a, ADMIN), coordinator(app, school_a)):
        assert ask(client) == [200, 200, 200, 403, 403, 303]
    assert browser(app).get(f"{TOOL}{PAGE}").status_code == 401
    assert browser(app).get(f"{TOOL}/move?code=guess").status_code == 410
    assert browser(app).get(f"{TOOL}/move").status_code == 410
    with app.app_context():
        assert {move.state for move in db.session.scalars(select(Move)).unique()} == {"cancelled"}


def test_the_school_cannot_make_its_own_proposal_count(
    app: Flask, school_a: School, link: int, run_jobs: RunJobs
) -> None:
    """An administrator tells an address from inside: the keys are the same, yet an operator has to say yes."""
    admin = enter(app, school_a, ADMIN)
    school_a.move(NEW, app)
    tell(admin, PAGE)
    run_jobs()
    assert bases(rows(app)["addresses"]) == {SCHOOL_A}
    assert "same keys" in admin.get(f"{TOOL}{PAGE}").text


def test_a_later_link_replaces_the_earlier_one(app: Flask, school_a: School) -> None:
    hub = operator(app)
    first = link_of(hub)
    second = link_of(hub)
    assert browser(app).get(f"{TOOL}{first}").status_code == 410
    assert browser(app).get(f"{TOOL}{second}").headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("url", "after"),
    [
        ("https://old.example", "https://new.example/lms"),
        ("https://old.example/a?b=https://old.example/c", "https://new.example/lms/a?b=https://old.example/c"),
        ("https://old.example?x=1", "https://new.example/lms?x=1"),
        ("https://old.example.org/a", "https://old.example.org/a"),
        ("https://older.example/a", "https://older.example/a"),
        ("https://other.example/https://old.example/", "https://other.example/https://old.example/"),
    ],
)
def test_only_what_lies_below_the_base_follows(url: str, after: str) -> None:
    assert moved(url, "https://old.example", "https://new.example/lms") == after
