"""A discussion as an activity: across schools or in groups, done by writing, graded into both gradebooks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.courses.discussing.models import ActivityDiscussion
from lti_tool.courses.groups.models import Group, Grouping, GroupMember
from lti_tool.courses.models import Submission
from lti_tool.courses.telling.models import CourseVisit
from lti_tool.discussions.models import SHOWN, Post, Thread
from lti_tool.people.models import Identity
from tests.courses.authoring import Course
from tests.courses.scene import Person
from tests.lms import COURSE, OTHER_COURSE, PUPIL, SECOND_TEACHER, TEACHER, School, read_forms
from tests.statements import counted

ASKED: dict[str, Any] = {"starters": "everybody", "least_posts": "1", "points": ""}


@pytest.fixture
def course(app: Flask, school_a: School, school_b: School) -> Course:
    return Course(app, school_a, school_b)


def discuss(course: Course, **values: Any) -> int:
    return course.add("discussion", **{"title": "Rivers", "body": "What is **yours** like?", **ASKED, **values})


def begin(person: Person, place: str, title: str, text: str, **more: Any) -> TestResponse:
    form = person.get(f"/discussions/{place}/new").text
    return person.post(f"/discussions/{place}/new", once=once(form), title=title, text=text, **more)


def reply(person: Person, thread: int, text: str, **more: Any) -> TestResponse:
    page = person.get(f"/discussions/threads/{thread}").text
    return person.post(f"/discussions/threads/{thread}/reply", once=once(page), text=text, **more)


def once(page: str) -> str:
    found = re.search(r'name="once"[^>]* value="([^"]+)"', page)
    return found[1] if found else "0" * 32


def names(person: Person) -> tuple[str, str]:
    """Given and family name, as the own page tells them."""
    found = re.search(r'class="whoami">.*?</span>([^<]+)', person.home.text, re.DOTALL)
    assert found
    given, family = found[1].strip().split()
    return given, family


def work_pages(course: Course, activity: int, state: str = "all") -> list[str]:
    listed = course.host.get(f"/courses/activities/{activity}/works?state={state}").text
    return re.findall(rf'"(/courses/activities/{activity}/works/\d+)"', listed)


def test_from_the_first_thread_to_both_gradebooks(
    app: Flask, course: Course, school_a: School, school_b: School, run_jobs: Callable[[], int]
) -> None:
    for wrong, said in (
        ({"points": "0"}, "above 0"),
        ({"least_posts": "0"}, "from 1 to 50"),
        ({"starters": "nobody"}, ""),
        ({"due_at": "2030-01-02T10:00", "available_until": "2030-01-01T10:00"}, "before the due date"),
    ):
        form = {"title": "Rivers", "body": "", **ASKED, **wrong, "action": "save"}
        refused = course.host.post("/courses/1/activities/new/discussion", **form)
        assert refused.status_code == 422
        assert said in refused.text
    activity = discuss(course, points="10", least_posts="2", due_at="2030-01-01T10:00")
    after = course.add(title="Next", after=str(activity))
    links = {}
    for teacher in (course.host, course.partner):
        picker = teacher.school.deep_link(teacher.browser, TEACHER, COURSE)
        assert f'value="activity:{activity}"' in picker.text
        forms = read_forms(picker.text, picker.request.url)
        form = next(each for each in forms if "/selection/" in each.action)
        answer = teacher.browser.post(form.action, data={**form.fields, "content": [f"activity:{activity}"]})
        links[teacher.school] = teacher.school.save(teacher.school.accept(answer))[0]
    one, other = course.own_pupil, course.pupil
    page = one.school.launch(one.browser, PUPIL, links[school_a]).text
    assert "<strong>yours</strong>" in page
    assert "You have written 0 of 2 messages" in page
    picture = (BytesIO(b"%PDF-1.4 a paper"), "paper.pdf")
    assert begin(one, f"activity-{activity}", "Our river", "It is slow", files=picture).status_code == 303
    assert course.host.get(f"/discussions/activity-{activity}").location == f"/courses/activities/{activity}"
    assert "1 new" in other.get(f"/courses/activities/{activity}").text
    assert reply(other, 1, "Ours is fast").status_code == 303
    given, family = names(other)
    thread = one.get("/discussions/threads/1").text
    assert f"{given} {family[0]}." in thread
    assert family not in thread + course.host.get("/discussions/threads/1").text
    assert family in course.partner.get("/discussions/threads/1").text
    assert names(course.host)[1] in (reply(course.host, 1, "Why?"), one.get("/discussions/threads/1"))[1].text
    assert "You have written 1 of 2 messages" in one.get(f"/courses/activities/{activity}").text
    assert "after: Rivers" in one.get("/courses/1").text
    reply(one, 1, "Because of the plain")
    assert "Rivers" in one.get("/courses/1/progress").text
    calendar_and_news(app, other)
    assert "You have written 2 messages" in one.get(f"/courses/activities/{activity}").text
    assert one.get(f"/courses/activities/{after}").status_code == 200
    assert "Text" not in other.get(f"/courses/activities/{after}").text
    grade(course, activity, run_jobs)
    for school, pupil in ((school_a, one), (school_b, other)):
        scores = school.scores(links[school])
        assert list(scores) == [str(PUPIL)]
        page = pupil.get(f"/courses/activities/{activity}").text
        assert "Well argued" in page
        assert "of 10" in page
    assert sorted(school.scores(links[school])[str(PUPIL)] or 0 for school in links) in ([7.0, 8.0], [70.0, 80.0])
    assert "Rivers" in course.host.get("/courses/1/gradebook").text
    edit = {"title": "Rivers", "body": "", "version": "1", "published": "y", "action": "save", **ASKED}
    changed = course.host.post(f"/courses/activities/{activity}/edit", **edit | {"points": "5"})
    assert "no longer change" in changed.text


def calendar_and_news(app: Flask, pupil: Person) -> None:
    """What is due stands in the own calendar, and the course tells what was written since the last visit."""
    pupil.post("/calendar", action="renew")
    address = re.search(r'value="https://[^/"]+(/calendar/[^"]+\.ics)"', pupil.get("/calendar").text)
    assert address
    assert "20300101" in pupil.get(address[1]).text
    assert pupil.post("/courses/1/visited").status_code == 204
    with app.app_context(), unit_of_work():
        execute(update(CourseVisit).values(seen_at=utcnow() - timedelta(hours=2)))
    page = pupil.get("/courses/1").text
    assert "New since your last visit" in page
    assert "3 new messages" in page


def grade(course: Course, activity: int, run_jobs: Callable[[], int]) -> None:
    """Every pupil's posts in a list, points and a comment."""
    waiting = work_pages(course, activity, "to_grade")
    assert len(waiting) == 2
    texts = [course.host.get(path).text for path in waiting]
    assert sorted("It is slow" in text for text in texts) == [False, True]
    assert sorted("Ours is fast" in text for text in texts) == [False, True]
    assert "paper.pdf" in "".join(texts)
    assert not any("Why?" in text for text in texts)
    for points, path in enumerate(waiting, start=7):
        assert course.pupil.get(path).status_code in (403, 404)
        given = course.host.post(path, points=str(points), comment="Well argued", version="0")
        assert given.status_code == 303, given.text
    own = [course.partner.get(path) for path in waiting]
    assert sorted(page.status_code for page in own) == [200, 404]
    assert any("Ours is fast" in page.text for page in own)
    run_jobs()


