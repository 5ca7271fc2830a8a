"""Certificates: what is asked for, who earns one, what it says on paper and to strangers, and what becomes of it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.certificates.models import Certificate, CertificateActivity, CertificateRule
from lti_tool.courses.certificates.numbers import ALPHABET, grouped, new_number, read_number
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.live.models import LiveSession
from lti_tool.courses.models import Activity, Participation, Submission
from lti_tool.people.models import Identity
from tests.courses.authoring import Course
from tests.courses.scene import TOOL, Person
from tests.courses.test_progress import fill, grade, pupil_id
from tests.factories.coordinators import coordinator, organization_of, person_of
from tests.factories.privacy import form_to
from tests.lms import PUPIL, School, submit
from tests.statements import counted

PAGE, RULES = "/courses/1/certificates", "/courses/1/certificates/rules"
ONE = "/courses/certificates/1"


@pytest.fixture
def course(app: Flask, school_a: School, school_b: School) -> Course:
    return Course(app, school_a, school_b)


def decide(course: Course, version: int, expected: int = 303, **values: Any) -> str:
    """The host saves rules; the page that answers."""
    answer = course.host.post(RULES, version=str(version), **{"which": "none", **values})
    assert answer.status_code == expected, answer.text
    return answer.text


def issue(course: Course) -> None:
    assert course.host.post(f"{PAGE}/issue").status_code == 303


def number_of(app: Flask, ident: int = 1) -> str:
    with app.app_context():
        return grouped(db.session.get_one(Certificate, ident).number)


def name_of(app: Flask, identity_id: int) -> tuple[str, str]:
    """(whole name, family name)."""
    with app.app_context():
        found = db.session.get_one(Identity, identity_id)
        return found.name or f"{found.given_name} {found.family_name}", found.family_name


def add_meetings(app: Flask, number: int, *, attended: int, by: int) -> None:
    """Live sessions that are over, of which the pupil was at the first ones."""
    with app.app_context(), unit_of_work():
        for each in range(number):
            due_at = utcnow() - timedelta(days=each + 1)
            meeting = Activity(course_id=1, kind="live", title=f"Meeting {each}", due_at=due_at, position=90 + each)
            db.session.add(LiveSession(room_name=f"room-{each}", activity=meeting))
            db.session.flush()
            if each < attended:
                there = {"activity_id": meeting.id, "identity_id": by, "participation_id": 2}
                db.session.add(Submission(**there, done_at=utcnow(), version=1))


def one_earned(app: Flask, course: Course) -> int:
    """A certificate of the pupil of the other school; the pupil's identity."""
    task = course.add("assignment", title="Task")
    decide(course, 0, which="all", issuing="y", hours="36", programme="Ecology, part 2", signed_by="N. Host, director")
    course.hand_in(course.pupil, task)
    issue(course)
    return pupil_id(app, 2)


