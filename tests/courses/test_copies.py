"""Content once more, for a new year, for another hub; courses that are over; looking as a pupil."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from tests.courses.authoring import Course, order_on
from tests.lms import School

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def course(app: Flask, school_a: School, school_b: School) -> Course:
    return Course(app, school_a, school_b)


@pytest.fixture
def full(course: Course) -> Course:
    """Unit 1 with a page (a picture and a file), an assignment after it, a resource."""
    unit = course.add_unit("Week 1", available_from="2026-09-01T08:00")
    files = [(BytesIO(PNG), "map.png"), (BytesIO(b"%PDF-1.4 a paper"), "paper.pdf")]
    page = course.add(title="Page", body="![A map](file:map.png) and $x^2$", unit=unit, files=files)
    course.add("assignment", title="Task", unit=unit, after=page, due_at="2026-09-10T12:00", points="7")
    course.add("resource", title="Link", url="https://example.org/a", asks_done="y")
    course.pupil.post(f"/courses/activities/{page}/read")
    course.hand_in(course.pupil, 2)
    return course


def test_duplicates_stand_beside_and_stay_hidden(full: Course) -> None:
    full.host.post("/courses/activities/2/copy")
    full.host.post("/courses/units/1/copy")
    assert order_on(full.host) == ["3", "U1", "1", "2", "4", "U2", "5", "6", "7"]
    assert order_on(full.own_pupil) == ["3", "U1", "1", "2"]
    page = full.host.get("/courses/1").text
    assert "Task (copy)" in page
    assert "Week 1 (copy)" in page
    assert page.count("after: Page") == 4
    assert "paper.pdf" in full.host.get("/courses/activities/5").text
    assert "No pupil" in full.host.get("/courses/activities/4/works?state=graded").text
    # the copy keeps its file when the first one lets it go
    kept = full.host.get("/courses/activities/5/edit").text
    ids = re.findall(r'name="detach" value="(\d+)"', kept)
    text = {"title": "Page", "body": "", "published": "y", "action": "save", "version": "1"}
    assert full.host.post("/courses/activities/1/edit", detach=ids, **text).status_code == 303
    assert "paper.pdf" not in full.host.get("/courses/activities/1").text
    assert full.host.get(f"/courses/activities/5/files/{ids[1]}").data == b"%PDF-1.4 a paper"
    assert full.host.get(f"/courses/activities/1/files/{ids[1]}").status_code == 404


def test_a_new_year_has_the_content_and_nobody(full: Course) -> None:
    form = full.host.get("/courses/1/next-year").text
    assert 'value="2026-09-01"' in form
    made = full.host.post("/courses/1/next-year", title="Rivers 2027", starts="2027-09-02")
    assert made.location.endswith("/courses/2")
    page = full.host.get("/courses/2").text
    assert "Rivers 2027" in page
    assert "draft" in page
    hour = re.search(r'datetime="2026-09-10T([^"]+)"', full.host.get("/courses/1").text)
    assert hour
    assert f'datetime="2027-09-11T{hour[1]}"' in page
    assert "after: Page" in page
    assert full.pupil.get("/courses/2").status_code == 404
    assert "No class takes part yet" in full.host.get("/courses/2/sharing").text
    codes = {re.search(r'readonly value="([^"]+)"', full.host.get(f"/courses/{one}/sharing").text)[1] for one in (1, 2)}
    assert len(codes) == 2
    assert "paper.pdf" in full.host.get("/courses/activities/5").text
    full.host.post("/courses/1/next-year", title="Without dates", starts="")
    assert "<time" not in full.host.get("/courses/3").text


def test_an_archived_course_is_read_and_not_changed(full: Course) -> None:
    full.host.post("/courses/1/archive", action="archive")
    assert "archived" in full.pupil.get("/courses/1").text
    assert "Done" in full.pupil.get("/courses/activities/2").text
    assert full.pupil.post("/courses/activities/2/work", text="More", version="2", tab="t").status_code == 403
    assert full.host.get("/courses/1/edit").status_code == 403
    assert full.host.post("/courses/1/order", seen="", place="").status_code == 403
    assert full.host.get("/courses/activities/2/works").status_code == 200
    assert (
        "Save the grade"
        not in full.host.get(
            re.search(r"/courses/activities/2/works/\d+", full.host.get("/courses/activities/2/works").text)[0]
        ).text
    )
    assert "Archived" in full.pupil.browser.get("https://tool.example/", follow_redirects=True).text
    assert ">Rivers<" in full.host.get("/courses/?tab=archived&q=river").text
    assert ">Rivers<" not in full.host.get("/courses/?tab=own").text
    assert "/courses/1/sharing" not in full.host.get("/courses/1").text
    full.host.post("/courses/participations/1", action="leave")
    assert full.host.post("/courses/participations/1", action="return").status_code == 409
    full.host.post("/courses/1/archive", action="back")
    assert full.host.get("/courses/1/edit").status_code == 200
    assert "Rivers" in full.host.get("/courses/").text
    assert "Rivers" in full.partner.get("/courses/?tab=joined").text
    assert ">Rivers<" not in full.partner.get("/courses/?tab=joined&q=lakes").text


def test_looking_as_a_pupil_writes_nothing(full: Course) -> None:
    links = re.findall(r'href="(/courses/1\?as=\d+)"', full.host.get("/courses/1/look").text)
    assert len(links) == 3
    for link in links:
        page = full.host.get(link).text
        assert "Nothing is written" in page
        assert "/edit" not in page
        assert "A pupil" in page
        chosen = link.partition("?")[2]
        assert f"/courses/activities/2?{chosen}" in page
        assert "First comes:" in full.host.get(f"/courses/activities/2?{chosen}").text
        open_ = full.host.get(f"/courses/activities/2?{chosen}&open=1").text
        assert "Your answer" in open_
        assert '<fieldset class="preview" disabled>' in open_
        assert "Done" not in open_
    assert full.host.post("/courses/activities/2/work?as=0", text="X", version="0", tab="t").status_code == 403
    assert full.host.get("/courses/1?as=999").status_code == 404
    assert full.pupil.get("/courses/1?as=0").status_code == 403


def test_an_archive_goes_to_another_hub_and_back(app: Flask, full: Course, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    file = tmp_path / "course.zip"
    told = run(args=["courses", "export", "1", str(file), "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)[0] | {"bytes": 0} == {
        "title": "Rivers",
        "units": 1,
        "activities": 3,
        "files": 2,
        "bytes": 0,
    }
    whole = zipfile.ZipFile(file)
    text = whole.read("course.json").decode()
    assert "Done" not in text
    assert "join_code" not in text
    made = run(args=["courses", "import", str(file)])
    assert made.exit_code == 0, made.output
    assert made.stdout.split()[-1] == "2"
    again = tmp_path / "again.zip"
    run(args=["courses", "export", "2", str(again)])
    assert _without_numbers(again) == _without_numbers(file)
    assert "paper.pdf" in full.host.get("/courses/activities/5").text
    assert "draft" in full.host.get("/courses/2").text
    assert full.partner.get("/courses/2").status_code == 404


def _without_numbers(file: Path) -> object:
    packed = json.loads(zipfile.ZipFile(file).read("course.json"))
    activities = [each for unit in packed["units"] for each in unit["activities"]]
    titles = {each["number"]: each["title"] for each in activities}
    for each in activities:
        each["after"] = titles.get(each["after"])
        del each["number"]
    del packed["exported_at"]
    return packed


def test_a_broken_archive_says_why_and_leaves_nothing(app: Flask, full: Course, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    good = tmp_path / "good.zip"
    run(args=["courses", "export", "1", str(good)])
    packed = json.loads(zipfile.ZipFile(good).read("course.json"))

    def said(change: object, files: bool = True) -> str:
        bad = tmp_path / "bad.zip"
        with zipfile.ZipFile(bad, "w") as archive:
            archive.writestr("course.json", json.dumps(change))
            if files:
                for name in ("files/1", "files/2"):
                    archive.writestr(name, zipfile.ZipFile(good).read(name))
        result = run(args=["courses", "import", str(bad)])
        assert result.exit_code == 1
        assert "Nothing was imported" in result.output
        return result.output

    def changed(**values: object) -> object:
        fresh = json.loads(json.dumps(packed))
        fresh["units"][1]["activities"][1].update(values)
        return fresh

    assert "the archive lacks files/1" in said(packed, files=False)
    assert "this hub knows no kind “game”" in said(changed(kind="game"))
    assert "waits for itself" in said(changed(after=2))
    assert "not in the archive" in said(changed(after=77))
    assert "accepts" in said(changed(content={"accepts": ["songs"]}))
    assert "points" in said(changed(points=-1))
    assert "surprise" in said({**packed, "surprise": 1})
    (tmp_path / "no.zip").write_text("no archive")
    assert "no archive that can be read" in run(args=["courses", "import", str(tmp_path / "no.zip")]).output
    assert full.host.get("/courses/2").status_code == 404
