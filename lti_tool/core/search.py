"""Full-text search, alike on SQLite (FTS5) and PostgreSQL (tsvector): words are cut to their stems here, and the database
indexes the stems as they stand.

A feature keeps its stems in an ordinary table and calls `index_stems` on it once. The database itself keeps the index in
step with the table, in the transaction of the change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import snowballstemmer
from sqlalchemy import DDL, ForeignKey, Index, String, Table, cast, event, func, insert, literal, select, text
from sqlalchemy import column as plain_column
from sqlalchemy.dialects.postgresql import ARRAY, REAL, array
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import ColumnElement, FromClause, Join, literal_column
from sqlalchemy.sql import table as plain_table

from lti_tool.core.db import Base, db, insert_if_absent, run, table_of

LONGEST_WORD = 40
"""Characters; what is longer is no word somebody searches for."""
MOST_WORDS = 12
"""Words of a query that count."""
SHORTEST_PREFIX = 3
"""Letters from which the last word of a query may be the beginning of a longer one."""
SHORTEST_MENDED = 4
"""Letters of a word that may be mistyped: shorter ones are near to too many others."""
_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
_WEIGHTS = (1.0, 0.5, 0.25, 0.1)
"""Of the columns of an index, the most telling first."""
_KEYS_EN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_KEYS_RU = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_LAYOUTS = str.maketrans(_KEYS_EN + _KEYS_RU, _KEYS_RU + _KEYS_EN)
_russian = snowballstemmer.stemmer("russian")
_english = snowballstemmer.stemmer("english")


def words(typed: str) -> list[str]:
    """The words of a text in small letters, with ё as е."""
    found: list[str] = _WORD.findall(typed.lower().replace("ё", "е"))
    return [word for word in found if len(word) <= LONGEST_WORD]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of one small-letter word: Russian for Cyrillic letters, English for Latin ones."""
    if word.isascii():
        return str(_english.stemWord(word)) if word.isalpha() else word
    return str(_russian.stemWord(word)) if "а" <= word[0] <= "я" else word


def stems(typed: str) -> str:
    """The stems of a text, in its order, as an index keeps them."""
    return " ".join(map(stem, words(typed)))


@dataclass(frozen=True)
class Term:
    """One part of a query: a word as typed with its stem, or a phrase of several."""

    words: tuple[str, ...]
    excluded: bool = False
    prefix: bool = False
    """The word may be the beginning of a longer one."""


@dataclass(frozen=True)
class Wanted:
    """A query: every term has to be there, unless `any_word`; `tokens` in any case, one of each group."""

    terms: tuple[Term, ...] = ()
    tokens: tuple[tuple[str, ...], ...] = ()
    any_word: bool = False

    def __bool__(self) -> bool:
        return bool(self.tokens) or any(not term.excluded for term in self.terms)

    @property
    def words(self) -> list[str]:
        return [word for term in self.terms if not term.excluded for word in term.words]


def parse(typed: str) -> Wanted:
    """What somebody typed: words, "a phrase", -without. Never fails; signs of a query language mean nothing."""
    terms: list[Term] = []
    for minus, phrase, word in _PART.findall(typed[:400]):
        found = words(phrase or word)
        together = [found] if phrase else [[one] for one in found]
        terms += [Term(tuple(each), bool(minus)) for each in together if each]
    terms = terms[:MOST_WORDS]
    if terms and typed[-1:].isalnum():
        last = terms[-1]
        begins = len(last.words) == 1 and len(last.words[0]) >= SHORTEST_PREFIX and not last.excluded
        terms[-1] = replace(last, prefix=begins)
    return Wanted(tuple(terms))


def index_stems(table: Table, columns: Sequence[str]) -> None:
    """Index these text columns of a table with an integer key `id`, the most telling column first; at most four.

    Takes effect where the table is created; a migration does the same with `index_statements`.
    """
    for dialect in ("sqlite", "postgresql"):
        up, down = index_statements(dialect, table.name, columns)
        for moment, statements in (("after_create", up), ("before_drop", down)):
            for statement in statements:
                event.listen(table, moment, _ddl(statement).execute_if(dialect=dialect))
    _indexed[table.name] = tuple(columns)


def _ddl(statement: str) -> Any:
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy's


_indexed: dict[str, tuple[str, ...]] = {}


def is_of_an_index(kind: str, name: str, thing: Any) -> bool:
    """Is this a table, column or index that `index_stems` adds, and no model knows? For comparing models and database."""
    if kind == "table":
        return any(name.startswith(f"{table}_fts") for table in _indexed)
    return kind in ("column", "index") and thing.table.name in _indexed and name.endswith("document")


