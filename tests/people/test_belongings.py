"""What is kept about people: seen and copied by themselves and their coordinator, erased for good, and never forgotten by
a feature."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from lti_tool.contexts.models import Membership
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.core.discarding import Discarded
from lti_tool.courses.models import Grade, Submission
from lti_tool.grades.models import Score
from lti_tool.people.belongings.models import Copy, RefusedSub
from lti_tool.people.belongings.registry import KEPT, Subject, belongings, erase_rows
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import Identity, Person
from lti_tool.people.retention.operations import mop_up
from tests.conftest import browser
from tests.courses.scene import Scene, build
from tests.factories.coordinators import coordinator, organization_of, person_of
from tests.factories.guests import guest, guest_id
from tests.factories.joining import TOOL, in_english, operator
from tests.factories.privacy import choose, come, form_to, token
from tests.lms import COURSE, PUPIL, TEACHER, School, read_forms, submit
from tests.statements import counted


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


@pytest.fixture
def owner(app: Flask, school_b: School) -> int:
    return organization_of(app, school_b)


@pytest.fixture
def head(app: Flask, school_b: School, scene: Scene) -> FlaskClient:
    return coordinator(app, school_b)


def names(app: Flask, person: int) -> Identity:
    with app.app_context():
        found = db.session.scalars(select(Identity).filter_by(person_id=person).order_by(Identity.id)).first()
        assert found is not None
        db.session.expunge(found)
        return found


def count(app: Flask, model: type, **key: object) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model).filter_by(**key)) or 0


def add_file(app: Flask, pupil: FlaskClient, content: bytes = b"%PDF-1.4 secret") -> str:
    """A pupil adds a file to a draft; where it is stored."""
    page = pupil.get(f"{TOOL}/courses/activities/2")
    form = form_to(page, "/work")
    data = {**form.fields, "text": "More", "action": "save", "files": (BytesIO(content), "отчёт.pdf")}
    assert pupil.post(form.action, data=data, follow_redirects=True).status_code == 200
    with app.app_context():
        return str(db.session.scalar(text("select key from stored_file order by id desc")))


def unzip(answer: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def grade(scene: Scene, points: str = "8", comment: str = "Well done, Anna") -> None:
    work = scene.pupil_ids["partner's pupil"]
    path = f"/courses/activities/2/works/{work}"
    assert scene["host"].post(path, points=points, comment=comment, version="0").status_code == 303


def erase(head: FlaskClient, owner: int, person: int, later: str) -> str:
    page = head.get(f"{TOOL}/organizations/{owner}/privacy/people/{person}/erase")
    answer = submit(head, form_to(page, "/erase"), later=later, sure="y")
    assert answer.status_code == 200, answer.text
    return str(page.text)


def test_no_column_about_people_is_without_a_rule(app: Flask) -> None:
    """A feature that adds a table about people says what a copy tells of it and what becomes of it."""
    covered = {(each.table.name, each.column) for each in belongings()}
    about = {"person", "identity", "guest"} | {each.table.name for each in belongings() if each.fate != KEPT}
    missing = []
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            targets = {key.column.table.name for key in column.foreign_keys}
            bare = not targets and re.search(r"(^|_)(person|identity|by)_id$", column.name)
            if (targets & about or bare) and (table.name, column.name) not in covered:
                missing.append(f"{table.name}.{column.name}")
    assert missing == [], "register these: see docs/developer/privacy.md"
    for each in belongings():
        assert str(each.noun)
        assert each.why or each.fate == "erased", f"{each.table.name}.{each.column}: why is it kept?"
        if each.told is not None:
            told = {column.key for column in each.told.selected_columns} - {"file_key"}
            assert told == set(each.words), f"{each.table.name}: words for {told ^ set(each.words)}"


def test_everybody_sees_and_fetches_what_is_kept_about_them(
    app: Flask, scene: Scene, school_b: School, run_jobs: Callable[[], int]
) -> None:
    grade(scene)
    pupil = in_english(scene["partner's pupil"].browser)
    me = names(app, person_of(app, school_b, PUPIL))
    page = pupil.get(f"{TOOL}/my/data")
    assert page.status_code == 200
    for word in (me.family_name, "Work of partner&#39;s pupil", "Well done, Anna", "Report"):
        assert word in page.text
    assert "Work of pupil" not in page.text
    assert "Show my data" in pupil.get(f"{TOOL}/privacy/mine").text
    asked = submit(pupil, form_to(page, "/my/data/copy"))
    assert "waits to be made" in asked.text
    submit(pupil, form_to(asked, "/my/data/copy"))
    assert count(app, Copy) == 1
    assert pupil.get(f"{TOOL}/my/data/copies/1/file").status_code == 404
    run_jobs()
    assert "ready" in pupil.get(f"{TOOL}/my/data/copies/1", headers={"HX-Request": "true"}).text
    answer = pupil.get(f"{TOOL}/my/data/copies/1/file")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    files = unzip(answer.data)
    assert set(files) == {"index.html", "style.css", "data.json"}
    data = json.loads(files["data.json"])["data"]
    assert data["identity"][0]["family_name"] == me.family_name
    assert data["submission"][0]["text"] == "Work of partner's pupil"
    assert data["grade"][0]["comment"] == "Well done, Anna"
    assert {"launch", "hand_in"} & {line["verb"] for line in data["audit_event"]}
    assert 'lang="en"' in files["index.html"].decode()
    assert me.family_name in files["index.html"].decode()
    teacher = names(app, person_of(app, school_b, TEACHER))
    assert teacher.family_name not in files["data.json"].decode() + files["index.html"].decode()
    assert pupil.get(f"{TOOL}/my/data").text.count("/my/data/copies/1/file") == 1
    for other in ("pupil", "partner", "host", "operator"):
        for path in ("", "/file"):
            assert scene[other].get(f"/my/data/copies/1{path}").status_code == 404
        assert scene[other].post("/my/data/copies/1/drop").status_code == 404
    assert scene["stranger"].get("/my/data").status_code == 401
    with app.app_context(), unit_of_work():
        execute(update(Copy).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert pupil.get(f"{TOOL}/my/data/copies/1/file").status_code == 404
    assert "/my/data/copies/1" not in pupil.get(f"{TOOL}/my/data").text


def test_files_travel_along_and_a_lost_one_is_named(
    app: Flask, scene: Scene, run_jobs: Callable[[], int], tmp_path: Path
) -> None:
    pupil = scene["partner's pupil"].browser
    key = add_file(app, pupil)
    for kept in (True, False):
        if not kept:
            (tmp_path / "files" / key).unlink()
        submit(pupil, form_to(pupil.get(f"{TOOL}/my/data"), "/my/data/copy"))
        run_jobs()
    found = unzip(pupil.get(f"{TOOL}/my/data/copies/1/file").data)
    (path,) = [name for name in found if name.startswith("files/")]
    assert path.endswith("отчёт.pdf")
    assert found[path] == b"%PDF-1.4 secret"
    lost = unzip(pupil.get(f"{TOOL}/my/data/copies/2/file").data)
    assert not [name for name in lost if name.startswith("files/")]
    assert json.loads(lost["data.json"])["lost_files"] == [path]
    assert key not in found["data.json"].decode()
    page = pupil.get(f"{TOOL}/my/data")
    submit(pupil, next(form for form in read_forms(page.text, f"{TOOL}/my/data") if form.action.endswith("/1/drop")))
    run_jobs()
    assert pupil.get(f"{TOOL}/my/data/copies/1/file").status_code == 404


def test_a_coordinator_reaches_the_own_people_only(
    app: Flask,
    scene: Scene,
    head: FlaskClient,
    owner: int,
    school_a: School,
    school_b: School,
    run_jobs: Callable[[], int],
) -> None:
    person, foreign = person_of(app, school_b, PUPIL), person_of(app, school_a, PUPIL)
    base = f"{TOOL}/organizations/{owner}/privacy/people"
    listed = head.get(base).text
    assert f"/privacy/people/{person}" in listed
    opened = head.get(f"{base}/{person}").text
    assert f"/people/{person}/data" in opened
    page = head.get(f"{base}/{person}/data")
    assert "Work of partner&#39;s pupil" in page.text
    submit(head, form_to(page, "/data/copy"))
    run_jobs()
    assert "identity" in json.loads(unzip(head.get(f"{TOOL}/my/data/copies/1/file").data)["data.json"])["data"]
    pupil = in_english(scene["partner's pupil"].browser)
    assert "Copies of the data" in pupil.get(f"{TOOL}/my/data").text
    assert pupil.get(f"{TOOL}/my/data/copies/1/file").status_code == 404
    other, theirs = coordinator(app, school_a), organization_of(app, school_a)
    for client in (other, pupil, operator(app)):
        for path in (
            f"{base}/{person}/data",
            f"{base}/{person}/erase",
            f"{TOOL}/organizations/{owner}/privacy/refused",
        ):
            assert client.get(path).status_code == 404, path
        data = {"csrf_token": token(client), "later": "refuse", "sure": "y"}
        assert client.post(f"{base}/{person}/erase", data=data).status_code == 404
        assert client.post(f"{base}/{person}/data/copy", data=data).status_code == 404
    for path in ("data", "erase"):
        assert head.get(f"{base}/{foreign}/{path}").status_code == 404
        assert head.get(f"{TOOL}/organizations/{theirs}/privacy/people/{foreign}/{path}").status_code == 404
        assert head.get(f"{base}/999/{path}").status_code == 404


def test_erasing_says_what_goes_and_leaves_no_trace_of_the_name(
    app: Flask,
    scene: Scene,
    head: FlaskClient,
    owner: int,
    school_b: School,
    run_jobs: Callable[[], int],
    tmp_path: Path,
) -> None:
    run_jobs()  # the roster
    pupil = scene["partner's pupil"].browser
    key = add_file(app, pupil)
    school_b.fault("ags", "500")
    grade(scene)
    person = person_of(app, school_b, PUPIL)
    before = names(app, person)
    page = head.get(f"{TOOL}/organizations/{owner}/privacy/people/{person}/erase")
    for told in ("has not arrived", "still lists the person", "Files added to work", "keeps its figures", before.name):
        assert told in page.text
    unsure = submit(head, form_to(page, "/erase"), later="newcomer")
    assert unsure.status_code == 422
    assert "tick that you are sure" in unsure.text
    assert names(app, person).name
    erase(head, owner, person, "newcomer")
    after = names(app, person)
    assert (after.name, after.given_name, after.family_name, after.email) == ("", "", "", "")
    assert after.erased_at is not None
    assert not after.sub.isdecimal()
    for model in (Submission, Score, Membership):
        assert count(app, model, identity_id=before.id) == 0
    with app.app_context():
        kept = db.session.scalars(select(Grade).filter_by(identity_id=before.id)).one()
        assert (kept.points, kept.comment) == (8.0, "")
        person_row = db.session.get_one(Person, person)
        assert person_row.erased_at is not None
        line = db.session.scalars(select(AuditEvent).filter_by(verb="person.erase")).one()
        assert line.thing_id == person
        assert before.family_name not in str(line.facts)
        every = "".join(str(db.session.execute(table.select()).all()) for table in db.metadata.sorted_tables)
    assert before.family_name not in every
    assert "secret" not in every
    assert (tmp_path / "files" / key).exists()
    run_jobs()
    assert not (tmp_path / "files" / key).exists()
    assert count(app, Discarded) == 0
    assert pupil.get(f"{TOOL}/courses/activities/2").status_code == 401
    host = in_english(scene["host"].browser)
    book = host.get(f"{TOOL}/courses/1/gradebook").text
    assert f"Participant {before.alias_number}, Riverside School" in book
    assert "8" in book
    path = f"/courses/activities/2/works/{before.id}"
    assert scene["host"].post(path, points="9", comment="", version="1").status_code == 409
    assert head.get(f"{TOOL}/organizations/{owner}/privacy/people/{person}/erase").status_code == 404
    again, _page = come(app, school_b, PUPIL)
    assert person_of(app, school_b, PUPIL) != person
    assert "Work of" not in again.get(f"{TOOL}/my/data").text


def test_who_is_kept_out_comes_back_by_no_way_until_let_in(
    app: Flask,
    scene: Scene,
    head: FlaskClient,
    owner: int,
    school_a: School,
    school_b: School,
    run_jobs: Callable[[], int],
) -> None:
    run_jobs()
    grade(scene)
    run_jobs()
    person = person_of(app, school_b, PUPIL)
    known = count(app, Identity)
    erase(head, owner, person, "refuse")
    assert app.test_cli_runner().invoke(args=["roster", "sync"]).exit_code == 0
    assert app.test_cli_runner().invoke(args=["grades", "reconcile"]).exit_code == 0
    assert count(app, Identity) == known
    with app.app_context():
        assert db.session.scalar(text("select count(*) from grade_difference")) == 0
    client = browser(app)
    link = school_b.links(COURSE)[0]["id"]
    refused = school_b.launch(client, PUPIL, link)
    assert refused.status_code == 403
    assert "does not let you in" in refused.text
    assert count(app, Identity) == known
    assert come(app, school_a, PUPIL)[1].status_code == 200  # the same number in another LMS is somebody else
    page = head.get(f"{TOOL}/organizations/{owner}/privacy/refused")
    assert f"Number in the LMS: {PUPIL}" in page.text
    foreign = coordinator(app, school_a)
    data = {"csrf_token": token(foreign)}
    theirs = organization_of(app, school_a)
    for organization in (owner, theirs):
        path = f"{TOOL}/organizations/{organization}/privacy/refused/1/admit"
        assert foreign.post(path, data=data).status_code == 404
    assert "may come in again" in submit(head, form_to(page, "/refused/1/admit")).text
    assert come(app, school_b, PUPIL)[1].status_code == 200
    assert person_of(app, school_b, PUPIL) != person
    assert count(app, RefusedSub) == 0


def test_what_is_written_at_the_moment_of_an_erasure_goes_with_the_next_run(app: Flask, school_b: School) -> None:
    come(app, school_b, PUPIL)
    person = person_of(app, school_b, PUPIL)
    ident = names(app, person).id
    with app.app_context():
        with unit_of_work():
            erase_rows(Subject(person, (ident,), ()))
        with unit_of_work():
            db.session.add(Membership(context_id=1, identity_id=ident, launch_role="learner"))
        with unit_of_work():
            mop_up()
    assert count(app, Membership, identity_id=ident) == 0


def test_nobody_erases_themselves_and_offices_end(app: Flask, head: FlaskClient, owner: int, school_b: School) -> None:
    own = person_of(app, school_b, TEACHER)
    page = head.get(f"{TOOL}/organizations/{owner}/privacy/people/{own}/erase")
    assert "only this person teaches" not in page.text
    answer = submit(head, form_to(page, "/erase"), later="newcomer", sure="y")
    assert answer.status_code == 409
    assert "cannot erase yourself" in answer.text
    result = app.test_cli_runner().invoke(args=["people", "erase", str(own), "--yes"])
    assert result.exit_code == 0, result.output
    assert head.get(f"{TOOL}/organizations/{owner}/privacy").status_code == 401


def test_guests_see_their_data_and_are_erased_whole(
    app: Flask, scene: Scene, head: FlaskClient, owner: int, run_jobs: Callable[[], int]
) -> None:
    partner = guest(app, owner, name="Pavel Partner")
    with app.app_context():
        person = db.session.get_one(Guest, guest_id(app)).person_id
    assert "Pavel Partner" in partner.get(f"{TOOL}/my/data").text
    assert f"/people/{person}/data" in head.get(f"{TOOL}/organizations/{owner}/guests").text
    erase(head, owner, person or 0, "newcomer")
    assert count(app, Guest) == 0
    assert partner.get(f"{TOOL}/my/data").status_code == 401


def test_the_gate_of_consent_does_not_hide_the_own_data(
    app: Flask, head: FlaskClient, owner: int, school_b: School
) -> None:
    choose(head, owner)
    pupil, page = come(app, school_b, PUPIL)
    assert page.request.path == "/privacy/consent"
    assert pupil.get(f"{TOOL}/my/data").status_code == 200


def test_commands(app: Flask, scene: Scene, school_b: School, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    person = person_of(app, school_b, PUPIL)
    with app.app_context():
        registration = db.session.scalar(select(Identity.registration_id).filter_by(person_id=person))
    assert run(args=["people", "find", str(registration), str(PUPIL)]).output.split()[-1] == str(person)
    assert run(args=["people", "find", str(registration), "nobody"]).exit_code == 1
    target = tmp_path / "copy.zip"
    result = run(args=["people", "export", str(person), "--file", str(target), "--language", "ru"])
    assert result.exit_code == 0, result.output
    page = unzip(target.read_bytes())["index.html"].decode()
    assert 'lang="ru"' in page
    assert "Work of partner" in page
    assert run(args=["people", "erase", str(person)], input="n\n").exit_code == 1
    assert names(app, person).name
    result = run(args=["people", "erase", str(person), "--yes", "--refuse"])
    assert result.exit_code == 0, result.output
    assert "Work handed in" in result.output
    assert names(app, person).name == ""
    assert count(app, RefusedSub) == 1
    for command in ("export", "erase"):
        again = run(args=["people", command, str(person)])
        assert again.exit_code == 1
        assert "no such person" in again.output


def test_pages_ask_the_same_however_much_there_is(
    app: Flask, scene: Scene, head: FlaskClient, owner: int, school_b: School
) -> None:
    person = person_of(app, school_b, PUPIL)
    pages = [f"{TOOL}/organizations/{owner}/privacy/people/{person}/{path}" for path in ("data", "erase")]
    sent = []
    for _round in range(2):
        for page in pages:
            with counted(app) as statements:
                assert head.get(page).status_code == 200
            sent.append(len(statements))
        for _more in range(5):
            come(app, school_b, PUPIL)
    assert sent[:2] == sent[2:]
    assert sent[1] <= 12
