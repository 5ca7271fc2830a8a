"""Parts that die, fill up or lie about the time while grades are on their way: nothing is lost, nothing goes back.

What happens in which order is the business of test_outbox_machine.py; a killed worker and a lost broker are in
test_kill.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update

from lti_tool.contexts.models import Context, RosterSync
from lti_tool.core import db as core_db
from lti_tool.core import jobs
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.core.settings import PROJECT_DIR
from lti_tool.courses.models import Grade
from lti_tool.grades.models import DeliveryLane, Score
from lti_tool.lti import jwks
from tests.conftest import browser
from tests.courses.scene import build
from tests.factories.grades import record, score
from tests.grades.processes import (
    FIRST,
    PUPILS,
    Scene,
    database,
    free_port,
    kill,
    running,
    service,
    wait_until,
)
from tests.lms import COURSE, PUPIL, School

RunJobs = Callable[[], int]
SANDBOX = [sys.executable, "-m", "lti_tool.sandbox", "--school", "b"]


@contextmanager
def living(directory: Path, url: str, broker: str, *, people: int = PUPILS) -> Iterator[Scene]:
    """The school's LMS runs and the tool's database is prepared; the tool does not run yet."""
    scene = Scene(directory, url, broker)
    lms = [*SANDBOX, "--people", str(people), "--port", str(scene.school_port)]
    with running(lms, scene.env, directory / "school.log"):
        scene.prepare()
        yield scene
    scene.close()


# ---- processes


def test_one_of_two_workers_dies_and_the_other_takes_over(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url, living(tmp_path, url, service("LTI_TOOL_TEST_REDIS")) as scene:
        scene.record_all()
        with scene.tool() as (_web, *workers):
            wait_until(lambda: scene.delivered() >= 40, "40 delivered")
            with scene.app.app_context():
                driver = db.session.scalars(select(DeliveryLane.leased_by)).one() or ""
                db.session.rollback()
            kill(next(worker for worker in workers if f":{worker.pid}:" in driver))
            before = scene.delivered()
            assert before < PUPILS, "killed too late to prove anything"
            wait_until(lambda: scene.delivered() == PUPILS, "all delivered")
        assert scene.arrived()


@pytest.mark.parametrize(("when", "kept"), [("before the commit", False), ("after the commit", True)])
def test_a_web_process_killed_while_a_grade_is_saved(tmp_path: Path, when: str, kept: bool) -> None:
    """The grade's order is there with it or not at all; the lost nudge is made good by the sweep."""
    killed = """
import os, signal
from lti_tool import create_app
from lti_tool.core import jobs
from tests.factories import grades
def die(*_anything):
    os.kill(os.getpid(), signal.SIGKILL)
if {late}:
    jobs._publish = die
else:
    grades.utcnow, record = grades.utcnow, grades.record_score
    grades.record_score = lambda **values: (record(**values), die())
grades.record(create_app(), {sub}, 5)
"""
    with database("sqlite", tmp_path) as url, living(tmp_path, url, "memory://") as scene:
        code = killed.format(late=kept, sub=FIRST)
        ended = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, env=scene.env, check=False)
        assert ended.returncode == -9
        with scene.app.app_context():
            states = db.session.scalars(select(Score.state)).all()
            db.session.rollback()
        assert states == (["waiting"] if kept else []), when
        with scene.tool():
            if not kept:
                record(scene.app, FIRST, 5)
            wait_until(lambda: scene.delivered() == 1, "it is delivered")


