"""Asking: which resources one viewer may find, in which order, and how many there are of each kind."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text

from lti_tool.agreements.queries import partners_of
from lti_tool.core.db import db, run, table_of
from lti_tool.core.paging import LAST, Page
from lti_tool.core.search import Term, Wanted, match, mended, parse, words
from lti_tool.exchange.models import HUB, PARTNERS, PUBLIC, VISIBILITIES, Resource, ResourceUse
from lti_tool.exchange.search.models import ResourceEntry, ResourceText, SavedSearch
from lti_tool.exchange.search.tokens import token

DIMENSIONS = ("subject", "level", "kind", "use", "language", "licence")
"""What is counted beside the results."""
FILTERS = (*DIMENSIONS, "grade", "tag")
_COLUMNS = {
    "subject": "subjects",
    "level": "levels",
    "kind": "kind",
    "use": "uses",
    "language": "language",
    "licence": "licence",
}
RELEVANCE, NEWEST, MOST_USED, BEST_RATED = "relevance", "newest", "used", "rated"
SORTS = (RELEVANCE, NEWEST, MOST_USED, BEST_RATED)
WHOSE = ("", "own", "partners", "used")
"""Everybody's; of the own organization; of partners; used by partners."""
SIZE = 20
SAMPLE = 6000
"""Results up to which every facet is counted exactly."""
KEPT_SECONDS = 60
SIMILAR = 5
_PLACE = {name: place for place, name in enumerate(VISIBILITIES)}


@dataclass(frozen=True)
class Viewer:
    """What decides which resources somebody may find. Without an organization: only what is public."""

    organization_id: int | None = None
    partners: tuple[int, ...] = ()


def viewer_of(organization_id: int | None) -> Viewer:
    """The viewer for people of an organization; one statement."""
    if organization_id is None:
        return Viewer()
    return Viewer(organization_id, tuple(db.session.scalars(partners_of(organization_id).distinct())))


@dataclass(frozen=True)
class Asked:
    """A search as it stands in an address."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whose: str = ""
    sort: str = RELEVANCE

    def parameters(self) -> dict[str, list[str]]:
        """As parameters of an address."""
        plain = {"q": self.text, "whose": self.whose, "sort": self.sort if self.sort != RELEVANCE else ""}
        found = {name: [value] for name, value in plain.items() if value}
        return found | {name: list(codes) for name, codes in self.filters.items() if codes}

    def without(self, dimension: str, code: str) -> Asked:
        """The same search with one filter less."""
        left = tuple(each for each in self.filters.get(dimension, ()) if each != code)
        return replace(self, filters={**self.filters, dimension: left})


@dataclass(frozen=True)
class Found:
    """What a search gives."""

    page: Page[Resource]
    facets: dict[str, list[tuple[str, int]]]
    """By dimension: codes with how many there are, the most frequent first."""
    mended: str = ""
    """What was searched for instead, when nobody has written the words as typed."""
    any_word: bool = False
    """Nothing holds all the words: these hold one of them."""
    estimated: bool = False
    """The facets were counted in a sample."""


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Of an entry: the viewer may find it. The rules of who may see what, as a condition."""
    if viewer.organization_id is None:
        return ResourceEntry.reach == _PLACE[PUBLIC]
    reached = [ResourceEntry.reach >= _PLACE[HUB], ResourceEntry.organization_id == viewer.organization_id]
    if viewer.partners:
        partner = ResourceEntry.organization_id.in_(viewer.partners)
        reached.append(and_(ResourceEntry.reach >= _PLACE[PARTNERS], partner))
    return or_(*reached)


