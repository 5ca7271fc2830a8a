"""Catalogues of others come into the exchange: our own provider harvested by ourselves, page by page, over failures."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, Response, request
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db import db, unit_of_work
from lti_tool.exchange.harvesting import jobs, operations, protocol
from lti_tool.exchange.harvesting.answers import OaiRefused, read_answer
from lti_tool.exchange.harvesting.models import HarvestSource
from lti_tool.exchange.importing.items import Refused
from lti_tool.exchange.models import Resource
from tests.exchange.scene import Scene, Somebody, build
from tests.factories.coordinators import coordinator
from tests.factories.joining import TOOL, operator
from tests.lms import Form, School, WsgiAdapter, read_forms, submit

Run = Callable[[], int]


class Catalogue:
    """Our own provider at another address; it can be out of order, or answer something else."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.asked: list[dict[str, str]] = []
        self.good_for = 1000
        self.instead = b""
        self.replaced = (b"", b"")

    def site(self) -> Flask:
        site = Flask("catalogue")
        site.add_url_rule("/oai", "oai", self.answer)
        return site

    def answer(self) -> Response:
        self.asked.append(request.args.to_dict())
        self.good_for -= 1
        if self.good_for < 0:
            return Response("out of order", 503)
        if self.instead:
            return Response(self.instead, content_type="text/xml")
        answer = self.app.test_client().get("/oai", query_string=request.args.to_dict())
        return Response(answer.data.replace(*self.replaced), content_type="text/xml")


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


