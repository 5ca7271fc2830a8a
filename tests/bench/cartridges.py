"""A cartridge of 5,000 items brought in and written, beside what lxml, zipfile and bulk inserts need for it at least.

`python -m tests.bench.cartridges [postgresql+psycopg://…] [--items N]`; processor time, alternating, the least of three.
"""

from __future__ import annotations

import argparse
import io
import logging
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from lxml import etree
from sqlalchemy import insert, select

from lti_tool import create_app
from lti_tool.core.db import db, run, table_of, unit_of_work, utcnow
from lti_tool.core.settings import load
from lti_tool.core.storage import current_storage
from lti_tool.exchange.cartridges.writing import Part, write_cartridge
from lti_tool.exchange.importing.jobs import run_import
from lti_tool.exchange.importing.models import PACKAGE, PURPOSE, Import, ImportEntry, ImportFile
from lti_tool.exchange.importing.operations import Order
from lti_tool.exchange.models import LINK, Resource, ResourceAuthor, ResourceVersion
from lti_tool.exchange.seeding import demo_organizations
from lti_tool.files.models import StoredFile
from lti_tool.people.models import Person
from tests.exchange.packages import item, link, manifest, resource, zipped

ROUNDS = 3
IMPORT_LIMIT, EXPORT_LIMIT = 2.0, 1.5
"""Times the least possible."""
ORDER = Order("cc-by", "hub", subjects=("phys",), collect=False, doubles=True)


def package(count: int) -> bytes:
    numbers = range(count)
    items = "".join(item(f"r{number}", f"Lever number {number}") for number in numbers)
    resources = "".join(resource(f"r{number}", f"links/{number}.xml", "imswl_xmlv1p1") for number in numbers)
    members: dict[str, bytes | str] = {"imsmanifest.xml": manifest(items, resources)}
    members |= {f"links/{number}.xml": link(f"https://levers.example/{number}") for number in numbers}
    return zipped(members)


def least(content: bytes) -> None:
    """Parse, read out, insert: nothing else."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = etree.fromstring(archive.read("imsmanifest.xml"))
        paths = {each.get("identifier"): each.get("href") for each in root.iterfind("{*}resources/{*}resource")}
        found = []
        for each in root.iterfind(".//{*}item[@identifierref]"):
            told = etree.fromstring(archive.read(str(paths[each.get("identifierref")])))
            place = told.find("{*}url")
            found.append((each.findtext("{*}title"), place.get("href") if place is not None else ""))
    told: dict[str, Any] = {"organization_id": 1, "kind": LINK, "licence": "cc-by", "created_at": utcnow()}
    table = table_of(Resource)
    made = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    idents = run(made, [{"title": title, **told} for title, _url in found]).scalars().all()
    rows = list(zip(idents, found, strict=True))
    versions = [{"resource_id": i, "number": 1, "title": t, "licence": "cc-by", "url": u} for i, (t, u) in rows]
    run(insert(table_of(ResourceVersion)), versions)
    run(insert(table_of(ResourceAuthor)), [{"resource_id": i, "name": "Anna"} for i, _each in rows])
    entries = [{"title": t, "outcome": "imported", "resource_id": i, "place": u} for i, (t, u) in rows]
    job = Import(organization_id=1, person_id=1, source=PACKAGE, described={}, state="done")
    db.session.add(job)
    db.session.flush()
    run(insert(table_of(ImportEntry)), [{"import_id": job.id, "position": n, **e} for n, e in enumerate(entries)])


def ours(content: bytes) -> Callable[[], None]:
    """An import that waits; what is measured is the job."""
    stored = current_storage().save(io.BytesIO(content), limit=len(content))
    with unit_of_work():
        file = StoredFile(organization_id=1, person_id=1, key=stored.key, name="a.imscc", size=stored.size)
        file.media_type, file.sha256, file.purpose, file.kept_at = "application/zip", stored.sha256, PURPOSE, utcnow()
        db.session.add(file)
        db.session.flush()
        job = Import(organization_id=1, person_id=1, source=PACKAGE, described=asdict(ORDER))
        job.files = [ImportFile(position=0, file_id=file.id)]
        db.session.add(job)
        db.session.flush()
        ident = job.id
    return lambda: run_import(ident)


def cpu(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def in_one(content: bytes) -> None:
    with unit_of_work():
        least(content)


def bare_build(parts: list[Part]) -> None:
    """The same documents built by lxml, and packed."""
    root = etree.Element("manifest")
    items, resources = etree.SubElement(root, "items"), etree.SubElement(root, "resources")
    with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for number, part in enumerate(parts):
            outer = etree.SubElement(items, "item", identifier=f"item_{number}")
            etree.SubElement(outer, "title").text = part.resource.title
            for place, name in enumerate(("about.html", "link.xml")):
                inner = etree.SubElement(
                    outer, "item", identifier=f"i{number}_{place}", identifierref=f"r{number}_{place}"
                )
                etree.SubElement(inner, "title").text = part.resource.title
                path = f"resource_{number}/{name}"
                row = etree.SubElement(resources, "resource", identifier=f"r{number}_{place}", type="webcontent")
                etree.SubElement(row, "file", href=path)
                page = etree.Element("html")
                etree.SubElement(page, "title").text = part.resource.title
                etree.SubElement(page, "p").text = part.credit
                archive.writestr(path, etree.tostring(page, xml_declaration=True, encoding="UTF-8"))
        archive.writestr("imsmanifest.xml", etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def report(name: str, pairs: list[tuple[float, float]], limit: float) -> bool:
    mine, bare = (min(each) for each in zip(*pairs, strict=True))
    print(f"{name:8} {mine:6.2f} s  least possible {bare:6.2f} s  ratio {mine / bare:.2f} (limit {limit})")
    return mine / bare <= limit


def measure(app: Flask, count: int) -> bool:
    content = package(count)
    with app.app_context():
        imports = []
        for _round in range(ROUNDS):
            waiting = ours(content)
            imports.append((cpu(waiting), cpu(lambda: in_one(content))))
        with app.app_context():
            made = db.session.scalars(select(Resource).order_by(Resource.id).limit(count)).unique().all()
            parts = [Part(each, each.versions[0], f"“{each.title}”, CC BY 4.0") for each in made]
            for part in parts:
                assert not part.version.files
            exports = [
                (cpu(lambda: write_cartridge(io.BytesIO(), "All", parts)), cpu(lambda: bare_build(parts)))
                for _round in range(ROUNDS)
            ]
    good = [report("import", imports, IMPORT_LIMIT), report("export", exports, EXPORT_LIMIT)]
    return all(good)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database", nargs="?", default="")
    parser.add_argument("--items", type=int, default=5_000)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = told.database or f"sqlite:///{folder / 'bench.sqlite'}"
        settings = {"LTI_TOOL_SECRET_KEY": "for the benchmark", "LTI_TOOL_DATABASE_URL": url}
        settings["LTI_TOOL_STORAGE_URL"] = f"file:{folder / 'files'}"
        app = create_app(load(settings, folder), testing=True)
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        with app.app_context():
            db.create_all()
            with unit_of_work():
                demo_organizations(1)
                db.session.add(Person())
        raise SystemExit(0 if measure(app, told.items) else 1)


if __name__ == "__main__":
    main()
