"""Queries for the rows of some ids, whose SQL is made once.

Django takes several times as long to make the SQL of such a query as the database to answer it, and
every page of a list asks the same few.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet


class Prepared:
    """The query that *made* makes for ids and further values; it may depend on nothing else.

    Its SQL is kept for 1, 2, 4, 8… ids: where they are fewer, the last is asked for again.
    """

    def __init__(self, made: Callable[..., QuerySet[Any]]) -> None:
        self._made = made
        self._sql = functools.lru_cache(maxsize=128)(self._make)

    def rows(self, ids: Sequence[int], *more: Hashable) -> list[tuple[Any, ...]]:
        """The rows of *ids*, as the driver gives them: numbers and texts, but no times."""
        if not ids:
            return []
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(*self.sql(ids, *more))
            return cursor.fetchall()

    def sql(self, ids: Sequence[int], *more: Hashable) -> tuple[str, list[Any]]:
        """The SQL for *ids*, of which there is one at least, and its parameters."""
        number = 1 << (len(ids) - 1).bit_length()
        vendor = connections[DEFAULT_DB_ALIAS].vendor
        # What may be shown is part of many queries.
        sql, params = self._sql(number, more, vendor, settings.SHOW_SUGGESTIONS)
        given = [*ids, *[ids[-1]] * (number - len(ids))]
        return sql, [given[-param - 1] if _is_place(param) else param for param in params]

    def _make(
        self, number: int, more: tuple[Hashable, ...], *_key: Hashable
    ) -> tuple[str, tuple[Any, ...]]:
        places = [-place - 1 for place in range(number)]  # as no id is
        return self._made(places, *more).query.sql_with_params()


def _is_place(param: Any) -> bool:
    return type(param) is int and param < 0
