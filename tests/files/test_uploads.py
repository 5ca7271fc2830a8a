"""Files arrive in pieces, over bad lines and restarts, and only their owner's form can take them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from lti_tool.core import jobs
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.storage import current_storage
from lti_tool.files import jobs as duties
from lti_tool.files.models import StoredFile, Upload
from lti_tool.files.operations import keeping, uploading
from lti_tool.files.operations.keeping import Rules
from lti_tool.organizations.models import StorageUse
from lti_tool.organizations.storage import count_files
from lti_tool.people.actor import Actor
from tests.conftest import MakeApp
from tests.courses.scene import Person
from tests.files.page import TUS, Sender, sha1, with_shelf, zipped
from tests.lms import PUPIL, School
from tests.statements import counted


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return with_shelf(make_app(new=True))


@pytest.fixture
def pupil(app: Flask, school_a: School) -> Sender:
    return Sender(Person(app, school_a, PUPIL))


def kept_on_disk(app: Flask) -> int:
    with app.app_context():
        return len([path for path in Path(current_storage().directory).rglob("*") if path.is_file()])  # type: ignore[attr-defined]


def counted_files(app: Flask) -> list[tuple[int, int, int, int]]:
    """(organization, files, bytes, bytes of the largest) as operators are shown them."""
    with app.app_context(), unit_of_work():
        count_files()
        return [
            (each.organization_id, each.files, each.bytes, each.largest)
            for each in db.session.scalars(select(StorageUse))
        ]


def test_a_file_comes_in_pieces_and_is_taken_by_a_form(app: Flask, pupil: Sender, run_jobs: Callable[[], int]) -> None:
    begun = pupil.begin(11, "../Отчёт.txt")
    assert begun.status_code == 201, begun.text
    address = begun.headers["Location"]
    assert pupil.piece(address, 0, b"hello").headers["Upload-Offset"] == "5"
    asked = pupil.ask("HEAD", address)
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == ("5", "11")
    assert asked.headers["Tus-Resumable"] == "1.0.0"
    assert "X-File" not in asked.headers
    assert pupil.piece(address, 4, b"again").status_code == 409
    assert pupil.piece(address, 5, b" world of more").status_code == 413
    assert pupil.piece(address, 5, b" worle", **{"Upload-Checksum": sha1(b" world")}).status_code == 460
    assert pupil.piece(address, 5, b" world", **{"Upload-Checksum": "md5 x"}).status_code == 400
    last = pupil.piece(address, 5, b" world", **{"Upload-Checksum": sha1(b" world")})
    assert last.status_code == 204, last.text
    ident = int(last.headers["X-File"])
    assert pupil.ask("HEAD", address).headers["X-File"] == str(ident)
    assert pupil.piece(address, 11, b"").headers["X-File"] == str(ident)  # the answer was lost and is asked for again
    saved = pupil.save("all", ident)
    assert saved.status_code == 303, saved.text
    assert "Отчёт.txt" in pupil.person.get("/shelf/all").text
    assert pupil.person.get("/shelf/file/1").data == b"hello world"
    again = pupil.save("all", ident)
    assert again.status_code == 303  # nothing of it is there to be taken: a form without files
    with app.app_context():
        owner = db.session.scalars(select(StoredFile.organization_id)).one()
    assert counted_files(app) == [(owner, 1, 11, 11)]
    begun = pupil.begin(20).headers["Location"]
    assert counted_files(app) == [(owner, 1, 11, 11)]
    pupil.piece(begun, 0, b"half of the file")
    assert counted_files(app) == [(owner, 2, 27, 16)]
    pupil.ask("DELETE", begun)
    pupil.client.post("https://tool.example/shelf/file/1/remove", data={"csrf_token": pupil.token})
    run_jobs()
    assert kept_on_disk(app) == 0


def test_what_is_no_upload_is_refused(app: Flask, pupil: Sender, school_b: School) -> None:
    able = pupil.client.open("https://tool.example/files/uploads", method="OPTIONS")
    assert able.headers["Tus-Version"] == "1.0.0"
    assert "creation" in able.headers["Tus-Extension"]
    assert pupil.ask("POST", "/files/uploads", {"Tus-Resumable": "0.2.2"}).status_code == 412
    assert pupil.begin(0).status_code == 422
    assert pupil.begin(keeping.MAX_FILE + 1).status_code == 413
    assert pupil.begin(5, kinds="secrets").status_code == 422
    for wrong in ({"Upload-Length": "x"}, {"Upload-Length": "5", "Upload-Metadata": "filename ###"}):
        assert pupil.ask("POST", "/files/uploads", wrong).status_code == 400
    address = pupil.begin(5).headers["Location"]
    assert pupil.piece(address, 0, b"hello", **{"Content-Type": "text/plain"}).status_code == 415
    other = Sender(Person(app, school_b, PUPIL))
    for method in ("HEAD", "DELETE"):
        assert other.ask(method, address).status_code == 404
    assert other.piece(address, 0, b"hello").status_code == 404
    stranger = Person(app, None)
    assert stranger.browser.head(f"https://tool.example{address}", headers=TUS).status_code == 401
    for _one in range(uploading.MOST_UNDER_WAY - 1):
        assert pupil.begin(1).status_code == 201
    assert pupil.begin(1).status_code == 413
    assert pupil.ask("DELETE", address).status_code == 204
    assert pupil.ask("HEAD", address).status_code == 404
    assert pupil.begin(1).status_code == 201
    assert other.begin(uploading.PERSON_BYTES).status_code == 413


def test_pieces_at_once_and_a_server_that_died(app: Flask, pupil: Sender) -> None:
    address = pupil.begin(10).headers["Location"]
    assert pupil.piece(address, 0, b"hello").status_code == 204
    with app.app_context(), unit_of_work():
        later = utcnow() + timedelta(minutes=1)
        execute(update(Upload).values(held_until=later, held_by=jobs.worker_name()))
    assert pupil.piece(address, 5, b"world").status_code == 409
    with app.app_context(), unit_of_work():
        dead = jobs.worker_name().rsplit(":", 1)[0] + ":another"
        execute(update(Upload).values(held_by=dead))
    assert pupil.piece(address, 5, b"world").headers["Upload-Offset"] == "10"
    lost = pupil.begin(10).headers["Location"]
    pupil.piece(lost, 0, b"hello")
    with app.app_context():
        begun = db.session.scalars(select(Upload).where(Upload.file_id.is_(None))).one().begun
        current_storage().abandon(begun)
    assert pupil.piece(lost, 5, b"world").status_code == 409
    assert pupil.ask("HEAD", lost).headers["Upload-Offset"] == "0"
    assert pupil.piece(lost, 0, b"helloworld").status_code == 204


Step = tuple[str, int, int]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    size=st.integers(1, 60),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["next", "wrong", "damaged", "killed", "asked"]), st.integers(0, 70), st.integers(0, 30)
        ),
        max_size=12,
    ),
)
def test_whatever_happens_on_the_way_the_file_is_whole(pupil: Sender, app: Flask, size: int, steps: list[Step]) -> None:
    content = bytes(65 + number % 26 for number in range(size))
    address, received = pupil.begin(size).headers["Location"], 0
    for step, place, length in steps:
        piece = content[received : received + length]
        if step == "next":
            assert pupil.piece(address, received, piece).status_code == 204
            received += len(piece)
        elif step == "wrong" and place != received:
            assert pupil.piece(address, place, b"xx").status_code == 409
        elif step == "damaged":
            assert pupil.piece(address, received, piece, **{"Upload-Checksum": sha1(b"else")}).status_code == 460
        elif step == "killed" and received < size:
            with app.app_context():  # the piece reached the storage, and nobody counted it
                begun = db.session.scalars(select(Upload).where(Upload.token == address.rsplit("/", 1)[1])).one().begun
                current_storage().append(begun, received, io.BytesIO(b"killed"))
        assert pupil.ask("HEAD", address).headers["Upload-Offset"] == str(received)
    last = pupil.piece(address, received, content[received:])
    ident = int(last.headers["X-File"])
    with app.app_context():
        file = db.session.get_one(StoredFile, ident)
        assert (file.size, b"".join(current_storage().read(file.key))) == (size, content)


def test_only_ones_own_files_are_taken(app: Flask, pupil: Sender, school_a: School) -> None:
    other = Sender(Person(app, school_a, PUPIL + 1))
    mine, theirs = pupil.file(b"mine", "mine.txt"), other.file(b"theirs", "theirs.txt")
    pupil.save("all", mine, theirs)
    page = pupil.person.get("/shelf/all").text
    assert "mine.txt" in page
    assert "theirs.txt" not in page
    with app.test_request_context():
        person = db.session.get_one(StoredFile, mine).person_id
        for wanted in ([theirs], [mine], [99], [theirs, mine]):
            with pytest.raises(Invalid):
                keeping.take(actor=Actor(person_id=person), ids=wanted, purpose="x", rules=Rules())
    back = other.save("all", theirs, title="")
    assert (back.status_code, f'name="files_id" value="{theirs}"' in back.text) == (422, True)
    assert other.save("all", theirs).status_code == 303


def test_types_are_judged_by_content(app: Flask, pupil: Sender) -> None:
    refused = pupil.send(b"MZ\x90\0 a program", "homework.pdf", "documents images")
    assert refused.status_code == 422
    assert "Allowed: documents" in refused.get_json()["error"]
    html = pupil.file(b"<!doctype html><script>alert(1)</script>", "notes.txt")
    assert "not of a type" in pupil.save("papers", html).text
    assert "not of a type" in pupil.save("sound", pupil.file(b"hello", "song.mp3")).text
    for name, content, reason in (
        ("bomb.zip", zipped(**{"a.txt": bytes(60 * 1024**2)}), "far too large when it is unpacked"),
        ("cut.zip", zipped(a=b"x" * 100)[:-10], "damaged"),
        ("lie.png", b"%PDF-1.4 and so on", "not what its name says"),
    ):
        back = pupil.save("inside", pupil.file(content, name))
        assert back.status_code == 422
        assert reason in back.text
    assert "At most 2 files" in pupil.save("papers", *(pupil.file(b"hello", f"{one}.txt") for one in "abc")).text
    assert "too large" in pupil.save("papers", pupil.file(b"a" * 100_001, "long.txt")).text
    assert pupil.save("papers", pupil.file("Привет".encode("cp1251"), "old.txt")).status_code == 303
    assert kept_on_disk(app) == 10


def test_files_come_with_the_form_where_no_script_runs(app: Flask, pupil: Sender) -> None:
    def send(rules: str, **data: object) -> int:
        values = {"csrf_token": pupil.token, "title": "Mine", **data}
        return pupil.client.post(f"https://tool.example/shelf/{rules}", data=values).status_code

    two = [(io.BytesIO(b"one"), "one.txt"), (io.BytesIO(b"two"), "two.txt")]
    assert send("all", files=two) == 303
    page = pupil.person.get("/shelf/all").text
    assert "one.txt" in page
    assert "two.txt" in page
    assert send("all", files=[(io.BytesIO(b""), "none.txt")]) == 422
    assert send("all", files=[(io.BytesIO(b""), "")]) == 303
    assert send("papers", files=[(io.BytesIO(b"a" * 100_001), "long.txt")]) == 422
    assert kept_on_disk(app) == 2


def test_what_nobody_takes_is_swept_away(app: Flask, pupil: Sender, run_jobs: Callable[[], int]) -> None:
    begun = pupil.begin(5).headers["Location"]
    pupil.piece(begun, 0, b"hel")
    left, taken = pupil.file(b"left", "left.txt"), pupil.file(b"taken", "taken.txt")
    pupil.save("all", taken)
    assert kept_on_disk(app) == 3
    with app.app_context(), unit_of_work():
        duties.sweep_untaken()
        duties.give_up_uploads()
    assert kept_on_disk(app) == 3
    with time_machine.travel(utcnow() + timedelta(days=1, minutes=1), tick=False):
        with app.app_context():
            for duty in (duties.sweep_untaken, duties.give_up_uploads):
                with unit_of_work():
                    duty()
            assert db.session.scalars(select(StoredFile.id)).all() == [taken]
            assert db.session.scalar(select(Upload.id)) is None
        run_jobs()
    assert kept_on_disk(app) == 1
    assert pupil.save("all", left).status_code == 303


def test_an_upload_that_rests_for_too_long_is_over(app: Flask, pupil: Sender) -> None:
    address = pupil.begin(5).headers["Location"]
    with app.app_context(), unit_of_work():
        execute(update(Upload).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert pupil.ask("HEAD", address).status_code == 410
    assert pupil.piece(address, 0, b"hello").status_code == 410


def test_many_files_cost_no_more_statements_to_find(app: Flask, pupil: Sender) -> None:
    one, *many = (pupil.file(f"file {number}".encode(), f"{number}.txt") for number in range(4))
    costs = []
    for ids in ([one], many):
        with counted(app) as sent:
            assert pupil.save("all", *ids).status_code == 303
        costs.append(len([each for each in sent if each.startswith("SELECT")]))
    assert costs[0] == costs[1]
