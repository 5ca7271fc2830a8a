"""Addresses and files of published resources are looked at each night; owners are told of what is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select, update

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.core.storage import current_storage
from lti_tool.exchange.health.jobs import plan_checks
from lti_tool.exchange.health.models import AskedHost, ResourceCheck
from lti_tool.exchange.health.probing import LOOKED_AT
from lti_tool.files.models import StoredFile
from tests.exchange.scene import Scene, build
from tests.lms import School, WsgiAdapter
from tests.statements import counted

Run = Callable[[], int]


class Web:
    """A site whose pages answer with what a test says; it remembers who asked how."""

    def __init__(self) -> None:
        self.status: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []
        self.app = Flask("web")
        self.app.add_url_rule("/<path:name>", view_func=self.answer, methods=["GET", "HEAD"])

    def answer(self, name: str) -> tuple[str, int, dict[str, str]]:
        from flask import request  # of this site, not of the tool

        self.asked.append((request.method, name))
        status = self.status.get(name, 200)
        if name == "no-head" and request.method == "HEAD":
            return "", 405, {}
        if name == "large":
            return "x" * (LOOKED_AT + 1), 405 if request.method == "HEAD" else 200, {}
        where = {301: "https://web.example/moved", 302: "http://web.example/open"}
        return "", status, {"Location": where[status]} if status in where else {}


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School, web: Web) -> Scene:
    made = build(app, school_a, school_b)
    app.extensions["open_http"].mount("https://web.example", WsgiAdapter(web.app))
    return made


def night(app: Flask, run_jobs: Run, *, days: int = 1) -> None:
    """All is planned and looked at, one host after the other; `days` have gone by since the last time."""
    ago = timedelta(days=days)
    with app.app_context(), unit_of_work():
        plan_checks()
        db.session.execute(update(ResourceCheck).values(due_at=utcnow() - timedelta(seconds=1)))
        earlier = ResourceCheck.failing_since.is_not(None)
        for check in db.session.scalars(select(ResourceCheck).where(earlier)):
            assert check.failing_since is not None
            check.failing_since -= ago
    for _turn in range(10):
        with app.app_context(), unit_of_work():
            soon = ResourceCheck.due_at < utcnow() + timedelta(minutes=10)
            waiting = db.session.scalar(select(ResourceCheck.id).where(soon).limit(1))
            db.session.execute(update(AskedHost).values(free_at=utcnow() - timedelta(seconds=1)))
            db.session.execute(update(ResourceCheck).where(soon).values(due_at=utcnow() - timedelta(seconds=1)))
        if waiting is None:
            return
        run_jobs()
    raise AssertionError("some resource is never looked at")


def test_whoever_shared_it_is_told_once_it_stays_away(scene: Scene, app: Flask, web: Web, run_jobs: Run) -> None:
    number = scene.a.publish(title="Volcanoes", url="https://web.example/volcanoes")
    well = scene.a.publish(title="Rivers", url="https://web.example/rivers")
    night(app, run_jobs)
    assert sorted(web.asked) == [("HEAD", "rivers"), ("HEAD", "volcanoes")]
    assert "Everything answers" in scene.a.text("/exchange/broken")
    web.status["volcanoes"] = 404
    night(app, run_jobs)
    page = scene.a.text(f"/exchange/{number}")
    assert "Nothing is at its address any more" in page
    assert "Nothing is at its address" not in scene.a.text(f"/exchange/{well}")
    assert "1 resource of your organization can no longer be opened" in scene.a.text("/exchange/mine")
    assert "Volcanoes" not in scene.a.text("/notices")
    night(app, run_jobs)
    assert "“Volcanoes” can no longer be opened" in scene.a.text("/notices")
    assert "Volcanoes" not in scene.b.text("/notices")
    # another school sees that it is gone, but no list of what is
    assert "Its authors are told." in scene.b.text(f"/exchange/{number}")
    assert "Everything answers" in scene.b.text("/exchange/broken")
    web.status.clear()
    night(app, run_jobs)
    assert "Nothing is at its address" not in scene.a.text(f"/exchange/{number}")
    assert "Volcanoes" not in scene.a.text("/notices")
    # retired: nobody looks any more
    scene.a.send(f"/exchange/{number}/retire", reason="Old")
    web.asked.clear()
    night(app, run_jobs)
    assert web.asked == [("HEAD", "rivers")]


@pytest.mark.parametrize(
    ("name", "status", "trouble"),
    [
        ("no-head", 200, ""),
        ("large", 200, ""),
        ("members", 401, ""),
        ("busy", 429, ""),
        ("old", 301, ""),
        ("gone", 410, "Nothing is at its address any more"),
        ("open", 302, ""),
        ("broken", 500, "Its address does not answer"),
    ],
)
def test_what_counts_as_gone(
    scene: Scene, app: Flask, web: Web, run_jobs: Run, name: str, status: int, trouble: str
) -> None:
    number = scene.a.publish(url=f"https://web.example/{name}")
    web.status[name] = status
    night(app, run_jobs)
    page = scene.a.text(f"/exchange/{number}")
    assert (trouble in page) if trouble else ("Its address" not in page and "Nothing is at" not in page)


def test_an_address_without_tls_is_not_judged(scene: Scene, app: Flask, run_jobs: Run) -> None:
    number = scene.a.publish(url="http://museum.example/exhibits")
    night(app, run_jobs)
    assert "Its address" not in scene.a.text(f"/exchange/{number}")


def test_an_address_inside_is_never_asked(scene: Scene, app: Flask, run_jobs: Run) -> None:
    number = scene.a.publish(url="https://127.0.0.1/secret")
    night(app, run_jobs)
    assert "leads where nobody may look" in scene.a.text(f"/exchange/{number}")


def test_a_file_that_the_storage_lost(scene: Scene, app: Flask, run_jobs: Run) -> None:
    number = scene.a.publish("file", title="Sheet", files=(BytesIO(b"%PDF-1.4 a paper"), "paper.pdf"))
    night(app, run_jobs)
    assert "A file of it is gone" not in scene.a.text(f"/exchange/{number}")
    with app.app_context():
        current_storage().delete(db.session.scalars(select(StoredFile.key)).one())
    night(app, run_jobs)
    assert "A file of it is gone" in scene.a.text(f"/exchange/{number}")


def test_the_list_costs_the_same_with_many(scene: Scene, app: Flask, run_jobs: Run) -> None:
    def cost() -> int:
        night(app, run_jobs)
        with counted(app) as statements:
            page = scene.a.text("/exchange/broken")
        assert page.count("leads where nobody may look") == len(shared)
        return len(statements)

    shared = [scene.a.publish(title="First", url="https://127.0.0.1/first")]
    one = cost()
    shared += [scene.a.publish(title=f"No. {number}", url=f"https://127.0.0.1/{number}") for number in range(5)]
    assert cost() == one


def test_one_host_is_asked_by_one_at_a_time(scene: Scene, app: Flask, web: Web, run_jobs: Run) -> None:
    for number in range(3):
        scene.a.publish(title=f"Page {number}", url=f"https://web.example/{number}")
    with app.app_context(), unit_of_work():
        plan_checks()
    run_jobs()
    assert len(web.asked) == 1
    with app.app_context():
        later = db.session.scalars(select(ResourceCheck.due_at).where(ResourceCheck.checked_at.is_(None))).all()
    assert len(later) == 2
    assert all(moment > utcnow() for moment in later)
