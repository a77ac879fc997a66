"""A story's page and its citations."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive.models import OldSlug, Story
from archive.reading.atlas import path_map
from archive.reading.citations import FORMATS, citation
from archive.reading.names import names_shared
from archive.reading.path import life_path
from archive.reading.related import related_lives
from archive.reading.story_page import story_page
from archive.search import renames
from archive.search.neighbours import Neighbours, neighbours
from archive.search.wording import language_name

#: Longest query string of a result that a story page follows, in characters.
RESULT_CHARS = 4_000


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """The way through a result, or through the story's collection: where one stands in it."""

    stands: Neighbours
    previous: Story | None
    next: Story | None
    suffix: str  # for the addresses of its stories, so that the way goes on


@require_safe
def story(request: HttpRequest, slug: str) -> HttpResponse:
    """One story with its marked names and the words that support its tags."""
    visible = Story.objects.visible_to(request.user)
    chosen = visible.select_related("collection", "source").filter(slug=slug).first()
    if chosen is None:
        old = get_object_or_404(OldSlug.objects.filter(story__in=visible), slug=slug)
        query = request.META.get("QUERY_STRING", "")
        address = old.story.get_absolute_url()
        return redirect(f"{address}?{query}" if query else address, permanent=True)
    return render(request, "story.html", story_context(request, chosen))


def story_context(request: HttpRequest, chosen: Story) -> dict[str, Any]:
    """What the page of the story *chosen* shows."""
    path = life_path(chosen)
    return {
        "story": chosen,
        "path": path,
        "path_map": path_map([path]),
        "related": related_lives(chosen),
        "names_shared": names_shared(chosen),
        "page": story_page(chosen, heading_link=_("Link to this part")),
        "citation": citation(chosen, request.build_absolute_uri(chosen.get_absolute_url())),
        "language_name": language_name(chosen.language),
        "may_edit": request.user.is_authenticated
        and Story.objects.editable_by(request.user).filter(pk=chosen.pk).exists(),
        "way": _way(request, chosen),
        "from_result": "in" in request.GET,
    }


@require_safe
def cite(request: HttpRequest, slug: str, format: str) -> HttpResponse:  # noqa: A002
    """A story's citation as a file."""
    visible = Story.objects.visible_to(request.user).select_related("collection")
    chosen = get_object_or_404(visible.defer("body"), slug=slug)
    made = citation(chosen, request.build_absolute_uri(chosen.get_absolute_url()))
    response = HttpResponse(getattr(made, format), content_type=f"{FORMATS[format]}; charset=utf-8")
    name = f"{chosen.slug}.{format}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _way(request: HttpRequest, story: Story) -> Way | None:
    """The way that `in` names; without it the story's collection, else the whole archive.

    `in` holds the query string of a list; it is read as the list itself would read it.
    """
    given = request.GET.get("in")
    if given is not None:
        params = renames.current(_query(given[:RESULT_CHARS]))
    else:
        params = QueryDict(mutable=True)
        if story.collection:
            params["collection"] = story.collection.slug
    stands = neighbours(story.pk, params)
    if stands is None or stands.total < 2:
        return None
    wanted = [pk for pk in (stands.previous, stands.next) if pk]
    rows = Story.objects.published().only("title", "slug").in_bulk(wanted)
    asked = QueryDict(mutable=True)
    if given is not None:
        asked["in"] = given[:RESULT_CHARS]
    return Way(
        stands=stands,
        previous=rows.get(stands.previous or 0),
        next=rows.get(stands.next or 0),
        suffix=f"?{asked.urlencode()}" if given is not None else "",
    )


def _query(text: str) -> QueryDict:
    """*text* as the parameters of a list; more of them than a form may send are as none."""
    try:
        return QueryDict(text)
    except TooManyFieldsSent:
        return QueryDict()
