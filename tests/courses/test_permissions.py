"""Who gets in where: every address of courses, contexts and selections against everybody around a course."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.courses.scene import Scene, build
from tests.lms import COURSE, TEACHER, School

PEOPLE = (
    "host",
    "partner",
    "pupil",
    "partner's pupil",
    "teacher beside",
    "pupil beside",
    "administrator",
    "operator",
    "stranger",
)
READS = {
    # path: what each of PEOPLE gets
    "/courses/1": (200, 200, 200, 200, 404, 404, 404, 404, 401),
    "/courses/1/edit": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/sharing": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/activities/new/page": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/gradebook": (200, 200, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/gradebook/grades.csv": (200, 200, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/gradebook/grades.xlsx": (200, 200, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/2/together": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/progress": (200, 200, 200, 200, 404, 404, 404, 404, 401),
    "/courses/1/progress/pupils": (200, 200, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/progress/warnings": (200, 200, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/1": (200, 200, 200, 200, 404, 404, 404, 404, 401),
    "/courses/activities/3": (200, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/activities/2/edit": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/2/delete": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/2/works": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/2/hand-in": (403, 403, 200, 200, 404, 404, 404, 404, 401),
    "/courses/activities/2/rubric": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/2/extensions": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/1/extensions": (404, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/feedback/999": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/comments/999": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/activities/1/move": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/1/files/1": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/activities/4": (200, 200, 200, 200, 404, 404, 404, 404, 401),
    "/courses/activities/5": (200, 200, 200, 200, 404, 404, 404, 404, 401),
    "/courses/activities/5/works": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/discussions/activity-5": (303, 303, 303, 303, 404, 404, 404, 404, 401),
    "/discussions/activity-5/new": (200, 200, 403, 403, 404, 404, 404, 404, 401),
    "/discussions/activity-5/queue": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/discussions/activity-5/rules": (404, 403, 403, 403, 404, 404, 404, 404, 401),
    "/discussions/activity-5-1": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/discussions/activity-1": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/activities/4/quiz/add": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/4/quiz/preview": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/4/quiz/extras": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/4/quiz/export": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/4/quiz/marking": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/4/quiz/marking/1": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/4/quiz/regrade": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/4/quiz/statistics": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/questions": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/questions/new/single": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/questions/import": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/questions/export": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/questions/1/edit": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/attempts/1": (403, 404, 200, 404, 404, 404, 404, 404, 401),
    "/courses/attempts/1/finish": (403, 404, 200, 404, 404, 404, 404, 404, 401),
    "/courses/attempts/1/review": (404, 404, 409, 404, 404, 404, 404, 404, 401),
    "/courses/1/units/new": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/units/1/edit": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/units/1/move": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/units/1/delete": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/look": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1?as=0": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/activities/2?as=2&open=1": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/next-year": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/archive": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/": (200, 200, 403, 403, 200, 403, 200, 403, 401),
    "/courses/participations/1": (200, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/participations/2": (404, 200, 404, 404, 404, 404, 404, 404, 401),
    "/courses/participations/1/in-lms": (200, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/participations/2/in-lms": (404, 200, 404, 404, 404, 404, 404, 404, 401),
    "/courses/participations/1/scale": (200, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/participations/2/scale": (200, 200, 404, 404, 404, 404, 404, 404, 401),
    "/courses/catalogue": (200, 200, 404, 404, 200, 404, 200, 404, 401),
    "/courses/requests": (200, 200, 404, 404, 200, 404, 200, 404, 401),
    "/courses/1/about": (200, 404, 404, 404, 200, 404, 200, 404, 401),
    "/courses/1/offering": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/seats": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/seats/rules": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/staff": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/groups": (200, 200, 200, 200, 404, 404, 404, 404, 401),
    "/courses/groups/1": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/participations/2/seats": (404, 200, 404, 404, 404, 404, 404, 404, 401),
    "/school/seats": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/courses/1/certificates": (200, 200, 200, 200, 404, 404, 404, 404, 401),
    "/courses/1/certificates/rules": (200, 403, 403, 403, 404, 404, 404, 404, 401),
    "/courses/1/certificates/sheets": (200, 200, 403, 403, 404, 404, 404, 404, 401),
    "/courses/certificates": (200, 200, 200, 200, 200, 200, 200, 404, 401),
    "/courses/certificates/1": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/certificates": (200,) * 9,
    "/courses/999": (404, 404, 404, 404, 404, 404, 404, 404, 401),
    "/contexts/1/roster": (200, 404, 404, 404, 404, 404, 404, 404, 404),
    "/contexts/2/roster": (404, 200, 404, 404, 404, 404, 404, 404, 404),
    "/?context=1": (200, 404, 200, 404, 404, 404, 404, 302, 200),
    "/selection/1": (404, 404, 404, 404, 404, 404, 404, 404, 401),
}
WRITES = {
    "/courses/1/edit": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/1/sharing": (400, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/1/visited": (204, 204, 204, 204, 404, 404, 404, 404, 403),
    "/courses/1/gradebook/retry": (303, 303, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/2/together": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/2/cells/999": (404, 404, 404, 404, 404, 404, 404, 404, 403),
    "/courses/activities/2/together/1/undo": (404, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/2/rubric": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/2/extensions": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/2/release": (409, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/2/works/-1/feedback": (404, 404, 404, 404, 404, 404, 404, 404, 403),
    "/courses/activities/2/works/999/talk": (404, 404, 404, 404, 404, 404, 404, 404, 403),
    "/courses/1/order": (409, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/1/units/new": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/units/1/edit": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/units/1/delete": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/units/1/copy": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/1/copy": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/1/read": (403, 403, 303, 303, 404, 404, 404, 404, 403),
    "/courses/1/next-year": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/2/works/999": (404, 404, 404, 404, 404, 404, 404, 404, 403),
    "/contexts/1/roster": (303, 404, 404, 404, 404, 404, 404, 404, 403),
    "/courses/participations/1/scale": (400, 404, 404, 404, 404, 404, 404, 404, 403),
    "/courses/participations/2/scale": (400, 400, 404, 404, 404, 404, 404, 404, 403),
    "/courses/participations/1": (400, 404, 404, 404, 404, 404, 404, 404, 403),
    "/courses/participations/2/seats": (404, 400, 404, 404, 404, 404, 404, 404, 403),
    "/courses/requests/1/withdraw": (404, 404, 404, 404, 404, 404, 404, 404, 403),
    "/courses/1/offering": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/1/seats/rules": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/4/quiz/slots": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/4/quiz/add": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/4/quiz/extras": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/4/quiz/marks": (404, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/4/quiz/regrade": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/4/quiz/start": (403, 403, 303, 303, 404, 404, 404, 404, 403),
    "/discussions/activity-5/new": (422, 422, 403, 403, 404, 404, 404, 404, 403),
    "/courses/1/pools": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/1/questions/import": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/questions/1": (400, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/attempts/1": (403, 404, 303, 404, 404, 404, 404, 404, 403),
    "/courses/attempts/1/answers": (403, 404, 422, 404, 404, 404, 404, 404, 403),
    "/courses/attempts/1/finish": (403, 404, 303, 404, 404, 404, 404, 404, 403),
    "/courses/1/groups": (422, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/activities/1/groups": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/1/certificates/rules": (303, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/1/certificates/issue": (409, 403, 403, 403, 404, 404, 404, 404, 403),
    "/courses/certificates/1/revoke": (404, 404, 404, 404, 404, 404, 404, 404, 403),
    "/courses/1/staff": (422, 403, 403, 403, 404, 404, 404, 404, 403),
}


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    made = build(app, school_a, school_b)
    quiz = {"title": "Quiz", "body": "", "points": "10", "attempts": "0", "counts": "best", "published": "y"}
    made["host"].post("/courses/1/activities/new/quiz", action="save", **quiz)
    question = {"text": "True?", "true": "1", "points": "1", "name": "", "action": "save"}
    made["host"].post("/courses/1/questions/new/truefalse?quiz=4", **question)
    made["pupil"].post("/courses/activities/4/quiz/start")
    talk = {"title": "Discuss", "body": "", "points": "", "starters": "teachers", "least_posts": "1", "published": "y"}
    made["host"].post("/courses/1/activities/new/discussion", action="save", **talk)
    return made


def test_who_reads_what(scene: Scene) -> None:
    found = {path: tuple(scene[name].get(path).status_code for name in PEOPLE) for path in READS}
    assert found == READS


def test_who_changes_what(scene: Scene) -> None:
    found = {path: tuple(scene[name].post(path).status_code for name in PEOPLE) for path in WRITES}
    assert found == WRITES


def test_work_is_seen_by_its_pupil_the_host_and_the_own_teacher(scene: Scene) -> None:
    for owner, teacher in (("pupil", "host"), ("partner's pupil", "partner")):
        path = f"/courses/activities/2/works/{scene.pupil_ids[owner]}"
        allowed = {name for name in PEOPLE if scene[name].get(path).status_code == 200}
        assert allowed == {"host", teacher}
        graders = {
            name
            for name in PEOPLE
            if scene[name].post(path, points="5", comment="", version="0").status_code in (303, 422, 409)
        }
        assert graders == {"host"}


def test_names_cross_the_border_only_in_part(scene: Scene, school_b: School) -> None:
    person = school_b.begin(scene["partner's pupil"].browser, person=7, link=school_b.links(COURSE)[0]["id"]).claims
    family = person["family_name"]
    works = scene["host"].get("/courses/activities/2/works").text
    assert family not in works
    assert f"{person['given_name'].split()[0]} {family[0]}." in works
    scene["partner"].post("/courses/participations/2", action="names", full_names="1")
    assert family in scene["host"].get("/courses/activities/2/works").text
    assert person["given_name"] not in scene["pupil"].get("/courses/1").text


def test_a_partner_sees_no_pupil_of_the_host(scene: Scene) -> None:
    book = scene["partner"].get("/courses/1/gradebook").text
    foreign, own = scene.pupil_ids["pupil"], scene.pupil_ids["partner's pupil"]
    assert f'/works/{foreign}"' not in book
    assert f'/works/{own}"' in book


def test_who_left_reads_on_and_hands_in_no_more(scene: Scene, school_b: School, run_jobs: Callable[[], int]) -> None:
    run_jobs()
    school_b.remove(COURSE, 7)
    scene["partner"].post("/contexts/2/roster")
    run_jobs()
    pupil = scene["partner's pupil"]
    assert pupil.get("/courses/activities/2").status_code == 200
    assert pupil.post("/courses/activities/2/work", text="More", version="3", tab="t").status_code == 403


def test_a_teacher_who_left_sees_the_class_no_more(
    scene: Scene, school_b: School, run_jobs: Callable[[], int], app: Flask
) -> None:
    run_jobs()
    school_b.remove(COURSE, TEACHER)
    assert app.test_cli_runner().invoke(args=["roster", "sync", "--context", "2"]).exit_code == 0
    assert scene["partner"].get("/courses/1/gradebook").status_code == 404
    assert scene["host"].get("/courses/1/gradebook").status_code == 200


def test_a_closed_participation_shuts_pupils_out_and_keeps_their_work(scene: Scene) -> None:
    scene["partner"].post("/courses/participations/2", action="leave")
    assert scene["partner's pupil"].get("/courses/1").status_code == 404
    assert "(2)" in scene["host"].get("/courses/activities/2/works?state=to_grade").text
    scene["partner"].post("/courses/participations/2", action="return")
    assert scene["partner's pupil"].get("/courses/1").status_code == 404  # left courses need a new offer or code
