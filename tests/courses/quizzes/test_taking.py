"""An attempt survives: time, tabs, lost answers, the end of the process; and says what it shows when."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.kinds import copy_content
from lti_tool.courses.models import Activity, Grade
from lti_tool.courses.quizzes import jobs
from lti_tool.courses.quizzes.models import QuizAttempt, QuizResponse
from lti_tool.courses.quizzes.queries import overdue
from tests.courses.quizzes.test_formats import GIFT, PNG
from tests.courses.quizzes.town import Town, fields, option
from tests.courses.scene import Person
from tests.lms import School
from tests.statements import counted

JSON = {"Accept": "application/json"}


@pytest.fixture
def schools(school_a: School, school_b: School) -> tuple[School, School]:
    return school_b, school_a  # the host speaks English


def autosave(person: Person, attempt: str, answers: dict[str, Any], version: int, tab: str) -> Any:
    home = person.browser.get("https://tool.example/", follow_redirects=True).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', home)
    body = {"answers": answers, "version": version, "tab": tab}
    headers = {**JSON, **({"X-CSRFToken": token[1]} if token else {})}
    return person.browser.post(f"https://tool.example{attempt}/answers", json=body, headers=headers)


def two_questions(town: Town) -> None:
    town.add("short", [{"text": "one"}], text="First?")
    town.add("multiple", [{"text": "a"}, {"text": "b"}, {"text": "c"}], text="Second?", right=["0", "1"])


def test_answers_are_kept_as_they_are_given_and_a_second_tab_is_told(
    app: Flask, schools: tuple[School, School]
) -> None:
    town = Town(app, *schools)
    two_questions(town)
    pupil = town.pupils[0]
    attempt = town.begin(pupil)
    page = pupil.get(attempt).text
    a, b = option(page, 2, "a"), option(page, 2, "b")
    first = autosave(pupil, attempt, {"1": [["q1", "one"]]}, 1, "tab-1")
    assert first.get_json() == {"version": 2, "over": False, "remaining": None}
    assert autosave(pupil, attempt, {"1": [["q1", "one"]]}, 1, "tab-1").get_json()["version"] == 2  # sent twice
    assert autosave(pupil, attempt, {"1": [["q1", "two"]]}, 1, "tab-2").status_code == 409
    assert autosave(pupil, attempt, {"2": [["q2", a], ["q2", b]]}, 1, "tab-1").get_json()["version"] == 3
    old = pupil.post(attempt, version="1", tab="tab-3", page="1", q1="three", q2=[a], action="next")
    assert old.status_code == 409
    assert 'value="three"' in old.text  # what was typed here is not lost
    now = fields(old.text)
    assert pupil.post(attempt, **now, q1="three", q2=[a], action="save").status_code == 303  # knowingly
    assert 'value="three"' in pupil.get(attempt).text
    for wrong in ({}, {"answers": []}, {"answers": {"x": []}}, {"answers": {"1": "one"}}):
        assert autosave(pupil, attempt, wrong.get("answers", 5), 1, "t").status_code == 422  # type: ignore[arg-type]
    nobody = autosave(pupil, attempt, {"1": [["q1", "x"], ["q1"], 5], "99": [["q99", "x"]]}, 9, "tab-9")
    assert nobody.status_code in (200, 409)


def test_time_is_the_server_s_and_what_was_saved_counts(app: Flask, schools: tuple[School, School]) -> None:
    start = utcnow().replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        town = Town(app, *schools, minutes="10")
        two_questions(town)
        first, second = town.pupils
        attempt, other = town.begin(first), town.begin(second)
        assert 'data-remaining="600"' in first.get(attempt).text
        assert autosave(first, attempt, {"1": [["q1", "one"]]}, 1, "t").get_json()["remaining"] == 600
        clock.move_to(start + timedelta(minutes=10, seconds=20))  # within the grace
        page = second.get(other).text
        late = {**fields(page), "q1": "one", "q2": [option(page, 2, "a"), option(page, 2, "b")]}
        assert second.post(other, **late, action="save").location.endswith("page=1")
        with app.app_context():
            assert overdue(9) == []
        clock.move_to(start + timedelta(minutes=10, seconds=31))
        after = autosave(first, attempt, {"2": [["q2", "0"]]}, 2, "t")
        assert after.get_json()["over"] is True
        with app.app_context():
            waiting = overdue(9)
        assert len(waiting) == 1  # the other one was closed by what came too late
        jobs.close(waiting[0])
        jobs.close(waiting[0])
        with app.app_context():
            rows = db.session.scalars(select(QuizAttempt).order_by(QuizAttempt.id)).all()
            assert [row.overdue for row in rows] == [True, True]
            assert {row.finished_at for row in rows} == {start + timedelta(minutes=10)}
            assert sorted(db.session.scalars(select(Grade.points))) == [5.0, 10.0]
        assert second.get(other).location.endswith("/review")
        assert "closed when the time was over" in first.get(f"{attempt}/review").text


def test_the_end_of_the_quiz_ends_attempts_and_extras_move_both(app: Flask, schools: tuple[School, School]) -> None:
    start = utcnow().replace(microsecond=0, second=0)
    with time_machine.travel(start, tick=False) as clock:
        closing = (start + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M")
        opening = (start + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M")
        town = Town(app, *schools, minutes="60", attempts="1", available_from=opening, available_until=closing)
        two_questions(town)
        first, second = town.pupils
        quiz = f"/courses/activities/{town.quiz}"
        zone = _shift(app)
        clock.move_to(start - zone)
        assert first.post(f"{quiz}/quiz/start").status_code == 404
        clock.move_to(start - zone + timedelta(minutes=11))
        attempt = town.begin(first)
        assert 'data-remaining="1140"' in first.get(attempt).text
        assert "Riverside" in town.host.get(f"{quiz}/quiz/extras").text
        later = (start + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
        identity = _identity_of(app, attempt)
        sent = {"pupil": identity, "minutes": "15", "attempts": "1", "closes_at": later}
        assert town.host.post(f"{quiz}/quiz/extras", **sent).status_code == 303
        assert f'data-remaining="{75 * 60}"' in first.get(attempt).text  # the running attempt too
        clock.move_to(start - zone + timedelta(minutes=31))
        assert second.post(f"{quiz}/quiz/start").status_code == 403
        first.post(f"{attempt}/finish")
        again = town.begin(first)
        first.post(f"{again}/finish")
        assert first.post(f"{quiz}/quiz/start").status_code == 409  # one, and one more


def _shift(app: Flask) -> timedelta:
    """How far the teacher's zone is ahead of UTC: times are typed in it. Called at the time the quiz was made."""
    with app.app_context():
        activity = db.session.scalars(select(Activity)).one()
        assert activity.available_from is not None
        return utcnow() + timedelta(minutes=10) - activity.available_from