def test_from_the_rules_to_the_paper(app: Flask, course: Course) -> None:
    first, second, third = (course.add("assignment", title=title) for title in ("Map", "Sample", "Talk"))
    pupil = pupil_id(app, 2)
    add_meetings(app, 4, attended=2, by=pupil)
    empty = course.host.get(PAGE)
    assert "No certificates yet" in empty.text
    assert "no certificates at present" in course.pupil.get(PAGE).text
    assert PAGE not in course.pupil.get("/courses/1").text
    assert course.host.post(f"{PAGE}/issue").status_code == 409
    for wrong, said in (
        ({"issuing": "y"}, "Set at least one rule"),
        ({"which": "chosen"}, "Choose at least one activity"),
        ({"which": "chosen", "activities": ["999"]}, "Choose at least one activity"),
        ({"least_points": "101"}, "from 1 to 100"),
        ({"least_points": "many"}, "Write a whole number"),
        ({"which": "some"}, "Who gets one"),
    ):
        page = decide(course, 0, 422, programme="Kept text", **wrong)
        assert said in page
        assert "Kept text" in page
    rules = {"which": "chosen", "activities": [first, second], "least_points": "60", "least_sessions": "50"}
    decide(course, 0, issuing="y", hours="36", programme="Ecology, part 2", signed_by="N. Host", **rules)
    decide(course, 1, issuing="y", hours="36", programme="Ecology, part 2", signed_by="N. Host", **rules)
    other = decide(course, 0, 409, issuing="y", hours="12", **rules)
    assert "Someone changed this meanwhile" in other
    assert "Map, Sample" in other
    assert 'value="12"' in other

    def standing() -> tuple[str, str]:
        return course.pupil.get(PAGE).text, course.host.get(PAGE).text

    own, listed = standing()
    for told in ("Do all 2 activities", "0 of 2", "at least 60%", "2 of 4", "Map", "Sample"):
        assert told in own
    assert "Talk" not in own
    assert "not earned yet (2)" in listed
    assert "points missing (2)" in listed
    assert "live sessions missing (1)" in listed
    for task, points in ((first, "10"), (second, "7.9")):
        course.hand_in(course.pupil, task)
        grade(course, pupil, task, points)
    own, listed = standing()
    assert "2 of 2" in own
    assert "59%" in own, "a share is cut: 17.9 of 30"
    assert "You have done everything" not in own
    assert "Issue 1 certificate" not in listed
    course.hand_in(course.pupil, third)
    grade(course, pupil, third, "0.1")
    own, listed = standing()
    assert "60%" in own
    assert "You have done everything" in own
    assert "Issue 1 certificate" in listed
    assert "earned, to be issued (1)" in listed
    _, family = name_of(app, pupil)
    assert family not in listed, "another school's pupil"
    assert course.host.get(f"{PAGE}?state=points").text.count("<tr") == 2
    assert course.host.get(f"{PAGE}?school=1&state=earned").text.count("<tr") == 0
    for _twice in range(2):
        issue(course)
    with app.app_context():
        assert db.session.scalar(select(func.count(Certificate.id))) == 1
    assert "issued (1)" in course.host.get(PAGE).text
    paper(app, course, pupil)


def paper(app: Flask, course: Course, pupil: int) -> None:
    """The certificate states what held when it was issued, whatever changes afterwards."""
    assert "You have a certificate for “Rivers”" in course.pupil.get("/notices").text
    assert ONE in course.pupil.get("/courses/certificates").text
    assert ONE in course.pupil.get(PAGE).text
    decide(course, 1, issuing="y", which="all", least_points="100", hours="1")
    course.host.post("/courses/1/edit", title="Lakes", description="", language="en", version="1", action="save")
    whole, _family = name_of(app, pupil)
    number = number_of(app)
    english, russian = (course.pupil.get(f"{ONE}/sheet?language={code}").text for code in ("en", "ru"))
    for told in (whole, "Rivers", "36", "Ecology, part 2", "N. Host", number, f"{TOOL}/certificates/{number}", "<svg"):
        assert told in english
        assert told in russian
    assert "Lakes" not in english
    assert "2 activities done; at least 60% of the points; at least 50% of the live sessions attended" in english
    assert "36 часов" in russian
    assert "36 hours" in course.pupil.get(f"{ONE}/sheet").text, "in the course's language"
    assert "not earned yet (1)" in course.host.get(PAGE).text
    assert "issued (1)" in course.host.get(PAGE).text, "new rules take nothing back"


