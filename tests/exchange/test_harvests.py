"""Catalogues of others come into the exchange: our own provider harvested by ourselves, page by page, over failures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, Response, request
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db import db
from lti_tool.exchange.harvesting import protocol
from lti_tool.exchange.harvesting.answers import OaiRefused, read_answer
from lti_tool.exchange.harvesting.models import HarvestSource
from lti_tool.exchange.importing.items import Refused
from lti_tool.exchange.models import Resource
from tests.exchange.scene import Scene, Somebody, build
from tests.factories.coordinators import coordinator
from tests.factories.joining import operator
from tests.lms import School, WsgiAdapter

Run = Callable[[], int]


class Catalogue:
    """Our own provider at another address; it can be out of order, or answer something else."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.asked: list[dict[str, str]] = []
        self.good_for = 1000
        self.instead = b""

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
        return Response(answer.data, content_type="text/xml")


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


@pytest.fixture
def catalogue(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.setattr(protocol, "PAGE", 2)
    made = Catalogue(scene.app)
    scene.app.extensions["http"].mount("https://catalogue.example", WsgiAdapter(made.site()))
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
    boss.send(page, "/publish", resource=[str(ident) for ident in idents[:2]])
    scene.a.send(f"/exchange/{numbers[0]}/edit", title="Mars, the red one", url="https://planets.example/red")
    scene.a.send(f"/exchange/{numbers[1]}/retire", reason="Old")
    scene.a.send(f"/exchange/{numbers[2]}/edit", visibility="own")
    again(boss, page, run_jobs)
    assert catalogue.asked[2]["from"]
    assert states(scene.app, scene.ids[1]) == {"Mars, the red one": "published", "Planet Venus": "retired"}
    assert "Mars, the red one" in scene.b.text("/exchange?whose=own&q=red")
    assert "gone there: 2" in boss.text(page)
    again(boss, page, run_jobs)
    assert len(states(scene.app, scene.ids[1])) == 2


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
