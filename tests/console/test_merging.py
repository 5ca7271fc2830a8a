"""Two entries of one organization become one: everything moves, clashes are settled, old links lead on."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ForeignKeyConstraint, Integer, select

from lti_tool.console.doubles import Entry, alike
from lti_tool.console.operations import merge_organizations
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.models import CourseOffer, SharedCourse
from lti_tool.organizations.models import Organization
from lti_tool.organizations.pointers import pointers
from lti_tool.people.models import Appointment, Coordinator, Person
from lti_tool.platforms.models import Invitation, Registration
from tests.crawl.walk import changed, digest
from tests.factories.agreements import agreement
from tests.factories.coordinators import coordinator, organization_of
from tests.factories.joining import TOOL, fill, invitation, operator, organization, registration
from tests.lms import School, read_forms


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["organizations", *arguments])


def test_every_column_that_names_an_organization_has_a_rule(app: Flask) -> None:
    """A new table that points at organizations needs a line in its feature: see organizations/pointers.py."""
    names = set()
    for table in db.metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table.name == "organization":
                names |= {(table.name, column.name) for column in constraint.columns}
        names |= {
            (table.name, column.name)
            for column in table.columns
            if column.name.endswith(("organization_id", "concerns_id")) and isinstance(column.type, Integer)
        }
    assert names == {(each.table.name, each.column) for each in pointers()}
    assert {each.table.name for each in pointers() if not each.moves} == {
        "audit_event",
        "privacy_setting",
        "privacy_text",
        "privacy_standing",
        "privacy_event",
        "person_copy",
    }


def test_everything_moves_and_clashes_are_settled(app: Flask) -> None:
    source, target, third = (organization(app, name) for name in ("School 12", "School N 12", "Museum"))
    number = registration(app, 1, name="School 12")
    invitation(app, "School 12")
    courses: dict[str, int] = {}
    with app.app_context(), unit_of_work():
        people = [Person() for _each in range(4)]
        owned = {"ours": source, "theirs": target, "elsewhere": third, "also": third}
        made = {name: SharedCourse(organization_id=owner, title=name, join_code=name) for name, owner in owned.items()}
        db.session.add_all([*people, *made.values()])
        db.session.flush()
        states = [("ended", "confirmed"), ("confirmed", "asked"), ("asked", "ended"), ("confirmed", None)]
        for person, (there, here) in zip(people, states, strict=True):
            for owner, state in ((source, there), (target, here)):
                if state is not None:
                    values = {"organization_id": owner, "person_id": person.id, "state": state}
                    db.session.add(Coordinator(**values, changed_at=utcnow()))
        courses = {name: course.id for name, course in made.items()}
        offers = [("ours", target), ("theirs", source), ("elsewhere", source), ("elsewhere", target), ("also", source)]
        db.session.add_all(CourseOffer(course_id=courses[name], organization_id=owner) for name, owner in offers)
        db.session.add(Appointment(organization_id=source, code_hash="x", expires_at=utcnow()))
        # an older double, which leads to the one that goes now
        db.session.add(Organization(name="S12", type="school", department="City", merged_into_id=source))
    answer = run(app, "merge", str(source), str(target), "--yes")
    assert answer.exit_code == 0, answer.output
    with app.app_context():
        for model in (Registration, Invitation, Appointment):
            assert set(db.session.scalars(select(model.organization_id))) == {target}
        offices = db.session.execute(select(Coordinator.organization_id, Coordinator.state).order_by("person_id"))
        assert offices.all() == [(target, state) for state in ("confirmed", "confirmed", "asked", "confirmed")]
        offered = db.session.execute(select(CourseOffer.course_id, CourseOffer.organization_id))
        assert sorted(offered.tuples()) == [(courses["elsewhere"], target), (courses["also"], target)]
        hosts = dict(db.session.execute(select(SharedCourse.title, SharedCourse.organization_id)).tuples().all())
        assert hosts == {"ours": target, "theirs": target, "elsewhere": third, "also": third}
        gone, older = db.session.get_one(Organization, source), db.session.get_one(Organization, 4)
        assert gone.archived_at is not None
        assert (gone.merged_into_id, older.merged_into_id) == (target, target)
        assert db.session.get_one(Registration, number).state == "active"
        line = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "organization.merge")).one()
        assert (line.thing_id, line.facts["into"], line.facts["moved"]["registration"]) == (source, target, 1)


def test_again_moves_what_came_since_and_nothing_twice(app: Flask) -> None:
    source, target = organization(app, "School 12"), organization(app, "School N 12")
    for _time in range(2):
        assert run(app, "merge", str(source), str(target), "--yes").exit_code == 0
    with app.app_context(), unit_of_work():
        row = {"code_hash": "late", "expires_at": utcnow()}
        db.session.add(Invitation(organization_id=source, **row))
    assert run(app, "merge", str(source), str(target), "--yes").exit_code == 0
    with app.app_context():
        assert db.session.scalars(select(Invitation.organization_id)).one() == target
        lines = db.session.scalars(select(AuditEvent.verb).where(AuditEvent.verb == "organization.merge")).all()
        assert len(lines) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("1", "1"), "two different"),
        (("3", "1"), "merged into number 2"),
        (("1", "3"), "is archived"),
        (("1", "99"), "no organization 99"),
    ],
)
def test_what_cannot_be_merged_is_said(app: Flask, arguments: tuple[str, str], says: str) -> None:
    for name in ("School 1", "School 2", "School 3"):
        organization(app, name)
    run(app, "merge", "3", "2", "--yes")
    answer = run(app, "merge", *arguments, "--yes")
    assert answer.exit_code == 1
    assert says in answer.output
    assert "cannot" in run(app, "merge", "--help").output
    with app.app_context():
        assert set(db.session.scalars(select(Organization.merged_into_id))) == {None, 2}


def test_the_command_asks_first(app: Flask) -> None:
    organization(app, "School 1")
    organization(app, "School 2")
    answer = app.test_cli_runner().invoke(args=["organizations", "merge", "1", "2"], input="n\n")
    assert answer.exit_code == 1
    with app.app_context():
        assert set(db.session.scalars(select(Organization.merged_into_id))) == {None}


def test_an_operator_compares_and_merges(app: Flask) -> None:
    client = operator(app)
    first, second = organization(app, "Школа № 12"), organization(app, "школа «12»")
    organization(app, "Школа № 21")
    registration(app, 1, name="Школа № 12")
    listed = client.get(f"{TOOL}/operator/organizations/doubles").text
    assert f"/operator/organizations/{first}/double/{second}" in listed
    assert "№ 21" not in listed
    address = f"/operator/organizations/{first}/double/{second}"
    page = client.get(f"{TOOL}{address}").text
    assert "Registered LMSs" in page
    assert "with full names" in page
    done = fill(client, address, f"/{second}/merge")
    assert "everything is here now" in done
    assert "lms1.example" in done
    assert "Nothing looks listed twice" in client.get(f"{TOOL}/operator/organizations/doubles").text
    for path in ("", "/edit", "/registrations/new"):
        led = client.get(f"{TOOL}/operator/organizations/{first}{path}")
        assert led.headers["Location"] == f"/operator/organizations/{second}{path}"
    token = next(form for form in read_forms(done, TOOL) if "csrf_token" in form.fields).fields["csrf_token"]
    refused = client.post(f"{TOOL}/operator/organizations/{first}/restore", data={"csrf_token": token})
    assert refused.status_code == 409


def test_partners_of_one_agreement_are_not_merged_by_halves(app: Flask, school_a: School, school_b: School) -> None:
    """Also when what is settled before the agreements has moved already; nor does anybody but an operator merge."""
    client, head = operator(app), coordinator(app, school_a)
    first, second = organization_of(app, school_a), organization_of(app, school_b)
    agreement(app, first, second)
    invitation(app, "Museum")
    tokens = {
        person: read_forms(person.get(f"{TOOL}/", follow_redirects=True).text, TOOL)[0].fields["csrf_token"]
        for person in (client, head)
    }
    before = digest(app, UNREAD)
    for target, source in ((first, second), (second, first), (first, first), (first, 3), (first, 99), (first, 10**30)):
        sent = {"csrf_token": tokens[head], "source": source}
        assert head.post(f"{TOOL}/operator/organizations/{target}/merge", data=sent).status_code in (403, 404)
    for target, source, status in ((first, second, 303), (second, first, 303), (first, 99, 404), (first, 10**30, 404)):
        sent = {"csrf_token": tokens[client], "source": source}
        answer = client.post(f"{TOOL}/operator/organizations/{target}/merge", data=sent)
        assert answer.status_code == status
        if status == 303:
            assert "Both are parties of agreement 1" in client.get(f"{TOOL}{answer.location}").text
    answer = client.post(
        f"{TOOL}/operator/organizations/{first}/merge", data={"csrf_token": tokens[client], "source": first}
    )
    assert answer.status_code == 303
    assert changed(before, digest(app, UNREAD)) == []


UNREAD = dict.fromkeys(("audit_event", "periodic", "identity.last_seen_at"), "moves with reading")


def test_old_links_lead_on_only_for_the_own_people(app: Flask, school_a: School, school_b: School) -> None:
    ours, theirs = coordinator(app, school_a), coordinator(app, school_b)
    source, target = organization(app, "School 12"), organization_of(app, school_a)
    with app.app_context(), unit_of_work():
        found = [db.session.get_one(Organization, each) for each in (source, target)]
        merge_organizations(actor=None, source=found[0], target=found[1])
    led = ours.get(f"{TOOL}/organizations/{source}/coordinators")
    assert led.headers["Location"] == f"/organizations/{target}/coordinators"
    assert theirs.get(f"{TOOL}/organizations/{source}/coordinators").status_code == 404


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Школа № 12", "ШКОЛА №12", True),
        ("Гимназия «Алёнушка»", 'гимназия "Аленушка"', True),
        ("МБОУ СОШ № 7", "Школа 7", True),
        ("School No. 7", "school 7", True),
        ("Школа № 12", "Школа № 21", False),
        ("Школа № 1", "Лицей № 1", False),
        ("№", "«»", False),
    ],
)
def test_which_names_are_alike(one: str, other: str, same: bool) -> None:
    def entries(*cities: str) -> list[Entry]:
        names = zip((one, other), cities, strict=True)
        return [Entry(number, name, "school", city) for number, (name, city) in enumerate(names)]

    assert bool(alike(entries("г. Тверь", "тверь"))) is same
    assert alike(entries("Тверь", "Орёл")) == []
