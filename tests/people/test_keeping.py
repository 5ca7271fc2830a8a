"""A school chooses how much of its people's names is kept: it holds for what comes and for what is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, unit_of_work
from lti_tool.people.keeping import AMOUNTS, Kept, forget_stragglers
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration
from tests.conftest import browser
from tests.factories.coordinators import coordinator
from tests.factories.joining import TOOL, fill, in_english, operator
from tests.lms import ADMIN, COURSE, PUPIL, TEACHER, School

RunJobs = Callable[[], int]
CHOICE = "/registrations/1/names"


@pytest.fixture
def admin(app: Flask, school_a: School, run_jobs: RunJobs) -> FlaskClient:
    """The administrator's browser; the whole class is known by name."""
    client = browser(app)
    link = school_a.add_link(COURSE, "Link")
    school_a.launch(browser(app), TEACHER, link)
    school_a.launch(client, ADMIN, link)
    run_jobs()
    return in_english(client)


def people(app: Flask) -> dict[str, Identity]:
    with app.app_context():
        found = {each.sub: each for each in db.session.scalars(select(Identity).where(Identity.registration_id == 1))}
        db.session.expunge_all()
        return found


def everything(app: Flask) -> str:
    """Every value of every table, as one text."""
    with app.app_context():
        rows = (row for table in db.metadata.sorted_tables for row in db.session.execute(select(table)))
        return "\n".join(str(tuple(row)) for row in rows)


def choose(client: FlaskClient, names: str, emails: bool, *, sure: bool = True) -> str:
    """Choose and confirm; the page one comes to. Unless `sure`: what would change."""
    asked = client.get(f"{TOOL}{CHOICE}").text
    token = asked.partition('name="csrf_token" value="')[2].partition('"')[0]
    chosen = {"csrf_token": token, "names": names} | ({"emails": "y"} if emails else {})
    told = client.post(f"{TOOL}{CHOICE}", data=chosen).text
    assert "Nothing has been changed yet" in told
    if not sure:
        return told
    return client.post(f"{TOOL}{CHOICE}", data=chosen | {"sure": "y"}, follow_redirects=True).text


def test_fewer_names_go_at_once_from_everywhere(app: Flask, admin: FlaskClient) -> None:
    before = people(app)
    pupil = before[str(PUPIL)]
    assert pupil.family_name
    assert pupil.email
    assert len(before) > 30
    assert "first name and initial" in choose(admin, "short", emails=True)
    short = people(app)
    assert short[str(PUPIL)].given_name == pupil.given_name
    assert (short[str(PUPIL)].family_name, short[str(PUPIL)].name) == (f"{pupil.family_name[0]}.", "")
    assert short[str(PUPIL)].email == pupil.email
    assert all(each.family_name not in everything(app) for each in before.values() if len(each.family_name) > 3)
    listed = admin.get(f"{TOOL}/contexts/1/participants").text
    assert f"{pupil.given_name} {pupil.family_name[0]}." in listed
    choose(admin, "none", emails=False)
    kept = everything(app)
    assert not any(each.name in kept or each.email in kept for each in before.values() if each.email)
    assert not any(each.name or each.given_name or each.family_name or each.email for each in people(app).values())
    assert "Participant " in admin.get(f"{TOOL}/contexts/1/participants").text
    with app.app_context():
        said = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "registration.choose_names")).all()
        assert [event.facts["names_removed"] for event in said] == [len(before), len(before)]


@pytest.mark.parametrize("amount", ["short", "none"])
def test_what_comes_later_is_cut_at_the_edge(
    app: Flask, admin: FlaskClient, school_a: School, run_jobs: RunJobs, amount: str
) -> None:
    full = people(app)[str(PUPIL)]
    choose(admin, amount, emails=False)
    pupil = browser(app)
    page = school_a.launch(pupil, PUPIL, school_a.links()[0]["id"])
    blocked = school_a.launch(browser(app), PUPIL, school_a.links()[0]["id"], cookies=False)
    school_a.enrol(COURSE, PUPIL + 25)
    admin.post(f"{TOOL}/contexts/1/roster")
    run_jobs()
    for text in (page.text, blocked.text, everything(app)):
        assert full.family_name not in text
        assert full.email not in text
    assert ("Participant" in in_english(pupil).get(f"{TOOL}/").text) == (amount == "none")