def index_statements(dialect: str, table: str, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """What adds the index to a table, and what takes it away, in the database's own words."""
    if dialect == "postgresql":
        parts = " || ".join(
            f"setweight(to_tsvector('simple', {name}), '{weight}')"
            for name, weight in zip(columns, "ABCD", strict=False)
        )
        return [
            f"ALTER TABLE {table} ADD COLUMN document tsvector GENERATED ALWAYS AS ({parts}) STORED",
            f"CREATE INDEX ix_{table}_document ON {table} USING gin (document)",
        ], []
    names = ", ".join(columns)
    new, old = (", ".join(f"{row}.{name}" for name in columns) for row in ("new", "old"))
    fts = f"{table}_fts"
    # names of our own tables, no one's input
    add = f"INSERT INTO {fts}(rowid, {names}) VALUES (new.id, {new});"  # noqa: S608
    remove = f"INSERT INTO {fts}({fts}, rowid, {names}) VALUES ('delete', old.id, {old});"  # noqa: S608
    return [
        f"CREATE VIRTUAL TABLE {fts} USING fts5({names}, content='{table}', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 0', prefix='3 4')",
        f"CREATE TRIGGER {fts}_added AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {fts}_removed AFTER DELETE ON {table} BEGIN {remove} END",
        f"CREATE TRIGGER {fts}_changed AFTER UPDATE ON {table} BEGIN {remove} {add} END",
    ], [f"DROP TABLE IF EXISTS {fts}"]


class FirstLeft(Join):
    """A join whose left side SQLite has to go through first: it would rather look a row up in the index for each row of
    ours, which takes a hundred times as long."""

    inherit_cache = True


@compiles(FirstLeft, "sqlite")
def _first_left(join: FirstLeft, compiler: Any, **options: Any) -> str:
    linter = options.get("from_linter")
    if linter is not None:  # it warns of tables that nothing joins
        linter.edges.update(product(join.left._from_objects, join.right._from_objects))
    left, right = (compiler.process(side, **options) for side in (join.left, join.right))
    return f"{left} CROSS JOIN {right} ON {compiler.process(join.onclause)}"


@dataclass(frozen=True)
class Match:
    """How a statement finds the rows of a query: select from `source`, filter by `condition`, order by `order`."""

    source: FromClause
    condition: ColumnElement[bool]
    order: ColumnElement[Any]
    """The best first."""


def match(table: Table, wanted: Wanted, rows: Table) -> Match:
    """The rows of an indexed table that a query finds, joined with those of `rows` that have the same `id`."""
    columns = _indexed[table.name]
    if db.engine.dialect.name == "sqlite":
        fts: ColumnElement[Any] = literal_column(f"{table.name}_fts")
        source = plain_table(f"{table.name}_fts", plain_column("rowid"))
        weighed = [literal(each) for each in _WEIGHTS[: len(columns)]]
        joined = FirstLeft(source, rows, source.c.rowid == rows.c.id)
        return Match(joined, fts.op("MATCH")(_for_fts5(wanted)), func.bm25(fts, *weighed))
    document: ColumnElement[Any] = literal_column(f"{table.name}.document")
    query = func.to_tsquery("simple", _for_tsquery(wanted))
    weights = cast(array([literal(each) for each in reversed(_WEIGHTS)]), ARRAY(REAL))
    rank = func.ts_rank(weights, document, query)
    return Match(Join(table, rows, table.c.id == rows.c.id), document.op("@@")(query), rank.desc())


def _for_fts5(wanted: Wanted) -> str:
    """Words are letters and figures only, so quoting them is enough."""
    kept = [_alternatives(term, '"{}"', '"{}"*', " + ", " OR ") for term in wanted.terms if not term.excluded]
    without = [_alternatives(term, '"{}"', '"{}"*', " + ", " OR ") for term in wanted.terms if term.excluded]
    parts = [f"({(' OR ' if wanted.any_word else ' AND ').join(kept)})"] if kept else []
    parts += [f"({' OR '.join(group)})" for group in wanted.tokens]
    found = " AND ".join(parts)
    return f"({found}) NOT ({' OR '.join(without)})" if without else found


def _for_tsquery(wanted: Wanted) -> str:
    kept = [_alternatives(term, "'{}'", "'{}':*", " <-> ", " | ") for term in wanted.terms if not term.excluded]
    without = [_alternatives(term, "'{}'", "'{}':*", " <-> ", " | ") for term in wanted.terms if term.excluded]
    parts = [f"({(' | ' if wanted.any_word else ' & ').join(kept)})"] if kept else []
    parts += [f"({' | '.join(group)})" for group in wanted.tokens]
    return " & ".join([*parts, *(f"!({each})" for each in without)])


def _alternatives(term: Term, exact: str, prefix: str, then: str, or_: str) -> str:
    together = then.join(exact.format(stem(word)) for word in term.words)
    if term.prefix:
        together = or_.join((together, prefix.format(term.words[0])))
    return f"({together})"


class SearchWord(Base):
    """A word that some indexed text holds: the dictionary against which mistyped words are mended."""

    __tablename__ = "search_word"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(LONGEST_WORD), unique=True)


