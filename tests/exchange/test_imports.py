"""Much brought in at once: packages of others, backups, lists; every entry is told what became of it, and enemies' packages
do no harm."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.core.db import db, unit_of_work
from lti_tool.core.storage import current_storage
from lti_tool.exchange.importing import jobs, markup, operations
from lti_tool.exchange.importing.items import Item, Refused, licence_in
from lti_tool.exchange.importing.links import read_links
from lti_tool.exchange.importing.models import Import, ImportEntry, ImportFile
from lti_tool.exchange.importing.packages import inside
from lti_tool.exchange.models import CollectionItem, Resource
from lti_tool.files.models import INFECTED, StoredFile
from tests.conftest import MakeApp
from tests.exchange import packages
from tests.exchange.packages import cartridge, item, link, manifest, resource, zipped
from tests.exchange.scene import Scene, Somebody, build
from tests.factories.coordinators import coordinator
from tests.factories.joining import TOOL
from tests.lms import School, WsgiAdapter, read_forms, submit
from tests.statements import counted

Run = Callable[[], int]


@pytest.fixture
def app(make_app: MakeApp, request: pytest.FixtureRequest) -> Flask:
    return make_app(**getattr(request, "param", {}))


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


@dataclass
class Line:
    title: str
    outcome: str
    reason: str
    folder: str


def bring(who: Somebody, source: str, *files: tuple[bytes, str], **typed: Any) -> str:
    """Begin an import; the address of its page."""
    told: dict[str, Any] = {"licence": "cc-by", **typed}
    if files:
        told["files"] = [(BytesIO(content), name) for content, name in files]
    answer = who.send(f"/exchange/imports/new/{source}", **told)
    assert answer.status_code == 200, answer.text
    return answer.request.path


def lines(app: Flask) -> list[Line]:
    with app.app_context():
        found = db.session.scalars(select(ImportEntry).order_by(ImportEntry.import_id, ImportEntry.position))
        return [Line(each.title, each.outcome, each.reason, each.folder) for each in found]


def on_disk(app: Flask) -> int:
    with app.app_context():
        return sum(path.is_file() for path in Path(current_storage().directory).rglob("*"))  # type: ignore[attr-defined]


def temporary() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("tmp*")}


@pytest.mark.parametrize("version", [1, 3])
def test_a_cartridge_becomes_resources_and_collections(scene: Scene, run_jobs: Run, version: int) -> None:
    inner = item("page", "Lever & fulcrum") + item("site", "Simulation") + item("sheet", "Лист.txt")
    items = item("f", "Unit 1", inner) + item("quiz", "Test") + item("tool", "Tool") + item("lost", "Lost")
    resources = "".join(
        (
            resource("page", "page.html"),
            resource("site", "site.xml", f"imswl_xmlv1p{version}"),
            resource("sheet", "%D0%BB.txt"),
            resource("quiz", "quiz.xml", f"imsqti_xmlv1p{version}/imscc_xmlv1p{version}/assessment"),
            resource("tool", "tool.xml", "imsbasiclti_xmlv1p0"),
        )
    )
    page = b"<html><head><title>x</title></head><body><h2>Idea</h2><script>alert(1)</script><p>A <b>lever</b></p></body></html>"
    package = zipped(
        {
            "imsmanifest.xml": manifest(items, resources, f"1.{version}.0"),
            "page.html": page,
            "site.xml": link("https://phet.example/levers", version),
            "л.txt": "Измерь",
        }
    )
    address = bring(scene.a, "package", (package, "levers.imscc"), subjects=["phys"], collect=True)
    assert "about to begin" in scene.a.text(f"{address}/progress")
    run_jobs()
    assert [(each.title, each.outcome, each.reason) for each in lines(scene.app)] == [
        ("Lever & fulcrum", "imported", ""),
        ("Simulation", "imported", ""),
        ("Лист.txt", "imported", ""),
        ("Test", "refused", "quiz"),
        ("Tool", "refused", "lti"),
        ("Lost", "refused", "missing"),
        ("Unit 1", "imported", ""),
    ]
    report = scene.a.text(address)
    assert "Import: Levers" in report
    assert "bring it into the question bank" in report
    assert "Show the report" in scene.a.text(f"{address}/progress")
    assert scene.a.text(f"{address}?outcome=refused").count("not taken") >= 3
    with scene.app.app_context():
        found = {each.title: each for each in db.session.scalars(select(Resource)).unique()}
        body = found["Lever & fulcrum"].versions[0].body
        assert "### Idea" in body
        assert "alert" not in body
        assert found["Simulation"].versions[0].url == "https://phet.example/levers"
        assert {each.licence for each in found.values()} == {"cc-by"}
        assert {each.state for each in found.values()} == {"draft"}
        assert found["Unit 1"].subjects == ["phys"]
        assert db.session.scalar(select(db.func.count()).select_from(CollectionItem)) == 3
        assert found["Simulation"].authors[0].name
        assert db.session.scalar(select(db.func.count()).select_from(ImportFile)) == 0
    assert scene.b.get(address).status_code == 404
    run_jobs()
    assert on_disk(scene.app) == 1  # the sheet; the package is gone


def test_what_is_there_already_is_told_and_an_import_is_undone(scene: Scene, run_jobs: Run) -> None:
    known = scene.b.publish(title="Levers of B", url="https://phet.example/levers")
    scene.b.publish(title="Secret of B", url="https://secret.example/", visibility="own")
    table = "название;ссылка\nРычаги;https://phet.example/levers\nSecret;https://secret.example/\nNew;https://new.example/\nNew again;https://new.example/\nBad;javascript:alert(1)"
    address = bring(scene.a, "links", (table.encode("cp1251"), "список.csv"), publish=True, collect="")
    run_jobs()
    assert [(each.title, each.outcome, each.reason) for each in lines(scene.app)] == [
        ("Рычаги", "double", ""),
        ("Secret", "imported", ""),
        ("New", "imported", ""),
        ("New again", "double", ""),
        ("Bad", "refused", "address"),
    ]
    report = scene.a.text(address)
    assert f'href="/exchange/{known}"' in report
    assert "double of “Levers of B”" in report
    assert "New" in scene.b.text("/exchange?q=new")
    changed = next(number for number in range(1, 20) if "New" in scene.a.get(f"/exchange/{number}").text)
    scene.a.send(f"/exchange/{changed}/edit", title="New and better")
    scene.a.send(address, "/undo")
    scene.a.client.get(f"https://tool.example{address}")
    run_jobs()
    with scene.app.app_context():
        states = dict(db.session.execute(select(Resource.title, Resource.state)).tuples().all())
    assert states["New and better"] == "published"
    assert states["Secret"] == "retired"
    assert states["Levers of B"] == "published"
    again = bring(scene.a, "files", (b"one", "One_sheet.txt"), (b"one", "copy.txt"), (b"two", "two.txt"), collect=True)
    run_jobs()
    assert [each.outcome for each in lines(scene.app)[-4:]] == ["imported", "double", "imported", "imported"]
    assert on_disk(scene.app) == 2
    scene.a.send(again, "/undo")
    run_jobs()
    run_jobs()
    assert on_disk(scene.app) == 0
    assert "undone" in scene.a.text(again)


def test_a_backup_gives_teachers_files_and_nobodys_work(scene: Scene, run_jobs: Run) -> None:
    files = [
        ("aa01", "mod_resource", "content", "Лекция.txt"),
        ("aa02", "assignsubmission_file", "submission_files", "Ivan Petrov work.txt"),
        ("aa03", "mod_folder", "content", "lost.txt"),
        ("aa04", "mod_folder", "content", "pointer.txt"),
        ("", "mod_folder", "content", "."),
    ]
    members = {
        "moodle_backup.xml": packages.BACKUP,
        "files.xml": packages.listed(files),
        "files/aa/aa01": "Рычаг".encode(),
        "files/aa/aa02": b"private",
    }
    before = temporary()
    bring(scene.a, "package", (packages.tarred(members, {"files/aa/aa04": "/etc/passwd"}), "backup.mbz"))
    bring(scene.a, "package", (zipped(members), "old.mbz"), doubles=True)  # type: ignore[arg-type]  # bytes are among what it takes
    run_jobs()
    told = lines(scene.app)
    expected = [
        ("Лекция.txt", "imported", ""),
        ("–", "refused", "personal"),
        ("lost.txt", "refused", "missing"),
        ("pointer.txt", "refused", "symlink"),
    ]
    assert [(each.title, each.outcome, each.reason) for each in told[:4]] == expected
    assert [each.outcome for each in told[4:]] == ["imported", "refused", "refused", "refused"]
    assert temporary() <= before
    with scene.app.app_context():
        assert {each.licence for each in db.session.scalars(select(Resource)).unique()} == {"cc-by-sa"}
        assert not [name for name in db.session.scalars(select(StoredFile.name)) if "Ivan" in name]


XXE = b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><manifest>&x;</manifest>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(9))
    + b"]><manifest>&a8;</manifest>"
)
WHOLE: dict[str, tuple[bytes, str]] = {
    "XXE": (zipped({"imsmanifest.xml": XXE}), "document type"),
    "XXE in UTF-16": (zipped({"imsmanifest.xml": XXE.decode().encode("utf-16")}), "document type"),
    "billion laughs": (zipped({"imsmanifest.xml": LAUGHS}), "document type"),
    "doctype": (zipped({"imsmanifest.xml": b"<!-- x --><!doctype html><html/>"}), "document type"),
    "no XML": (zipped({"imsmanifest.xml": b"\x00\x01"}), "XML"),
    "an encoding nobody knows": (zipped({"imsmanifest.xml": b"<?xml version='1.0' encoding='UTF-7'?><m/>"}), "UTF-8"),
    "an encoding that hides": (
        zipped({"imsmanifest.xml": b"<?xml version='1.0'" + b" " * 400 + b"encoding='cp037'?><m/>"}),
        "UTF-8",
    ),
    "doctype behind two marks": (zipped({"imsmanifest.xml": b"\xef\xbb\xbf" * 2 + XXE[21:]}), "document type"),
    "a long list": (zipped({"imsmanifest.xml": b"<m>" + b" " * 8 * 1024**2 + b"</m>"}), "It is too large"),
    "a list of a million": (zipped({"imsmanifest.xml": b"<m>" + b"<a/>" * 1_000_000 + b"</m>"}), "It is too large"),
    "bomb": (packages.bomb(), "far too large"),
    "bomb in gzip": (packages.tarred({"moodle_backup.xml": bytes(60 * 1024**2)}), "far too large"),
    "head of a tar": (packages.fat_header(), "far too large"),
    "no package": (zipped({"readme.txt": b"x"}), "neither a Common Cartridge"),
    "polyglot": (b"GIF89a" + cartridge({"a.txt": b"x"}), "neither a Common Cartridge"),
    "damaged": (cartridge({"a.txt": b"x"})[:-30], "damaged"),
    "a hundred thousand entries": (packages.crowd(), "too much in it"),
    "deep": (zipped({"imsmanifest.xml": b"<a>" * 5000 + b"</a>" * 5000}), "XML"),
}


def test_a_hostile_package_is_refused_as_a_whole(scene: Scene, run_jobs: Run) -> None:
    before, addresses = temporary(), {}
    for name, (content, _reason) in WHOLE.items():
        addresses[name] = bring(scene.a, "package", (content, "package.imscc"))
    run_jobs()
    run_jobs()
    for name, (_content, reason) in WHOLE.items():
        assert reason in scene.a.text(addresses[name]), name
    with scene.app.app_context():
        assert db.session.scalar(select(Resource.id)) is None
    assert on_disk(scene.app) == 0
    assert temporary() <= before


def test_hostile_entries_are_refused_one_by_one(scene: Scene, run_jobs: Run) -> None:
    nested = zipped({"zeros": bytes(60 * 1024**2)})
    evil = cartridge(
        {
            "../../etc/cron.d/x": b"evil",
            "C:\\x.txt": b"evil",
            "inner.zip": nested,
            "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "fake.pdf": b"<html><script>alert(1)</script>",
            "only.html": b"<html><body><script>alert(1)</script></body></html>",
            "empty.txt": b"",
            "урок ⅷ 课程 درس.txt": b"fine",
        }
    )
    bring(scene.a, "package", (evil, "evil.imscc"), collect="")
    bring(scene.a, "package", (packages.with_symlink("pointer.txt"), "pointer.imscc"))
    run_jobs()
    told = {each.title: (each.outcome, each.reason) for each in lines(scene.app)}
    assert told == {
        "../../etc/cron.d/x": ("refused", "path"),
        "C:\\x.txt": ("refused", "path"),
        "inner.zip": ("refused", "bomb"),
        "picture.svg": ("imported", ""),
        "fake.pdf": ("refused", "mismatch"),
        "only.html": ("refused", "empty"),
        "empty.txt": ("refused", "empty"),
        "урок ⅷ 课程 درس.txt": ("imported", ""),
        "Pointer": ("refused", "symlink"),
    }
    with scene.app.app_context():
        drawing = db.session.scalars(select(Resource).where(Resource.title == "picture.svg")).unique().one()
        ident = drawing.versions[0].files[0].id
    answer = scene.a.get(f"/exchange/files/{ident}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "application/octet-stream"
    answer.close()
    run_jobs()
    assert on_disk(scene.app) == 2


def web() -> Flask:
    """A site elsewhere."""
    site = Flask("site")
    page = "<html><head><title>Levers &amp; more</title></head><body>x</body></html>"
    site.add_url_rule("/moved", "moved", lambda: redirect("/page"))
    site.add_url_rule("/page", "page", lambda: page)
    site.add_url_rule("/лист.txt", "sheet", lambda: "Some text")
    return site


LOM = """<lom xmlns="http://ltsc.ieee.org/xsd/LOM"><general><title><string language="ru">Плутон</string></title>
<description><string>Карликовая планета</string></description><language>ru</language></general>
<lifeCycle><contribute><entity>BEGIN:VCARD\nFN:Тихо Браге\nEND:VCARD</entity></contribute></lifeCycle>
<technical><location>{url}</location></technical>
<rights><description><string>https://creativecommons.org/licenses/by-nc/4.0/</string></description></rights></lom>"""


