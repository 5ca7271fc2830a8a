"""A resource from its publication to the class that uses it, as the teachers of two schools live it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask

from lti_tool.agreements.queries import today
from tests.exchange.scene import Scene, build, enter
from tests.factories.agreements import agreement, end
from tests.factories.joining import TOOL
from tests.lms import COURSE, PUPIL, TEACHER, School, read_forms, submit


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


def test_published_in_two_clicks_found_and_read(scene: Scene) -> None:
    assert "/exchange/new/link" in scene.a.text("/exchange/new")
    number = scene.a.publish(title="Квадратные уравнения", summary="Рабочий лист", subjects=["algebra"], levels=["g8"])
    found = scene.b.text("/exchange?q=уравнение")
    assert "Квадратные уравнения" in found
    assert "Algebra" in found
    assert "Nothing found" in scene.b.text("/exchange?q=уравнение&subject=phys")
    assert "Without “Physics”" in scene.b.text("/exchange?q=уравнение&subject=phys")
    page = scene.b.text(f"/exchange/{number}")
    assert "https://example.org/page" in page
    assert "Школа № 12" in page
    assert "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/" in page


def test_what_is_typed_is_kept_and_what_is_wrong_is_said(scene: Scene) -> None:
    answer = scene.a.send("/exchange/new/link", button=("action", "publish"), title="", url="javascript:alert(1)")
    assert answer.status_code == 422
    assert "Give it a title." in answer.text
    assert "Write a whole address" in answer.text
    answer = scene.a.send(
        "/exchange/new/page", button=("action", "publish"), title="T", body="", licence="school", visibility="hub"
    )
    assert answer.status_code == 422
    assert "Write the text." in answer.text
    answer = scene.a.send(
        "/exchange/new/page", button=("action", "publish"), title="T", body="x", licence="school", visibility="hub"
    )
    assert "can be shown to your own organization only" in answer.text
    previewed = scene.a.send("/exchange/new/page", button=("action", "preview"), title="T", body="**bold**")
    assert "<strong>bold</strong>" in previewed.text


def test_a_draft_is_its_authors_alone_and_can_be_deleted(scene: Scene) -> None:
    answer = scene.a.send("/exchange/new/page", button=("action", "save"), title="Secret plan", body="x")
    number = int(answer.request.path.rsplit("/", 1)[1])
    assert scene.b.get(f"/exchange/{number}").status_code == 404
    assert "Secret plan" not in scene.a.text("/exchange?q=secret")
    assert "Secret plan" in scene.a.text("/exchange/mine")
    scene.a.send(f"/exchange/{number}", "/discard")
    assert scene.a.get(f"/exchange/{number}").status_code == 404


def test_files_are_kept_served_and_compared(scene: Scene) -> None:
    def file(name: str, content: bytes) -> list[tuple[BytesIO, str]]:
        return [(BytesIO(content), name)]

    number = scene.a.publish("file", title="Map", files=file("map.txt", b"A map of the river."))
    page = scene.b.text(f"/exchange/{number}")
    address = next(part for part in page.split('"') if part.startswith("/exchange/files/"))
    got = scene.b.get(address)
    assert got.data == b"A map of the river."
    assert got.headers["Content-Disposition"].startswith("attachment")
    answer = scene.b.send(
        "/exchange/new/file", button=("action", "publish"), title="Same", files=file("copy.txt", b"A map of the river.")
    )
    assert "The same file is in the exchange already" in answer.text
    assert "Map" in answer.text
    answer = scene.a.send(f"/exchange/{number}/edit", files=file("second.txt", b"More"), note="A second sheet")
    assert "Saved as version 2." in answer.text
    versions = scene.b.text(f"/exchange/{number}/versions")
    assert "A second sheet" in versions
    difference = scene.b.text(f"/exchange/{number}/versions/2")
    assert "New files:" in difference
    assert "second.txt" in difference


def test_two_tabs_lose_nothing(scene: Scene) -> None:
    number = scene.a.publish("page", title="Notes", body="First text")
    old = scene.a.text(f"/exchange/{number}/edit")
    scene.a.send(f"/exchange/{number}/edit", body="Second text")
    form = next(form for form in read_forms(old, f"{TOOL}/exchange/{number}/edit") if form.action.endswith("/edit"))
    answer = submit(scene.a.client, form, body="Third text")
    assert answer.status_code == 409
    assert "Third text" in answer.text
    form = next(
        form for form in read_forms(answer.text, f"{TOOL}/exchange/{number}/edit") if form.action.endswith("/edit")
    )
    assert "Saved as version 3." in submit(scene.a.client, form).text
    difference = scene.a.text(f"/exchange/{number}/versions/3")
    assert "<del>Second text</del>" in difference
    assert "<ins>Third text</ins>" in difference


def test_who_sees_what_between_schools(scene: Scene) -> None:
    own = scene.a.publish(title="Only ours", visibility="own")
    partners = scene.a.publish(title="For partners", visibility="partners")
    hub = scene.a.publish(title="For the hub", visibility="hub")
    public = scene.a.publish(title="For everybody", visibility="public")
    numbers = (own, partners, hub, public)

    def seen() -> tuple[list[int], int]:
        found = scene.b.text("/exchange")
        statuses = [scene.b.get(f"/exchange/{each}").status_code for each in numbers]
        return statuses, sum(title in found for title in ("Only ours", "For partners", "For the hub", "For everybody"))

    assert seen() == ([404, 404, 200, 200], 2)
    made = agreement(scene.app, *scene.ids)
    assert seen() == ([404, 200, 200, 200], 3)
    end(scene.app, made, today() - timedelta(days=1))
    assert seen() == ([404, 404, 200, 200], 2)
    stranger = scene.app.test_client()
    statuses = [stranger.get(f"/open/{each}").status_code for each in numbers]
    assert statuses == [404, 404, 404, 200]
    page = stranger.get(f"/open/{public}").text
    assert '"@type": "LearningResource"' in page
    assert stranger.get(f"/exchange/{public}").status_code == 401
    assert f"/open/{public}" in stranger.get("/open/sitemap.xml?page=1").text
    assert (
        stranger.get(f"/open/{public}/facts.jsonld").json["license"] == "https://creativecommons.org/licenses/by/4.0/"
    )


def test_a_pupil_sees_only_what_is_placed(scene: Scene, school_b: School) -> None:
    number = scene.a.publish(title="For the hub")
    pupil = enter(scene.app, school_b, PUPIL)
    assert pupil.get("/exchange").status_code == 404
    assert pupil.get(f"/exchange/{number}").status_code == 404
    assert pupil.get("/exchange/new").status_code == 404
    place(scene, school_b, [number])
    assert pupil.get(f"/exchange/{number}").status_code == 200
    assert pupil.get(f"/exchange/{number}/versions").status_code == 403


def place(scene: Scene, school: School, numbers: list[int], **search: str) -> list[int]:
    """A teacher picks resources in the LMS; ids of the new activities."""
    picker = school.deep_link(scene.b.client, TEACHER, COURSE)
    form = next(form for form in read_forms(picker.text, picker.request.url) if "selection" in form.action)
    if search:
        picker = submit(scene.b.client, form, look="1", **search)
        form = next(form for form in read_forms(picker.text, picker.request.url) if "selection" in form.action)
    answer = submit(scene.b.client, form, content=[f"resource:{each}" for each in numbers])
    return school.save(school.accept(answer))


def test_several_are_placed_at_once_with_columns_and_worked_through(
    scene: Scene, school_b: School, run_jobs: object
) -> None:
    first = scene.a.publish(title="Fractions sheet", points="5")
    second = scene.a.publish(title="Angles sheet")
    links = place(scene, school_b, [first, second], q="fraction")
    assert len(links) == 2
    assert [column["label"] for column in school_b.columns()].count("Fractions sheet") == 1
    client = enter(scene.app, school_b, PUPIL).client
    page = school_b.launch(client, PUPIL, links[0])
    assert page.request.path == f"/exchange/{first}"
    done = submit(client, next(form for form in read_forms(page.text, page.request.url) if "/done/" in form.action))
    assert "on their way to your gradebook" in done.text
    run_jobs()
    assert 5.0 in school_b.scores(links[0]).values()
    # withdrawn from the hub since: the class goes on
    scene.a.send(f"/exchange/{first}/edit", visibility="own")
    assert school_b.launch(client, PUPIL, links[0]).status_code == 200
    assert scene.b.get(f"/exchange/{first}").status_code == 200  # it is in her course
    assert "Fractions sheet" not in scene.b.text("/exchange")


def test_a_forged_link_opens_nothing(scene: Scene, school_b: School) -> None:
    own = scene.a.publish(title="Only ours", visibility="own")
    link = school_b.add_link(COURSE, "Forged", graded=False, custom={"content": f"resource:{own}"})
    page = school_b.launch(scene.b.client, TEACHER, link)
    assert "This resource is not open to you here" in page.text
    assert scene.b.get(f"/exchange/{own}").status_code == 404


def test_a_copy_of_the_lms_course_keeps_its_resources(scene: Scene, school_b: School) -> None:
    number = scene.a.publish(title="Fractions sheet")
    place(scene, school_b, [number])
    copied = school_b.copy_course(COURSE)
    course = copied["id"] if "id" in copied else copied["course"]
    link = next(each["id"] for each in school_b.links(course) if each["title"] == "Fractions sheet")
    school_b.enrol(course, PUPIL)
    page = school_b.launch(enter(scene.app, school_b, PUPIL).client, PUPIL, link)
    assert page.request.path == f"/exchange/{number}"


def test_classes_are_told_of_versions_and_stay_with_theirs(scene: Scene, school_b: School) -> None:
    number = scene.a.publish("page", title="Notes", body="First text")
    links = place(scene, school_b, [number])
    scene.a.send(f"/exchange/{number}/edit", body="Second text")
    assert "version 2 is new" in scene.b.text("/exchange")
    pupil = enter(scene.app, school_b, PUPIL, link=links[0])
    assert "Second text" in pupil.text(f"/exchange/{number}")
    page = scene.b.text(f"/exchange/{number}")
    assert "Stay with version 1" in page
    action = next(form.action for form in read_forms(page, TOOL) if "/uses/" in form.action)
    scene.b.send(f"/exchange/{number}", action.removeprefix(TOOL), button=("number", "1"))
    assert "First text" in pupil.text(f"/exchange/{number}")
    assert "version 2 is new" not in scene.b.text("/exchange")


def test_adapting_names_the_origin_and_keeps_to_its_licence(scene: Scene) -> None:
    number = scene.a.publish("page", title="Volcanoes", body="Text", licence="cc-by-sa", visibility="public")
    answer = scene.b.send(f"/exchange/{number}", "/adapt")
    made = int(answer.request.path.split("/")[2])
    assert [choice for choice in ("cc-by-sa", "cc-by-nc") if f'value="{choice}"' in answer.text] == ["cc-by-sa"]
    scene.b.send(f"/exchange/{made}/edit", button=("action", "publish"), title="Volcanoes for us", body="Other")
    assert "“Volcanoes”" in scene.b.text(f"/exchange/{made}")
    assert "Volcanoes for us" in scene.a.text(f"/exchange/{number}")
    answer = scene.b.send(f"/exchange/{made}/origins", origin_title="A film", origin_licence="cc-by-nc")
    assert answer.status_code == 422
    assert "cannot be mixed" in answer.text
    fixed = scene.a.publish("page", title="Fixed", body="Text", licence="cc-by-nd")
    assert "may be used, but not changed" in scene.b.send(f"/exchange/{fixed}", "/adapt").text


def test_retiring_leaves_a_way_on(scene: Scene, school_b: School) -> None:
    old, new = scene.a.publish(title="Old sheet"), scene.a.publish(title="New sheet")
    place(scene, school_b, [old])
    pupil = enter(scene.app, school_b, PUPIL)
    scene.a.send(f"/exchange/{old}/retire", reason="Mistakes in it", forward=f"{TOOL}/exchange/{new}")
    assert "Old sheet" not in scene.b.text("/exchange?q=sheet")
    page = scene.b.text(f"/exchange/{old}")
    assert "Mistakes in it" in page
    assert f'href="/exchange/{new}"' in page
    assert "it has been retired" in scene.b.text("/exchange")
    assert pupil.get(f"/exchange/{old}").status_code == 200
    scene.a.send(f"/exchange/{old}", "/publish")
    scene.a.send(f"/exchange/{old}/retire", reason="", withdrawn="y")
    assert pupil.get(f"/exchange/{old}").status_code == 404


def test_collections_are_ordered_annotated_and_shared(scene: Scene, school_b: School) -> None:
    one, two = scene.a.publish(title="One"), scene.a.publish(title="Two")
    hidden = scene.a.publish(title="Hidden", visibility="own")
    collection = scene.a.publish("collection", title="Best of", visibility="hub")
    for number in (one, two, hidden):
        scene.a.send(f"/exchange/{number}", "/collect", collection=str(collection))
    page = scene.b.text(f"/exchange/{collection}")
    assert "One" in page
    assert "Hidden" not in page
    items = [
        form.action.removeprefix(TOOL)
        for form in read_forms(scene.a.text(f"/exchange/{collection}"), TOOL)
        if "/items/" in form.action
    ]
    scene.a.send(f"/exchange/{collection}", items[1], button=("action", "up"))
    scene.a.send(f"/exchange/{collection}", items[1], button=("action", "note"), note="Begin with this")
    page = scene.b.text(f"/exchange/{collection}")
    assert page.index(">Two<") < page.index(">One<")
    assert "Begin with this" in page
    place(scene, school_b, [collection])
    pupil = enter(scene.app, school_b, PUPIL)
    assert "Two" in pupil.text(f"/exchange/{collection}")
    assert pupil.get(f"/exchange/{two}").status_code == 200
    assert pupil.get(f"/exchange/{hidden}").status_code == 404


def test_searches_are_kept_and_tell_what_is_new(scene: Scene) -> None:
    scene.a.publish(title="First sheet")
    scene.b.send("/exchange?q=sheet", "/exchange/searches")
    scene.a.publish(title="Second sheet")
    kept = scene.b.text("/exchange/searches")
    assert "1 new" in kept
    path = next(form.action for form in read_forms(kept, TOOL) if "/searches/" in form.action).removeprefix(TOOL)
    assert scene.a.get(path).status_code == 404
    opened = scene.b.send("/exchange/searches", path, button=("action", "open"))
    assert "Second sheet" in opened.text
    assert "1 new" not in scene.b.text("/exchange/searches")