def test_what_the_teacher_decides(app: Flask, course: Course, run_jobs: Callable[[], int]) -> None:
    activity = discuss(course, starters="teachers", moderated="y", write_first="y")
    place, address = f"activity-{activity}", f"/courses/activities/{activity}"
    one, other, host = course.own_pupil, course.pupil, course.host
    assert one.get(f"/discussions/{place}/new").status_code == 403
    assert one.post(f"/discussions/{place}/new", once="a" * 32, title="T", text="x").status_code == 403
    assert begin(course.partner, place, "Question", "Whose river is longest?").status_code == 303
    reply(other, 1, "The Volga")
    assert host.get(f"/discussions/{place}/rules").status_code == 404
    for page in (one.get("/discussions/threads/1").text, course.partner.get("/discussions/threads/1").text):
        assert "Whose river" in page
        assert "The Volga" not in page
    assert "The Volga" in host.get("/discussions/threads/1").text
    assert states(app, activity) == [(True, False)], "something to look at, and not done before it is shown"
    host.post("/discussions/posts/2/decide", decision="show")
    assert states(app, activity) == [(True, True)]
    hidden = one.get("/discussions/threads/1").text
    assert "The Volga" not in hidden, "the others are read after writing"
    assert "Write first" in hidden
    assert "Write first" in one.get(address).text
    assert "Nothing was found" in one.get(f"/discussions/{place}?q=Volga").text
    for path in ("posts/2/history", "posts/2/report"):
        assert one.get(f"/discussions/{path}").status_code == 404
    reply(one, 1, "The Don")
    assert "The Volga" in one.get("/discussions/threads/1").text
    assert "1 message" in one.get(f"/discussions/{place}?q=Volga").text
    host.post("/discussions/posts/2/decide", decision="hide")
    host.post("/discussions/posts/3/decide", decision="show")
    assert states(app, activity) == [(True, True)], "of the one whose post is hidden nothing is left"
    one.post("/discussions/posts/3/delete")
    assert states(app, activity) == []
    reply(one, 1, "The Don, I think")
    edit = {"title": "Rivers", "body": "", "version": "1", "published": "y", "action": "save", **ASKED}
    assert host.post(f"{address}/edit", **edit | {"least_posts": "3"}).status_code == 303
    assert states(app, activity) == [(True, False)]
    assert begin(one, place, "Mine", "Another").status_code == 303
    pages = work_pages(course, activity)
    assert not any("Save the grade" in host.get(path).text for path in pages)
    for path in (pages[0], pages[0].replace("/works/", "/cells/")):
        assert host.post(path, points="1", comment="", version="0").status_code == 404
    assert "Took part (1)" in host.get(f"{address}/works").text


