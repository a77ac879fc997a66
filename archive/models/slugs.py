"""Addresses made from names."""

from __future__ import annotations

from typing import Any

from anyascii import anyascii
from django.db import models
from django.utils.text import slugify

#: Longest slug in characters: addresses stay readable, and fit every file name.
SLUG_LENGTH = 100


def slug_for(text: str, fallback: str) -> str:
    """*text* as a slug in ASCII (other scripts are romanised), or *fallback* if nothing is left."""
    return slugify(anyascii(text))[: SLUG_LENGTH - 10].strip("-") or fallback


def unique_slug(
    text: str,
    among: models.QuerySet[Any],
    fallback: str,
    taken: models.QuerySet[Any] | None = None,
) -> str:
    """A slug for *text* that no row of *among* or *taken* has: ``paris``, ``paris-2`` and so on.

    One query each, however many twins there are.
    """
    base = slug_for(text, fallback)
    used = set(among.filter(slug__startswith=base).values_list("slug", flat=True))
    if taken is not None:
        used |= set(taken.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in used:
        return base
    number = 2
    while f"{base}-{number}" in used:
        number += 1
    return f"{base}-{number}"
