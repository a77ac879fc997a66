"""Full text in SQLite: an FTS5 table over the stories, kept by triggers."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from django.db import DatabaseError, OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from archive.search.fulltext import unspaced
from archive.search.fulltext.accents import spellings
from archive.search.fulltext.query import UNSPACED, Query, Term, alternatives

#: The index holds words only; the text stays in the stories' own table (external content).
TABLE = """CREATE VIRTUAL TABLE archive_fulltext USING fts5(
    title, summary, body, content='archive_story', content_rowid='id',
    tokenize='porter unicode61 remove_diacritics 2')"""

_TABLES = {"archive_fulltext": TABLE, **unspaced.TABLES}

_NEW = (
    "INSERT INTO archive_fulltext(rowid, title, summary, body) "
    "VALUES (NEW.id, NEW.title, NEW.summary, NEW.body);"
)
_OLD = (
    "INSERT INTO archive_fulltext(archive_fulltext, rowid, title, summary, body) "
    "VALUES ('delete', OLD.id, OLD.title, OLD.summary, OLD.body);"
)
_CHANGED = (
    "OLD.id <> NEW.id OR OLD.title <> NEW.title"
    " OR OLD.summary <> NEW.summary OR OLD.body <> NEW.body"
)
TRIGGERS = {
    "archive_fulltext_insert": f"AFTER INSERT ON archive_story BEGIN {_NEW} END",
    "archive_fulltext_delete": f"AFTER DELETE ON archive_story BEGIN {_OLD} END",
    "archive_fulltext_update": (
        "AFTER UPDATE OF id, title, summary, body ON archive_story"
        f" WHEN {_CHANGED} BEGIN {_OLD} {_NEW} END"
    ),
    **unspaced.TRIGGERS,
}
#: Seconds that suggestions may look inside titles.
MOMENT = 0.05
#: However often a word stands in a text, it adds less than one (the unit is its rarity); a word in
#: the summary adds one to that, whatever the length of the story, and a word in the title two.
SCORE = (
    "-bm25(archive_fulltext) - bm25(archive_fulltext, 0.0, 1e9, 0.0)"
    " - 2 * bm25(archive_fulltext, 1e9, 0.0, 0.0)"
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the tables and the triggers; index the stories if a table is not as it should be."""
    with connection.cursor() as cursor:
        for name, definition in TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} {definition}")
    if _altered(connection):
        rebuild(connection)


def rebuild(connection: BaseDatabaseWrapper) -> None:
    """Make the tables anew, whatever became of them, and index every story."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table in reversed(_TABLES):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        for definition in _TABLES.values():
            cursor.execute(definition)
        cursor.execute("INSERT INTO archive_fulltext(archive_fulltext) VALUES ('rebuild')")
        unspaced.rebuild(connection)


def _altered(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the tables that are missing or were made otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        there = dict(cursor.fetchall())
    return [name for name, definition in _TABLES.items() if there.get(name) != definition]


def problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What differs between the full text and the stories, a sentence each."""
    if altered := _altered(connection):
        return [f"The table {name} is missing or was altered." for name in altered]
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO archive_fulltext(archive_fulltext, rank) VALUES ('integrity-check', 1)"
            )
    except DatabaseError:
        return ["The full text differs from the stories."]
    if unspaced.differs(connection):
        return ["The full text of scripts without spaces differs from the stories."]
    return []


def optimise(connection: BaseDatabaseWrapper) -> None:
    """Merge what many writes left in pieces, and bring the planner's numbers up to date."""
    with connection.cursor() as cursor:
        for table in ("archive_fulltext", "archive_fulltext_unspaced"):
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608
        cursor.execute("ANALYZE")


def _quoted(text: str, prefix: bool) -> str:
    """*text* as an FTS5 string: between quotation marks nothing is syntax."""
    return f'"{text}" *' if prefix else f'"{text}"'


def _any_of(terms: tuple[Term, ...]) -> str:
    ways = [
        _quoted(text, way.prefix)
        for term in terms
        for way in alternatives(term)
        for text in spellings(way.text.replace('"', " ").lower())
    ]
    return "(" + " OR ".join(ways) + ")"


def expression(query: Query) -> str:
    """*query*, which must want something, in the engine's own language."""
    wanted = " AND ".join(map(_any_of, query.groups))
    return f"({wanted}) NOT {_any_of(query.excluded)}" if query.excluded else wanted


def ids(connection: BaseDatabaseWrapper, query: Query, among: Sequence[int] | None = None) -> str:
    """Ids of the stories that match, between commas: one row is fetched faster than thousands.

    With *among*, of these stories only.
    """
    sql = "SELECT group_concat(rowid) FROM archive_fulltext WHERE archive_fulltext MATCH %s"
    if among is None:
        return unspaced.fetch(connection, sql, [expression(query)])
    sql += " AND rowid IN (SELECT value FROM json_each(%s))"
    return unspaced.fetch(connection, sql, [expression(query), json.dumps(among)])


def title_ids(connection: BaseDatabaseWrapper, query: Query) -> str:
    """Ids of the stories whose title alone matches, between commas."""
    sql = "SELECT group_concat(rowid) FROM archive_fulltext WHERE title MATCH %s"
    return unspaced.fetch(connection, sql, [expression(query)])


def some_titles(connection: BaseDatabaseWrapper, query: Query, limit: int) -> list[int]:
    """Up to *limit* ids of stories whose title matches; none if that takes longer than a moment."""
    connection.ensure_connection()
    deadline = time.monotonic() + MOMENT
    connection.connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        with connection.cursor() as cursor:
            cursor.execute(*_titles(query, limit))
            return [pk for (pk,) in cursor.fetchall()]
    except OperationalError:
        return []
    finally:
        connection.connection.set_progress_handler(None, 0)


def _titles(query: Query, limit: int) -> tuple[str, list[object]]:
    """SQL for *limit* ids of stories whose title holds all that is wanted, and its parameters."""
    spaced = [group for group in query.groups if not UNSPACED.search(group[0].text)]
    holding = [
        unspaced.holding(group[0].text, True) for group in query.groups if group not in spaced
    ]
    if spaced:
        sql = "SELECT rowid AS doc FROM archive_fulltext WHERE title MATCH %s"
        holding.append((sql, [expression(Query(groups=tuple(spaced)))]))
    sql = " INTERSECT ".join(f"SELECT doc FROM ({one})" for one, _ in holding)  # noqa: S608 - from above
    return f"{sql} LIMIT %s", [*(value for _, values in holding for value in values), limit]


def ranked(connection: BaseDatabaseWrapper, query: Query) -> list[tuple[int, float]]:
    """Each matching story with its score; more is better. Cost grows with the matches."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid, {SCORE}"  # noqa: S608 - constants only
            " FROM archive_fulltext WHERE archive_fulltext MATCH %s",
            [expression(query)],
        )
        return list(cursor.fetchall())