class SearchGram(Base):
    """Three letters in a row of a word of the dictionary."""

    __tablename__ = "search_gram"
    __table_args__ = (Index(None, "gram", "word_id"),)

    word_id: Mapped[int] = mapped_column(ForeignKey("search_word.id", ondelete="CASCADE"), primary_key=True)
    gram: Mapped[str] = mapped_column(String(3), primary_key=True)


def learn(texts: Iterable[str]) -> None:
    """Add the words of texts to the dictionary."""
    found = {word for each in texts for word in words(each) if len(word) >= SHORTEST_MENDED and word.isalpha()}
    missing = sorted(found - known_words(found))
    for word in missing:
        insert_if_absent(SearchWord, {"word": word})
    for start in range(0, len(missing), 500):
        part = select(SearchWord.id, SearchWord.word).where(SearchWord.word.in_(missing[start : start + 500]))
        rows = [{"word_id": ident, "gram": gram} for ident, word in db.session.execute(part) for gram in _grams(word)]
        have = select(SearchGram.word_id).where(SearchGram.word_id.in_({row["word_id"] for row in rows}))
        there = set(db.session.scalars(have))
        rows = [row for row in rows if row["word_id"] not in there]
        if rows:
            run(insert(table_of(SearchGram)), rows)


def known_words(wanted: Collection[str]) -> set[str]:
    """Those of the words that the dictionary has."""
    listed, found = sorted(wanted), set[str]()
    for start in range(0, len(listed), 500):
        statement = select(SearchWord.word).where(SearchWord.word.in_(listed[start : start + 500]))
        found.update(db.session.scalars(statement))
    return found


def _grams(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def mended(wanted: Wanted) -> Wanted | None:
    """The query with words nobody has written replaced by the nearest ones that somebody has; None when none changes."""
    known = known_words(wanted.words)
    better = {word: near for word in set(wanted.words) - known if (near := _nearest(word)) is not None}
    if not better:
        return None
    return replace(
        wanted,
        terms=tuple(replace(term, words=tuple(better.get(word, word) for word in term.words)) for term in wanted.terms),
    )


def _nearest(word: str) -> str | None:
    """A known word at a distance of one slip (two in long words), or the one typed with the other keyboard layout."""
    other = words(word.translate(_LAYOUTS))
    if len(other) == 1 and known_words(other):
        return other[0]
    if len(word) < SHORTEST_MENDED:
        return None
    shared = func.count()
    statement = (
        select(SearchWord.word)
        .join(SearchGram, SearchGram.word_id == SearchWord.id)
        .where(SearchGram.gram.in_(_grams(word)))
        .group_by(SearchWord.id, SearchWord.word)
        .order_by(shared.desc(), SearchWord.id)
        .limit(40)
    )
    allowed = 1 if len(word) < 8 else 2
    ranked = [(distance(word, near, allowed), place, near) for place, near in enumerate(db.session.scalars(statement))]
    best = min(ranked, default=None)
    return best[2] if best is not None and best[0] <= allowed else None


def distance(one: str, other: str, most: int) -> int:
    """Slips between two words: a letter more, less, another one, or two exchanged; `most` + 1 when there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, sign in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != sign))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == sign:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return min(last[-1], most + 1)


def rebuild(table: Table) -> None:
    """Build a SQLite index anew from its table; PostgreSQL's is part of the rows and needs none."""
    if db.engine.dialect.name == "sqlite":
        fts = f"{table.name}_fts"
        run(text(f"INSERT INTO {fts}({fts}) VALUES ('rebuild')"))  # noqa: S608  # a name of our own


def forget_words() -> None:
    """Empty the dictionary, before everything is learnt anew."""
    run(table_of(SearchGram).delete())
    run(table_of(SearchWord).delete())
