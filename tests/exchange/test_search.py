"""What a search finds, counts and offers; alike on both databases, right after every edit, in few statements."""

from __future__ import annotations

import pytest
from flask import Flask

from lti_tool.core.db import execute, table_of, unit_of_work
from lti_tool.exchange.search.models import ResourceEntry, ResourceText
from lti_tool.exchange.search.queries import Asked, Found, Viewer, asked_of, find
from lti_tool.exchange.seeding import demo_organizations, seed_resources
from tests.exchange.scene import Scene, build
from tests.lms import COURSE, TEACHER, School
from tests.statements import counted


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


def search(app: Flask, text: str, viewer: Viewer | None = None, **filters: tuple[str, ...]) -> Found:
    with app.test_request_context():
        return find(viewer or Viewer(1), Asked(text, filters), 1, str)


def titles(found: Found) -> list[str]:
    return [each.title for each in found.page.items]


def test_words_titles_first_prefixes_phrases_and_without(scene: Scene) -> None:
    scene.a.publish("page", title="Закон Ома", body="Опыт с током")
    scene.a.publish("page", title="Электрический ток", body="О законе Ома и опытах")
    scene.a.publish("page", title="Омский закон", body="Ом")
    app = scene.app
    assert titles(search(app, "закон Ома"))[0] == "Закон Ома"
    assert set(titles(search(app, "электр"))) == {"Электрический ток"}
    assert "Омский закон" not in titles(search(app, '"закон Ома"'))
    assert titles(search(app, "закон -током")) == ["Омский закон"]
    assert search(app, "закно Ома").mended == "закон ома"
    found = search(app, "закон кенгуру")
    assert found.any_word
    assert found.page.total == 3
    assert search(app, "кенгуру").page.total == 0


def test_facets_count_what_is_there_and_what_would_be(scene: Scene) -> None:
    for subject, grade in (("phys", "g7"), ("phys", "g10"), ("chem", "g10")):
        scene.a.publish(title=f"Опыт {subject} {grade}", subjects=[subject], levels=[grade])
    everything = search(scene.app, "опыт")
    assert dict(everything.facets["subject"]) == {"phys": 2, "chem": 1}
    assert dict(everything.facets["level"]) == {"soo": 2, "ooo": 1}
    physics = search(scene.app, "опыт", subject=("phys",))
    assert physics.page.total == 2
    assert dict(physics.facets["subject"]) == {"phys": 2, "chem": 1}
    assert dict(physics.facets["level"]) == {"soo": 1, "ooo": 1}
    assert search(scene.app, "", subject=("phys", "chem"), grade=("g10",)).page.total == 2
    assert dict(search(scene.app, "").facets["subject"]) == {"phys": 2, "chem": 1}


def test_the_index_follows_every_edit(scene: Scene) -> None:
    number = scene.a.publish("page", title="Вулканы", body="Лава")
    assert search(scene.app, "вулкан").page.total == 1
    scene.a.send(f"/exchange/{number}/edit", title="Гейзеры", body="Пар")
    assert [search(scene.app, word).page.total for word in ("вулкан", "лава", "гейзер", "пар")] == [0, 0, 1, 1]
    scene.a.send(f"/exchange/{number}/retire", reason="Old")
    assert search(scene.app, "гейзер").page.total == 0
    assert search(scene.app, "").page.total == 0
    scene.a.send(f"/exchange/{number}", "/publish")
    assert search(scene.app, "гейзер").page.total == 1


def test_a_lost_index_is_built_anew(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        seed_resources(40, demo_organizations(3))
    before = search(app, "урок", Viewer(1, (2,)))
    with app.app_context(), unit_of_work():
        execute(table_of(ResourceText).delete())
        execute(table_of(ResourceEntry).delete())
    assert search(app, "урок").page.total == 0
    result = app.test_cli_runner().invoke(args=["exchange", "index"])
    assert result.output.strip() == "40"
    after = search(app, "урок", Viewer(1, (2,)))
    assert (titles(after), after.facets) == (titles(before), before.facets)


def test_trial_data_never_mixes_with_real_schools(app: Flask, school_a: School) -> None:
    result = app.test_cli_runner().invoke(args=["demo", "seed", "--resources", "5"])
    assert result.exit_code == 1
    assert "real organizations" in result.output


def test_addresses_hold_only_what_is_understood() -> None:
    asked = asked_of(
        {"q": ["x" * 900], "sort": ["evil"], "whose": ["'"], "subject": ["math", "a b", "'--"], "page": ["1"]}
    )
    assert asked == Asked("x" * 200, {"subject": ("math",)}, "", "relevance")


def test_pages_cost_as_much_with_many_as_with_one(scene: Scene, school_b: School) -> None:
    number = scene.a.publish(title="Урок о воде", summary="Вода")

    def cost() -> list[int]:
        found = []
        for path in ("/exchange?q=урок", f"/exchange/{number}", "/exchange"):
            with counted(scene.app) as sent:
                assert scene.b.get(path).status_code == 200
            found.append(len(sent))
        picker = school_b.deep_link(scene.b.client, TEACHER, COURSE)
        with counted(scene.app) as sent:
            assert scene.b.get(picker.request.path).status_code == 200
        return [*found, len(sent)]

    few = cost()
    with scene.app.app_context(), unit_of_work():
        seed_resources(60, list(scene.ids))
    many = cost()
    # authors of a page of results are one statement, whether there is one or twenty
    assert all(after <= before + 2 for before, after in zip(few, many, strict=True)), (few, many)
    assert many[3] <= 15
