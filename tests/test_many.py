"""A network as large as we promise: 500 organizations, 700 registrations, 3,000 agreements, and lists to match.

Every list is opened while it has a row or two, and again when it is full: it asks the database the same number of times,
twelve at most, and shows one page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from lti_tool.agreements.models import Agreement, Party, Revision, Signature
from lti_tool.agreements.queries import today
from lti_tool.agreements.terms import Contribution, Terms
from lti_tool.contexts.models import Context, Membership, RosterSync
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.models import Participation, SharedCourse
from lti_tool.organizations.models import Organization
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import Coordinator, Identity, Person
from lti_tool.people.privacy.models import PrivacyStanding
from lti_tool.platforms.models import Deployment, Invitation, Registration
from tests.factories.agreements import agreement
from tests.factories.coordinators import coordinator
from tests.factories.joining import TOOL, operator, organization
from tests.factories.platforms import add_registration
from tests.lms import SCHOOL_A, School
from tests.statements import counted

ORGANIZATIONS, REGISTRATIONS, AGREEMENTS = 500, 700, 3_000
PEOPLE = 2_000
"""Of the one school, half of them teachers; in 200 LMS courses."""
MOST = 12
"""Statements of one page."""
FIRST = 1000
"""Ids of added rows begin here."""
COORDINATOR = (
    "/school",
    "/school/partners",
    "/school/courses",
    "/school/courses?search=course+1",
    "/school/courses/1000",
    "/school/teachers",
    "/school/teachers?search=family+1",
    "/school/health",
    "/school/health?show=troubled",
    "/school/health?search=class+1",
    "/agreements",
    "/agreements?state=active&search=school+1",
    "/agreements/1",
    "/agreements/1/texts/1",
    "/courses/agreements/1/ending",
    "/organizations/1/coordinators",
    "/organizations/1/guests",
    "/organizations/1/guests?search=guest+1&state=invited",
    "/organizations/1/privacy",
    "/organizations/1/privacy/people",
    "/organizations/1/privacy/classes",
    "/journal",
    "/journal?verb=agreement.sign&person=family",
)
OPERATOR = (
    "/operator",
    "/operator/organizations",
    "/operator/organizations?search=school+1&type=school&lms=with&sort=launched",
    "/operator/organizations/1",
    "/operator/organizations/1/double",
    "/operator/organizations/doubles",
    "/operator/registrations",
    "/operator/registrations?search=school+1&state=active",
    "/operator/registrations?trouble=roster",
    "/operator/invitations",
    "/operator/invitations?search=school+1&state=open",
    "/operator/invitations/new",
    "/organizations/1/coordinators",
    "/organizations/1/guests",
    "/journal",
)


@dataclass
class Network:
    """The full network, and what every page cost when it was all but empty."""

    app: Flask
    browsers: dict[str, FlaskClient]
    few: dict[tuple[str, str], int]

    def cost(self, who: str, path: str) -> tuple[int, str]:
        """Statements of a page, and its text."""
        with counted(self.app) as sent:
            answer = self.browsers[who].get(f"{TOOL}{path}")
        assert answer.status_code == 200, f"{path}: {answer.status}"
        return len(sent), answer.text


@pytest.fixture(scope="module")
def network(shared_app: Flask) -> Network:
    school = School.start("en", SCHOOL_A, tool=shared_app)
    add_registration(shared_app, school, "Riverside School")
    browsers = {"coordinator": coordinator(shared_app, school), "operator": operator(shared_app)}
    agreement(shared_app, 1, organization(shared_app, "School 2"))
    with shared_app.app_context(), unit_of_work():
        for fill in (_people, _partners, _traces):
            fill(0, 1)
    made = Network(shared_app, browsers, {})
    for who, paths in (("coordinator", COORDINATOR), ("operator", OPERATOR)):
        made.few |= {(who, path): made.cost(who, path)[0] for path in paths}
    with shared_app.app_context(), unit_of_work():
        _people(1, PEOPLE)
        _partners(1, AGREEMENTS)
        _traces(1, 5_000)
    return made


def _add(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(model), rows)


def _people(first: int, last: int) -> None:
    """People of the school, its LMS courses, shared courses, coordinators, and who was invited by name."""
    numbers, now = range(FIRST + first, FIRST + last), utcnow()
    places = [number for number in numbers if number % 10 == 0]
    _add(Person, [{"id": number} for number in numbers])
    named = {"given_name": "Given", "email": ""}
    _add(
        Identity,
        [
            {"id": each, "person_id": each, "registration_id": 1, "sub": f"x{each}", "alias_number": each}
            | {"name": f"Given Family {each}", "family_name": f"Family {each}"}
            | named
            for each in numbers
        ],
    )
    deployed = {"registration_id": 1, "deployment_pk": 1}
    _add(Context, [{"id": each, "lms_id": f"x{each}", "title": f"Class {each}"} | deployed for each in places])
    _add(RosterSync, [{"context_id": each, "due_at": now, "error": "status_403"} for each in places])
    members = [
        {"context_id": each - each % 10, "identity_id": each, "launch_role": ("teacher", "learner")[each % 2]}
        for each in numbers
    ]
    _add(Membership, members)
    _add(
        SharedCourse,
        [{"id": each, "organization_id": 1, "title": f"Course {each}", "join_code": f"X{each}"} for each in places],
    )
    _add(Participation, [{"course_id": each, "context_id": each, "joined_by_id": FIRST} for each in places])
    office = {"organization_id": 1, "state": "confirmed", "changed_at": now}
    _add(Coordinator, [{"person_id": each} | office for each in places])
    _add(PrivacyStanding, [{"organization_id": 1, "person_id": each} for each in numbers])
    invited = {"organization_id": 1, "role": "partner", "state": "invited"}
    _add(Guest, [{"id": each, "name": f"Guest {each}", "handle": f"h{each}"} | invited for each in numbers])


def _partners(first: int, last: int) -> None:
    """Organizations, their registrations and invitations, and agreements: two thirds of them with the one school."""
    organizations = range(FIRST + first, FIRST + min(last, ORGANIZATIONS))
    facts = {"type": "school", "department": "Education"}
    _add(
        Organization,
        [{"id": each, "name": f"School {each}", "city": f"City {each % 9}"} | facts for each in organizations],
    )
    numbers = range(FIRST + first, FIRST + min(last, REGISTRATIONS))
    addresses = dict.fromkeys(("auth_url", "token_url", "jwks_url"), "https://lms.example")
    registered = {"issuer": "https://lms.example", "state": "active", "product": "moodle"} | addresses
    owners = {each: FIRST + each % min(last, ORGANIZATIONS) for each in numbers}
    _add(
        Registration,
        [{"id": each, "organization_id": owners[each], "client_id": f"c{each}"} | registered for each in numbers],
    )
    _add(Deployment, [{"registration_id": each, "deployment_id": "1", "state": "active"} for each in numbers])
    expires = {"expires_at": utcnow() + timedelta(days=3)}
    _add(Invitation, [{"organization_id": owners[each], "code_hash": f"h{each}"} | expires for each in numbers])
    _agreements(range(FIRST + first, FIRST + last), min(last, ORGANIZATIONS))


def _agreements(numbers: range, partners: int) -> None:
    others = {each: FIRST + each % partners for each in numbers}
    parties = {each: (1 if each % 3 else FIRST + (each + 7) % partners, others[each]) for each in numbers}
    parties = {each: pair if pair[0] != pair[1] else (1, pair[1]) for each, pair in parties.items()}
    term = {"starts_on": today() - timedelta(days=9), "ends_on": today() + timedelta(days=30)}
    said = {"kind": "course", "form": "mixed", "state": "active", "proposed_at": utcnow()} | term
    _add(
        Agreement,
        [{"id": each, "author_id": parties[each][0], "title": f"Agreement {each}"} | said for each in numbers],
    )
    _add(
        Party,
        [{"agreement_id": each, "organization_id": one, "seats": 5} for each in numbers for one in parties[each]],
    )
    _add(
        Revision,
        [
            {"id": each, "agreement_id": each, "number": 1, "author_id": parties[each][0], "state": "signed"}
            | {"proposed_at": utcnow(), "stored": _terms(parties[each])}
            for each in numbers
        ],
    )
    signed = {"signatory": "Head", "signed_on": today(), "by_id": 1}
    _add(Signature, [{"revision_id": each, "organization_id": parties[each][1]} | signed for each in numbers])


def _terms(parties: tuple[int, int]) -> dict[str, Any]:
    brought = dict.fromkeys(parties, Contribution(staff="A teacher", seats=5, contact="Office"))
    return Terms(title="Together", purpose="To learn", contributions=brought).to_json()


def _traces(first: int, last: int) -> None:
    """Lines of the audit trail."""
    line = {"at": utcnow(), "person_id": FIRST, "organization_id": 1, "verb": "agreement.sign", "thing": "agreement"}
    _add(AuditEvent, [line | {"thing_id": each, "facts": {}} for each in range(first, last)])


PAGES = [("coordinator", path) for path in COORDINATOR] + [("operator", path) for path in OPERATOR]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_a_full_list_costs_what_a_short_one_does(network: Network, who: str, path: str) -> None:
    many, page = network.cost(who, path)
    assert many <= network.few[who, path] + 1 <= MOST + 1
    assert many <= MOST
    assert len(page) < 250_000, "more than a page of the list is shown"
