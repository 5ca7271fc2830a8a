"""What an LMS course has of a shared course, one column for a whole course, and LMS courses that were copied."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from lti_tool.contexts.models import Context
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.courses.placing.models import CourseTotal
from lti_tool.lti.claims import SCOPE_SCORE
from tests.courses.scene import Person, Scene, build
from tests.factories.joining import in_english
from tests.lms import COURSE, PUPIL, TEACHER, School

RunJobs = Callable[[], int]
HERE = "/courses/participations/2/in-lms"
WORK = "/courses/activities/2/works/"


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    made = build(app, school_a, school_b)
    for name in ("host", "partner"):
        in_english(made[name].browser)
    return made


def offer(scene: Scene, course: int = 1) -> None:
    """The host offers the course to both schools, so that their teachers need no code."""
    page = scene["host"].get(f"/courses/{course}/sharing").text
    ids = re.findall(r'name="shown" value="(\d+)"', page)
    scene["host"].post(f"/courses/{course}/sharing", action="offer", shown=ids, chosen=ids)


def grade(scene: Scene, name: str, points: str, activity: int = 2) -> None:
    answer = scene["host"].post(
        f"/courses/activities/{activity}/works/{scene.pupil_ids[name]}", points=points, comment="", version="0"
    )
    assert answer.status_code == 303, answer.text


def test_the_page_says_what_is_placed_and_what_is_to_be(scene: Scene, school_b: School) -> None:
    course = scene["partner"].get("/courses/1").text
    assert "1 graded activity to be placed" in course
    page = scene["partner"].get(HERE).text
    assert page.count("to be placed") == 2
    assert "a column of its own" in page
    link = school_b.add_link(COURSE, "Report", custom={"content": "activity:2"})
    school_b.launch(scene["partner's pupil"].browser, PUPIL, link)
    school_b.launch(
        scene["partner's pupil"].browser,
        PUPIL,
        school_b.add_link(COURSE, "All", custom={"content": "course:1"}, graded=False),
    )
    page = scene["partner"].get(HERE).text
    assert "to be placed" not in page
    assert "has a column" in page
    assert "to be placed" not in scene["partner"].get("/courses/1").text
    # nobody else's business
    for name in ("host", "pupil", "partner's pupil", "teacher beside", "stranger"):
        assert scene[name].get(HERE).status_code in (302, 303, 401, 404), name


def test_the_column_of_a_whole_course_has_the_totals(
    app: Flask, scene: Scene, school_b: School, school_a: School, run_jobs: RunJobs
) -> None:
    link = school_b.add_link(COURSE, "The whole course", custom={"content": "course:1"})
    school_b.launch(scene["partner's pupil"].browser, PUPIL, link)
    assert "a column for the whole course" in scene["partner"].get(HERE).text
    run_jobs()
    assert school_b.scores(link) == {}
    grade(scene, "partner's pupil", "5")
    again(app)
    run_jobs()
    assert school_b.scores(link) == {str(PUPIL): 50.0}
    assert school_a.columns(COURSE) == []
    scene["host"].post(
        "/courses/1/activities/new/assignment", title="Map", points="30", accept_text="y", published="y", action="save"
    )
    grade(scene, "partner's pupil", "29", activity=4)
    again(app)
    run_jobs()
    assert school_b.scores(link) == {str(PUPIL): 85.0}
    sent = len(school_b.calls("ags"))
    again(app)
    run_jobs()
    assert len(school_b.calls("ags")) == sent


def test_totals_of_several_pupils_change_at_once(app: Flask, scene: Scene, school_b: School, run_jobs: RunJobs) -> None:
    link = school_b.add_link(COURSE, "The whole course", custom={"content": "course:1"})
    school_b.launch(scene["partner's pupil"].browser, PUPIL, link)
    school_b.launch(Person(app, school_b, PUPIL + 1).browser, PUPIL + 1, link)
    listed = scene["host"].get("/courses/activities/2/works?state=all").text
    other = max(int(number) for number in re.findall(r'/works/(\d+)"', listed))
    scene.pupil_ids["other"] = other
    for points, version in (("5", "0"), ("6", "1")):
        for name in ("partner's pupil", "other"):
            scene["host"].post(
                f"/courses/activities/2/works/{scene.pupil_ids[name]}", points=points, comment="", version=version
            )
        again(app)
        run_jobs()
        assert school_b.scores(link) == dict.fromkeys((str(PUPIL), str(PUPIL + 1)), float(points) * 10)


def again(app: Flask) -> None:
    """A minute goes by for the totals."""
    with app.app_context(), unit_of_work():
        db.session.execute(update(CourseTotal).values(due_at=utcnow()))


def test_without_the_right_to_make_columns_the_page_tells_the_way(scene: Scene, app: Flask) -> None:
    def told(scopes: list[str]) -> str:
        with app.app_context(), unit_of_work():
            db.session.execute(update(Context).values(ags_scopes=scopes))
        return scene["partner"].get(HERE).text

    page = told([SCOPE_SCORE])
    assert "content=course:1" in page
    assert "no columns" in page
    assert "sync grades" in told([])


def copied(scene: Scene, school: School, link: int) -> tuple[Person, str, int]:
    """The partner's LMS course copied, its teacher come through the copied link: (teacher, where it led, the new link)."""
    school.customize(context_history="$Context.id.history")
    twin = school.copy_course(COURSE)
    school.enrol(twin["id"], PUPIL)
    new = next(each for each in school.links(twin["id"]) if each["custom"] == f"content=activity:{link}")["id"]
    answer = school.launch(scene["partner"].browser, TEACHER, new)
    return scene["partner"], answer.request.path, new