def find(viewer: Viewer, asked: Asked, number: int, address: Any, *, size: int = SIZE) -> Found:
    """A page of results with counts. When nothing has all the words, mistyped ones are mended, then any will do."""
    wanted = _wanted(asked)
    instead, any_word = "", False
    counted = _count(viewer, asked, wanted)
    if not counted.total and wanted.terms:
        better = mended(wanted)
        if better is not None:
            again = _count(viewer, asked, better)
            if again.total:
                counted, wanted, instead = again, better, " ".join(better.words)
        if not counted.total and len((better or wanted).terms) > 1:
            wanted = replace(better or wanted, any_word=True)
            counted = _count(viewer, asked, wanted)
            any_word = bool(counted.total)
    number = min(max(number, 1), max(1, -(-counted.total // size)), LAST)
    items = _page(viewer, asked, wanted, number, size) if counted.total else []
    return Found(
        Page(items, number, counted.total, address, size), counted.facets, instead, any_word, counted.estimated
    )


def _wanted(asked: Asked, leave_out: str = "") -> Wanted:
    """The query with its filters: one code of each dimension has to be there."""
    groups = [
        tuple(token(dimension, code) for code in codes)
        for dimension, codes in asked.filters.items()
        if codes and dimension != leave_out
    ]
    return replace(parse(asked.text), tokens=tuple(groups))


def _from(statement: Select[Any], viewer: Viewer, asked: Asked, wanted: Wanted) -> tuple[Select[Any], Any]:
    """The statement over the entries that are found, and their order by relevance (None without words)."""
    statement = statement.where(visible(viewer), *_of_whom(viewer, asked))
    if not wanted:
        return statement, None
    found = match(table_of(ResourceText), wanted, table_of(ResourceEntry))
    return statement.select_from(found.source).where(found.condition), found.order if wanted.terms else None


def _of_whom(viewer: Viewer, asked: Asked) -> list[ColumnElement[bool]]:
    if asked.whose == "own":
        return [ResourceEntry.organization_id == (viewer.organization_id or 0)]
    if asked.whose == "partners":
        return [ResourceEntry.organization_id.in_(viewer.partners)]
    if asked.whose == "used":
        placed = select(ResourceUse.resource_id).where(ResourceUse.organization_id.in_(viewer.partners))
        return [ResourceEntry.id.in_(placed)]
    return []


def _page(viewer: Viewer, asked: Asked, wanted: Wanted, number: int, size: int) -> list[Resource]:
    statement, relevance = _from(select(ResourceEntry.id), viewer, asked, wanted)
    orders: dict[str, ColumnElement[Any]] = {
        NEWEST: ResourceEntry.published_at.desc(),
        MOST_USED: ResourceEntry.used.desc(),
        BEST_RATED: ResourceEntry.rating.desc(),
    }
    order = orders.get(asked.sort, relevance if relevance is not None else orders[NEWEST])
    statement = statement.order_by(order, ResourceEntry.id.desc()).limit(size).offset((number - 1) * size)
    return resources_in_order(run(statement).scalars().all())


def resources_in_order(idents: Sequence[int]) -> list[Resource]:
    """Resources by their ids, in that order."""
    statement = select(Resource).where(Resource.id.in_(idents))
    found = {each.id: each for each in db.session.scalars(statement).unique()}
    return [found[ident] for ident in idents if ident in found]


@dataclass(frozen=True)
class Counted:
    total: int
    facets: dict[str, list[tuple[str, int]]]
    estimated: bool = False
    """The facets were counted in a sample."""


def _count(viewer: Viewer, asked: Asked, wanted: Wanted) -> Counted:
    """How many there are, and of what; a dimension that is filtered counts as if it were not."""
    if not wanted and not asked.whose:
        return _count_all(viewer)
    counted = _tally(viewer, asked, wanted)
    for dimension in (name for name in DIMENSIONS if counted.total and asked.filters.get(name)):
        without = replace(wanted, tokens=_wanted(asked, leave_out=dimension).tokens)
        more = _tally(viewer, asked, without) if without or asked.whose else _count_all(viewer)
        counted.facets[dimension] = more.facets[dimension]
    return counted


def _tally(viewer: Viewer, asked: Asked, wanted: Wanted) -> Counted:
    """The exact number, and facets: exact up to SAMPLE rows, above that from every second, third… row."""
    total = run(_from(select(func.count(ResourceEntry.id)), viewer, asked, wanted)[0]).scalar_one()
    step = -(-total // SAMPLE)
    statement = _from(_counting(), viewer, asked, wanted)[0]
    if step > 1:
        statement = statement.where(ResourceEntry.id % step == 0)
    facets = {name: _ranked(tally, step) for name, tally in zip(DIMENSIONS, _tallies(statement), strict=True)}
    return Counted(total, facets, step > 1)


def _counting() -> Select[Any]:
    return select(*(getattr(ResourceEntry, _COLUMNS[name]) for name in DIMENSIONS))


def _tallies(statement: Select[Any]) -> list[Counter[str]]:
    """How often each value stands in each column."""
    if db.engine.dialect.name == "sqlite":
        rows = run(statement).fetchall()
        return [Counter(column) for column in zip(*rows, strict=True)] or [Counter() for _name in DIMENSIONS]
    return _tally_in_sets(statement)


def _tally_in_sets(statement: Select[Any]) -> list[Counter[str]]:
    """PostgreSQL counts all dimensions in one pass."""
    inner = statement.cte("found")
    columns = list(inner.c)
    sets = text("grouping sets (" + ", ".join(f"({column.name})" for column in columns) + ")")
    grouped = select(func.grouping(*columns), func.coalesce(*columns), func.count()).select_from(inner).group_by(sets)
    tallies: list[Counter[str]] = [Counter() for _column in columns]
    for mark, code, count in run(grouped):
        # the mark has a one for each column that is not grouped, the first column's on the left
        tallies[len(columns) - (2 ** len(columns) - 1 ^ mark).bit_length()][code] = count
    return tallies


def _ranked(tally: Mapping[str, int], step: int = 1) -> list[tuple[str, int]]:
    """Rows hold several codes with commas between them; here each counts for itself."""
    single: Counter[str] = Counter()
    for codes, count in tally.items():
        for code in codes.split(",") if codes else ():
            single[code] += count * max(step, 1)
    return single.most_common()


@dataclass(frozen=True)
class _Kept:
    stamp: datetime | None
    until: float
    """By the monotonic clock: so long it is kept although something changed meanwhile."""
    total: int
    facets: dict[str, list[tuple[str, int]]]


def _count_all(viewer: Viewer) -> Counted:
    """Everything the viewer may find. What is open to all is counted once and kept while nothing changes; where there
    is much, for a minute in any case."""
    open_to = _PLACE[HUB] if viewer.organization_id is not None else _PLACE[PUBLIC]
    stamp = db.session.scalar(select(func.max(ResourceEntry.changed_at)))
    store: dict[int, _Kept] = current_app.extensions["exchange"]
    kept = store.get(open_to)
    if kept is None or (kept.stamp != stamp and kept.until < time.monotonic()):
        kept = store[open_to] = _counted_anew(open_to, stamp)
    if viewer.organization_id is None:
        return Counted(kept.total, dict(kept.facets))
    statement = _counting().where(visible(viewer), ResourceEntry.reach < open_to)
    tallies = _tallies(statement)
    facets = {
        name: (Counter(dict(kept.facets[name])) + Counter(dict(_ranked(tally)))).most_common()
        for name, tally in zip(DIMENSIONS, tallies, strict=True)
    }
    return Counted(kept.total + tallies[DIMENSIONS.index("kind")].total(), facets)


def _counted_anew(open_to: int, stamp: datetime | None) -> _Kept:
    tallies = _tallies(_counting().where(ResourceEntry.reach >= open_to))
    total = tallies[DIMENSIONS.index("kind")].total()
    facets = {name: _ranked(tally) for name, tally in zip(DIMENSIONS, tallies, strict=True)}
    return _Kept(stamp, time.monotonic() + (KEPT_SECONDS if total > SAMPLE else 0), total, facets)


def similar(viewer: Viewer, resource: Resource) -> list[Resource]:
    """Others about the same: most words in common, of the same subject where there is one."""
    wanted_words = dict.fromkeys(words(" ".join((resource.title, *resource.keywords))))
    terms = tuple(Term((word,)) for word in wanted_words if len(word) > 3)[:8]
    subjects = tuple(token("subject", code) for code in resource.subjects)
    wanted = Wanted(terms, (subjects,) if subjects else (), any_word=True)
    if not terms:
        return []
    statement, relevance = _from(select(ResourceEntry.id), viewer, Asked(), wanted)
    nearest = (
        statement.where(ResourceEntry.id != resource.id).order_by(relevance, ResourceEntry.id.desc()).limit(SIMILAR)
    )
    return resources_in_order(run(nearest).scalars().all())


def suggestions(viewer: Viewer, asked: Asked) -> list[str]:
    """Filters without which a search that found nothing would find something, by dimension."""
    return [
        dimension
        for dimension, codes in asked.filters.items()
        if codes
        and _count(viewer, replace(asked, filters={**asked.filters, dimension: ()}), _wanted(asked, dimension)).total
    ]


def saved_of(person_id: int) -> Sequence[SavedSearch]:
    """Searches somebody keeps, the newest first."""
    statement = select(SavedSearch).where(SavedSearch.person_id == person_id).order_by(SavedSearch.id.desc()).limit(50)
    return db.session.scalars(statement).all()


def news_of(viewer: Viewer, saved: Iterable[SavedSearch]) -> dict[int, int]:
    """How many resources each kept search has found since it was last opened."""
    found = {}
    for each in saved:
        asked = asked_of(each.asked)
        statement, _order = _from(select(func.count(ResourceEntry.id)), viewer, asked, _wanted(asked))
        found[each.id] = run(statement.where(ResourceEntry.published_at > each.seen_at)).scalar_one()
    return found


def asked_of(parameters: Mapping[str, Sequence[str]]) -> Asked:
    """A search from the parameters of an address; what is not understood is left out."""
    first = {name: values[0] for name, values in parameters.items() if values}
    filters = {
        name: tuple(dict.fromkeys(code[:20] for code in parameters.get(name, ()) if code.replace("-", "").isalnum()))[
            :20
        ]
        for name in FILTERS
    }
    sort, whose = first.get("sort", ""), first.get("whose", "")
    return Asked(
        first.get("q", "")[:200],
        {name: codes for name, codes in filters.items() if codes},
        whose if whose in WHOSE else "",
        sort if sort in SORTS else RELEVANCE,
    )
