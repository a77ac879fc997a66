"""Views that help to ask: suggestions while typing, all values of a facet."""

from __future__ import annotations

import dataclasses

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.models import KINDS
from archive.search.filters import GROUPINGS
from archive.search.renames import follows_renames
from archive.search.suggestions import complete
from archive.search.values import values


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """What the letters typed may become: titles, people, places and themes, as JSON."""
    found = complete(request.GET.get("q", ""))
    return JsonResponse({"suggestions": [dataclasses.asdict(item) for item in found]})


@require_safe
@follows_renames
def facet_values(request: HttpRequest, kind: str) -> HttpResponse:
    """All values of a kind of tag, the collections or the languages within the current filter."""
    if kind not in KINDS and kind not in GROUPINGS:
        raise Http404("There is no such facet.")
    page = values(kind, request.GET, request.path, reverse("stories"))
    return render(request, "values.html", {"values": page})
