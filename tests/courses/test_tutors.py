"""Co-teachers and tutors: invited from those who came in, they see, comment and grade as far as the invitation says."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.courses.scene import Person, Scene, build
from tests.factories.joining import in_english
from tests.lms import COURSE, SECOND_TEACHER, TEACHER, School

STAFF = "/courses/1/staff"


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    made = build(app, school_a, school_b)
    for name in ("host", "partner"):
        in_english(made[name].browser)
    return made


def identity(page: str, name: str) -> str:
    """The value of the option in which the name stands."""
    option = next(part for part in page.split("<option value=")[1:] if name in part.partition("</option>")[0])
    return option.partition('"')[2].partition('"')[0]


def test_a_partners_teacher_tutors_all_and_foreign_names_stay_short(app: Flask, scene: Scene, school_b: School) -> None:
    host, partner = scene["host"], scene["partner"]
    person = school_b.begin(partner.browser, person=TEACHER, link=school_b.links(COURSE)[0]["id"]).claims
    chosen = identity(host.get(STAFF).text, person["family_name"])
    foreign = f"/courses/activities/2/works/{scene.pupil_ids['pupil']}"
    assert host.post(STAFF, identity=chosen, level="teach", pupils="all").status_code == 422  # not of the host
    assert host.post(STAFF, identity="99999", level="see", pupils="all").status_code == 422
    host.post(STAFF, identity=chosen, level="grade", pupils="all")
    assert partner.get(foreign).status_code == 404  # not before it is accepted
    assert "you are invited" in partner.get("/").text
    assert scene["teacher beside"].post("/courses/staff/1", action="accept").status_code == 404
    partner.post("/courses/staff/1", action="accept")
    page = partner.get(foreign)
    assert page.status_code == 200
    pupil = scene["pupil"].school.begin(
        scene["pupil"].browser, person=7, link=scene["pupil"].school.links(COURSE)[0]["id"]
    )
    assert pupil.claims["family_name"] not in page.text
    assert partner.post(foreign, points="7", comment="", version="0").status_code == 303
    assert partner.post(f"{foreign}/talk", text="Well observed").status_code == 303
    assert "observed" in scene["pupil"].get("/courses/activities/2").text
    assert "observed" in host.get(foreign).text
    assert scene["partner's pupil"].get(foreign).status_code == 404
    assert partner.get("/courses/1/edit").status_code == 403
    assert partner.get(STAFF).status_code == 403
    host.post("/courses/staff/1", action="remove")
    assert partner.get(foreign).status_code == 404
    assert host.get(foreign).status_code == 200


def test_rights_are_as_far_as_the_invitation_goes(app: Flask, scene: Scene, school_b: School) -> None:
    host, partner = scene["host"], scene["partner"]
    person = school_b.begin(partner.browser, person=TEACHER, link=school_b.links(COURSE)[0]["id"]).claims
    chosen = identity(host.get(STAFF).text, person["family_name"])
    foreign, own = (f"/courses/activities/2/works/{scene.pupil_ids[name]}" for name in ("pupil", "partner's pupil"))
    grade = {"points": "5", "comment": "", "version": "0"}
    host.post(STAFF, identity=chosen, level="grade", pupils="own")
    partner.post("/courses/staff/1", action="accept")
    assert partner.get(foreign).status_code == 404
    assert partner.post(foreign, **grade).status_code == 404
    works = partner.get("/courses/activities/2/works?state=all").text
    assert f'{own}"' in works
    assert f'{foreign}"' not in works
    assert partner.post(own, **grade).status_code == 303
    partner.post("/courses/staff/1", action="leave")
    assert partner.post(own, **{**grade, "version": "1"}).status_code == 403
    for level, codes in {"see": (200, 403, 403), "comment": (200, 303, 403)}.items():
        host.post(STAFF, identity=chosen, level=level, pupils="all")
        partner.post("/courses/staff/1", action="accept")
        told = partner.get(foreign), partner.post(f"{foreign}/talk", text="Hm"), partner.post(foreign, **grade)
        assert tuple(one.status_code for one in told) == codes, level
        host.post("/courses/staff/1", action="remove")
    host.post(STAFF, identity=chosen, level="see", pupils="all")
    partner.post("/courses/staff/1", action="decline")
    assert partner.get(foreign).status_code == 404


def test_a_tutor_answers_for_many_of_the_own_pupils_only(app: Flask, scene: Scene, school_b: School) -> None:
    host, partner = scene["host"], scene["partner"]
    person = school_b.begin(partner.browser, person=TEACHER, link=school_b.links(COURSE)[0]["id"]).claims
    chosen = identity(host.get(STAFF).text, person["family_name"])
    foreign, own = scene.pupil_ids["pupil"], scene.pupil_ids["partner's pupil"]
    together, grade = "/courses/activities/2/together", {"act": "grade", "points": "6", "scope": "all"}
    assert partner.get(together).status_code == 403
    assert "2 to grade" in host.get("/courses/1").text
    host.post(STAFF, identity=chosen, level="grade", pupils="own")
    partner.post("/courses/staff/1", action="accept")
    assert "It is for 1 pupil" in partner.post(together, **grade).text
    assert partner.post(together, **grade, sure="1").status_code == 303
    assert "1 to grade" in host.get("/courses/1").text
    book = partner.get("/courses/1/gradebook").text
    assert f'/cells/{own}"' in book
    assert f'/cells/{foreign}"' not in book
    assert partner.post(f"/courses/activities/2/cells/{foreign}", points="1", version="0").status_code == 404
    assert host.post(together, **grade, sure="1").status_code == 303
    assert "to grade" not in host.get("/courses/1").text
    assert "/together/2/undo" not in partner.get(together).text
    assert partner.post(f"{together}/2/undo").status_code == 404  # the host's
    assert partner.post(f"{together}/1/undo").status_code == 303
    assert "1 to grade" in host.get("/courses/1").text
    host.post("/courses/staff/1", action="remove")
    assert partner.post(together, **grade, sure="1").status_code == 403


def test_a_co_teacher_of_the_host_does_everything(app: Flask, scene: Scene, school_a: School) -> None:
    host = scene["host"]
    other = Person(app, school_a, SECOND_TEACHER)
    person = school_a.begin(other.browser, person=SECOND_TEACHER, link=school_a.links(COURSE)[0]["id"]).claims
    host.post(STAFF, identity=identity(host.get(STAFF).text, person["family_name"]), level="teach", pupils="all")
    assert other.get("/courses/1/edit").status_code in (403, 404)
    other.post("/courses/staff/1", action="accept")
    assert other.get("/courses/1/edit").status_code == 200
    host.post("/courses/staff/1", action="remove")
    assert other.get("/courses/1/edit").status_code in (403, 404)
