"""Reading what the index needs from the rows, column by column: a million stories in seconds.

Every statement reads an index of the database from end to end, never the long texts. Stories that
change meanwhile are in the change log, and are read again.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime
import gc
import itertools
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

from archive.models import Story, Tagging
from archive.search.orders import strings, time_key, title_keys
from archive.search.sets import MAX_ID, numbers

#: Rows taken at a time.
_BATCH = 20_000
#: Rows asked for at once by their ids (SQLite takes 32,766 parameters).
BATCH = 5_000

#: A column of ids that belong to one value, in digits between commas.
_JOINED = {"sqlite": "group_concat({0})", "postgresql": "string_agg({0}::text, ',')"}
#: Microseconds since 1970, or what _moments can read as such.
_TIME = {
    "sqlite": "published_at || ''",  # as text: not made a datetime row by row
    "postgresql": "(extract(epoch FROM published_at) * 1000000)::bigint",
}

#: How Django writes a moment.
_SHAPE = b"0000-00-00 00:00:00.000000"

Pair = tuple[np.ndarray, np.ndarray]


def joined(connection: BaseDatabaseWrapper, column: str) -> str:
    """SQL for the values of *column*, numbers, in digits between commas."""
    return _JOINED[connection.vendor].format(column)


def rows(using: str, sql: str, *parameters: object) -> Iterator[list[tuple[Any, ...]]]:
    """The answer to *sql* in pieces."""
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while piece := cursor.fetchmany(_BATCH):
            yield piece


def times(using: str) -> Pair:
    """Ids of published and scheduled stories, ascending, and their times in microseconds."""
    column = _TIME[connections[using].vendor]
    sql = (
        f"SELECT id, {column} FROM archive_story"  # noqa: S608 - constants only
        " WHERE status = %s AND published_at IS NOT NULL ORDER BY published_at DESC, id"
    )
    ids, keys = [], []
    for piece in rows(using, sql, Story.Status.PUBLISHED):
        some, moments = zip(*piece, strict=True)
        ids.append(np.array(some, dtype=np.int64))
        keys.append(_moments(moments))
    return _ascending(ids, keys, np.empty(0, np.int64))


def _moments(values: tuple[Any, ...]) -> np.ndarray:
    if isinstance(values[0], int):
        return np.array(values, dtype=np.int64)
    # Padded to microseconds, all that Django wrote have their digits in the same places.
    padded = "".join([v if len(v) == 26 else f"{v}.000000" if len(v) == 19 else "" for v in values])
    if len(padded) == 26 * len(values) and padded.isascii():
        letters = np.frombuffer(padded.encode(), dtype=np.uint8).reshape(-1, 26)
        if _as_django_writes(letters):
            return _microseconds(letters)
    read = [datetime.datetime.fromisoformat(value) for value in values]
    aware = [moment.replace(tzinfo=moment.tzinfo or datetime.UTC) for moment in read]
    return np.array([time_key(moment) for moment in aware], dtype=np.int64)


def _as_django_writes(letters: np.ndarray) -> bool:
    """Whether all *letters*, a row for each moment, are digits where _SHAPE has a zero, else it."""
    shape = np.frombuffer(_SHAPE, dtype=np.uint8)
    digits = shape == ord("0")
    numerals = letters[:, digits]
    return bool(
        (letters[:, ~digits] == shape[~digits]).all()
        and (numerals >= ord("0")).all()
        and (numerals <= ord("9")).all()
    )


def _microseconds(letters: np.ndarray) -> np.ndarray:
    """Read "2000-01-31 23:59:59.123456", a row of letters each: numpy's own way takes seconds."""
    digits = letters.astype(np.int64) - ord("0")

    def number(first: int, last: int) -> np.ndarray:
        return digits[:, first:last] @ (10 ** np.arange(last - first - 1, -1, -1))

    months = (number(0, 4) - 1970) * 12 + number(5, 7) - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    days += number(8, 10) - 1
    seconds = ((days * 24 + number(11, 13)) * 60 + number(14, 16)) * 60 + number(17, 19)
    return seconds * 1_000_000 + number(20, 26)


