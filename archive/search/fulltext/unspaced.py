"""SQLite's index of scripts without spaces: every three signs in a row, of stories that have any.

FTS5 takes such a run, from one comma or full stop to the next, as one word, so that what lies in it
is not found. This second table holds the run's signs three by three instead; a word of three signs
or more is a phrase of them, and a shorter one the beginning of some.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Sequence

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from archive.search.fulltext.query import SIGNS, UNSPACED, Term, run_pattern, runs

_SIZE = 3
#: Places that are read for a word of one or two signs: those of a sign as frequent as の, in an
#: archive of very many stories, would take seconds.
MOST_PLACES = 2_000_000
#: Stories whose texts are read for words of other scripts in a question.
MOST_BESIDE = 10_000

#: The view is there only while the table is made or checked: a table that a view reads cannot be
#: renamed, as migrations do.
TABLE = """CREATE VIRTUAL TABLE archive_fulltext_unspaced USING fts5(
    title, rest, content='archive_fulltext_unspaced_texts', content_rowid='id',
    tokenize='trigram')"""
PLACES = """CREATE VIRTUAL TABLE archive_fulltext_unspaced_places
    USING fts5vocab('archive_fulltext_unspaced', 'instance')"""
TABLES = {"archive_fulltext_unspaced": TABLE, "archive_fulltext_unspaced_places": PLACES}
_VIEW = "archive_fulltext_unspaced_texts"

_COLUMNS = ("title", "summary", "body")


#: Ranges in which all signs lie, and few others; the fewer ranges, the sooner a text is read.
_NEAR_SIGNS = "\u0e00-\u17ff\u2e80-\U0003ffff"


def _held_by(row: str) -> str:
    """SQL that says whether *row* holds a sign of such a script; of ASCII it is told at once."""
    texts = [f"{row}{column}" for column in _COLUMNS]
    held = [
        f"(length(CAST({text} AS BLOB)) > length({text})"
        f" AND {text} GLOB '*[{_NEAR_SIGNS}]*' AND {text} GLOB '*[{SIGNS}]*')"
        for text in texts
    ]
    return "(" + " OR ".join(held) + ")"


def _texts(row: str) -> str:
    """SQL for the texts of *row*; behind each is room, so that three signs begin with its last."""
    return f"{row}title || '  ', {row}summary || '  ' || {row}body || '  '"


_CHANGED = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in ("id", *_COLUMNS))
_NEW = (
    "INSERT INTO archive_fulltext_unspaced(rowid, title, rest)"
    f" SELECT NEW.id, {_texts('NEW.')} WHERE {_held_by('NEW.')};"
)
_OLD = (
    "INSERT INTO archive_fulltext_unspaced(archive_fulltext_unspaced, rowid, title, rest)"
    f" SELECT 'delete', OLD.id, {_texts('OLD.')} WHERE {_held_by('OLD.')};"
)
TRIGGERS = {
    "archive_fulltext_unspaced_insert": f"AFTER INSERT ON archive_story BEGIN {_NEW} END",
    "archive_fulltext_unspaced_delete": f"AFTER DELETE ON archive_story BEGIN {_OLD} END",
    "archive_fulltext_unspaced_update": (
        "AFTER UPDATE OF id, title, summary, body ON archive_story"
        f" WHEN {_CHANGED} BEGIN {_OLD} {_NEW} END"
    ),
}


def _with_texts(connection: BaseDatabaseWrapper, statement: str) -> None:
    """Execute *statement*, which reads the texts, in a transaction."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"DROP VIEW IF EXISTS {_VIEW}")
        cursor.execute(
            f"CREATE VIEW {_VIEW}(id, title, rest) AS"  # noqa: S608 - constants only
            f" SELECT id, {_texts('')} FROM archive_story WHERE {_held_by('')}"
        )
        cursor.execute(statement)
        cursor.execute(f"DROP VIEW {_VIEW}")


def rebuild(connection: BaseDatabaseWrapper) -> None:
    """Index every story in the table, which is there and empty."""
    _with_texts(
        connection,
        "INSERT INTO archive_fulltext_unspaced(archive_fulltext_unspaced) VALUES ('rebuild')",
    )


def differs(connection: BaseDatabaseWrapper) -> bool:
    """Whether the table says something else than the stories."""
    try:
        _with_texts(
            connection,
            "INSERT INTO archive_fulltext_unspaced(archive_fulltext_unspaced, rank)"
            " VALUES ('integrity-check', 1)",
        )
    except DatabaseError:
        return True
    return False