def _identity_of(app: Flask, attempt: str) -> int:
    with app.app_context():
        found = db.session.get_one(QuizAttempt, int(attempt.rsplit("/", 1)[1]))
        return found.submission.identity_id


def test_what_is_shown_when_and_which_attempt_counts(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools, attempts="3", counts="average", pass_percent="50", shown_things=["closed-right"])
    two_questions(town)
    pupil = town.pupils[0]
    for answer in ("one", "two"):
        attempt = town.begin(pupil)
        page = pupil.get(attempt).text
        pupil.post(attempt, **fields(page), q1=answer, q2=[option(page, 2, "a")], action="finish")
        pupil.post(f"{attempt}/finish")
    review = pupil.get(f"{attempt}/review").text
    assert "data-question" not in review
    assert "right answer" not in review
    with app.app_context():
        assert db.session.scalars(select(Grade.points)).one() == 5.0  # (7.5 + 2.5) / 2
    assert "not passed" not in pupil.get(f"/courses/activities/{town.quiz}").text
    form = town.host.get(f"/courses/activities/{town.quiz}/edit").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', form)
    assert version
    values = {"title": "River quiz", "body": "", "points": "10", "attempts": "3", "counts": "best", "per_page": "0"}
    changed = town.host.post(
        f"/courses/activities/{town.quiz}/edit",
        **values,
        version=version[1],
        published="y",
        shown_things=["after-right", "after-marks"],
        action="save",
    )
    assert changed.status_code == 303
    review = pupil.get(f"{attempt}/review").text
    assert "right answer" in review
    assert "not right" in review
    assert "75 %" in town.host.get(f"/courses/activities/{town.quiz}/quiz/regrade").text
    town.host.post(f"/courses/activities/{town.quiz}/quiz/regrade")
    with app.app_context():
        assert db.session.scalars(select(Grade.points)).one() == 7.5  # the best counts now