def test_marks_held_back_are_no_points_and_nobody_earns_by_rules_about_nothing(app: Flask, course: Course) -> None:
    task = course.add("assignment", title="Task", held="y")
    decide(course, 0, least_points="50", issuing="y")
    pupil = pupil_id(app, 2)
    course.hand_in(course.pupil, task)
    grade(course, pupil, task, "10")
    assert "0%" in course.pupil.get(PAGE).text
    assert "earned, to be issued (0)" in course.host.get(PAGE).text
    issue(course)
    assert course.pupil.get(ONE).status_code == 404
    assert course.host.post(f"/courses/activities/{task}/release").status_code == 303
    assert "100%" in course.pupil.get(PAGE).text
    assert "earned, to be issued (1)" in course.host.get(PAGE).text
    decide(course, 1, least_sessions="1", issuing="y")
    page = course.host.get(PAGE).text
    assert "The course has no live sessions." in page
    assert "not earned yet (2)" in page
    decide(course, 2, which="chosen", activities=[task], least_points="", least_sessions="", issuing="y")
    course.host.post(f"/courses/activities/{task}/delete")
    assert "none of the activities" in course.host.get(PAGE).text
    assert "earned, to be issued (0)" in course.host.get(PAGE).text
    later, shown = course.add("assignment", title="In spring", published=""), course.add("assignment", title="Now")
    assert "In spring (pupils do not see it)" in course.host.get(RULES).text
    decide(course, 3, which="chosen", activities=[later, shown], issuing="y")
    course.hand_in(course.pupil, shown)
    page = course.host.get(PAGE).text
    assert "1 activity that is asked for is not shown to pupils" in page
    assert "earned, to be issued (0)" in page
    assert "In spring" not in course.pupil.get(PAGE).text
    secret = course.add("assignment", title="Without names", anonymous="y")
    decide(course, 4, which="chosen", activities=[secret], issuing="y")
    course.hand_in(course.pupil, secret)
    page = course.host.get(PAGE).text
    assert "counts here once its grades are released" in page
    assert "1 of 1" not in page, "nobody learns whose work it is"
    assert "1 of 1" in course.pupil.get(PAGE).text
    assert "1 of 1" in course.partner.get(PAGE).text
    issue(course)
    assert course.pupil.get(ONE).status_code == 404
    other = course.add("assignment", title="Other")
    decide(course, 5, which="chosen", activities=[other], least_points="100", issuing="y")
    with app.app_context(), unit_of_work():
        shown_ids = db.session.scalars(select(Activity.id).where(Activity.id.in_((shown, secret, other)))).all()
        by = db.session.scalars(select(Identity.id)).first()
        db.session.add_all(Excuse(activity_id=one, identity_id=pupil, by_id=by) for one in shown_ids)
    assert "earned, to be issued (1)" in course.host.get(PAGE).text, "excused from all of it"


def test_strangers_check_a_number_and_learn_nothing_more(app: Flask, course: Course) -> None:
    pupil = one_earned(app, course)
    whole, family = name_of(app, pupil)
    number, stranger = number_of(app), Person(app, None)
    page = stranger.get(f"/certificates/{number}")
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    assert "Set-Cookie" not in page.headers
    for told in ("Rivers", "36", "Ecology, part 2", "This certificate is valid"):
        assert told in page.text
    assert family not in page.text
    with app.app_context():
        given_name = db.session.get_one(Identity, pupil).given_name
        school = db.session.get_one(Identity, pupil).registration.organization.name
    assert given_name not in page.text
    assert school not in page.text
    for typed in (number, number.lower(), number.replace("-", " "), f" {number.replace('-', '')} "):
        answer = stranger.browser.get(f"{TOOL}/certificates", query_string={"number": typed})
        assert answer.location == f"/certificates/{number}"
    answers = set()
    for typed in (grouped(new_number()), "12", "not-a-number!", "É" * 40):
        for answer in (
            stranger.get(f"/certificates/{typed}"),
            stranger.browser.get(f"{TOOL}/certificates", query_string={"number": typed}),
        ):
            assert answer.status_code == 404
            assert answer.headers["X-Robots-Tag"].startswith("noindex")
            text = re.sub(r'value="[^"]*"', "", answer.text)
            answers.add(re.sub(r"nonce-\w+", "", text))
    assert len(answers) <= 2, "the addresses of the language form apart, unknown and malformed look the same"
    assert stranger.get("/certificates").status_code == 200

    assert course.partner.post(f"{ONE}/name", shown="yes").status_code == 403
    assert course.pupil.post(f"{ONE}/name", shown="yes").status_code == 303
    assert whole in stranger.get(f"/certificates/{number}").text
    assert "Your name is told there" in course.pupil.get(ONE).text
    course.pupil.post(f"{ONE}/name", shown="no")
    assert family not in stranger.get(f"/certificates/{number}").text
    course.pupil.post(f"{ONE}/name", shown="yes")

    refused = course.host.post(f"{ONE}/revoke", reason=" ")
    assert refused.status_code == 422
    assert "Write why" in refused.text
    for _twice in range(2):
        assert course.host.post(f"{ONE}/revoke", reason="Copied work").status_code == 303
    page = stranger.get(f"/certificates/{number}").text
    assert "Not valid" in page
    assert family not in page
    assert "Copied work" not in page
    assert "Copied work" in course.pupil.get(ONE).text
    assert "was revoked" in course.pupil.get("/notices").text
    assert "not valid" in course.pupil.get(f"{ONE}/sheet").text
    issue(course)
    assert "revoked (1)" in course.host.get(PAGE).text
    assert course.host.post(f"{ONE}/restore").status_code == 303
    assert "This certificate is valid" in stranger.get(f"/certificates/{number}").text
    limited = {stranger.get("/certificates").status_code for _many in range(60)}
    assert 429 in limited