def states(app: Flask, activity: int) -> list[tuple[bool, bool]]:
    """Of every work: is there something to look at, is it done?"""
    with app.app_context():
        found = db.session.scalars(select(Submission).where(Submission.activity_id == activity))
        return sorted((each.handed_in_at is not None, each.done_at is not None) for each in found)


def test_each_group_by_itself(app: Flask, course: Course, run_jobs: Callable[[], int]) -> None:
    run_jobs()
    activity = discuss(course)
    place, address = f"activity-{activity}", f"/courses/activities/{activity}"
    assert begin(course.pupil, place, "To all", "Before there were groups").status_code == 303
    with app.app_context(), unit_of_work():
        grouping = Grouping(course_id=1, title="Teams", way="hand")
        groups = [Group(grouping=grouping, title=f"Team {number}", position=number) for number in (1, 2)]
        db.session.add_all(groups)
        db.session.flush()
        subs = {person: _identity(person) for person in (course.own_pupil, course.pupil)}
        db.session.add(GroupMember(grouping_id=grouping.id, group_id=groups[0].id, identity_id=subs[course.own_pupil]))
        first, second = (group.id for group in groups)
        chosen = grouping.id
    course.host.post(f"/courses/activities/{activity}/groups", grouping=str(chosen))
    assert "in no group yet" in course.pupil.get(address).text
    for path in (
        f"/discussions/{place}",
        f"/discussions/{place}-{first}",
        "/discussions/threads/1",
        f"{address}?group={first}",
    ):
        assert course.pupil.get(path).status_code == 404, path
    assert begin(course.own_pupil, f"{place}-{first}", "Among us", "Hello team").status_code == 303
    assert "Among us" in course.own_pupil.get(address).text
    for path in (
        f"/discussions/{place}-{second}/new",
        f"/discussions/{place}-0{first}",
        f"/discussions/{place}-{first}-1",
    ):
        assert course.own_pupil.get(path).status_code == 404, path
    assert course.pupil.get("/discussions/threads/2").status_code == 404
    listed = course.host.get(address).text
    assert "Team 1" in listed
    assert "1 new" in listed
    assert "Among us" in course.partner.get(f"{address}?group={first}").text
    assert "Among us" not in course.host.get(f"{address}?group={second}").text
    assert states(app, activity) == [(True, True)] * 2
    assert any("Hello team" in course.host.get(path).text for path in work_pages(course, activity))


def _identity(person: Person) -> int:
    given, family = names(person)
    return db.session.scalars(select(Identity.id).where(Identity.name == f"{given} {family}")).one()


