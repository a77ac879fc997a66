"""Full text: which stories hold the words that were typed, and how well they match."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from django.db.backends.base.base import BaseDatabaseWrapper
from pyroaring import BitMap

from archive.search.fulltext import postgresql, sqlite, unspaced
from archive.search.fulltext.query import UNSPACED, Query, Term, parse
from archive.search.sets import bitmap, numbers

__all__ = [
    "Query",
    "Term",
    "engine",
    "matches",
    "matches_among",
    "parse",
    "ranked",
    "scored",
    "some_titles",
    "title_matches",
]

_ENGINES = {"sqlite": sqlite, "postgresql": postgresql}


def engine(connection: BaseDatabaseWrapper) -> ModuleType:
    """The module that speaks to *connection*'s database.

    Raises:
        NotImplementedError: the database is neither SQLite nor PostgreSQL.
    """
    try:
        return _ENGINES[connection.vendor]
    except KeyError:
        raise NotImplementedError(f"No full text for {connection.vendor}.") from None


def _set(ids: str) -> BitMap:
    """The set of *ids*, which are written in digits between commas."""
    return bitmap(numbers(ids)) if ids else BitMap()


def matches(connection: BaseDatabaseWrapper, query: Query) -> tuple[BitMap, bool]:
    """Stories, drafts among them, that match *query*; for one that only excludes, those excluded.

    The second value says which: true if the stories are those that must *not* be found.
    """
    if not query.groups:
        return _found(connection, Query(groups=(query.excluded,))), True
    return _found(connection, query), False


def matches_among(connection: BaseDatabaseWrapper, term: Term, stories: BitMap) -> BitMap:
    """Those of *stories*, a few, that hold *term*, of a script that is written with spaces."""
    some = list(stories)
    found = _set(engine(connection).ids(connection, Query(groups=((term,),)), some))
    return found | _set(_beside(connection, (term,), among=some).get(term, ""))


def _beside(
    connection: BaseDatabaseWrapper,
    terms: tuple[Term, ...],
    title_only: bool = False,
    among: Sequence[int] | None = None,
) -> dict[Term, str]:
    """Stories that hold *terms* where the engine's first table does not tell it."""
    if connection.vendor == "sqlite":
        return unspaced.beside(connection, terms, title_only, among)
    # What is asked about some stories is single words; titles are never so long.
    return {} if title_only or among is not None else postgresql.part_ids(connection, terms)


def title_matches(connection: BaseDatabaseWrapper, query: Query) -> BitMap:
    """Stories, drafts among them, whose title matches *query* (which must want something)."""
    return _found(connection, query, title_only=True)


def scored(connection: BaseDatabaseWrapper, query: Query) -> bool:
    """Whether the engine has scores for *query*."""
    return connection.vendor != "sqlite" or not any(map(_unspaced, _terms(query)))


def _found(connection: BaseDatabaseWrapper, query: Query, title_only: bool = False) -> BitMap:
    module = engine(connection)
    beside = _beside(connection, _terms(query), title_only)
    if scored(connection, query) and not beside:
        ids = module.title_ids if title_only else module.ids
        return _set(ids(connection, query))

    def holding(term: Term) -> BitMap:
        if connection.vendor == "sqlite" and _unspaced(term):
            return _set(unspaced.ids(connection, term.text, title_only))
        ids = module.title_ids if title_only else module.ids
        return _set(ids(connection, Query(groups=((term,),)))) | _set(beside.get(term, ""))

    groups = [BitMap.union(BitMap(), *map(holding, group)) for group in query.groups]
    return BitMap.intersection(*groups) - BitMap.union(BitMap(), *map(holding, query.excluded))


def _terms(query: Query) -> tuple[Term, ...]:
    return query.wanted + query.excluded


def _unspaced(term: Term) -> bool:
    """Whether *term* holds a sign of a script without spaces."""
    return bool(UNSPACED.search(term.text))


def some_titles(connection: BaseDatabaseWrapper, query: Query, limit: int) -> list[int]:
    """Up to *limit* stories, drafts among them, whose title matches *query*.

    What cannot be found in a moment is given up: this answers each letter typed.
    """
    return engine(connection).some_titles(connection, query, limit)  # type: ignore[no-any-return]


def ranked(connection: BaseDatabaseWrapper, query: Query) -> dict[int, float]:
    """The score of each story that matches *query* (which must want something); more is better."""
    return dict(engine(connection).ranked(connection, query))