def test_each_school_sees_its_own(app: Flask, course: Course, school_a: School) -> None:
    pupil = one_earned(app, course)
    whole, family = name_of(app, pupil)
    listed = course.partner.get(PAGE).text
    assert whole in listed
    assert listed.count("<tr") == 2
    assert "/issue" not in listed
    sheets = course.partner.get(f"{PAGE}/sheets").text
    assert whole in sheets
    assert sheets.count('certificate-sheet"') == 1
    assert whole in course.partner.get(f"{ONE}/sheet").text
    assert "Revoke" not in course.partner.get(ONE).text
    for path in (ONE, f"{ONE}/sheet", f"{PAGE}/sheets"):
        assert family not in course.host.get(path).text
    beside = Person(app, school_a, PUPIL + 1)
    for stranger in (course.own_pupil, beside):
        for path in (ONE, f"{ONE}/sheet"):
            assert stranger.get(path).status_code == 404
        for act in ("name", "revoke", "restore"):
            assert stranger.post(f"{ONE}/{act}", shown="yes", reason="x").status_code == 404
    for who in (course.partner, course.pupil, course.own_pupil):
        assert who.get(RULES).status_code == 403
        assert who.post(f"{PAGE}/issue").status_code == 403
        for act in ("revoke", "restore"):
            assert who.post(f"{ONE}/{act}", reason="x").status_code in (403, 404)
    assert course.own_pupil.get(f"{PAGE}/sheets").status_code == 403
    with app.app_context(), unit_of_work():
        db.session.get_one(Participation, 2).full_names = True
    assert family in course.host.get(f"{ONE}/sheet").text
    course.host.post("/courses/1/archive", action="archive")
    assert course.host.post(f"{PAGE}/issue").status_code == 403
    assert course.host.get(ONE).status_code == 200
    with app.app_context(), unit_of_work():
        db.session.execute(update(Participation).where(Participation.id == 2).values(state="closed"))
    assert whole in course.pupil.get(f"{ONE}/sheet").text, "also after the course"
    assert whole in course.partner.get(PAGE).text


def test_a_new_year_has_the_rules_and_no_certificate(app: Flask, course: Course) -> None:
    first, second = course.add("assignment", title="Map"), course.add("assignment", title="Sample")
    decide(course, 0, which="chosen", activities=[second], hours="36", issuing="y")
    course.hand_in(course.pupil, second)
    issue(course)
    assert course.host.post("/courses/1/next-year", title="Rivers 2027", starts="").status_code == 303
    with app.app_context():
        made = db.session.scalars(select(CertificateRule).where(CertificateRule.course_id == 2)).one()
        assert (made.hours, made.which, made.issuing) == (36, "chosen", False)
        named = db.session.scalars(
            select(Activity).join(CertificateActivity).where(CertificateActivity.rule_id == made.id)
        ).all()
        assert [(one.title, one.course_id) for one in named] == [("Sample", 2)]
        assert db.session.scalar(select(func.count(Certificate.id))) == 1
    assert first != second
    form = course.host.get("/courses/2/certificates/rules").text
    assert re.search(r'<input checked[^>]*name="activities"', form)


def test_two_accounts_of_one_person_get_one(app: Flask, course: Course) -> None:
    task = course.add("assignment", title="Task")
    decide(course, 0, which="all", issuing="y")
    for pupil in (course.pupil, course.own_pupil):
        course.hand_in(pupil, task)
    one, other = pupil_id(app, 2), pupil_id(app, 1)
    with app.app_context(), unit_of_work():
        person = db.session.get_one(Identity, one).person_id
        db.session.execute(update(Identity).where(Identity.id == other).values(person_id=person))
    for _twice in range(2):
        issue(course)
    with app.app_context():
        assert db.session.scalar(select(func.count(Certificate.id))) == 1


