"""Two more ways to work: from the LMS's gradebook to a pupil's work, and from a file of grades to the gradebooks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.courses.scene import TOOL, Scene, build
from tests.lms import COURSE, PUPIL, SCHOOL_A, SCHOOL_B, TEACHER, School


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


@pytest.fixture
def links(scene: Scene, school_a: School, school_b: School) -> dict[School, int]:
    """The assignment as an activity of both LMS courses."""
    return {
        school: school.add_link(COURSE, "Report", custom={"content": "activity:2"}) for school in (school_a, school_b)
    }


def test_the_gradebook_of_the_lms_opens_the_work_of_its_pupil(
    scene: Scene, links: dict[School, int], school_a: School, school_b: School
) -> None:
    for name, owner, school in (("host", "pupil", school_a), ("partner", "partner's pupil", school_b)):
        page = school.submission_review(scene[name].browser, TEACHER, links[school], PUPIL)
        assert page.request.path == f"/courses/activities/2/works/{scene.pupil_ids[owner]}"
        assert f"Work of {owner}".replace("'", "&#39;") in page.text
    nobody = school_b.submission_review(scene["partner"].browser, TEACHER, links[school_b], PUPIL + 3)
    assert nobody.request.path.startswith("/courses/notice/")


def test_a_pupil_reviews_nobody(scene: Scene, links: dict[School, int], school_a: School) -> None:
    page = school_a.submission_review(scene["pupil"].browser, PUPIL, links[school_a], PUPIL + 1)
    assert page.request.path.startswith("/courses/notice/")


def import_file(app: Flask, path: Path, *lines: str) -> tuple[int, str]:
    path.write_text("\n".join(["activity,issuer,sub,score,comment", *lines]), encoding="utf-8")
    result = app.test_cli_runner().invoke(args=["grades", "import", "1", str(path)])
    return result.exit_code, result.output


def test_a_file_of_grades_is_recorded_and_delivered(
    app: Flask,
    scene: Scene,
    links: dict[School, int],
    school_a: School,
    school_b: School,
    run_jobs: Callable[[], int],
    tmp_path: Path,
) -> None:
    for school, name in ((school_a, "pupil"), (school_b, "partner's pupil")):
        school.launch(scene[name].browser, PUPIL, links[school])
    lines = (f"2,{SCHOOL_A},{PUPIL},7.5,Good", f"Report,{SCHOOL_B},{PUPIL},9,")
    code, output = import_file(app, tmp_path / "grades.csv", *lines)
    assert (code, output.split()[-1]) == (0, "2")
    run_jobs()
    assert school_a.scores(links[school_a]) == {str(PUPIL): 75.0}
    assert school_b.scores(links[school_b]) == {str(PUPIL): 90.0}
    assert "7,5" in scene["host"].get("/courses/1/gradebook").text
    assert "Good" in scene["pupil"].browser.get(f"{TOOL}/courses/activities/2").text


@pytest.mark.parametrize(
    "line",
    [
        f"2,{SCHOOL_A},{PUPIL},11,",
        f"2,{SCHOOL_A},nobody,5,",
        f"99,{SCHOOL_A},{PUPIL},5,",
        f"2,https://other.example,{PUPIL},5,",
        f"2,{SCHOOL_A},{PUPIL},many,",
    ],
)
def test_one_faulty_line_records_nothing_and_is_told(app: Flask, scene: Scene, tmp_path: Path, line: str) -> None:
    code, output = import_file(app, tmp_path / "grades.csv", f"2,{SCHOOL_B},{PUPIL},9,", line)
    assert code == 1
    assert "line 3" in output
    assert ">9<" not in scene["host"].get("/courses/1/gradebook").text
