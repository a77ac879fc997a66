"""Pages that visitors ask for again and again are kept as they were sent, while nothing changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

from archive.search.index import index

#: Pages kept by each thread, and the bytes of the largest.
KEPT = 50
LARGEST = 200_000

#: What differs whenever anything was committed since it was last asked, by whomever. SQLite's
#: number leaves out what its own connection wrote, which the driver counts.
_VERSIONS = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_current_snapshot()::text",
}

_View = Callable[..., HttpResponseBase]


class _Pages(threading.local):
    """The pages of one thread, all of the database as it was at one moment."""

    moment: Hashable = None

    def __init__(self) -> None:
        self.kept: OrderedDict[Hashable, HttpResponse] = OrderedDict()


def remembered(view: _View) -> _View:
    """Send what *view* made of an address again, so long as nothing at all changed in the database.

    Only to those who bring no cookie: they are nobody, and all of them see the same. What is shown
    must depend on the address, the language and the database alone.
    """
    pages = _Pages()

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        if request.COOKIES or connection.in_atomic_block or settings.DEBUG:
            return view(request, *args, **more)
        moment = _moment()
        if pages.moment != moment:
            pages.kept.clear()
            pages.moment = moment
        key = (request.scheme, request.get_host(), request.get_full_path(), get_language())
        page = pages.kept.get(key)
        if page is None:
            made = view(request, *args, **more)
            if not _keepable(request, made):
                return made
            page = pages.kept[key] = _copy(made)
            if len(pages.kept) > KEPT:
                pages.kept.popitem(last=False)
        pages.kept.move_to_end(key)
        sent = _copy(page)
        patch_vary_headers(sent, ["Cookie"])
        return sent

    return answer


def _keepable(request: HttpRequest, response: HttpResponseBase) -> bool:
    return (
        isinstance(response, HttpResponse)
        and response.status_code == HttpResponse.status_code
        and len(response.content) <= LARGEST
        # Nothing in it was made for one visitor alone.
        and not (response.cookies or request.session.modified)
        and "CSRF_COOKIE_NEEDS_UPDATE" not in request.META
    )


def _copy(response: HttpResponseBase) -> HttpResponse:
    """A response of its own: what stands between views and visitors adds to its headers."""
    return HttpResponse(response.content, headers=response.headers)


def _moment() -> Hashable:
    """The state of the database as this thread's connection sees it, and of what is due."""
    with index.reading() as state:
        generation = state.generation
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS[connection.vendor])
        version = cursor.fetchone()[0]
    driver = connection.connection
    return driver, version, getattr(driver, "total_changes", 0), generation
