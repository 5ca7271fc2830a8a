"""Groups across schools: dealt out evenly, from home groups, by hand, by choice; activities use them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import chain

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.db import db
from lti_tool.courses.groups.dealing import deal, smallest
from lti_tool.courses.groups.models import Group, GroupMember
from lti_tool.courses.groups.queries import group_of, members_of
from tests.courses.scene import Person, Scene, build
from tests.factories.joining import in_english
from tests.lms import COURSE, PUPIL, School
from tests.statements import counted

GROUPS = "/courses/1/groups"


@given(
    schools=st.dictionaries(st.integers(1, 4), st.integers(0, 20), max_size=4),
    number=st.integers(1, 7),
    seed=st.integers(),
)
def test_dealing_is_even_by_size_and_by_school(schools: dict[int, int], number: int, seed: int) -> None:
    people = {school: [school * 100 + one for one in range(count)] for school, count in schools.items()}
    groups = deal(people, number, random.Random(seed))
    assert sorted(chain.from_iterable(groups)) == sorted(chain.from_iterable(people.values()))
    sizes = [len(group) for group in groups]
    assert max(sizes) - min(sizes) <= 1
    for school in schools:
        shares = [sum(one // 100 == school for one in group) for group in groups]
        assert max(shares) - min(shares) <= 1


def test_a_newcomer_goes_to_the_smallest_and_among_these_to_strangers() -> None:
    assert smallest({1: 2, 2: 1, 3: 1}, {2: 1}) == 3
    assert smallest({1: 2, 2: 2}, {}, most=2) is None


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School, run_jobs: Callable[[], int]) -> Scene:
    made = build(app, school_a, school_b)
    run_jobs()
    in_english(made["host"].browser)
    return made


def members(app: Flask) -> dict[int, int]:
    """Group by identity."""
    with app.app_context():
        rows = db.session.execute(db.select(GroupMember.identity_id, GroupMember.group_id))
        return dict(rows.tuples().all())


def test_at_random_then_by_hand_and_who_leaves_comes_back(
    app: Flask, scene: Scene, school_b: School, run_jobs: Callable[[], int]
) -> None:
    host = scene["host"]
    assert host.post(GROUPS, title="Teams", way="random", number="4", newcomers="y").status_code == 303
    with counted(app) as sent:
        page = host.get("/courses/groups/1").text
    assert len(sent) <= 15
    assert page.count("<section") == 4
    placed = members(app)
    everybody = len(placed)
    assert everybody >= 60  # all pupils of both schools
    pupil = scene.pupil_ids["partner's pupil"]
    with app.app_context():
        other = next(one.id for one in db.session.scalars(db.select(Group)) if one.id != placed[pupil])
    host.post("/courses/groups/1", action="place", pupil=str(pupil), group=str(other))
    assert members(app)[pupil] == other
    host.post("/courses/groups/1", action="place", pupil="99999", group=str(other))
    assert len(members(app)) == everybody
    host.post("/courses/activities/2/groups", grouping="1")
    with app.app_context():
        group = group_of(2, pupil)
        assert group is not None
        assert pupil in [one.identity.id for one in members_of(group)]
        assert group_of(1, pupil) is None
    school_b.remove(COURSE, PUPIL)
    scene["partner"].post("/contexts/2/roster")
    run_jobs()
    with app.app_context():
        group = db.session.get_one(Group, other)
        assert pupil not in [one.identity.id for one in members_of(group)]
    school_b.enrol(COURSE, PUPIL, role="pupil")
    scene["partner"].post("/contexts/2/roster")
    run_jobs()
    with app.app_context():
        assert pupil in [one.identity.id for one in members_of(db.session.get_one(Group, other))]
    host.post("/courses/groups/1", action="rename", group=str(other), title="Otters")
    host.post("/courses/groups/1", action="drop", group=str(other))
    assert pupil not in members(app)
    host.post("/courses/groups/1", action="deal")
    assert len(members(app)) == everybody
    host.post("/courses/groups/1", action="remove")
    assert members(app) == {}


def test_pupils_choose_within_limits_and_see_only_their_own_group(app: Flask, scene: Scene) -> None:
    host, pupil, other = scene["host"], scene["pupil"], scene["partner's pupil"]
    host.post(GROUPS, title="Pairs", way="choice", number="2", most="1")
    in_english(pupil.browser)
    assert "Choose a group" in pupil.get(GROUPS).text
    assert pupil.post("/courses/groups/1/choose", group="1").status_code == 303
    full = other.post("/courses/groups/1/choose", group="1")
    assert full.status_code == 409
    assert other.post("/courses/groups/1/choose", group="2").status_code == 303
    family = re.search(r"<li>([^<]+)<span", other.get(GROUPS).text)
    assert family
    assert family[1].strip() not in pupil.get(GROUPS).text
    assert pupil.get("/courses/groups/1").status_code == 403
    assert scene["pupil beside"].post("/courses/groups/1/choose", group="2").status_code == 404
    host.post(GROUPS, title="Late", way="choice", number="2", choose_until="2020-01-01T10:00")
    assert pupil.post("/courses/groups/2/choose", group="3").status_code == 409
    assert host.post(GROUPS, title="", way="choice", number="2").status_code == 422
    assert host.post(GROUPS, title="None", way="random", number="0").status_code == 422


def test_home_groups_become_groups(app: Flask, scene: Scene, school_a: School) -> None:
    school_a.customize(groups="$Moodle.Person.userGroupIds")
    school_a.regroup(PUPIL, 1)
    school_a.regroup(PUPIL + 1, 2)
    for number in (PUPIL, PUPIL + 1):
        Person(app, school_a, number)
    scene["host"].post(GROUPS, title="Home", way="home")
    with app.app_context():
        assert len(db.session.scalars(db.select(Group)).all()) >= 2