def test_descriptions_and_one_address(scene: Scene, run_jobs: Run) -> None:
    scene.app.extensions["open_http"].mount("https://web.example", WsgiAdapter(web()))
    good, bad = (LOM.format(url=url).encode() for url in ("https://planets.example/9", "urn:isbn:1"))
    large = good.replace(b"<general>", b" " * 8 * 1024**2 + b"<general>")
    strange = b"<?xml version='1.0' encoding='EBCDIC-CP-US'?>" + good
    bring(
        scene.a,
        "descriptions",
        (good, "a.xml"),
        (bad, "b.xml"),
        (XXE, "c.xml"),
        (b"<x/>", "d.xml"),
        (large, "e.xml"),
        (strange, "f.xml"),
        collect="",
    )
    run_jobs()
    assert [(each.title, each.reason) for each in lines(scene.app)] == [
        ("Плутон", ""),
        ("Плутон", "address"),
        ("c.xml", "doctype"),
        ("d.xml", "not_lom"),
        ("e.xml", "too_large"),
        ("f.xml", "encoding"),
    ]
    with scene.app.app_context():
        pluto = db.session.scalars(select(Resource)).unique().one()
        assert (pluto.licence, pluto.authors[0].name) == ("cc-by-nc", "Тихо Браге")
    answer = scene.a.send("/exchange/imports/new/address", licence="cc-by", url="file:///etc/passwd")
    assert answer.status_code == 422
    assert "Write a whole address" in answer.text
    assert "Choose one." in scene.a.send("/exchange/imports/new/links", licence="").text
    bring(scene.a, "address", url="https://web.example/moved")
    bring(scene.a, "address", url="https://web.example/%D0%BB%D0%B8%D1%81%D1%82.txt")
    run_jobs()
    assert [each.title for each in lines(scene.app)[6:]] == ["Levers & more", "лист"]
    gone = bring(scene.a, "address", url="https://web.example/gone")
    inner = bring(scene.a, "address", url="https://127.0.0.1/secret")
    run_jobs()
    assert "not on the public web" in scene.a.text(inner)
    assert "There is nothing at this address" in scene.a.text(gone)


