"""Addresses made from names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from anyascii import anyascii
from django.db import models
from django.utils.text import slugify

#: Longest slug in characters: addresses stay readable, and fit every file name.
SLUG_LENGTH = 100


def slug_for(text: str, fallback: str) -> str:
    """*text* as a slug in ASCII (other scripts are romanised), or *fallback* if nothing is left."""
    return slugify(anyascii(text))[: SLUG_LENGTH - 10].strip("-") or fallback


class Slugs:
    """Addresses that no row has yet, for one new row or for many of one transaction.

    They are looked up exactly, never by their beginning: an index answers that in any database.
    """

    def __init__(self, fallback: str, *among: models.QuerySet[Any]) -> None:
        """Hand out slugs that no row of *among* has; *fallback* where nothing is left of a text."""
        self._fallback = fallback
        self._among = among
        self._taken: dict[str, bool] = {}
        self._next: dict[str, int] = {}

    def look_up(self, texts: Iterable[str]) -> None:
        """Ask for the first choice of all *texts* at once, before they are taken one by one."""
        self._ask({slug_for(text, self._fallback) for text in texts})

    def take(self, text: str) -> str:
        """A slug for *text*: ``paris``, else ``paris-2`` and so on."""
        base = slug_for(text, self._fallback)
        slug = base
        if self._is_taken(base):
            number = self._next.get(base) or self._first_free(base)
            while self._is_taken(f"{base}-{number}"):
                number += 1
            slug = f"{base}-{number}"
            self._next[base] = number + 1
        self._taken[slug] = True
        return slug

    def _first_free(self, base: str) -> int:
        """A number that is free after one that is taken, in steps that double and halve."""
        low, high = 1, 2
        while self._is_taken(f"{base}-{high}"):
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            if self._is_taken(f"{base}-{middle}"):
                low = middle
            else:
                high = middle
        return high

    def _is_taken(self, slug: str) -> bool:
        if slug not in self._taken:
            self._ask({slug})
        return self._taken[slug]

    def _ask(self, slugs: set[str]) -> None:
        found: set[str] = set()
        for rows in self._among:
            found.update(rows.filter(slug__in=slugs).values_list("slug", flat=True))
        self._taken.update({slug: slug in found for slug in slugs})


def unique_slug(
    text: str,
    among: models.QuerySet[Any],
    fallback: str,
    taken: models.QuerySet[Any] | None = None,
) -> str:
    """A slug for *text* that no row of *among* or *taken* has: ``paris``, ``paris-2`` and so on."""
    return Slugs(fallback, among, *(() if taken is None else (taken,))).take(text)
