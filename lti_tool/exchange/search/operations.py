"""Keeping the index right: called by whatever changes a resource, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask_babel import force_locale
from sqlalchemy import delete, insert, select

from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.core.search import forget_words, learn, rebuild, stems
from lti_tool.exchange.licences import LICENCES
from lti_tool.exchange.models import PUBLISHED, VISIBILITIES, Resource, ResourceAuthor, ResourceVersion, Term
from lti_tool.exchange.search.models import ResourceEntry, ResourceText
from lti_tool.exchange.search.tokens import token
from lti_tool.exchange.vocabularies import SUBJECTS, USES, level_name, stages_of

BODY_WORDS = 1500
"""Words of a text that are searched: more would only find it for everything."""
BATCH = 500
PRIOR_RATINGS, PRIOR = 3, 3.5
"""A single five stars does not stand above twenty fours: as if so many had given the middle."""
LOCALES = ("ru", "en")
"""Subjects are found in either language."""


def index_resource(resource: Resource) -> None:
    """Write what a search reads of this resource; takes it out unless it is published."""
    index_resources([resource])


def index_resources(resources: Sequence[Resource]) -> None:
    """The same for many at once; a few statements."""
    db.session.flush()
    idents = [each.id for each in resources]
    run(delete(table_of(ResourceText)).where(ResourceText.id.in_(idents)))
    run(delete(table_of(ResourceEntry)).where(ResourceEntry.id.in_(idents)))
    shown = [each for each in resources if each.state == PUBLISHED]
    if not shown:
        return
    run(insert(table_of(ResourceEntry)), [_entry(each) for each in shown])
    texts = [_text(each, *more) for each, more in zip(shown, _surroundings(shown), strict=True)]
    run(
        insert(table_of(ResourceText)),
        [{name: stems(text) if name != "id" else text for name, text in row.items()} for row in texts],
    )
    learn(str(row[name]) for row in texts for name in ("title", "labels", "summary"))


def _entry(resource: Resource) -> dict[str, Any]:
    rated = (resource.rating_total + PRIOR * PRIOR_RATINGS) / (resource.rating_count + PRIOR_RATINGS)
    return {
        "id": resource.id,
        "organization_id": resource.organization_id,
        "reach": VISIBILITIES.index(resource.visibility),
        "kind": resource.kind,
        "language": resource.language,
        "licence": resource.licence,
        "subjects": ",".join(resource.subjects),
        "levels": ",".join(stages_of(resource.levels)),
        "uses": ",".join(resource.uses),
        "published_at": resource.published_at or utcnow(),
        "used": resource.used,
        "rating": rated,
        "changed_at": utcnow(),
    }


def _surroundings(resources: Sequence[Resource]) -> Iterator[tuple[str, str, str]]:
    """(authors, terms of own vocabularies, newest text) of each; three statements."""
    idents = [each.id for each in resources]
    authors: dict[int, list[str]] = {}
    rows = select(ResourceAuthor.resource_id, ResourceAuthor.name).where(ResourceAuthor.resource_id.in_(idents))
    for ident, name in db.session.execute(rows):
        authors.setdefault(ident, []).append(name)
    wanted = {term for each in resources for term in each.tags}
    names: Mapping[int, str] = (
        dict(db.session.execute(select(Term.id, Term.name).where(Term.id.in_(wanted))).tuples().all()) if wanted else {}
    )
    newest = (
        select(ResourceVersion.resource_id, ResourceVersion.body)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.id.in_(idents), ResourceVersion.number == Resource.number)
    )
    bodies = dict(db.session.execute(newest).tuples().all())
    for each in resources:
        terms = " ".join(names.get(term, "") for term in each.tags)
        yield " ".join(authors.get(each.id, [])), terms, bodies.get(each.id, "")


def _text(resource: Resource, authors: str, terms: str, body: str) -> dict[str, Any]:
    described = [*resource.keywords, terms, authors, *_in_words(resource)]
    return {
        "id": resource.id,
        "title": resource.title,
        "labels": " ".join(described),
        "summary": resource.summary,
        "body": f"{' '.join(body.split()[:BODY_WORDS])} {' '.join(_tokens(resource))}",
    }


def _in_words(resource: Resource) -> Iterable[str]:
    for dimension, codes in (("subject", resource.subjects), ("use", resource.uses), ("level", resource.levels)):
        yield from (_names(dimension, code) for code in codes)


@lru_cache(maxsize=1000)
def _names(dimension: str, code: str) -> str:
    """A code in the words of every language."""
    found = []
    for locale in LOCALES:
        with force_locale(locale):
            found.append(level_name(code) if dimension == "level" else str(_KNOWN[dimension].get(code, "")))
    return " ".join(found)


_KNOWN: dict[str, dict[str, Any]] = {"subject": SUBJECTS, "use": USES}


def _tokens(resource: Resource) -> Iterator[str]:
    yield token("kind", resource.kind)
    yield token("language", resource.language)
    yield token("licence", resource.licence if resource.licence in LICENCES else "own")
    for dimension, codes in (
        ("subject", resource.subjects),
        ("level", stages_of(resource.levels)),
        ("grade", resource.levels),
        ("use", resource.uses),
        ("tag", resource.tags),
    ):
        yield from (token(dimension, code) for code in codes)


def refresh(idents: Sequence[int]) -> None:
    """Index resources by their ids."""
    found = db.session.scalars(select(Resource).where(Resource.id.in_(idents)).order_by(Resource.id)).unique().all()
    index_resources(found)


def note_numbers(resource: Resource) -> None:
    """Its usage or ratings changed, nothing else."""
    entry = db.session.get(ResourceEntry, resource.id)
    if entry is not None:
        values = _entry(resource)
        entry.used, entry.rating, entry.changed_at = values["used"], values["rating"], values["changed_at"]


def batches() -> Iterator[list[int]]:
    """Ids of all resources in pieces that a rebuild works through, each in its own unit of work."""
    last = 0
    while True:
        statement = select(Resource.id).where(Resource.id > last).order_by(Resource.id).limit(BATCH)
        found = list(db.session.scalars(statement))
        if not found:
            return
        yield found
        last = found[-1]


def begin_rebuild() -> None:
    """Empty the dictionary and build the database's own structures anew; searches go on meanwhile."""
    forget_words()
    rebuild(table_of(ResourceText))
