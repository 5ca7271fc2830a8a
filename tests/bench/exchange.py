"""Pages of the exchange with 100,000 resources of 300 organizations, beside the bare full-text query, alternating.

`python -m tests.bench.exchange [postgresql+psycopg://…] [--resources N]`; the database is filled when it is empty.
"""

from __future__ import annotations

import argparse
import logging
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, g
from sqlalchemy import text

from lti_tool import create_app
from lti_tool.core.db import db, unit_of_work
from lti_tool.core.search import _for_fts5, _for_tsquery, parse
from lti_tool.core.settings import load
from lti_tool.exchange.models import Resource
from lti_tool.exchange.seeding import EXTRA, RARE, TOPICS, demo_organizations, seed_resources
from lti_tool.people.actor import Actor
from lti_tool.people.models import Person

ROUNDS = 5
PAGE_LIMITS = {"sqlite": 20.0, "postgresql": 30.0}
ANY_LIMIT = 100.0
"""Milliseconds, p95 of whole requests."""
BARE = {
    "sqlite": "SELECT rowid FROM resource_text_fts WHERE resource_text_fts MATCH :q ORDER BY bm25(resource_text_fts) LIMIT 20",
    "postgresql": "SELECT id FROM resource_text WHERE document @@ to_tsquery('simple', :q) "
    "ORDER BY ts_rank(document, to_tsquery('simple', :q)) DESC LIMIT 20",
}


def filled(url: str, folder: Path, resources: int) -> Flask:
    settings = load({"LTI_TOOL_SECRET_KEY": "for the benchmark", "LTI_TOOL_DATABASE_URL": url}, folder)
    app = create_app(settings, testing=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with app.app_context():
        db.create_all()
        if not db.session.scalar(db.select(db.func.count()).select_from(Resource)):
            with unit_of_work():
                owners = demo_organizations(300)
                db.session.add(Person())
            for start in range(0, resources, 10_000):
                with unit_of_work():
                    seed_resources(min(10_000, resources - start), owners, number=start + 1)
        db.session.execute(text("ANALYZE"))
    return app


def queries() -> tuple[list[str], list[str]]:
    """(ordinary ones: a topic, a topic with a filter, two words; those of which any word will do)."""
    chance = random.Random(7)
    topics = [topic for each in TOPICS.values() for topic in each]
    ordinary = [f"q={quote(chance.choice(topics))}" for _each in range(12)]
    ordinary += [f"q={quote(chance.choice(topics))}&kind=page" for _each in range(6)]
    ordinary += [f"q={quote(' '.join(chance.sample(RARE, 1) + chance.sample(EXTRA, 1)))}" for _each in range(8)]
    ordinary += [f"subject={subject}" for subject in chance.sample(sorted(TOPICS), 4)]
    anyone = [f"q={quote(' '.join([*chance.sample(EXTRA, 4), 'zzzz']))}" for _each in range(8)]
    return ordinary, anyone


def measured(app: Flask, paths: list[str]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Milliseconds of whole requests, and of the bare query of the same words, by path."""
    with app.app_context():
        dialect = db.engine.dialect.name
    whole: dict[str, list[float]] = {path: [] for path in paths}
    bare: dict[str, list[float]] = {path: [] for path in paths}
    client = app.test_client()
    for _round in range(ROUNDS):
        for path in paths:
            began = time.perf_counter()
            answer = client.get(f"/exchange?{path}")
            whole[path].append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text
            words = parse(answer.request.args.get("q", ""))
            if words:
                bare[path].append(_bare(app, dialect, words))
    return whole, bare


def _bare(app: Flask, dialect: str, words: Any) -> float:
    query = _for_fts5(words) if dialect == "sqlite" else _for_tsquery(words)
    with app.app_context():
        connection = db.session.connection()
        began = time.perf_counter()
        connection.execute(text(BARE[dialect]), {"q": query}).all()
        return (time.perf_counter() - began) * 1000


def report(name: str, whole: dict[str, list[float]], bare: dict[str, list[float]], limit: float) -> bool:
    medians = sorted(statistics.median(each) for each in whole.values())
    p95 = medians[min(len(medians) - 1, int(len(medians) * 0.95))]
    ratios = [statistics.median(whole[path]) / statistics.median(bare[path]) for path in whole if bare[path]]
    ratio = f"{statistics.median(ratios):.1f} x the bare query" if ratios else ""
    print(f"{name:12} median {statistics.median(medians):6.1f} ms  p95 {p95:6.1f} ms (limit {limit:.0f})  {ratio}")
    return p95 <= limit


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database", nargs="?", default="")
    parser.add_argument("--resources", type=int, default=100_000)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = filled(told.database or f"sqlite:///{folder / 'bench.sqlite'}", folder, told.resources)
        dialect = "postgresql" if told.database.startswith("postgresql") else "sqlite"
        acting = Actor(
            person_id=1, organization_id=7, coordinates=True, display_name="Anna", organization_name="School 7"
        )

        @app.before_request
        def come_in() -> None:
            g.actor = acting

        ordinary, anyone = queries()
        measured(app, ordinary[:3])  # everything is loaded once
        good = [
            report("search", *measured(app, ordinary), PAGE_LIMITS[dialect]),
            report("any word", *measured(app, anyone), ANY_LIMIT),
        ]
    raise SystemExit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
