"""What an agreement says: kept as it was written, complete or with a list of what is missing, compared field by field."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.agreements.terms import (
    DUTIES,
    FACILITIES,
    HORIZONTAL,
    KINDS,
    MIXED,
    SAFETY,
    VERTICAL,
    Change,
    Contribution,
    Terms,
    changes,
    form_of,
)

TEXT = st.text(max_size=30)
contributions = st.builds(
    Contribution,
    staff=TEXT,
    rooms=TEXT,
    seats=st.integers(0, 500),
    hours=st.integers(0, 500),
    materials=TEXT,
    money=TEXT,
    contact=TEXT,
    signatory=TEXT,
)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2040, 1, 1))
terms = st.builds(
    Terms,
    title=TEXT,
    kind=st.sampled_from(KINDS),
    network_form=st.booleans(),
    purpose=TEXT,
    starts_on=DAYS,
    ends_on=DAYS,
    programme=TEXT,
    admission=TEXT,
    document=TEXT,
    duties=st.dictionaries(st.sampled_from(DUTIES), st.integers(1, 5)),
    contributions=st.dictionaries(st.integers(1, 5), contributions, max_size=4),
)
BROUGHT = Contribution(staff="A teacher of biology", seats=12, contact="office@school", signatory="Director A. B.")
WHOLE = Terms(
    title="Rivers",
    purpose="Pupils of both schools study one river",
    starts_on=date(2026, 9, 1),
    ends_on=date(2027, 6, 30),
    duties=dict.fromkeys(DUTIES, 1),
    contributions={1: BROUGHT, 2: BROUGHT},
)


@given(terms)
def test_what_is_written_is_what_is_read(written: Terms) -> None:
    assert Terms.from_json(json.loads(json.dumps(written.to_json()))) == written


@given(terms, terms)
def test_changes_are_all_there_is_between_two(before: Terms, after: Terms) -> None:
    assert changes(before, before) == []
    assert [(change.name, change.party) for change in changes(before, after)] == [
        (change.name, change.party) for change in changes(after, before)
    ]


@given(terms)
def test_every_gap_is_named_once(some: Terms) -> None:
    gaps = some.missing()
    assert len(gaps) == len(set(gaps))
    assert all(party is None or party in some.parties for _name, party in gaps)


def test_a_whole_one_lacks_nothing() -> None:
    assert WHOLE.missing() == []


@pytest.mark.parametrize(
    ("changed", "gap"),
    [
        ({"purpose": ""}, ("purpose", None)),
        ({"ends_on": date(2026, 8, 31)}, ("ends_on", None)),
        ({"duties": dict.fromkeys(DUTIES, 3)}, (SAFETY, None)),
        ({"contributions": {1: BROUGHT}}, ("parties", None)),
        ({"contributions": {1: BROUGHT, 2: replace(BROUGHT, signatory="")}}, ("signatory", 2)),
        ({"contributions": {1: BROUGHT, 2: Contribution(contact="x", signatory="y")}}, ("contribution", 2)),
        ({"network_form": True}, ("programme", None)),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, object], gap: tuple[str, int | None]) -> None:
    assert gap in replace(WHOLE, **changed).missing()  # type: ignore[arg-type]


def test_use_of_rooms_asks_only_who_answers_for_safety() -> None:
    assert replace(WHOLE, kind=FACILITIES, duties={SAFETY: 2}).missing() == []


def test_an_amendment_shows_what_it_changes() -> None:
    later = replace(
        WHOLE, ends_on=date(2027, 12, 31), contributions={1: replace(BROUGHT, seats=20), 2: BROUGHT, 3: Contribution()}
    )
    assert changes(WHOLE, later) == [
        Change("ends_on", None, date(2027, 6, 30), date(2027, 12, 31)),
        Change("seats", 1, 12, 20),
        Change("party", 3, None, 3),
    ]


@pytest.mark.parametrize(
    ("organizations", "form"),
    [
        ([("school", "Education"), ("school", "education ")], HORIZONTAL),
        ([("school", "Education"), ("college", "Education")], VERTICAL),
        ([("school", "Education"), ("school", "Culture")], MIXED),
        ([("school", "Education"), ("enterprise", "Industry")], MIXED),
    ],
)
def test_the_form_follows_from_who_takes_part(organizations: list[tuple[str, str]], form: str) -> None:
    assert form_of(organizations) == form