def test_more_comes_back_with_the_next_list_of_participants(
    app: Flask, admin: FlaskClient, school_a: School, run_jobs: RunJobs
) -> None:
    before = {sub: (each.name, each.email, each.alias_number, each.id) for sub, each in people(app).items()}
    choose(admin, "none", emails=False)
    choose(admin, "full", emails=True)
    assert not any(each.name for each in people(app).values())
    teacher = in_english_after(app, school_a, TEACHER)
    fill(teacher, "/", "/contexts/1/roster")
    run_jobs()
    after = {sub: (each.name, each.email, each.alias_number, each.id) for sub, each in people(app).items()}
    assert after[str(PUPIL)] == before[str(PUPIL)]
    assert {sub: row for sub, row in after.items() if sub != str(ADMIN)} == {
        sub: row for sub, row in before.items() if sub != str(ADMIN)
    }


def in_english_after(app: Flask, school: School, sub: int) -> FlaskClient:
    client = browser(app)
    school.launch(client, sub, school.links()[0]["id"])
    return in_english(client)


def test_nothing_changes_before_it_is_confirmed(app: Flask, admin: FlaskClient) -> None:
    before = {sub: each.name for sub, each in people(app).items()}
    told = choose(admin, "none", emails=False, sure=False)
    assert f"The names of {len(before)} people are removed" in told
    assert f"{len(before)} e-mail addresses are removed" in told
    assert "cut to first name and initial" in choose(admin, "short", emails=True, sure=False)
    assert {sub: each.name for sub, each in people(app).items()} == before
    assert "Not a valid choice" in fill(admin, CHOICE, CHOICE, names="everything")


def test_who_may_choose(app: Flask, admin: FlaskClient, school_a: School, school_b: School) -> None:
    def ask(client: FlaskClient) -> tuple[int, int]:
        page = client.get(f"{TOOL}/", follow_redirects=True).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        sent = client.post(f"{TOOL}{CHOICE}", data={"csrf_token": token, "names": "none", "sure": "y"})
        return client.get(f"{TOOL}{CHOICE}").status_code, sent.status_code

    link = school_b.add_link(COURSE, "Link")
    strangers = {}
    for name, school, sub in (("pupil", school_a, PUPIL), ("teacher", school_a, TEACHER), ("foreign", school_b, ADMIN)):
        strangers[name] = browser(app)
        school.launch(strangers[name], sub, link if school is school_b else school_a.links()[0]["id"])
    strangers["coordinator elsewhere"] = coordinator(app, school_b)
    assert {name: ask(client) for name, client in strangers.items()} == dict.fromkeys(strangers, (404, 404))
    assert ask(operator(app)) == (403, 403)
    assert browser(app).get(f"{TOOL}{CHOICE}").status_code == 401
    assert people(app)[str(PUPIL)].name
    own = coordinator(app, school_a)
    assert "Our LMS" in own.get(f"{TOOL}/").text
    assert own.get(f"{TOOL}/registrations/1").status_code == 200
    assert ask(own) == (200, 303)
    assert not people(app)[str(PUPIL)].name


def test_the_other_school_keeps_its_names(app: Flask, admin: FlaskClient, school_b: School) -> None:
    school_b.launch(browser(app), PUPIL, school_b.add_link(COURSE, "Link"))
    choose(admin, "none", emails=False)
    with app.app_context():
        theirs = db.session.scalars(select(Identity).where(Identity.registration_id == 2)).one()
        assert theirs.name
        assert theirs.email


def test_stragglers_are_cut_later(app: Flask, admin: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        db.session.get_one(Registration, 1).kept_names = "short"
    with app.app_context(), unit_of_work():
        forget_stragglers()
    assert people(app)[str(PUPIL)].name == ""
    assert people(app)[str(PUPIL)].family_name.endswith(".")


NAMES = st.text("АБвг Zoëß-'", max_size=12)


@given(
    name=NAMES, given_name=NAMES, family_name=NAMES, email=NAMES, amount=st.sampled_from(AMOUNTS), emails=st.booleans()
)
def test_cutting_twice_is_cutting_once(
    name: str, given_name: str, family_name: str, email: str, amount: str, emails: bool
) -> None:
    kept = Kept(amount, emails)
    once = kept.of(("7", name, given_name, family_name, email))
    assert kept.of(once) == once
    if amount == "short":
        assert len(once[3]) in (0, 2)
        assert " " not in once[2]