def test_who_is_kept_out_and_who_only_reads(
    app: Flask, course: Course, school_a: School, school_b: School, run_jobs: Callable[[], int]
) -> None:
    activity = discuss(course, available_until="2020-01-01T10:00")
    place, address = f"activity-{activity}", f"/courses/activities/{activity}"
    assert begin(course.host, place, "Read on", "It is over").status_code == 303
    assert course.pupil.get("/discussions/threads/1").status_code == 200
    late = course.pupil.post("/discussions/threads/1/reply", once="a" * 32, text="Too late")
    assert late.status_code == 409
    assert "Too late" in late.text
    assert "New thread" not in course.pupil.get(address).text
    open_one = discuss(course, title="Open")
    outside = Person(app, school_a, SECOND_TEACHER, OTHER_COURSE)
    page = discuss(course, title="Hidden", published="")
    for person, paths in (
        (outside, (f"/discussions/{place}", "/discussions/threads/1", f"/discussions/activity-{open_one}/new")),
        (course.pupil, (f"/discussions/activity-{page}", "/discussions/activity-1x", "/discussions/activity-99")),
        (Person(app, school_b, PUPIL + 1, OTHER_COURSE), (f"/discussions/{place}", "/discussions/threads/1")),
    ):
        for path in paths:
            assert person.get(path).status_code == 404, path
    assert course.host.get("/discussions/activity-99999999999999999999").status_code == 404
    assert begin(course.pupil, f"activity-{open_one}", "Fish", "Which ones?").status_code == 303
    run_jobs()
    school_b.remove(COURSE, PUPIL)
    course.partner.post("/contexts/2/roster")
    run_jobs()
    assert "Which ones?" in course.pupil.get("/discussions/threads/2").text
    assert reply(course.pupil, 2, "I have left").status_code == 409
    assert any("Which ones?" in course.host.get(path).text for path in work_pages(course, open_one)), "work stays"
    seen = course.host.get(f"{address}?as=0&open=1").text
    assert "Read on" in seen
    assert "New thread" not in seen
    assert "Nothing is written" in seen
    course.host.post("/courses/1/archive", action="archive")
    assert course.host.post("/discussions/threads/1/reply", once="b" * 32, text="x").status_code == 409
    assert course.host.get("/discussions/threads/1").status_code == 200


def test_copies_take_the_settings_and_no_message(app: Flask, course: Course, tmp_path: Path) -> None:
    activity = discuss(course, starters="teachers", write_first="y", least_posts="3", points="7")
    begin(course.host, f"activity-{activity}", "Only here", "Of this year")
    course.host.post(f"/courses/activities/{activity}/copy")
    course.host.post("/courses/1/next-year", title="Rivers 2027", starts="")
    file = tmp_path / "course.zip"
    runner = app.test_cli_runner()
    assert runner.invoke(args=["courses", "export", "1", str(file)]).exit_code == 0
    brought = runner.invoke(args=["courses", "import", str(file)])
    assert brought.exit_code == 0, brought.output
    with app.app_context():
        kept = [
            (each.starters, each.moderated, each.write_first, each.least_posts)
            for each in db.session.scalars(select(ActivityDiscussion))
        ]
        assert kept == [("teachers", False, True, 3)] * 6
        assert db.session.scalar(select(db.func.count(Post.id))) == 1
    assert "Only here" not in course.host.get(f"/courses/activities/{activity + 1}").text


def test_one_and_many_messages_cost_the_same(app: Flask, course: Course) -> None:
    activity = discuss(course, points="10")
    begin(course.pupil, f"activity-{activity}", "First", "One")
    reply(course.own_pupil, 1, "Two")
    path = next(path for path in work_pages(course, activity) if "One" in course.host.get(path).text)
    pages = (
        (course.own_pupil, f"/courses/activities/{activity}"),
        (course.host, f"/courses/activities/{activity}"),
        (course.host, "/discussions/threads/1"),
        (course.host, path),
    )
    few = [asked(app, person, address) for person, address in pages]
    with app.app_context(), unit_of_work():
        threads = [Thread(forum_id=1, title=f"T{number}", last_post_at=utcnow()) for number in range(30)]
        db.session.add_all(threads)
        db.session.flush()
        authors = db.session.execute(select(Post.person_id, Post.identity_id).distinct()).all()
        rows = [
            {"thread_id": thread, "once": f"{thread}-{number}", "person_id": author[0], "identity_id": author[1]}
            for thread in (1, *(each.id for each in threads))
            for number in range(20)
            for author in [authors[number % len(authors)]]
        ]
        same = {"text": "More", "stems": "", "state": SHOWN, "waits_for": "", "shown_at": utcnow(), "version": 1}
        db.session.execute(insert(Post), [{**row, **same, "created_at": utcnow()} for row in rows])
    many = [asked(app, person, address) for person, address in pages]
    assert many == few
    assert max(many) <= 30, many


def asked(app: Flask, person: Person, address: str) -> int:
    person.get(address)  # what is read the first time is marked
    with counted(app) as sent:
        assert person.get(address).status_code == 200
    return len(sent)