def test_a_grade_a_teacher_gave_is_not_undone(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools)
    two_questions(town)
    pupil = town.pupils[0]
    first = town.begin(pupil)
    pupil.post(f"{first}/finish")
    identity = _identity_of(app, first)
    work = f"/courses/activities/{town.quiz}/works/{identity}"
    assert town.host.post(work, points="9", comment="Ill", version="1").status_code == 303
    second = town.begin(pupil)
    page = pupil.get(second).text
    pupil.post(second, **fields(page), q1="one", action="finish")
    pupil.post(f"{second}/finish")
    with app.app_context():
        assert db.session.scalars(select(Grade.points)).all() == [9.0]


def test_nobody_reaches_what_is_not_theirs(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools)
    two_questions(town)
    first, second = town.pupils
    attempt = town.begin(first)
    stranger = Person(app, None)
    for path in (attempt, f"{attempt}/finish", f"{attempt}/review"):
        assert second.get(path).status_code == 404
        assert town.partner.get(path).status_code in (403, 404)
        assert stranger.get(path).status_code == 401
    assert second.post(attempt, q1="x", version="1", tab="t").status_code == 404
    assert second.post(f"{attempt}/finish").status_code == 404
    assert town.host.get(attempt).status_code == 403
    quiz = f"/courses/activities/{town.quiz}/quiz"
    for path in (f"{quiz}/add", f"{quiz}/preview", f"{quiz}/extras", f"{quiz}/export", f"{quiz}/marking"):
        assert town.host.get(path).status_code == 200
        assert {town.partner.get(path).status_code, first.get(path).status_code} == {403}
    for path in (f"{quiz}/statistics", f"{quiz}/regrade", "/courses/1/questions", "/courses/1/questions/import"):
        assert town.host.get(path).status_code == 200
        assert {town.partner.get(path).status_code, first.get(path).status_code} == {403}
    assert town.host.get("/courses/questions/1/edit").status_code == 200
    for person in (town.partner, first):
        assert person.get("/courses/questions/1/edit").status_code == 403
        assert person.post("/courses/questions/1", action="delete").status_code == 403
        assert person.post(f"{quiz}/slots").status_code == 403
        assert person.post(f"{quiz}/marks").status_code == 403
    page = town.partner.get(f"/courses/activities/{town.quiz}")
    assert page.status_code == 200
    assert "First?" not in page.text


def test_a_page_costs_the_same_for_one_question_and_many(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools)
    town.add("short", [{"text": "one"}], text="First?")
    small, pupil = town.quiz, town.pupils[0]
    attempt = town.begin(pupil)
    town.quiz = town.add_quiz(title="Large")
    for number in range(12):
        town.add("single", [{"text": "a"}, {"text": "b"}], text=f"Question {number}?", right="0")
    assert town.quiz != small
    large = town.begin(pupil)
    costs = []
    for address in (attempt, large):
        pupil.get(address)
        with counted(app) as sent:
            pupil.get(address)
        costs.append(len(sent))
        with counted(app) as sent:
            pupil.post(f"{address}/finish")
        costs.append(len([each for each in sent if each.startswith("SELECT")]))
    assert costs[0] == costs[2]
    assert costs[1] == costs[3]
    for path in ("quiz/statistics", "quiz/marking", "quiz/regrade"):
        with counted(app) as sent:
            assert town.host.get(f"/courses/activities/{town.quiz}/{path}").status_code == 200
        assert len(sent) <= 20, path