def titles(using: str) -> Pair:
    """Ids of published and scheduled stories, ascending, and the keys of their titles."""
    sql = "SELECT id, title FROM archive_story WHERE status = %s ORDER BY title, id"
    ids, keys = [], []
    for piece in rows(using, sql, Story.Status.PUBLISHED):
        some, words = zip(*piece, strict=True)
        ids.append(np.array(some, dtype=np.int64))
        keys.append(strings(title_keys(words)))
    return _ascending(ids, keys, strings([]))


def groups(using: str, column: str, drafts: bool = False) -> dict[Any, np.ndarray]:
    """Ids of published and scheduled stories, or with *drafts* of all, by their value in *column*.

    Where no index has the status beside the column, all are ten times as fast.
    """
    where, parameters = ("", ()) if drafts else ("WHERE status = %s", (Story.Status.PUBLISHED,))
    sql = (
        f"SELECT {column}, {joined(connections[using], 'id')} FROM archive_story"  # noqa: S608 - names of ours
        f" {where} GROUP BY {column}"
    )
    return {value: numbers(ids) for piece in rows(using, sql, *parameters) for value, ids in piece}


def lengths(using: str) -> Pair:
    """Ids of published and scheduled stories, ascending, and their numbers of words."""
    found = groups(using, "word_count")
    ids = [members.astype(np.int64) for members in found.values()]
    keys = [np.full(len(members), words, np.int32) for words, members in found.items()]
    return _ascending(ids, keys, np.empty(0, np.int32))


def _ascending(ids: list[np.ndarray], keys: list[np.ndarray], none: np.ndarray) -> Pair:
    if not ids:
        return np.empty(0, np.uint32), none
    all_ids, all_keys = np.concatenate(ids), np.concatenate(keys)
    inside = (all_ids >= 0) & (all_ids <= MAX_ID)
    if not inside.all():
        all_ids, all_keys = all_ids[inside], all_keys[inside]
    order = np.argsort(all_ids, kind="stable")
    return all_ids[order].astype(np.uint32), all_keys[order]


class _Joined(models.Aggregate):
    """Numbers in digits, joined with commas."""

    function = "GROUP_CONCAT"
    output_field = models.TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Write the same in PostgreSQL's words."""
        return super().as_sql(
            compiler, connection, template="STRING_AGG(%(expressions)s::text, ',')"
        )


def taggings(using: str) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Tags, ascending, the number of stories that show each, and these, drafts among them."""
    # A row for each tag, its stories joined: one for each tagging would take most of the time.
    found = (
        Tagging.objects.using(using)
        .shown()
        .order_by("tag_id")
        .values("tag_id")
        .annotate(stories=_Joined("story_id"))
        .values_list("tag_id", "stories")
    )
    tags: list[int] = []
    lengths: list[int] = []
    stories: list[np.ndarray] = []
    rows = found.iterator(BATCH)
    while piece := list(itertools.islice(rows, BATCH)):
        tags += [tag for tag, _ids in piece]
        lengths += [ids.count(",") + 1 for _tag, ids in piece]
        stories.append(np.fromstring(",".join([ids for _tag, ids in piece]), np.int64, sep=","))
    none = np.empty(0, np.int64)
    return tags, np.array(lengths, dtype=np.int64), np.concatenate([none, *stories])


def batches(ids: Iterable[int]) -> Iterator[list[int]]:
    """*ids* in lists that a query takes as parameters."""
    iterator = iter(ids)
    while batch := list(itertools.islice(iterator, BATCH)):
        yield batch


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector away while very many objects are made, all of which stay."""
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()


def give_back() -> None:
    """Return to the system what loading took: the allocator keeps gaps between small objects."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