@contextmanager
def cluster() -> Iterator[tuple[str, Callable[[], object]]]:
    """A PostgreSQL of this test's own: its address, and what restarts it as a crash does."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        assert not os.environ.get("CI"), "CI needs PostgreSQL's programs"
        pytest.skip("there is no PostgreSQL here to be restarted")
    directory, port = Path(tempfile.mkdtemp()), free_port()
    as_owner: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(directory, "postgres")
        as_owner = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *words: str) -> None:
        command = [*as_owner, str(found[-1] / program), "-D", str(directory / "data"), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={directory} -c fsync=off"
    run("initdb", "-A", "trust", "-U", "postgres")
    run("pg_ctl", "-w", "-l", str(directory / "log"), "-o", options, "start")
    try:
        yield (
            f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres",
            lambda: run("pg_ctl", "-w", "-m", "immediate", "-l", str(directory / "log"), "-o", options, "restart"),
        )
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(directory)


def test_the_database_is_restarted_in_the_middle(tmp_path: Path) -> None:
    with cluster() as (url, restart), living(tmp_path, url, service("LTI_TOOL_TEST_REDIS")) as scene:
        scene.record_all()
        with scene.tool():
            wait_until(lambda: scene.delivered() >= 40, "40 delivered")
            restart()
            scene.close()
            assert scene.delivered() < PUPILS, "restarted too late to prove anything"
            wait_until(lambda: scene.delivered() == PUPILS, "all delivered")
        assert scene.arrived()


def test_fifty_tasks_at_once_in_two_processes_ask_for_one_token(tmp_path: Path) -> None:
    with (
        database("postgresql", tmp_path) as url,
        living(tmp_path, url, service("LTI_TOOL_TEST_REDIS"), people=10) as scene,
    ):
        told = scene.sandbox("GET", "/state")["tools"][0]
        address = f"{scene.school}/services/CourseSection/2/bindings/{told['id']}/memberships"
        with scene.app.app_context(), unit_of_work():
            known = db.session.scalars(select(Context)).one()
            for number in range(50):
                context = Context(
                    registration_id=known.registration_id,
                    deployment_pk=known.deployment_pk,
                    lms_id=f"like-{number}",
                    memberships_url=address,
                )
                db.session.add(context)
                db.session.flush()
                db.session.add(RosterSync(context_id=context.id))

        def read() -> int:
            with scene.app.app_context():
                states = db.session.scalars(select(RosterSync.state)).all()
                db.session.rollback()
                return states.count("done")

        with scene.tool():
            wait_until(lambda: read() == 50, "50 rosters read")
        asked = [call for call in scene.sandbox("GET", "/calls") if call["service"] == "token"]
        assert len(asked) == 1


# ---- schedulers


def test_schedulers_at_once_do_each_duty_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    duties = {name: (timedelta(hours=1), lambda name=name: done.append(name)) for name in ("one", "two", "three")}
    monkeypatch.setattr(jobs, "_duties", duties)
    barrier = Barrier(6)

    def schedule() -> None:
        with app.app_context():
            barrier.wait()
            jobs.run_duties()

    threads = [Thread(target=schedule) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["one", "three", "two"]


# ---- one process


@pytest.fixture
def link(app: Flask, school_a: School) -> int:
    """A link of school A, launched by two pupils; context 1."""
    link = school_a.add_link(COURSE, "Report", custom={"content": "home"}, graded=False)
    for person in (PUPIL, PUPIL + 1):
        assert school_a.launch(browser(app), person, link, follow=False).status_code == 303
    return link


def due_now(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        for model in (Score, DeliveryLane):
            db.session.execute(update(model).values(due_at=utcnow() - timedelta(seconds=1)))


def given(school: School) -> dict[str, float]:
    column = next(column for column in school.columns() if column["resource_id"] == "activity-1")
    return {user: cell["score"] for user, cell in column["grades"].items()}


@pytest.mark.parametrize("kind", ["500", "401", "html", "hang"])
def test_no_token_today(app: Flask, school_a: School, link: int, run_jobs: RunJobs, kind: str) -> None:
    run_jobs()  # the roster
    school_a.fault("token", kind)
    before = len(school_a.calls("token"))
    ids = [record(app, person, 5) for person in (PUPIL, PUPIL + 1)]
    run_jobs()
    assert {score(app, one).state for one in ids} == {"waiting"}
    asked = len(school_a.calls("token")) - before
    assert asked <= 2
    run_jobs()
    assert len(school_a.calls("token")) - before == asked  # nobody knocks again before it is time
    school_a.fault("token", "none")
    due_now(app)
    run_jobs()
    assert given(school_a) == {str(PUPIL): 5.0, str(PUPIL + 1): 5.0}


def test_the_key_of_the_lms_is_changed(
    app: Flask, school_a: School, link: int, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(app, PUPIL, 5)
    run_jobs()
    school_a.rotate_key(keep_old=False)
    monkeypatch.setattr(jwks, "PAUSE", timedelta(0))  # else an unknown key is asked for once a minute
    assert school_a.launch(browser(app), PUPIL, link, follow=False).status_code == 303
    record(app, PUPIL, 6)
    run_jobs()
    assert given(school_a) == {str(PUPIL): 6.0}


def test_the_clock_is_set_back_an_hour(
    app: Flask, school_a: School, link: int, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(app, PUPIL, 5)
    run_jobs()
    back = SimpleNamespace(now=lambda zone: datetime.now(zone) - timedelta(hours=1))
    with app.app_context():
        jobs.run_duties()
        monkeypatch.setattr(core_db, "datetime", back)
        jobs.run_duties()
    newer = record(app, PUPIL, 6)
    first = record(app, PUPIL + 1, 7)
    run_jobs()
    assert (score(app, newer).state, score(app, first).state) == ("delivered", "delivered")
    assert given(school_a) == {str(PUPIL): 6.0, str(PUPIL + 1): 7.0}
    assert [column["resource_id"] for column in school_a.columns()].count("activity-1") == 1


def test_a_full_disk_is_told_and_nothing_is_half_stored(
    app: Flask, school_a: School, school_b: School, run_jobs: RunJobs
) -> None:
    """SQLite alone: it may not grow any more, which it reports as a disk that is full."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's disk is not ours to fill")
    scene = build(app, school_a, school_b)
    scene["host"].post("/language", locale="en")
    path = f"/courses/activities/2/works/{scene.pupil_ids['pupil']}"
    comment = "A long comment. " * 300

    def limit(pages: int) -> None:
        engine.dispose()

        @event.listens_for(engine, "connect")
        def _limit(connection: object, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]

    with app.app_context():
        limit(db.session.scalar(text("PRAGMA page_count")) or 0)
    refused = scene["host"].post(path, points="5", comment=comment, version="0")
    assert refused.status_code == 503
    assert "Nothing was changed" in refused.text
    assert "A long comment." in refused.text  # what was typed is not lost
    with app.app_context():
        assert db.session.scalars(select(Grade)).all() == []
        assert db.session.scalars(select(Score)).all() == []
    limit(10**6)
    assert scene["host"].post(path, points="5", comment=comment, version="0").status_code == 303
    run_jobs()
    with app.app_context():
        assert db.session.scalars(select(Score.state)).all() == ["delivered"]