def test_what_is_kept_of_the_holder_and_what_goes(
    app: Flask, course: Course, school_b: School, run_jobs: Callable[[], int]
) -> None:
    pupil = one_earned(app, course)
    _whole, family = name_of(app, pupil)
    course.pupil.post(f"{ONE}/name", shown="yes")
    number, stranger = number_of(app), Person(app, None)
    assert number in course.pupil.get("/my/data").text
    course.pupil.post("/my/data/copy")
    run_jobs()
    with zipfile.ZipFile(BytesIO(course.pupil.get("/my/data/copies/1/file").data)) as archive:
        told = json.loads(archive.read("data.json"))["data"]["certificate"]
    assert told[0]["number"] == number.replace("-", "")
    head, owner = coordinator(app, school_b), organization_of(app, school_b)
    person = person_of(app, school_b, PUPIL)
    page = head.get(f"{TOOL}/organizations/{owner}/privacy/people/{person}/erase")
    assert "Certificates" in page.text
    assert submit(head, form_to(page, "/erase"), later="newcomer", sure="y").status_code == 200
    answer = stranger.get(f"/certificates/{number}").text
    assert "This certificate is valid" in answer
    assert "data were erased since" in answer
    assert family not in answer
    assert course.host.get(ONE).status_code == 404
    assert "issued (0)" in course.host.get(PAGE).text
    issue(course)
    with app.app_context(), unit_of_work():
        assert db.session.scalar(select(func.count(Certificate.id))) == 1
        db.session.execute(update(Certificate).values(created_at=utcnow() - timedelta(days=3651)))
    assert app.test_cli_runner().invoke(args=["people", "retention"]).exit_code == 0
    assert stranger.get(f"/certificates/{number}").status_code == 404


def test_statements_do_not_grow_with_the_course(app: Flask, course: Course) -> None:
    course.add("assignment", title="Task")
    decide(course, 0, which="all", least_points="1", issuing="y")
    with app.app_context(), unit_of_work():
        db.session.execute(update(CertificateRule).values(which="none"))
    fill(app, 1, 6, 3)
    few = costs(app, course)
    fill(app, 4, 12, 12)
    many = costs(app, course)
    assert few == many
    assert max(few.values()) <= 15
    with app.app_context():
        assert db.session.scalar(select(func.count(Certificate.id))) == 54


def costs(app: Flask, course: Course) -> dict[str, int]:
    """Statements by reader and page, and of issuing to everybody."""
    found = {}
    token = course.host.token
    with counted(app) as sent:
        answer = course.host.browser.post(f"{TOOL}{PAGE}/issue", data={"csrf_token": token})
    assert answer.status_code == 303
    found["issue"] = len(sent)
    for name, person, paths in (
        ("host", course.host, (PAGE, f"{PAGE}?state=issued", f"{PAGE}/sheets", RULES)),
        ("partner", course.partner, (PAGE, f"{PAGE}/sheets")),
        ("pupil", course.pupil, (PAGE, "/courses/certificates")),
    ):
        for path in paths:
            with counted(app) as sent:
                assert person.get(path).status_code == 200
            found[f"{name} {path}"] = len(sent)
    return found


@given(st.text(max_size=30))
def test_any_text_is_read_as_a_number_or_as_none(typed: str) -> None:
    number = read_number(typed)
    assert number == "" or (len(number) == 12 and set(number) <= set(ALPHABET))
    assert read_number(grouped(number)) == number


def test_numbers_are_read_as_people_copy_them() -> None:
    number = new_number()
    assert read_number(grouped(number).lower()) == number
    assert read_number("оАВЕ-кмнр-стуx"[:14]) == "0ABEKMHPCTYX"
    assert read_number("IL10-OO00-1111") == "111000001111"
    assert read_number("7K2M-9QXA-0DWU") == ""
    assert not {"I", "L", "O", "U"} & set(ALPHABET)
