"""What every template may use."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from archive.models import KINDS

#: The pages that the head of every page leads to.
DOORS = ("stories", *(info.plural for info in KINDS.values()), "map", "network")


class Here(NamedTuple):
    """Which of the doors a page lies behind, as ``aria-current`` says it."""

    door: str = ""
    current: str = ""  # "page" for the door itself, "true" for what lies behind it


def site(request: HttpRequest) -> dict[str, Any]:
    """The archive's name, the kinds of tag and the place of the page, for the frame of all pages.

    The parts of the frame are kept for each language, name and place.
    """
    return {
        "site_name": settings.SITE_NAME,
        "kinds": tuple(KINDS.values()),
        "here": here(request.path),
    }


def here(path: str) -> Here:
    """The door that *path* lies behind."""
    for address, door in _doors(get_script_prefix()).items():
        if path.startswith(address):
            return Here(door, "page" if path == address else "true")
    return Here()


@functools.lru_cache(maxsize=4)
def _doors(prefix: str) -> dict[str, str]:
    """The doors by their addresses, where the site lies under *prefix*."""
    return {reverse(door): door for door in DOORS}
