"""Reports of use, questions, requests: what teachers tell each other across schools."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.exchange.scene import Scene, build
from tests.factories.joining import TOOL
from tests.lms import School, read_forms


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


def test_a_rating_comes_only_with_a_report_and_not_from_authors(scene: Scene) -> None:
    number = scene.a.publish(title="Fractions sheet")
    scene.a.publish(title="Another sheet")
    assert scene.a.get(f"/exchange/{number}/report").status_code == 403
    answer = scene.b.send(f"/exchange/{number}/report", rating="5", setting="Grade 8", worked="")
    assert answer.status_code == 422
    assert "Grade 8" in answer.text
    answer = scene.b.send(f"/exchange/{number}/report", rating="2", setting="Grade 8", worked="Too long for one lesson")
    assert "Too long for one lesson" in answer.text
    scene.b.send(f"/exchange/{number}/report", rating="4", worked="Good after all")
    page = scene.a.text(f"/exchange/{number}")
    assert "Good after all" in page
    assert "Too long" not in page
    best = scene.a.text("/exchange?q=sheet&sort=rated")
    assert best.index("Fractions sheet") < best.index("Another sheet")
    assert '<span class="quiet">(1)</span>' in best
    scene.b.send(f"/exchange/{number}/report", "/report/remove")
    assert '<span class="quiet">(1)</span>' not in scene.a.text("/exchange?q=sheet")


def test_questions_reach_the_authors_and_only_they_answer(scene: Scene) -> None:
    number = scene.a.publish(title="Fractions sheet")
    scene.b.send(f"/exchange/{number}/ask", text="Is there a key?")
    assert "Is there a key?" in scene.a.text("/exchange")
    assert scene.b.get("/exchange/questions/1").status_code == 403
    scene.a.send("/exchange/questions/1", text="On page 3.")
    assert "On page 3." in scene.b.text(f"/exchange/{number}")
    assert "Is there a key?" not in scene.a.text("/exchange")


def test_what_is_missing_is_asked_for_answered_and_credited(scene: Scene) -> None:
    nothing = scene.b.text("/exchange?q=volcano")
    assert "/exchange/needs/new?title=volcano" in nothing
    asked = scene.b.send(
        "/exchange/needs/new?title=volcano", "/needs/new?title=volcano", text="For grade 5", subject="geo"
    )
    assert "For grade 5" in asked.text
    assert "volcano" in scene.a.text("/exchange/needs?subject=geo")
    assert "Nobody looks for anything" in scene.a.text("/exchange/needs?subject=math")
    number = scene.a.publish(title="Volcanoes of Kamchatka")
    hidden = scene.b.publish(title="Hidden", visibility="own")
    assert scene.a.send("/exchange/needs/1", "/offers", resource=str(hidden)).status_code == 422
    scene.a.send("/exchange/needs/1", "/offers", resource=f"{TOOL}/exchange/{number}")
    page = scene.b.text("/exchange/needs/1")
    assert "Volcanoes of Kamchatka" in page
    assert "It helps, thank you" not in scene.a.text("/exchange/needs/1")
    thank = [form for form in read_forms(page, TOOL) if "answer" in form.fields]
    assert len(thank) == 1
    answer = scene.b.client.post(
        f"{TOOL}/exchange/needs/1",
        data={"csrf_token": thank[0].fields["csrf_token"], "action": "thank", "answer": thank[0].fields["answer"]},
    )
    assert answer.status_code == 303
    assert "it helped" in scene.a.text("/exchange/needs/1")
