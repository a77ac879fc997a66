"""Reading the change log: what was committed since this process last looked."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from django.db.backends.base.base import BaseDatabaseWrapper


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
            # Each by itself is a step in the tree of ids; both in one SELECT read the whole table.
            cursor.execute(
                "SELECT (SELECT min(id) FROM archive_change), (SELECT max(id) FROM archive_change)"
            )
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
        SELECT moment.xmin, moment.first, moment.last, change.id, change.story, change.transaction
        FROM (
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
                   (SELECT min(id) FROM archive_change) AS first,
                   (SELECT max(id) FROM archive_change) AS last
        ) AS moment
        LEFT JOIN archive_change AS change ON change.transaction >= coalesce(%s, moment.xmin)"""

    def __init__(self) -> None:
        self._xmin: int | None = None
        self._highest = 0
        self._read: set[int] = set()

    def news(self, connection: BaseDatabaseWrapper) -> News:
        """What changed since the last call, which is remembered as read."""
        (xmin, first, last), changes = self._look(connection)
        lost = self._lost(xmin, first)
        fresh = [story for change, story, _ in changes if change not in self._read]
        self._xmin = xmin
        self._read = {change for change, _, transaction in changes if transaction >= xmin}
        self._highest = max(self._highest, last)
        return EVERYTHING if lost else _news(fresh)

    def pending(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether there would be news; nothing is remembered as read."""
        (xmin, first, _), changes = self._look(connection)
        return self._lost(xmin, first) or any(change not in self._read for change, *_ in changes)

    def _look(
        self, connection: BaseDatabaseWrapper
    ) -> tuple[tuple[int, int, int], list[tuple[int, int | None, int]]]:
        with connection.cursor() as cursor:
            cursor.execute(self._SQL, [self._xmin])
            rows = cursor.fetchall()
        xmin, first, last = rows[0][:3]
        return (xmin, first or 0, last or 0), [row[3:] for row in rows if row[3] is not None]

    def _lost(self, xmin: int, first: int) -> bool:
        """Whether what was read last lies before the beginning of the log, or in another one."""
        if self._xmin is None or xmin < self._xmin:
            return True
        return bool(self._highest) and (not first or first > self._highest + 1)


READERS: dict[str, type[Reader]] = {"sqlite": SqliteReader, "postgresql": PostgresqlReader}
