"""Questions that name a tag by an address of before: saved lists follow renames and merges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect

from archive.models import KINDS, OldTagSlug
from archive.search.filters import MAX_VALUES
from archive.search.index import index

#: What stands before and after a kind's own parameter when its slugs are asked for or kept out.
_NAMES = {
    f"{before}{info.parameter}": (kind, before)
    for kind, info in KINDS.items()
    for before in ("", "not_")
}


def current(params: QueryDict) -> QueryDict:
    """*params* with the slugs that their tags have now; the same object if none was renamed.

    One query, and only if a slug is unknown. A tag that no visible story has is not looked for:
    its name is as invisible as the drafts that it is on.
    """
    with index.reading() as state:
        unknown = {pair for pair in _slugs(params) if pair not in state.by_slug}
    if not unknown:
        return params
    wanted = Q(pk__in=())
    for kind, slug in unknown:
        wanted |= Q(kind=kind, slug=slug)
    rows = OldTagSlug.objects.filter(wanted).values_list(
        "kind", "slug", "tag_id", "tag__kind", "tag__slug"
    )
    found = list(rows)
    with index.reading() as state:
        now = {(kind, slug): new for kind, slug, tag, *new in found if state.below.get(tag)}
    return _renamed(params, now) if now else params


def follows_renames(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Lead a view's address that names a tag by an old slug to the one that holds now."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        params = current(request.GET)
        if params is not request.GET:
            return redirect(f"{request.path}?{params.urlencode()}")  # a merge can be undone
        return view(request, *args, **more)

    return answer


def _slugs(params: QueryDict) -> Iterator[tuple[str, str]]:
    """Kind and slug of each tag that *params* name."""
    for name, (kind, _before) in _NAMES.items():
        for slug in params.getlist(name)[:MAX_VALUES]:
            if slug and "\x00" not in slug:
                yield kind, slug


def _renamed(params: QueryDict, now: dict[tuple[str, str], list[str]]) -> QueryDict:
    """A copy of *params* with the kinds and slugs of *now*; a kind may have changed too."""
    changed = QueryDict(mutable=True)
    for name, values in params.lists():
        kind, before = _NAMES.get(name, ("", ""))
        for value in values:
            new_kind, slug = now.get((kind, value), ("", ""))
            parameter = f"{before}{KINDS[new_kind].parameter}" if slug else name
            if not kind or (slug or value) not in changed.getlist(parameter):
                changed.appendlist(parameter, slug or value)
    return changed
