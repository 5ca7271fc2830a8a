"""Threads between schools: who reads what under which name, what waits, what is reported, and that nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.core.storage import current_storage
from lti_tool.discussions.models import Post, PostMention, PostReport
from lti_tool.discussions.queries import contributions, new_posts_since, tallies_of_places
from lti_tool.files.models import StoredFile
from lti_tool.people.belongings.registry import Subject, erase_rows, tell
from lti_tool.people.models import Identity
from lti_tool.people.retention.registry import rules
from tests.conftest import MakeApp
from tests.courses.scene import TOOL, Person, operator
from tests.discussions.table import TABLE, Writer, people
from tests.files.page import Sender, with_shelf
from tests.lms import School
from tests.statements import counted

People = dict[str, Writer]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return with_shelf(make_app(new=True))


@pytest.fixture
def sitting(app: Flask, school_a: School, school_b: School) -> People:
    return people(app, school_a, school_b)


def own_name(writer: Writer) -> str:
    found = re.search(r'class="whoami">.*?</span>([^<]+)', writer.home.text, re.DOTALL)
    assert found
    return found[1].strip()


def identity_of(app: Flask, writer: Writer) -> Identity:
    with app.app_context():
        named = select(Identity).where(Identity.name == own_name(writer))
        return db.session.scalars(named).one()


def test_a_thread_across_schools(app: Flask, sitting: People) -> None:
    pupil, partner, teacher = sitting["pupil"], sitting["partner's pupil"], sitting["teacher"]
    assert "Nobody has written anything yet" in pupil.forum()
    began = pupil.start(text="What is in **our** river? <script>alert(1)</script>")
    assert began.status_code == 303, began.text
    assert began.location.endswith("/discussions/threads/1#post-1")
    assert "1 new" in partner.forum()
    page = partner.thread()
    assert "<strong>our</strong>" in page
    assert "<script>alert" not in page
    assert "1 new" not in partner.forum()
    assert partner.reply("Fish", reply_to="1").status_code == 303
    assert "in reply to an earlier message" in pupil.thread()
    assert pupil.get("/discussions/posts/2").location.endswith("/discussions/threads/1#post-2")
    given, family = own_name(partner).split()
    assert f"{given} {family[0]}." in pupil.thread()
    for other in (pupil, teacher, sitting["classmate"]):
        assert family not in other.thread() + other.forum()
    assert own_name(partner) in sitting["partner"].thread()
    assert own_name(pupil) in sitting["classmate"].thread()
    TABLE["full_names"] = True
    assert own_name(partner) in teacher.thread()
    TABLE["full_names"] = False
    teacher.reply("Look closer")
    assert own_name(teacher) not in partner.thread()
    TABLE["teachers"] = {identity_of(app, teacher).id}
    assert own_name(teacher) in partner.thread()


def test_what_is_not_ones_own_is_not_there(app: Flask, sitting: People) -> None:
    pupil, teacher, classmate = sitting["pupil"], sitting["teacher"], sitting["classmate"]
    teacher.start("Marks", "For teachers", table=2)
    pupil.start()
    paths = ["/discussions/table-2", "/discussions/table-2/new", "/discussions/threads/1", "/discussions/posts/1"]
    paths += ["/discussions/posts/1/history", "/discussions/posts/1/edit", "/discussions/posts/1/report"]
    paths += ["/discussions/table-x", "/discussions/nowhere-1", "/discussions/table", "/discussions/threads/99"]
    for path in paths:
        assert pupil.get(path).status_code == 404, path
        assert Person(app, None).get(path).status_code == 401
        assert operator(app).get(path).status_code == 404
    for action in ("threads/1/reply", "threads/1/state", "posts/1/edit", "posts/1/delete", "posts/1/decide"):
        assert pupil.post(f"/discussions/{action}", text="x").status_code == 404, action
    for path in ("table-1/queue", "table-1/rules", "posts/2/edit"):
        assert classmate.get(f"/discussions/{path}").status_code == 403, path
    for action in ("threads/2/state", "posts/2/edit", "posts/2/delete", "posts/2/decide", "table-1/rules"):
        assert classmate.post(f"/discussions/{action}", decision="hide").status_code == 403, action
    assert pupil.get("/discussions/posts/2/report").status_code == 403  # one's own
    assert pupil.get("/operator/words").status_code == 404
    stolen = pupil.reply("An answer to a foreign post", thread=2, reply_to="1")
    assert stolen.status_code == 303
    assert "in reply to" not in pupil.thread(2)
    assert "Marks" not in pupil.forum(query="?q=teachers")


def test_first_messages_of_pupils_wait(sitting: People) -> None:
    pupil, teacher, partner = sitting["pupil"], sitting["teacher"], sitting["partner's pupil"]
    assert teacher.post("/discussions/table-1/rules", moderated="y").status_code == 303
    pupil.start(text="My first words")
    assert "read by a teacher before" in pupil.thread()
    assert "Water" not in partner.forum()
    assert partner.get("/discussions/threads/1").status_code == 404
    assert "To be looked at" in teacher.forum()
    queue = teacher.get("/discussions/table-1/queue").text
    assert "My first words" in queue
    assert "first message of a pupil" in queue
    decided = teacher.post("/discussions/posts/1/decide", decision="show", back="queue")
    assert decided.location.endswith("/discussions/table-1/queue")
    assert "Nothing waits for you" in teacher.get("/discussions/table-1/queue").text
    assert "1 new" in partner.forum()
    pupil.reply("My second words")
    assert "My second words" in partner.thread()
    partner.reply("Another first")
    assert "Another first" not in pupil.thread()
    teacher.reply("A teacher never waits")
    assert "A teacher never waits" in pupil.thread()


def test_words_of_the_hubs_list_make_a_message_wait(app: Flask, sitting: People) -> None:
    pupil, teacher, partner = sitting["pupil"], sitting["teacher"], sitting["partner's pupil"]
    olga = operator(app)
    assert olga.post("/operator/words", words="Дурак\n\nЁлки\n").status_code == 303
    assert "Дурак" in olga.get("/operator/words").text
    refused = olga.post("/operator/words", words="two words")
    assert refused.status_code == 422
    assert "is not one word" in refused.text
    pupil.start("Water", "Ты ДУРАК!")
    assert "it may hold a word that can hurt" in pupil.thread()
    assert partner.get("/discussions/threads/1").status_code == 404
    assert "Дурак" not in pupil.thread()
    pupil.form("/discussions/posts/1/edit", text="Ты не прав")
    assert "Ты не прав" in partner.thread()
    pupil.form("/discussions/posts/1/edit", text="Ел\u200bки!")
    assert partner.get("/discussions/threads/1").status_code == 404
    teacher.post("/discussions/posts/1/decide", decision="show")
    assert partner.get("/discussions/threads/1").status_code == 200
    teacher.start("Дурак", "A story by Dostoevsky")
    assert "Dostoevsky" in partner.thread(2)
    assert olga.post("/operator/words", words="").status_code == 303
    assert pupil.reply("дурак", thread=2).status_code == 303
    assert "дурак" in partner.thread(2)


def test_a_message_is_reported_hidden_and_shown_again(sitting: People) -> None:
    pupil, teacher, partner = sitting["pupil"], sitting["teacher"], sitting["partner's pupil"]
    pupil.start(text="Call me: 555")
    assert "Choose what is wrong" in partner.post("/discussions/posts/1/report", reason="").text
    assert partner.post("/discussions/posts/1/report", reason="private", note="A number").status_code == 303
    partner.post("/discussions/posts/1/report", reason="insult", note="Twice")
    thread = teacher.thread()
    assert "1 person reported this message" in thread
    assert "A number" in thread
    assert own_name(partner).split()[0] not in thread.partition('id="reply"')[0]
    assert "reported" not in pupil.thread()
    teacher.post("/discussions/posts/1/decide", decision="hide")
    assert "Call me" in teacher.thread()
    assert "Call me" in pupil.thread()
    assert partner.get("/discussions/threads/1").status_code == 404  # nothing else is in it
    teacher.reply("Mind your privacy")
    assert "This message was hidden by a teacher." in partner.thread()
    assert "Call me" not in partner.thread() + partner.forum(query="?q=call")
    assert partner.get("/discussions/posts/1/history").status_code == 404
    teacher.post("/discussions/posts/1/decide", decision="show")
    assert "Call me" in partner.thread()
    teacher.post("/discussions/posts/1/decide", decision="nothing such")
    sitting["classmate"].post("/discussions/posts/1/report", reason="worry")
    pupil.post("/discussions/posts/1/delete")
    assert "was deleted by its author" in partner.thread()
    assert "Call me" not in partner.thread() + pupil.thread()
    queue = teacher.get("/discussions/table-1/queue").text
    assert "Call me" in queue
    teacher.post("/discussions/posts/1/decide", decision="settle", back="queue")
    assert "Call me" not in teacher.get("/discussions/table-1/queue").text + teacher.thread()


def test_words_are_changed_and_their_history_stays(app: Flask, sitting: People) -> None:
    pupil, partner = sitting["pupil"], sitting["partner's pupil"]
    pupil.start(text="Frist words")
    assert pupil.form("/discussions/posts/1/edit", text="First words").status_code == 303
    assert "First words" in partner.thread()
    assert "Frist words" in partner.get("/discussions/posts/1/history").text
    outdated = pupil.post("/discussions/posts/1/edit", text="From another tab", version="1")
    assert outdated.status_code == 409
    assert "From another tab" in outdated.text
    assert "First words" in outdated.text
    empty = pupil.form("/discussions/posts/1/edit", text=" ")
    assert empty.status_code == 422
    assert "First words" in partner.forum(query="?q=FIRS") + partner.thread()
    with time_machine.travel(utcnow() + timedelta(minutes=31)):
        assert pupil.get("/discussions/posts/1/edit").status_code == 403
    pupil.post("/discussions/posts/1/delete")
    pupil.post("/discussions/posts/1/delete")
    with app.app_context():
        assert db.session.scalars(select(Post.text)).all() == [""]
    assert partner.get("/discussions/posts/1/history").status_code == 404


def test_a_form_sent_twice_is_one_message_and_a_refused_one_keeps_its_text(sitting: People) -> None:
    pupil = sitting["pupil"]
    form = {"title": "Water", "text": "Once", "once": "a" * 32}
    first, second = (pupil.post("/discussions/table-1/new", **form) for _time in range(2))
    assert first.location == second.location
    untitled = pupil.post("/discussions/table-1/new", title="", text="A long text", once="b" * 32)
    assert (untitled.status_code, "A long text" in untitled.text) == (422, True)
    nothing = pupil.reply(" ")
    assert nothing.status_code == 422
    for number in range(5):
        assert pupil.reply(f"Flood {number}").status_code == 303
    flood = pupil.reply("The seventh in a minute")
    assert flood.status_code == 422
    assert "You write very quickly" in flood.text
    assert "The seventh in a minute" in flood.text
    with time_machine.travel(utcnow() + timedelta(seconds=61)):
        assert pupil.reply("Calm again").status_code == 303


def test_threads_and_forums_are_closed_and_pinned(sitting: People) -> None:
    pupil, teacher = sitting["pupil"], sitting["teacher"]
    pupil.start("Water")
    pupil.start("Air")
    assert pupil.forum().index("Air") < pupil.forum().index("Water")
    teacher.post("/discussions/threads/1/state", pinned="yes", locked="yes")
    page = pupil.forum()
    assert page.index("Water") < page.index("Air")
    late = pupil.reply("Too late")
    assert (late.status_code, "Too late" in late.text) == (409, True)
    assert 'name="text"' not in pupil.thread()
    assert teacher.reply("The last word").status_code == 303
    teacher.post("/discussions/threads/1/state", pinned="no", locked="no")
    assert pupil.reply("Open again").status_code == 303
    teacher.post("/discussions/table-1/rules", closed="y")
    assert pupil.get("/discussions/table-1/new").status_code == 403
    assert pupil.reply("Too late").status_code == 409
    assert pupil.get("/discussions/posts/1/edit").status_code == 403


def test_people_are_named_by_picking_them(app: Flask, sitting: People) -> None:
    pupil, partner, classmate = sitting["pupil"], sitting["partner's pupil"], sitting["classmate"]
    ids = {name: identity_of(app, sitting[name]) for name in ("pupil", "partner's pupil", "classmate")}
    form = pupil.get("/discussions/table-1/new").text
    given, family = own_name(partner).split()
    assert f">{given} {family[0]}.</label>" in form
    assert family not in form
    assert own_name(pupil) not in form.partition("<main")[2]
    named = [ids["partner's pupil"], ids["pupil"]]
    pupil.start(mention=[*(f"i{one.id}" for one in named), "i9999", "x"])
    assert f"For: {given} {family[0]}." in " ".join(re.sub("<[^>]+>", "", classmate.thread()).split())
    assert own_name(partner) in partner.thread()
    classmate.reply("One more")
    with app.app_context():
        before = utcnow() - timedelta(hours=1)
        asked = {name: each.person_id for name, each in ids.items()}
        news = new_posts_since(before, person_id=asked["partner's pupil"], places=["table-1", "table-2"])
        assert [(each.place, each.thread_id, each.posts, each.naming) for each in news] == [("table-1", 1, 2, 1)]
        assert new_posts_since(before, person_id=asked["pupil"], places=["table-1"])[0].posts == 1
        assert new_posts_since(utcnow(), person_id=asked["pupil"], places=["table-1"]) == []
        wrote = {each.person_id: each.posts for each in contributions("table-1")}
        assert wrote == {asked["pupil"]: 1, asked["classmate"]: 1}
        tally = tallies_of_places(["table-1", "table-2"], person_id=asked["pupil"])
        assert {place: (each.posts, each.unread) for place, each in tally.items()} == {"table-1": (2, 1)}


def test_files_go_with_a_message_and_nowhere_else(sitting: People) -> None:
    pupil, partner, teacher = sitting["pupil"], sitting["partner's pupil"], sitting["teacher"]
    mine, theirs = Sender(pupil), Sender(partner)
    pupil.start(text="", files_id=[mine.file(b"data", "data.txt"), theirs.file(b"theirs", "theirs.txt")])
    assert "data.txt" in partner.thread()
    assert "theirs.txt" not in partner.thread()
    assert partner.get("/discussions/files/1").data == b"data"
    assert partner.get("/discussions/files/2").status_code == 404
    added = pupil.form("/discussions/posts/1/edit", text="Better", drop="1", files_id=[mine.file(b"new", "new.txt")])
    assert added.status_code == 303
    assert partner.get("/discussions/files/1").status_code == 404
    assert partner.get("/discussions/files/2").data == b"new"
    teacher.post("/discussions/posts/1/decide", decision="hide")
    assert partner.get("/discussions/files/2").status_code == 404
    assert pupil.get("/discussions/files/2").data == b"new"
    pupil.post("/discussions/posts/1/delete")
    assert teacher.get("/discussions/files/2").status_code == 404


def test_long_threads_have_pages_and_cost_no_more(app: Flask, sitting: People) -> None:
    pupil, partner = sitting["pupil"], sitting["partner's pupil"]
    pupil.start(text="Number 1")
    partner.thread()
    with counted(app) as one:
        partner.thread()
    with app.app_context(), unit_of_work():
        first = db.session.scalars(select(Post)).one()
        columns = ("thread_id", "person_id", "identity_id", "state", "shown_at")
        same = {name: getattr(first, name) for name in columns}
        for number in range(2, 61):
            made = {"text": f"Number {number}", "stems": f" number {number} ", "once": f"{number:032}"}
            db.session.add(Post(**{**same, **made, "shown_at": utcnow()}))
        execute(update(Post).where(Post.id == 1).values(shown_at=utcnow() - timedelta(days=1)))
    partner.thread()
    with counted(app) as many:
        partner.thread()
    assert len(many) <= len(one)
    assert "35 new" in partner.forum()
    last = partner.get("/discussions/threads/1?unread=1").location
    assert last.endswith("/discussions/threads/1?page=2#post-26")
    page = partner.get("/discussions/threads/1?page=3").text
    assert "Number 60" in page
    assert "new" not in re.sub("<[^>]+>", "", partner.forum().partition("thread-row")[2].partition("</li>")[0])
    assert "60 messages" in partner.forum(query="?q=numb")
    assert "Nothing was found" in partner.forum(query="?q=numb+fish")
    assert pupil.get("/discussions/posts/60").location.endswith("?page=3#post-60")


def test_places_count_for_many_in_one_statement(app: Flask, sitting: People) -> None:
    for table in (1, 3, 4):
        sitting["pupil"].start(table=table)
    with counted(app) as sent, app.app_context():
        assert len(tallies_of_places([f"table-{number}" for number in range(9)], person_id=99)) == 3
    assert len([each for each in sent if each.startswith("SELECT")]) == 1


def test_a_page_of_threads_costs_the_same_for_one_and_many(app: Flask, sitting: People) -> None:
    costs = []
    for _round in range(2):
        sitting["pupil"].start()
        with counted(app) as sent:
            assert sitting["partner"].browser.get(f"{TOOL}/discussions/table-1").status_code == 200
        costs.append(len(sent))
    assert costs[0] == costs[1]


def test_what_is_erased_with_a_person_and_what_is_over(
    app: Flask, sitting: People, run_jobs: Callable[[], int]
) -> None:
    pupil, partner = sitting["pupil"], sitting["partner's pupil"]
    gone = identity_of(app, pupil)
    pupil.start(text="Private words", files_id=[Sender(pupil).file(b"data", "mine.txt")])
    pupil.form("/discussions/posts/1/edit", text="Other private words")
    partner.reply("An answer", reply_to="1", mention=[f"i{gone.id}"])
    pupil.post("/discussions/posts/2/report", reason="other", note="Because")
    with app.app_context(), unit_of_work():
        told = {each.table.name: rows for each, rows in tell(Subject(gone.person_id, (gone.id,), ()))}
        assert [row["text"] for row in told["post"]] == ["Other private words"]
        assert [row["name"] for row in told["stored_file"]] == ["mine.txt"]
        erase_rows(Subject(gone.person_id, (gone.id,), ()))
    run_jobs()
    page = partner.thread()
    assert "deleted by its author" in page
    assert "An answer" in page
    assert "mine.txt" not in page
    with app.app_context():
        rows = [*db.session.scalars(select(Post.text).order_by(Post.id)), *db.session.scalars(select(PostReport.note))]
        assert rows == ["", "An answer", ""]
        assert db.session.scalars(select(StoredFile.name)).all() == ["–"]
        assert db.session.scalars(select(PostMention.id)).all() == []
        assert not [path for path in Path(current_storage().directory).rglob("*") if path.is_file()]  # type: ignore[attr-defined]
    with time_machine.travel(utcnow() + timedelta(days=731)), app.app_context():
        with unit_of_work():
            rule = next(each for each in rules() if each.period.name == "discussions")
            due = db.session.scalars(rule.due(utcnow() - timedelta(days=730), 1)).all()
            assert list(due) == [1]
            rule.drop(due)
        assert db.session.scalar(select(Post.id)) is None
