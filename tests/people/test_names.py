"""The privacy table between schools, cell by cell: what one person is called before another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from lti_tool.people.names import display_name, full_name, school_name, short_name
from lti_tool.platforms.models import Registration

OWN, OTHER = 1, 2
NUMBER = "Person 40"


@pytest.fixture(autouse=True)
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def identity(organization: int = OWN, ident: int = 40, **names: str) -> Identity:
    named = {"name": "Anna Maria Petrova", "given_name": "Anna Maria", "family_name": "Petrova"} | names
    owner = Organization(id=organization, name=f"School {organization}")
    registration = Registration(id=organization, organization_id=organization, organization=owner)
    return Identity(id=ident, alias_number=14, registration=registration, email="anna@example.org", **named)


def actor(role: str) -> Actor:
    if role == "operator":
        return Actor(person_id=9, is_operator=True)
    return Actor(person_id=9, identity_id=9, registration_id=OWN, organization_id=OWN, roles={5: role})


FULL, SHORT = "Anna Maria Petrova", "Anna P."


@pytest.mark.parametrize(
    ("viewer", "organization", "teacher", "full", "shown"),
    [
        ("learner", OWN, False, False, FULL),
        ("learner", OTHER, False, False, SHORT),
        ("learner", OWN, True, False, FULL),
        ("learner", OTHER, True, False, FULL),
        ("teacher", OWN, False, False, FULL),
        ("teacher", OTHER, False, False, SHORT),
        ("teacher", OTHER, False, True, FULL),  # the home school lets the host see full names
        ("teacher", OWN, True, False, FULL),
        ("teacher", OTHER, True, False, FULL),
        ("operator", OWN, False, False, NUMBER),
        ("operator", OTHER, False, True, NUMBER),
        ("operator", OTHER, True, False, NUMBER),
    ],
)
def test_the_table(viewer: str, organization: int, teacher: bool, full: bool, shown: str) -> None:
    assert display_name(actor(viewer), identity(organization), full=full, teacher=teacher) == shown


def test_nobody_signed_in_sees_a_number() -> None:
    assert display_name(None, identity()) == NUMBER


def test_everybody_sees_their_own_name() -> None:
    me = Actor(person_id=9, identity_id=40, registration_id=OTHER, organization_id=None)
    assert display_name(me, identity(OTHER)) == FULL


@pytest.mark.parametrize(
    ("names", "short"),
    [
        ({}, "Anna P."),
        ({"given_name": "", "family_name": ""}, "Anna P."),
        ({"given_name": "", "family_name": "", "name": "Анна"}, "Анна"),
        ({"given_name": "Анна", "family_name": ""}, "Анна"),
        ({"given_name": "", "family_name": "Петрова"}, "П."),
        ({"given_name": "Ян Ли", "family_name": "Ёлкин"}, "Ян Ё."),
        ({"given_name": "  ", "family_name": " ", "name": " "}, "Participant 14, School 2"),
        ({"given_name": "", "family_name": "", "name": ""}, "Participant 14, School 2"),
    ],
)
def test_short_names(names: dict[str, str], short: str) -> None:
    assert short_name(identity(OTHER, **names)) == short


def test_a_school_that_sends_no_names_shows_aliases_that_stay() -> None:
    nameless = identity(OTHER, name="", given_name="", family_name="")
    assert full_name(nameless) == short_name(nameless) == "Participant 14, School 2"
    assert school_name(nameless) == "School 2"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.text(max_size=30), family=st.text(max_size=30))
def test_a_short_name_never_tells_the_family_name(given: str, family: str) -> None:
    shown = display_name(
        actor("teacher"), identity(OTHER, name=f"{given} {family}", given_name=given, family_name=family)
    )
    family = family.strip()
    assert shown
    if len(family) > 2 and family not in given and family not in "Participant 14, School 2":
        assert family not in shown


@pytest.mark.parametrize("organization", [OWN, OTHER])
def test_an_external_partner_reads_aliases_of_pupils(organization: int) -> None:
    partner = Actor(person_id=9, guest_id=9, organization_id=OWN)
    pupil = identity(organization)
    for full in (False, True):
        assert display_name(partner, pupil, full=full) == f"Participant 14, School {organization}"
    assert display_name(partner, pupil, teacher=True) == "Anna Maria Petrova"
    coordinator = Actor(person_id=9, guest_id=9, organization_id=OWN, coordinates=True)
    assert display_name(coordinator, pupil) == ("Anna Maria Petrova" if organization == OWN else "Anna P.")
