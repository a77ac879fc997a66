"""Addresses of pages that are named by a slug."""

from __future__ import annotations

import functools

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

_PLACE = "-_-"


def address(name: str, slug: str) -> str:
    """What ``reverse`` says of the page *name* with *slug*; it is asked once for each name.

    A page of a list links to a hundred tags, and ``reverse`` takes longer than writing the links.
    """
    before, after = _around(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    return f"{before}{slug}{after}"


@functools.lru_cache(maxsize=64)
def _around(name: str, urlconf: str, prefix: str) -> tuple[str, str]:
    """What stands before and behind the slug, where the site lies under *prefix*."""
    before, _, after = reverse(name, urlconf, args=[_PLACE]).rpartition(_PLACE)
    return before, after