def test_a_copied_lms_course_is_led_to_the_course_again(scene: Scene, school_b: School, run_jobs: RunJobs) -> None:
    link = school_b.add_link(COURSE, "Report", custom={"content": "activity:2"})
    school_b.launch(scene["partner"].browser, TEACHER, link)
    offer(scene)
    teacher, path, new = copied(scene, school_b, 2)
    assert path.startswith("/courses/join/")
    page = teacher.get(path).text
    assert "Copied with your LMS course" in page
    assert page.count("Take part") >= 1
    assert teacher.post(path, course_id="1").status_code == 303
    assert "Copied with your LMS course" not in teacher.get(path).text
    answer = school_b.launch(scene["partner's pupil"].browser, PUPIL, new)
    assert answer.request.path == "/courses/activities/2"


def test_links_of_a_copy_lead_to_the_new_years_course(
    scene: Scene, school_a: School, school_b: School, run_jobs: RunJobs
) -> None:
    link = school_b.add_link(COURSE, "Report", custom={"content": "activity:2"})
    whole = school_b.add_link(COURSE, "Rivers", custom={"content": "course:1"}, graded=False)
    for one in (link, whole):
        school_b.launch(scene["partner"].browser, TEACHER, one)
    scene["host"].post("/courses/1/next-year", title="Rivers 2027", starts="")
    scene["host"].post("/courses/2/sharing", action="publish")
    offer(scene, course=2)
    teacher, path, new = copied(scene, school_b, 2)
    page = teacher.get(path).text
    assert "for the new year" in page
    assert teacher.post(path, course_id="2").status_code == 303
    answer = school_b.launch(teacher.browser, TEACHER, new)
    assert answer.request.path == "/courses/activities/5"
    pupil = scene["partner's pupil"]
    answer = school_b.launch(pupil.browser, PUPIL, new)
    assert (answer.status_code, answer.request.path) == (200, "/courses/activities/5")
    # the class of last year stays where it was
    assert school_b.launch(pupil.browser, PUPIL, link).request.path == "/courses/activities/2"
    # the copied link's own column takes the new year's grades
    grade(scene, "partner's pupil", "8", activity=5)
    run_jobs()
    assert school_b.scores(new) == {str(PUPIL): 80.0}  # of a column of 100
    assert school_b.scores(link) == {}