def test_regrading_shows_first_who_changes(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools)
    town.add("single", [{"text": "Volga"}, {"text": "Don"}], text="Longest?", right="1")  # a slip
    town.add("short", [{"text": "sea"}], text="Where to?")
    quiz = f"/courses/activities/{town.quiz}/quiz"
    addresses = []
    for pupil, choice in zip(town.pupils, ("Volga", "Don"), strict=True):
        addresses.append(town.begin(pupil))
        page = pupil.get(addresses[-1]).text
        pupil.post(addresses[-1], **fields(page), q1=option(page, 1, choice), q2="sea", action="finish")
        pupil.post(f"{addresses[-1]}/finish")
    assert "Nobody" not in town.host.get(f"{quiz}/regrade").text
    rows = {"rows": "2", "row-0-text": "Volga", "row-1-text": "The Don", "right": "0"}
    edited = town.host.post(
        "/courses/questions/1/edit", action="save", version="1", text="Longest?", points="3", name="", **rows
    )
    assert edited.status_code == 303
    slots = re.findall(r'name="slot" value="(\d+)"', town.host.get(f"/courses/activities/{town.quiz}").text)
    town.host.post(f"{quiz}/slots", slot=slots, **{f"points-{slots[0]}": "3", f"points-{slots[1]}": "1"})
    assert town.host.post(f"{quiz}/slots", slot=slots, remove=slots[0]).status_code == 409  # pupils have begun
    preview = town.host.get(f"{quiz}/regrade").text
    assert "50 %" in preview
    assert "25 %" in preview
    with app.app_context():
        assert sorted(db.session.scalars(select(Grade.points))) == [5.0, 10.0]  # only looked at
    for _twice in range(2):
        assert town.host.post(f"{quiz}/regrade").status_code == 303
    with app.app_context():
        assert sorted(db.session.scalars(select(Grade.points))) == [2.5, 10.0]
        assert db.session.scalar(select(func.count()).where(QuizResponse.marks_id.is_not(None))) == 2
    review = town.pupils[0].get(f"{addresses[0]}/review").text
    assert "The Don" not in review  # the attempt keeps the version it was given
    assert "3 of 3 points" in review


def test_a_draw_gives_everybody_other_questions(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools, shuffle_questions="y")
    town.host.post("/courses/1/pools", title="Lakes")
    for number in range(6):
        address = "/courses/1/questions/new/truefalse"
        town.host.post(address, action="save", text=f"Statement {number}", true="1", points="1", pool="1", name="")
    quiz = f"/courses/activities/{town.quiz}/quiz"
    assert town.host.post(f"{quiz}/add", action="draw", pool="1", draws="7").status_code == 422
    assert town.host.post(f"{quiz}/add", action="draw", pool="1", draws="3").status_code == 303
    assert town.host.post(f"{quiz}/add", action="choose", chosen=["1", "2"]).status_code == 303
    pupil, seen = town.pupils[0], []
    for _attempt in range(6):
        attempt = town.begin(pupil)
        seen.append(re.findall(r"Statement \d", pupil.get(attempt).text))
        pupil.post(f"{attempt}/finish")
    assert {len(each) for each in seen} == {5}
    assert all(len(set(each)) == 5 and {"Statement 0", "Statement 1"} <= set(each) for each in seen)
    assert len({tuple(each) for each in seen}) > 1
    assert town.host.post("/courses/1/pools", action="delete", pool="1").status_code == 409


