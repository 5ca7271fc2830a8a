"""From the first question to both schools' gradebooks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.courses.quizzes.town import Town, fields, right_answers
from tests.lms import COURSE, School


@pytest.fixture
def town(app: Flask, school_a: School, school_b: School) -> Town:
    return Town(app, school_b, school_a)  # the host speaks English


def test_every_type_of_question_from_two_schools_to_two_gradebooks(town: Town, run_jobs: Callable[[], int]) -> None:
    town.add_every_kind()
    desk = town.host.get(f"/courses/activities/{town.quiz}").text
    assert desk.count('name="slot"') == 9
    tried = town.host.get(f"/courses/activities/{town.quiz}/quiz/preview")
    assert tried.status_code == 200
    assert "<math" in tried.text
    links = [school.add_link(COURSE, "Quiz", custom={"content": f"activity:{town.quiz}"}) for school in town.schools]
    for pupil, school, link in zip(town.pupils, town.schools, links, strict=True):
        page = school.launch(pupil.browser, pupil.number, link)
        assert page.request.path == f"/courses/activities/{town.quiz}"
    first, second = town.pupils
    attempt = town.begin(first)
    assert town.begin(first) == attempt  # beginning twice is going on
    page = first.get(attempt).text
    assert "Look for facts" not in page
    answers = right_answers(page)
    saved = first.post(attempt, **fields(page), **answers, action="next")
    assert saved.location.endswith("/finish")
    assert "no answer" not in first.get(saved.location).text
    done = first.post(saved.location)
    assert first.post(saved.location).location == done.location  # handing in twice is harmless
    review = first.get(done.location).text
    assert review.count("waits for a teacher") == 2
    assert "Yes!" in review
    assert "Look at a map." in review
    other = town.begin(second)
    page = second.get(other).text
    second.post(other, **fields(page), **{**right_answers(page), "q4": "кислрод", "q3": "0", "q9": ""}, action="finish")
    second.post(f"{other}/finish")
    run_jobs()
    assert town.schools[0].scores(links[0]) == {}  # an essay waits
    assert town.schools[1].scores(links[1])["7"] == pytest.approx(66.7)

    queue = town.host.get(f"/courses/activities/{town.quiz}/quiz/marking").text
    assert "1 to mark" in queue
    assert "1 doubtful" in queue
    found = re.findall(r"/quiz/marking/(\d+)", queue)
    for number, points in zip(found, ("1", "0,5"), strict=True):  # the doubtful one, then the essay
        marking = town.host.get(f"/courses/activities/{town.quiz}/quiz/marking/{number}").text
        response = re.search(r'name="response" value="(\d+)"', marking)
        assert response
        sent = {
            "question": number,
            "response": response[1],
            f"seen-{response[1]}": "0",
            f"comment-{response[1]}": "Good",
        }
        wrong = town.host.post(f"/courses/activities/{town.quiz}/quiz/marks", **sent, **{f"points-{response[1]}": "7"})
        assert "Give 0 to 1 points" in wrong.text
        right = town.host.post(
            f"/courses/activities/{town.quiz}/quiz/marks", **sent, **{f"points-{response[1]}": points}
        )
        assert right.status_code == 303
    run_jobs()
    assert town.schools[0].scores(links[0])["7"] == pytest.approx(94.4)
    assert town.schools[1].scores(links[1])["7"] == pytest.approx(77.8)
    assert "Good" in first.get(done.location).text
    works = town.host.get(f"/courses/activities/{town.quiz}/works?state=graded").text
    identity = re.search(r"/works/(\d+)\"", works)
    assert identity
    work = town.host.get(f"/courses/activities/{town.quiz}/works/{identity[1]}")
    assert work.status_code == 200
    assert "Attempt 1" in work.text
    figures = town.host.get(f"/courses/activities/{town.quiz}/quiz/statistics").text
    assert "2 marked attempts" in figures
    assert "<svg" in figures
