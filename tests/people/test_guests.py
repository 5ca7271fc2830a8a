"""People invited by name: links that work once, who may make and end them, and what an external partner may open."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.organizations.models import Organization
from lti_tool.people.guests.models import Guest, GuestLink
from lti_tool.people.models import Coordinator
from tests.conftest import browser
from tests.courses import scene
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.guests import guest, guest_id, personal_link, press, token
from tests.factories.joining import TOOL, operator, organization
from tests.lms import PUPIL, TEACHER, School, read_forms, submit


def made_link(page: str) -> str:
    return f"{TOOL}/invited?code=" + page.split("/invited?code=")[1].split('"', maxsplit=1)[0]


def test_a_coordinator_invites_and_the_partner_comes_in(app: Flask, school_b: School) -> None:
    inviter = coordinator(app, school_b)
    people = f"/organizations/{organization_of(app, school_b)}/guests"
    assert "Nobody was invited" in inviter.get(f"{TOOL}{people}").text
    link = made_link(press(inviter, people, people, name="  Pavel   Partner ", role="partner", days="3").text)
    assert "has not come yet" in inviter.get(f"{TOOL}{people}").text
    newcomer = browser(app)
    for _look in range(2):
        page = newcomer.get(link)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "Welcome, Pavel Partner" in page.text
        assert "of Riverside School invites you" in page.text
        assert "What is kept about you" in page.text
    assert "Set up how you come in next time" in press(newcomer, link, "/invited").text
    home = newcomer.get(f"{TOOL}/").text
    assert "Riverside School" in home
    assert "You take part in nothing yet" in home
    listed = inviter.get(f"{TOOL}{people}").text
    assert "link used" in listed
    assert "needs a new link each time" in listed


def test_the_hub_invites_a_coordinator_of_an_organization_without_lms(app: Flask) -> None:
    museum = organization(app, "Museum")
    hub = operator(app)
    page = press(hub, f"/organizations/{museum}/guests", "/guests", name="Maria Museum", role="coordinator").text
    newcomer = browser(app)
    link = made_link(page)
    assert "The people who run this hub invite you on behalf of Museum" in newcomer.get(link).text
    press(newcomer, link, "/invited")
    assert "Invited people" in newcomer.get(f"{TOOL}/").text
    offices = f"{TOOL}/organizations/{museum}/coordinators"
    assert "Maria Museum" in newcomer.get(offices).text
    assert "invited by name" in hub.get(offices).text
    for shown in (offices, f"{TOOL}/organizations/{museum}/guests"):
        assert "Maria Museum" not in hub.get(shown).text  # operators read numbers, not names
    second = made_link(press(newcomer, f"/organizations/{museum}/guests", "/guests", name="Pavel Partner").text)
    assert "Maria Museum of Museum invites you" in browser(app).get(second).text


def test_two_presses_at_once_let_one_in(app: Flask) -> None:
    link = personal_link(app, organization(app), role="coordinator")
    clients = [browser(app), browser(app)]
    forms = [
        next(form for form in read_forms(client.get(link).text, link) if "code" in form.fields) for client in clients
    ]
    together, codes = Barrier(2), []

    def send(number: int) -> None:
        together.wait()
        codes.append(submit(clients[number], forms[number], follow=False).status_code)

    threads = [Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 410]
    with app.app_context():
        assert len(db.session.scalars(select(Coordinator)).all()) == 1
        verbs = list(db.session.scalars(select(AuditEvent.verb)))
        assert verbs.count("guest.enter") == 1


def test_a_link_that_is_over_does_nothing(app: Flask) -> None:
    owner = organization(app)
    used, old = personal_link(app, owner), personal_link(app, owner, name="Old")
    press(browser(app), used, "/invited")
    with app.app_context(), unit_of_work():
        stale = select(Guest.id).where(Guest.name == "Old").scalar_subquery()
        execute(update(GuestLink).where(GuestLink.guest_id == stale).values(expires_at=utcnow() - timedelta(seconds=1)))
    answers = [browser(app).get(link) for link in (used, old, used[:-4] + "xxxx", f"{TOOL}/invited")]
    assert [answer.status_code for answer in answers] == [410] * 4
    assert all("used, was taken back, or is too old" in answer.text for answer in answers)  # nobody is told which


def test_a_link_taken_back_or_replaced_works_no_more(app: Flask) -> None:
    owner = organization(app)
    hub, people = operator(app), f"/organizations/{owner}/guests"
    first = made_link(press(hub, people, "/guests", name="Pavel Partner").text)
    second = made_link(press(hub, people, "/link").text)
    assert browser(app).get(first).status_code == 410
    assert browser(app).get(second).status_code == 200
    assert "link taken back" in press(hub, people, "/take-back").text
    assert browser(app).get(second).status_code == 410


def test_the_code_is_not_stored(app: Flask) -> None:
    code = personal_link(app, organization(app)).partition("code=")[2]
    with app.app_context():
        assert code not in repr(db.session.execute(db.metadata.tables["guest_link"].select()).all())


def test_a_new_link_does_not_make_a_coordinator_again(app: Flask) -> None:
    owner = organization(app, "Museum")
    first, hub = guest(app, owner, name="Maria", role="coordinator"), operator(app)
    press(hub, f"/organizations/{owner}/coordinators", "/end")
    assert first.get(f"{TOOL}/organizations/{owner}/guests").status_code == 404
    link = made_link(press(hub, f"/organizations/{owner}/guests", "/link").text)
    press(first, link, "/invited")
    assert "external partner" in first.get(f"{TOOL}/").text


def test_ending_ends_at_once(app: Flask) -> None:
    owner = organization(app, "Museum")
    chief, partner = guest(app, owner, name="Maria", role="coordinator"), guest(app, owner)
    people = f"/organizations/{owner}/guests"
    assert partner.get(f"{TOOL}/my/sign-in").status_code == 200
    press(chief, people, f"/guests/{guest_id(app)}/end")
    assert partner.get(f"{TOOL}/my/sign-in").status_code == 401
    assert "ended" in chief.get(f"{TOOL}{people}").text
    renewal = {"csrf_token": token(chief, people)}
    assert chief.post(f"{TOOL}/guests/{guest_id(app)}/link", data=renewal).status_code == 409
    press(operator(app), people, f"/guests/{guest_id(app, 'Maria')}/end")
    assert chief.get(f"{TOOL}{people}").status_code == 401
    with app.app_context():
        assert db.session.scalars(select(Coordinator.state)).all() == ["ended"]


def test_a_guest_leaves(app: Flask) -> None:
    partner = guest(app, organization(app))
    answer = press(partner, "/my/sign-in", "/end")
    assert "Your access has been ended" in answer.text
    assert partner.get(f"{TOOL}/my/sign-in").status_code == 401


def test_signing_out(app: Flask) -> None:
    partner = guest(app, organization(app))
    assert press(partner, "/", "/sign-out").status_code == 200
    assert partner.get(f"{TOOL}/my/sign-in").status_code == 401


def test_an_archived_organization_lets_nobody_in(app: Flask) -> None:
    owner = organization(app)
    partner, link = guest(app, owner), personal_link(app, owner, name="Late")
    page = browser(app)
    with app.app_context(), unit_of_work():
        execute(update(Organization).values(archived_at=utcnow()))
    assert partner.get(f"{TOOL}/my/sign-in").status_code == 401
    assert press(page, link, "/invited").status_code == 403


def test_a_foreign_coordinator_finds_nothing(app: Flask, school_a: School, school_b: School) -> None:
    foreign, owner = coordinator(app, school_a), organization_of(app, school_b)
    partner = guest(app, owner)
    number, data = guest_id(app), {"csrf_token": token(foreign, "/"), "name": "X", "role": "partner", "days": "7"}
    assert foreign.get(f"{TOOL}/organizations/{owner}/guests").status_code == 404
    for path in (
        f"/organizations/{owner}/guests",
        *(f"/guests/{number}/{verb}" for verb in ("link", "take-back", "end")),
    ):
        assert foreign.post(f"{TOOL}{path}", data=data).status_code == 404
    assert partner.get(f"{TOOL}/my/sign-in").status_code == 200


@pytest.mark.parametrize("sub", [PUPIL, TEACHER])
def test_who_does_not_coordinate_invites_nobody(app: Flask, school_b: School, sub: int) -> None:
    client = browser(app)
    school_b.launch(client, sub, school_b.add_link(2, "The network"))
    owner = organization_of(app, school_b)
    data = {"csrf_token": token(client, "/"), "name": "X", "role": "coordinator", "days": "7"}
    assert client.post(f"{TOOL}/organizations/{owner}/guests", data=data).status_code == 404
    assert client.get(f"{TOOL}/my/sign-in").status_code == 404


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"name": "x" * 201}, {"days": "0"}, {"days": "31"}, {"role": "operator"}]
)
def test_what_cannot_be_invited(app: Flask, typed: dict[str, str]) -> None:
    people = f"/organizations/{organization(app)}/guests"
    form = {"name": "Pavel", "role": "partner", "days": "7"} | typed
    assert press(operator(app), people, "/guests", **form).status_code == 422
    with app.app_context():
        assert db.session.scalars(select(Guest)).all() == []


def test_a_launch_ends_a_guests_session(app: Flask, school_b: School) -> None:
    client = guest(app, organization(app, "Museum"))
    school_b.launch(client, PUPIL, school_b.add_link(2, "The network"))
    assert "Museum" not in client.get(f"{TOOL}/").text
    assert client.get(f"{TOOL}/my/sign-in").status_code == 404


def test_a_partner_reads_names_of_who_answers(app: Flask, school_b: School) -> None:
    coordinator(app, school_b)
    partner = guest(app, organization_of(app, school_b))
    home = partner.get(f"{TOOL}/").text
    assert "Who answers for it here" in home
    assert "Person " not in home


OPEN = {
    *("home.index", "web.language"),
    *("exchange_open.index", "exchange_open.sitemap", "certificates.lookup"),  # for everybody, signed in or not
    *("my_data.index", "my_data.state", "my_data.copy", "my_data.drop"),  # everybody's own data
}
"""Of other features, for external partners."""


def _example(kind: BaseConverter) -> int | str:
    if isinstance(kind, AnyConverter):
        return min(kind.items)
    return 1 if isinstance(kind, IntegerConverter) else "x"


def addresses(app: Flask) -> list[tuple[Rule, str, str]]:
    """Every address of the tool with each of its methods; everything is number 1."""
    found = []
    with app.test_request_context(base_url=TOOL):
        adapter = app.create_url_adapter(None) or app.url_map.bind("tool.example", url_scheme="https")
        for rule in app.url_map.iter_rules():
            methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
            if not methods:  # what an upload protocol asks before it begins
                continue
            values = {name: _example(kind) for name, kind in rule._converters.items()}
            path = adapter.build(rule.endpoint, values, method=next(iter(methods)))
            for method in sorted(methods & {"GET", "POST"}):
                found.append((rule, method, path.replace("https://tool.example", "")))
    return found


def outside(rule: Rule) -> bool:
    """Addresses that ask nobody who they are: launches, health, files."""
    return rule.rule.startswith("/lti/") or rule.endpoint.startswith(("metrics.", "static", "web.favicon"))


def try_all(app: Flask, client: FlaskClient, data: dict[str, str]) -> list[tuple[Rule, str, int]]:
    ends = ("guests.sign_out", "operator.sign_out", "guests.end", "coordinators.end")
    return [
        (rule, method, client.open(f"{TOOL}{path}", method=method, data=data if method == "POST" else None).status_code)
        for rule, method, path in addresses(app)
        if not outside(rule) and rule.endpoint not in ends
    ]


def test_a_partner_may_open_nothing_else(app: Flask, school_b: School) -> None:
    coordinator(app, school_b)
    partner = guest(app, organization_of(app, school_b))
    tried = try_all(app, partner, {"csrf_token": token(partner, "/")})
    assert len(tried) > 60
    let_in = {(rule.endpoint, method) for rule, method, status in tried if status < 400}
    assert {endpoint for endpoint, _method in let_in if endpoint not in OPEN} <= {
        "guests.ways",
        "guests.sign_in",
        "guests.code",
        "guests.passkey_options",
        "guests.new_passkey_options",
        "guests.address_code",
        "guests.remove_address",
        "guests.add_passkey",
        *(f"privacy.{name}" for name in ("notice", "ask", "mine", "withdraw", "noted")),
    }
    refused = {
        status
        for rule, _method, status in tried
        # an upload that names no version of its protocol is refused before anybody is looked at
        if (rule.endpoint.split(".")[0], status) != ("files", 412)
        and rule.endpoint.split(".")[0]
        not in ("guests", "home", "privacy", "web", "exchange_open", "certificates", "my_data")
    }
    assert refused <= {403, 404}
    assert partner.get(f"{TOOL}/my/sign-in").status_code == 200  # still in
    page = partner.get(f"{TOOL}/courses/new")
    assert "invited as an external partner" in page.text


def test_a_coordinator_without_lms_gets_nothing_of_courses(app: Flask, school_a: School, school_b: School) -> None:
    """Everything there is has the number 1, and belongs to the school whose coordinator this guest is."""
    scene.build(app, school_a, school_b)
    chief = guest(app, organization_of(app, school_a), name="Maria", role="coordinator")
    tried = try_all(app, chief, {"csrf_token": token(chief, "/")})
    assert [(rule.rule, method, status) for rule, method, status in tried if status >= 500] == []
    shut = ("courses", "contexts", "grades", "reconciliation", "platforms", "operator", "organizations")
    let_in = {rule.endpoint for rule, _method, status in tried if status < 400 and rule.endpoint.split(".")[0] in shut}
    assert let_in <= {
        *("platforms.config", "platforms.registration", "platforms.report", "courses.notice"),
        *(
            "courses.about",
            "courses.course_catalogue",
            "courses.seat_requests",
        ),  # a coordinator asks for seats, and answers
        *(
            "courses.place",
            "courses.tutoring",
        ),  # where one stands in a line, what one teaches along: nothing for a guest
    }
    assert chief.get(f"{TOOL}/organizations/{organization_of(app, school_a)}/guests").status_code == 200  # still in


def test_the_list_costs_the_same_for_many(app: Flask) -> None:
    owner = organization(app, "Museum")
    chief = guest(app, owner, name="Maria", role="coordinator")

    def statements() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert chief.get(f"{TOOL}/organizations/{owner}/guests").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([each for each in seen if each.startswith("SELECT")])

    few = statements()
    for number in range(30):
        personal_link(app, owner, name=f"Partner {number}")
    assert statements() <= few <= 12
    assert "Page 2" in chief.get(f"{TOOL}/organizations/{owner}/guests").text


def test_the_trail_holds_no_names(app: Flask) -> None:
    owner = organization(app)
    press(operator(app), f"/organizations/{owner}/guests", "/guests", name="Pavel Partner")
    guest(app, owner, name="Petra Partner")
    with app.app_context():
        lines = db.session.scalars(select(AuditEvent).where(AuditEvent.thing == "guest")).all()
        assert {line.verb for line in lines} == {"guest.invite", "guest.enter"}
        assert "Partner" not in repr([line.facts for line in lines])
