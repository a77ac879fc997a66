"""Full text: which stories hold the words that were typed, and how well they match."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from django.db.backends.base.base import BaseDatabaseWrapper
from pyroaring import BitMap

from archive.search.fulltext import postgresql, sqlite
from archive.search.fulltext.query import Query, Term, parse

__all__ = ["Query", "Term", "engine", "matches", "parse", "ranked", "some_titles", "title_matches"]

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


def bitmap(ids: str) -> BitMap:
    """The set of *ids*, which are written in digits between commas."""
    if not ids:
        return BitMap()
    return BitMap(np.fromstring(ids, dtype=np.int64, sep=",").astype(np.uint32))


def matches(connection: BaseDatabaseWrapper, query: Query) -> tuple[BitMap, bool]:
    """Stories, drafts among them, that match *query*; for one that only excludes, those excluded.

    The second value says which: true if the stories are those that must *not* be found.
    """
    module = engine(connection)
    if query.groups:
        return bitmap(module.ids(connection, query)), False
    return bitmap(module.ids(connection, Query(groups=(query.excluded,)))), True


def title_matches(connection: BaseDatabaseWrapper, query: Query) -> BitMap:
    """Stories, drafts among them, whose title matches *query* (which must want something)."""
    return bitmap(engine(connection).title_ids(connection, query))


def some_titles(connection: BaseDatabaseWrapper, query: Query, limit: int) -> list[int]:
    """Up to *limit* stories, drafts among them, whose title matches *query*.

    What cannot be found in a moment is given up: this answers each letter typed.
    """
    return engine(connection).some_titles(connection, query, limit)  # type: ignore[no-any-return]


def ranked(connection: BaseDatabaseWrapper, query: Query) -> dict[int, float]:
    """The score of each story that matches *query* (which must want something); more is better."""
    return dict(engine(connection).ranked(connection, query))