def holding(text: str, title_only: bool) -> tuple[str, list[str]]:
    """SQL for the ids, as doc, of the stories that hold all runs of *text*, and its parameters."""
    found = [_holding(run, title_only) for run in runs(text)]
    sql = " INTERSECT ".join(f"SELECT doc FROM ({one})" for one, _ in found)  # noqa: S608 - constants only
    return sql, [parameter for _, parameters in found for parameter in parameters]


def _holding(run: str, title_only: bool) -> tuple[str, list[str]]:
    if len(run) < _SIZE:
        column = "AND col = 'title'" if title_only else ""
        sql = (
            "SELECT DISTINCT doc FROM (SELECT doc FROM archive_fulltext_unspaced_places"  # noqa: S608 - constants only
            f" WHERE term >= %s AND term < %s {column} LIMIT {MOST_PLACES})"
        )
        beginning = run.lower()
        return sql, [beginning, beginning + "\U0010ffff"]
    column = "title" if title_only else "archive_fulltext_unspaced"
    sql = f"SELECT rowid AS doc FROM archive_fulltext_unspaced WHERE {column} MATCH %s"  # noqa: S608 - constants only
    return sql, [f'"{run}"']


def fetch(connection: BaseDatabaseWrapper, sql: str, parameters: list[str]) -> str:
    """The one value that *sql* asks for; empty if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return (row and row[0]) or ""


def ids(connection: BaseDatabaseWrapper, text: str, title_only: bool = False) -> str:
    """Ids of the stories that hold *text*, but for its case and its punctuation, between commas."""
    pieces = runs(text)
    chosen, parameters = holding(text, title_only)
    if len(pieces) == 1:
        return fetch(connection, f"SELECT group_concat(doc) FROM ({chosen})", parameters)  # noqa: S608 - constants only
    pattern = run_pattern(text)
    return _reading(
        connection,
        f"{chosen} LIMIT {MOST_BESIDE}",
        parameters,
        title_only,
        lambda story: pattern.search(story) is not None,
    )


def _reading(
    connection: BaseDatabaseWrapper,
    chosen: str,
    parameters: list[str],
    title_only: bool,
    answers: Callable[[str], bool],
) -> str:
    """Ids of the stories with an id *chosen* by SQL whose text *answers*, between commas."""
    text = " || char(10) || ".join(_COLUMNS[:1] if title_only else _COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {text} FROM archive_story WHERE id IN ({chosen})",  # noqa: S608 - constants only
            parameters,
        )
        return ",".join(str(pk) for pk, story in cursor if answers(story))


def beside(
    connection: BaseDatabaseWrapper,
    terms: Iterable[Term],
    title_only: bool = False,
    among: Sequence[int] | None = None,
) -> dict[Term, str]:
    """For words of other scripts, ids of the stories that hold them right beside signs: 2019年.

    Only words that occur so; with *among*, in these stories only. An archive without such signs
    costs one look.
    """
    plain = [term for term in terms if term.text.isalnum() and not UNSPACED.search(term.text)]
    if not plain or not fetch(
        connection, "SELECT 1 FROM archive_fulltext_unspaced_places LIMIT 1", []
    ):
        return {}
    found: dict[Term, str] = {}
    for term in plain:
        word = term.text.lower()
        if among is None:
            chosen, parameters = holding(word, title_only)
            chosen = f"{chosen} LIMIT {MOST_BESIDE // len(plain)}"
        else:
            chosen, parameters = "SELECT value FROM json_each(%s)", [json.dumps(among)]
        found[term] = _reading(
            connection,
            chosen,
            parameters,
            title_only,
            functools.partial(_stands_beside, word=word, prefix=term.prefix),
        )
    return {term: some for term, some in found.items() if some}


def _stands_beside(text: str, word: str, prefix: bool) -> bool:
    """Whether *text* holds *word*, in small letters, as a word that has a sign beside it."""
    text = f" {text.lower()} "
    at = text.find(word)
    while at >= 0:
        before, behind = text[at - 1], text[at + len(word)]
        sign_before, sign_behind = UNSPACED.match(before), UNSPACED.match(behind)
        if prefix:
            # What runs on from a beginning of a run is found in the other table.
            if sign_before:
                return True
        elif (sign_before or sign_behind) and (
            (sign_before or not before.isalnum()) and (sign_behind or not behind.isalnum())
        ):
            return True
        at = text.find(word, at + 1)
    return False
