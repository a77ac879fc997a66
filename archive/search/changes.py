"""Reading the change log: what was committed since this process last looked."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper


@dataclasses.dataclass(frozen=True, slots=True)
class News:
    """What changed. ``everything``: the log does not reach back far enough, or says so."""

    stories: frozenset[int] = frozenset()
    tags: frozenset[int] = frozenset()
    everything: bool = False

    def __bool__(self) -> bool:
        return bool(self.stories or self.tags or self.everything)


EVERYTHING = News(everything=True)


def _news(items: list[int | None]) -> News:
    if None in items:
        return EVERYTHING
    return News(
        frozenset(item for item in items if item is not None and item > 0),
        frozenset(-item for item in items if item is not None and item < 0),
    )


class Reader(Protocol):
    """Where one reader of the log stands."""

    def news(self, connection: BaseDatabaseWrapper) -> News:
        """What changed since the last call, which is remembered as read."""

    def pending(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether there would be news; nothing is remembered as read."""


class SqliteReader:
    """SQLite writes one transaction at a time: ids appear in order."""

    def __init__(self) -> None:
        self._seen: int | None = None

    def news(self, connection: BaseDatabaseWrapper) -> News:
        """What changed since the last call, which is remembered as read."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(id), max(id) FROM archive_change")
            first, last = (value or 0 for value in cursor.fetchone())
            seen, self._seen = self._seen, last
            if seen == last:
                return News()
            if seen is None or last < seen or first > seen + 1:
                return EVERYTHING
            cursor.execute(
                "SELECT DISTINCT story FROM archive_change WHERE id > %s AND id <= %s", [seen, last]
            )
            return _news([story for (story,) in cursor.fetchall()])

    def pending(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether there would be news; nothing is remembered as read."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(id) FROM archive_change")
            return (cursor.fetchone()[0] or 0) != self._seen


class PostgresqlReader:
    """PostgreSQL commits out of order: a small id may appear after a larger one.

    All transactions before the snapshot's xmin have ended. Rows of later ones are read again each
    time, until xmin has passed them, and those that were read already are told by their ids.
    """

    _SQL = """
        SELECT moment.xmin, moment.first, change.id, change.story, change.transaction
        FROM (
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
                   (SELECT min(id) FROM archive_change) AS first
        ) AS moment
        LEFT JOIN archive_change AS change ON change.transaction >= %s"""

    def __init__(self) -> None:
        self._xmin: int | None = None
        self._highest = 0
        self._read: dict[int, int] = {}

    def news(self, connection: BaseDatabaseWrapper) -> News:
        """What changed since the last call, which is remembered as read."""
        with connection.cursor() as cursor:
            if self._xmin is None:
                return self._start(cursor)
            cursor.execute(self._SQL, [self._xmin])
            rows = cursor.fetchall()
        xmin, first = rows[0][:2]
        lost = xmin < self._xmin or (self._highest and first is None)
        lost = lost or (first or 0) > self._highest + 1 > 1
        fresh = [row for row in rows if row[2] is not None and row[2] not in self._read]
        self._xmin = xmin
        self._read = {row[2]: row[4] for row in rows if row[2] is not None and row[4] >= xmin}
        self._highest = max([self._highest, *(row[2] for row in fresh)])
        return EVERYTHING if lost else _news([row[3] for row in fresh])

    def pending(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether there would be news; nothing is remembered as read."""
        with connection.cursor() as cursor:
            cursor.execute(self._SQL, [self._xmin])
            rows = cursor.fetchall()
        lost = self._highest and rows[0][1] is None
        return bool(lost) or any(row[2] is not None and row[2] not in self._read for row in rows)

    def _start(self, cursor: CursorWrapper) -> News:
        # Read before the rows are: what commits meanwhile is replayed, which does no harm.
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " (SELECT max(id) FROM archive_change)"
        )
        self._xmin, highest = cursor.fetchone()
        self._highest, self._read = highest or 0, {}
        return EVERYTHING


READERS: dict[str, type[Reader]] = {"sqlite": SqliteReader, "postgresql": PostgresqlReader}