def test_a_restart_goes_on_and_a_failure_leaves_no_half_entry(
    scene: Scene, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    bring(scene.a, "package", (cartridge({f"{name}.txt": name.encode() for name in "abcde"}), "letters.imscc"))
    real, calls = operations.store_entries, []

    def dies_once(*told: Any) -> Any:
        made = real(*told)
        calls.append(told[1])
        if len(calls) == 2:
            raise RuntimeError("the database went away")
        return made

    monkeypatch.setattr(operations, "store_entries", dies_once)
    run_jobs()
    assert [each.title for each in lines(scene.app)] == ["a.txt", "b.txt"]
    with scene.app.app_context(), unit_of_work():
        db.session.scalars(select(Import)).one().due_at -= timedelta(minutes=10)
    run_jobs()
    assert [each.title for each in lines(scene.app)] == [*(f"{name}.txt" for name in "abcde"), "Levers"]
    assert calls == [0, 2, 2, 4]
    run_jobs()
    assert on_disk(scene.app) == 5


def test_an_import_writes_no_more_than_it_may(scene: Scene, run_jobs: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    monkeypatch.setattr(jobs, "MOST_STORED", 10)
    letters = cartridge({"a.txt": b"aaaa", "b.txt": b"bbbb", "c.txt": b"cccc", "d.txt": b"dd"})
    address = bring(scene.a, "package", (letters, "letters.imscc"), collect="")
    real, calls = operations.store_entries, []

    def dies_once(*told: Any) -> Any:
        calls.append(told[1])
        if calls == [0, 1]:
            raise RuntimeError("the database went away")
        return real(*told)

    monkeypatch.setattr(operations, "store_entries", dies_once)
    run_jobs()
    with scene.app.app_context(), unit_of_work():
        db.session.scalars(select(Import)).one().due_at -= timedelta(minutes=10)
    run_jobs()
    assert [(each.title, each.reason) for each in lines(scene.app)] == [
        ("a.txt", ""),
        ("b.txt", ""),
        ("c.txt", "full"),
        ("d.txt", ""),
    ]
    assert "as much as one may" in scene.a.text(address)
    run_jobs()
    assert on_disk(scene.app) == 3


def test_a_file_of_a_package_is_stored_once(scene: Scene, run_jobs: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    named = {"one": "a", "both": "ab", "again": "a", "turned": "ba", "lost": "ax", "page": "pa", "page once more": "pa"}
    resources = "".join(
        f'<resource identifier="{ident}" type="webcontent">'
        + "".join(f'<file href="{name}.{"html" if name == "p" else "txt"}"/>' for name in names)
        + "</resource>"
        for ident, names in named.items()
    )
    items = "".join(item(ident, ident) for ident in named)
    package = zipped(
        {"imsmanifest.xml": manifest(items, resources), "a.txt": "A", "b.txt": "B", "p.html": "<p>Words</p>"}
    )
    address = bring(scene.a, "package", (package, "shared.imscc"), collect="", publish=True)
    run_jobs()
    run_jobs()
    assert [(each.title, each.outcome, each.reason) for each in lines(scene.app)] == [
        ("one", "imported", ""),
        ("both", "imported", ""),
        ("again", "double", ""),
        ("turned", "imported", ""),
        ("lost", "refused", "missing"),
        ("page", "imported", ""),
        ("page once more", "double", ""),
    ]
    assert on_disk(scene.app) == 2
    with scene.app.app_context():
        found = {each.title: each for each in db.session.scalars(select(Resource)).unique()}
        held = {name: [file.file.name for file in each.versions[0].files] for name, each in found.items()}
        number = found["turned"].versions[0].files[1].id
    assert held == {"one": ["a.txt"], "both": ["a.txt", "b.txt"], "turned": ["b.txt", "a.txt"], "page": ["a.txt"]}
    assert scene.b.text(f"/exchange/files/{number}") == "A"
    bring(scene.a, "package", (package, "drafts.imscc"), collect="", doubles=True)
    run_jobs()
    run_jobs()
    assert on_disk(scene.app) == 4
    scene.a.send(lines_page(scene.app), "/undo")
    run_jobs()
    run_jobs()
    assert on_disk(scene.app) == 2
    assert scene.b.text(f"/exchange/files/{number}") == "A"
    assert "double of" in scene.a.text(address)


def lines_page(app: Flask) -> str:
    """Of the newest import."""
    with app.app_context():
        return f"/exchange/imports/{db.session.scalar(select(db.func.max(Import.id)))}"


@pytest.mark.parametrize("app", [{"platform_allow": ("127.0.0.0/8",)}], indirect=True)
def test_a_network_allowed_for_lms_is_not_open_to_addresses_people_name(scene: Scene, run_jobs: Run) -> None:
    inner = bring(scene.a, "address", url="https://127.0.0.1:9/secret")
    boss = Somebody(coordinator(scene.app, scene.schools[0]))
    told = {"name": "Inner", "url": "https://127.0.0.1:9/oai", "prefix": "oai_dc", "every_hours": "24"}
    source = boss.send("/exchange/sources/new", **told).request.path
    run_jobs()
    for text in (scene.a.text(inner), boss.text(source)):
        assert "not on the public web" in text


def test_imports_are_begun_so_often_and_no_oftener(scene: Scene) -> None:
    page = "/exchange/imports/new/address"
    form = next(form for form in read_forms(scene.a.text(page), f"{TOOL}{page}") if form.action.endswith(page))
    answers = [submit(scene.a.client, form, url="x").status_code for _time in range(61)]
    assert (set(answers[:60]), answers[60]) == ({422}, 429)
    assert bring(scene.a, "links", (b"https://x.example/", "links.csv"))


def test_a_file_with_a_virus_is_not_opened(scene: Scene, run_jobs: Run) -> None:
    address = bring(scene.a, "package", (cartridge({"a.txt": b"x"}), "a.imscc"))
    with scene.app.app_context(), unit_of_work():
        db.session.scalars(select(StoredFile)).one().virus_state = INFECTED
    run_jobs()
    assert "A virus was found" in scene.a.text(address)


def test_a_report_costs_the_same_for_many_entries(scene: Scene, run_jobs: Run) -> None:
    def cost(rows: int) -> int:
        table = "\n".join(f"https://{rows}-{number}.example/" for number in range(rows))
        address = bring(scene.a, "links", (table.encode(), "links.csv"), publish=True)
        run_jobs()
        with counted(scene.app) as sent:
            assert "imported" in scene.a.text(address)
        return len(sent)

    assert cost(2) == cost(30) <= 12


@given(st.binary(max_size=300))
def test_whatever_comes_is_parsed_or_refused(content: bytes) -> None:
    for read in (markup.parse, read_links):
        with suppress(Refused):
            read(content)
    markup.to_markdown(content)


@given(st.text(alphabet="./\\abC:\0 я", max_size=30))
def test_no_path_leads_out(name: str) -> None:
    path = inside(name)
    assert not path.startswith("/")
    assert ".." not in path.split("/")
    assert "\\" not in path


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5))
def test_every_row_of_a_list_is_an_entry(rows: list[tuple[str, str]]) -> None:
    table = io.StringIO()
    csv.writer(table).writerows([("title", "url"), ("x", "https://x.example/"), *rows])
    items: list[Item] = read_links(table.getvalue().encode("utf-8", "replace"))
    assert items[0].url == "https://x.example/"
    assert all(each.refusal or each.url.startswith("http") for each in items)


def test_licences_are_read_as_others_write_them() -> None:
    assert licence_in("http://creativecommons.org/licenses/by-nc-sa/3.0/deed.ru") == "cc-by-nc-sa"
    assert licence_in("https://creativecommons.org/publicdomain/zero/1.0/") == "cc0"
    assert licence_in("CC BY-ND 4.0") == "cc-by-nd"
    assert licence_in("All rights reserved") == ""