def test_a_file_is_looked_at_and_then_taken_as_a_whole(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools)
    address = "/courses/1/questions/import"
    broken = town.host.post(address, files=(BytesIO(b"<quiz><question"), "broken.xml"), action="look")
    assert broken.status_code == 422
    assert "broken near line" in broken.text
    looked = town.host.post(address, files=(BytesIO(GIFT.encode()), "questions.txt"), action="look")
    assert looked.status_code == 200
    assert "not taken: 2" in looked.text
    file_id = re.search(r'name="files_id" value="(\d+)"', looked.text)
    assert file_id
    assert "No question is in this list" in town.host.get("/courses/1/questions").text
    other = {"files_id": file_id[1], "seen": "999", "action": "take"}
    assert town.host.post(address, **other).status_code == 200  # not the file that was looked at
    taken = town.host.post(address, files_id=file_id[1], seen=file_id[1], action="take")
    assert taken.status_code == 303
    bank = town.host.get("/courses/1/questions").text
    assert "10 questions" in bank
    assert "Реки России (10)" in bank
    picture = town.host.post(
        "/courses/1/questions/new/essay",
        text="Look:",
        points="1",
        action="picture",
        picture=(BytesIO(PNG), "cat.png"),
        picture_says="a cat",
    )
    assert "![a cat](picture:1)" in picture.text
    town.host.post("/courses/1/questions/new/essay", text="![a cat](picture:1)", points="1", name="", action="save")
    other_course = "![x](picture:77)"
    refused = town.host.post("/courses/1/questions/new/essay", text=other_course, points="1", name="", action="save")
    assert refused.status_code == 422
    exported = town.host.get("/courses/1/questions/export")
    assert exported.data.count(b"<question type=") == 13  # and two pools
    assert b"picture-1.png" in exported.data
    back = town.host.post(address, files=(BytesIO(exported.data), "moodle.xml"), action="look")
    assert ": 11" in back.text


def test_the_bank_is_kept_in_order(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools)
    two_questions(town)
    assert town.host.post("/courses/questions/1", action="delete").status_code == 409  # a quiz holds it
    twin = town.host.post("/courses/questions/1", action="duplicate")
    assert twin.location.endswith("/questions/3/edit")
    rows = {"rows": "1", "row-0-text": "one"}
    for version, status in (("1", 303), ("1", 409)):
        sent = {"action": "save", "version": version, "text": f"New {status}", "points": "1", "name": "", **rows}
        assert town.host.post("/courses/questions/3/edit", **sent).status_code == status
    more = town.host.post("/courses/questions/3/edit", action="more", version="2", text="T", points="x", **rows)
    assert 'name="rows" value="4"' in more.text
    faulty = town.host.post("/courses/questions/3/edit", action="save", version="2", text="", points="x", rows="0")
    assert faulty.status_code == 422
    town.host.post("/courses/1/pools", title="Lakes")
    town.host.post("/courses/questions/3", action="move", pool="1")
    assert "Lakes (1)" in town.host.get("/courses/1/questions").text
    assert town.host.post("/courses/1/pools", action="delete", pool="1").status_code == 303
    assert town.host.post("/courses/questions/3", action="delete").status_code == 303
    assert town.host.get("/courses/questions/3/edit").status_code == 404
    assert town.host.get("/courses/1/questions?q=SECOND").text.count('/edit"') == 1
    quiz = f"/courses/activities/{town.quiz}"
    slots = re.findall(r'name="slot" value="(\d+)"', town.host.get(quiz).text)
    town.host.post(f"{quiz}/quiz/slots", slot=slots, down=slots[0])
    assert re.findall(r'name="slot" value="(\d+)"', town.host.get(quiz).text) == slots[::-1]
    wrong = town.host.post(f"{quiz}/quiz/slots", slot=slots, **{f"points-{slots[0]}": "many"})
    assert wrong.status_code == 422
    town.host.post(f"{quiz}/quiz/slots", slot=slots, remove=slots[0])
    assert len(re.findall(r'name="slot"', town.host.get(quiz).text)) == 1


def test_a_copy_in_another_course_brings_its_questions(app: Flask, schools: tuple[School, School]) -> None:
    town = Town(app, *schools, minutes="5")
    two_questions(town)
    town.host.post("/courses/new", title="Lakes", description="", language="en", action="save")
    town.host.post("/courses/2/activities/new/quiz", title="Copy", body="", points="10", action="save", counts="best")
    with app.app_context(), unit_of_work():
        source, target = db.session.scalars(select(Activity).order_by(Activity.id)).all()
        copy_content(source, target)
    page = town.host.get("/courses/activities/2").text
    assert page.count('name="slot"') == 2
    assert "/courses/questions/3/edit" in page