@pytest.fixture
def catalogue(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setattr(protocol, "PAGE", 2)
    made = Catalogue(scene.app)
    scene.app.extensions["open_http"].mount("https://catalogue.example", WsgiAdapter(made.site()))
    return made


def add(who: Somebody, **typed: str) -> TestResponse:
    facts = {"name": "Planets", "url": "https://catalogue.example/oai", "prefix": "oai_dc", "every_hours": "24"}
    return who.send("/exchange/sources/new", **{**facts, **typed})


def again(who: Somebody, page: str, run_jobs: Run) -> None:
    """Harvest now."""
    who.send(page, "/run", button=("action", "run"))
    run_jobs()


def states(app: Flask, organization_id: int) -> dict[str, str]:
    with app.app_context():
        found = select(Resource.title, Resource.state).where(Resource.organization_id == organization_id)
        return dict(db.session.execute(found).tuples().all())


@pytest.mark.parametrize("prefix", ["oai_dc", "lom"])
def test_records_wait_for_a_look_are_changed_and_go(
    scene: Scene, catalogue: Catalogue, run_jobs: Run, prefix: str
) -> None:
    numbers = [
        scene.a.publish(title=f"Planet {name}", visibility="public", url=f"https://planets.example/{name}")
        for name in ("Mars", "Venus", "Earth")
    ]
    scene.a.publish(
        title="Ours alone", visibility="public", url="https://planets.example/own", licence="own", terms="Ask us"
    )
    assert scene.b.get("/exchange/sources").status_code == 404
    boss = Somebody(coordinator(scene.app, scene.schools[1]))
    assert add(boss, url="ftp://x").status_code == 422
    page = add(boss, prefix=prefix).request.path
    run_jobs()
    assert [each.get("resumptionToken", "") != "" for each in catalogue.asked] == [False, True]
    text = boss.text(page)
    assert "Waiting for a look" in text
    assert "It names no licence that is known here." in text
    assert states(scene.app, scene.ids[1]) == dict.fromkeys(("Planet Mars", "Planet Venus", "Planet Earth"), "draft")
    assert "Planet Mars" not in scene.b.text("/exchange?whose=own")
    with scene.app.app_context():
        mars = db.session.scalars(select(Resource).where(Resource.organization_id == scene.ids[1])).unique().first()
        assert mars is not None
        assert mars.licence == "cc-by"
        assert mars.authors[0].name
        harvested = mars.id
    assert boss.get(f"/exchange/{harvested}").status_code == 200
    assert scene.a.get(f"/exchange/{harvested}").status_code == 404
    with scene.app.app_context():
        idents = list(db.session.scalars(select(Resource.id).where(Resource.organization_id == scene.ids[1])))
    assert boss.get(f"/exchange/{idents[0]}").status_code == 200
    scene.a.send(f"/exchange/{numbers[1]}/edit", summary="A morning star")
    looked = boss.text(page)
    again(boss, page, run_jobs)
    old = form_of(looked, "/publish")
    assert "1 was changed meanwhile" in submit(boss.client, old, resource=[f"{ident}.1" for ident in idents[:2]]).text
    assert list(states(scene.app, scene.ids[1]).values()).count("published") == 1
    boss.send(
        page, "/publish", resource=[f"{ident}.{number}" for ident, number in zip(idents[:2], (1, 2), strict=True)]
    )
    scene.a.send(f"/exchange/{numbers[0]}/edit", title="Mars, the red one", url="https://planets.example/red")
    scene.a.send(f"/exchange/{numbers[1]}/retire", reason="Old")
    scene.a.send(f"/exchange/{numbers[2]}/edit", visibility="own")
    again(boss, page, run_jobs)
    assert catalogue.asked[2]["from"]
    assert states(scene.app, scene.ids[1]) == {"Planet Mars": "published", "Planet Venus": "retired"}
    assert "gone there: 2" in boss.text(page)
    again(boss, page, run_jobs)
    assert len(states(scene.app, scene.ids[1])) == 2


def form_of(text: str, action: str) -> Form:
    return next(form for form in read_forms(text, f"{TOOL}/exchange") if form.action.endswith(action))


def sent_by(who: Somebody, form: Form, **typed: Any) -> int:
    """What somebody is answered who sends a form that was not given to them."""
    page = "/exchange/sources/new"
    own = next(each for each in read_forms(who.text(page), f"{TOOL}{page}") if "csrf_token" in each.fields)
    return submit(who.client, form, csrf_token=own.fields["csrf_token"], **typed).status_code


def chosen(text: str) -> list[str]:
    """The changes a page offers."""
    return re.findall(r'name="record" value="([^"]+)"', text)


def test_what_others_see_changes_after_a_look_alone(scene: Scene, catalogue: Catalogue, run_jobs: Run) -> None:
    mars, venus = (
        scene.a.publish(title=f"Planet {name}", visibility="public", url=f"https://planets.example/{name}")
        for name in ("Mars", "Venus")
    )
    boss = Somebody(coordinator(scene.app, scene.schools[1]))
    page = add(boss).request.path
    run_jobs()
    with scene.app.app_context():
        idents = list(
            db.session.scalars(
                select(Resource.id).where(Resource.organization_id == scene.ids[1]).order_by(Resource.title)
            )
        )
    boss.send(page, "/publish", resource=[f"{ident}.1" for ident in idents])
    assert "Changed at the source" not in boss.text(page)
    for number in (mars, venus):
        scene.a.send(f"/exchange/{number}/edit", title=f"Casino {number}")
    catalogue.replaced = (b"https://tool.example/", b"https://casino.example/")
    again(boss, page, run_jobs)
    seen = scene.b.text(f"/exchange/{idents[0]}")
    assert "https://tool.example/open/" in seen
    assert "asino" not in seen
    looked = boss.text(page)
    assert "Casino" in looked
    assert "New: Casino" in looked
    assert "Until now: https://tool.example/" in looked
    assert len(chosen(looked)) == 2
    other = Somebody(coordinator(scene.app, scene.schools[0]))
    assert sent_by(other, form_of(looked, "/changes"), record=chosen(looked), action="take") == 404
    scene.a.send(f"/exchange/{mars}/edit", title="Casino for children")
    again(boss, page, run_jobs)
    answer = submit(boss.client, form_of(looked, "/changes"), record=chosen(looked), action="take")
    assert "1 resource is changed." in answer.text
    assert "1 was changed meanwhile. Look once more." in answer.text
    assert states(scene.app, scene.ids[1]) == {"Planet Mars": "published", f"Casino {venus}": "published"}
    assert "https://casino.example/" in scene.b.text(f"/exchange/{idents[1]}")
    assert "https://casino.example/" not in scene.b.text(f"/exchange/{idents[0]}")
    boss.send(page, "/changes", record=chosen(boss.text(page)), button=("action", "keep"))
    assert "Changed at the source" not in boss.text(page)
    assert states(scene.app, scene.ids[1])["Planet Mars"] == "published"
    boss.send(f"{page}/edit", trusted="y")
    again(boss, page, run_jobs)
    scene.a.send(f"/exchange/{mars}/edit", title="Mars of somebody trusted")
    form = boss.get(f"/exchange/{idents[0]}/edit").text
    again(boss, page, run_jobs)
    assert "Mars of somebody trusted" in states(scene.app, scene.ids[1])
    late = next(each for each in read_forms(form, f"{TOOL}/exchange/{idents[0]}/edit") if "title" in each.fields)
    assert submit(boss.client, late, title="Typed before").status_code == 409


def test_a_catalogue_is_removed_and_goes_on_being_named(scene: Scene, catalogue: Catalogue, run_jobs: Run) -> None:
    for name in ("Mars", "Venus", "Earth"):
        scene.a.publish(title=f"Planet {name}", visibility="public", url=f"https://planets.example/{name}")
    boss = Somebody(coordinator(scene.app, scene.schools[1]))
    page = add(boss, name="Encyclopaedia").request.path
    run_jobs()
    ident = int(re.findall(r'name="resource" value="(\d+)\.1"', boss.text(page))[0])
    boss.send(page, "/publish", resource=[f"{ident}.1"])
    looked = boss.text(page)
    assert "what waits for a look is deleted" in looked
    removal = form_of(looked, "/remove")
    other = Somebody(coordinator(scene.app, scene.schools[0]))
    assert sent_by(other, removal) == 404
    with scene.app.app_context(), unit_of_work():
        db.session.scalars(select(HarvestSource)).one().state = "sending"
    assert "/remove" not in boss.text(page)
    assert submit(boss.client, removal).status_code == 409
    with scene.app.app_context(), unit_of_work():
        db.session.scalars(select(HarvestSource)).one().state = "waiting"
    assert "The catalogue is removed" in boss.send(page, "/remove").text
    assert boss.get(page).status_code == 404
    assert list(states(scene.app, scene.ids[1]).values()) == ["published"]
    assert "Encyclopaedia" in scene.b.text(f"/exchange/{ident}")
    run_jobs()
    assert len(catalogue.asked) == 2


def test_a_catalogue_without_end_is_paused(
    scene: Scene, catalogue: Catalogue, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Mars", "Venus", "Earth"):
        scene.a.publish(title=f"Planet {name}", visibility="public")
    boss = Somebody(coordinator(scene.app, scene.schools[1]))
    monkeypatch.setattr(operations, "MOST_RECORDS", 2)
    page = add(boss).request.path
    run_jobs()
    text = boss.text(page)
    assert "it is paused" in text
    assert "It goes on by itself" not in text
    assert len(states(scene.app, scene.ids[1])) == 2
    with scene.app.app_context(), unit_of_work():
        db.session.scalars(select(HarvestSource)).one().due_at -= timedelta(days=2)
    asked = len(catalogue.asked)
    run_jobs()
    assert len(catalogue.asked) == asked
    monkeypatch.setattr(operations, "MOST_RECORDS", 3)
    again(boss, page, run_jobs)
    assert len(states(scene.app, scene.ids[1])) == 3
    assert "it is paused" not in boss.text(page)
    again(boss, page, run_jobs)
    assert "it is paused" not in boss.text(page)  # what is known already takes no room
    monkeypatch.setattr(jobs, "MOST_PAGES", 1)
    boss.send(f"{page}/edit", url="https://catalogue.example/oai?")
    run_jobs()
    assert "it is paused" in boss.text(page)
    form = form_of(boss.text(page), "/run")
    answers = {submit(boss.client, form, action="run", follow=False).status_code for _time in range(31)}
    assert answers == {303, 429}


def test_a_coordinator_sees_drafts_that_harvests_brought_alone(
    scene: Scene, catalogue: Catalogue, run_jobs: Run
) -> None:
    scene.a.publish(title="Planet Mars", visibility="public")
    draft = scene.b.send("/exchange/new/link", title="Mine", licence="cc-by", url="https://x.example/")
    number = int(draft.request.path.rsplit("/", 1)[1])
    boss = Somebody(coordinator(scene.app, scene.schools[1]))
    add(boss)
    run_jobs()
    with scene.app.app_context(), unit_of_work():  # somebody who was erased
        db.session.get_one(Resource, number).person_id = None
        brought = db.session.scalar(
            select(Resource.id).where(Resource.title == "Planet Mars", Resource.id != number - 1)
        )
    assert boss.get(f"/exchange/{brought}").status_code == 200
    assert boss.get(f"/exchange/{number}").status_code == 404


def test_a_harvest_goes_on_after_a_failure_and_says_what_is_wrong(
    scene: Scene, catalogue: Catalogue, run_jobs: Run
) -> None:
    for name in ("Mars", "Venus", "Earth"):
        scene.a.publish(title=f"Planet {name}", visibility="public")
    boss = Somebody(coordinator(scene.app, scene.schools[1]))
    catalogue.good_for = 1
    page = add(boss, trusted="y").request.path
    run_jobs()
    assert len(states(scene.app, scene.ids[1])) == 2
    assert "The address could not be reached." in boss.text(page)
    assert "the last attempt failed" in Somebody(operator(scene.app)).text("/exchange/sources")
    catalogue.good_for = 1000
    again(boss, page, run_jobs)
    assert catalogue.asked[-1]["resumptionToken"]
    assert set(states(scene.app, scene.ids[1]).values()) == {"published"}
    assert len(states(scene.app, scene.ids[1])) == 3
    assert "The last attempt failed" not in boss.text(page)
    for answer, words in (
        (b"<html/>", "does not speak OAI-PMH"),
        (b"<!DOCTYPE x [<!ENTITY y 'z'>]><x/>", "document type"),
        (fault("cannotDisseminateFormat"), "does not have this format"),
        (b"<x>" + b" " * 8 * 1024**2 + b"</x>", "It is too large."),
        (fault("strange"), "The catalogue answered: strange."),
    ):
        catalogue.instead = answer
        again(boss, page, run_jobs)
        assert words in boss.text(page)
    boss.send(page, "/run", button=("action", "pause"))
    asked = len(catalogue.asked)
    run_jobs()
    assert len(catalogue.asked) == asked
    assert "paused" in boss.text(page)
    other = Somebody(coordinator(scene.app, scene.schools[0]))
    assert other.get(page).status_code == 404
    with scene.app.app_context():
        source = db.session.scalars(select(HarvestSource)).one()
        assert source.error == "strange"


def fault(code: str) -> bytes:
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>'
        f'<error code="{code}"/></OAI-PMH>'
    ).encode()


@given(st.binary(max_size=300))
def test_whatever_a_catalogue_answers_is_read_or_refused(content: bytes) -> None:
    with pytest.raises((Refused, OaiRefused)):
        read_answer(content, "oai_dc")
