"""The frame around the pages: errors, compression, and what search engines ask for."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.models import KINDS, Story

#: Ids of stories that one part of the sitemap covers. The protocol allows 50,000 addresses in a
#: part and 50,000 parts.
SITEMAP_SPAN = 10_000
#: What robots are asked to leave alone: pages for curators, answers to letters typed, and the
#: countless combinations of filters.
NOT_FOR_ROBOTS = ("/admin/", "/suggest/", "/stories/values/", "/stories/?*&", "/*?in=")
_COMPRESSED = ("text/", "application/json", "application/xml", "application/atom+xml", "image/svg")


class CompressPages(GZipMiddleware):
    """Compress pages on their way out; files for download go as they are.

    Django adds a random length to each compressed page, so that its size betrays no secret in it.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress *response* if it is text and complete."""
        kind = response.headers.get("Content-Type", "")
        if response.streaming or not kind.startswith(_COMPRESSED):
            return response
        return super().process_response(request, response)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours. Asks neither the database nor the session: both may be it."""
    context = {"site_name": settings.SITE_NAME, "kinds": tuple(KINDS.values())}
    return HttpResponseServerError(render_to_string("500.html", context))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What robots may read, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS), ""]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The parts of the sitemap: one for the pages, the others for stories by id."""
    last = Story.objects.published().aggregate(last=Max("pk"))["last"] or 0
    parts = [0, *range(1, -(-last // SITEMAP_SPAN) + 1)]
    addresses = [request.build_absolute_uri(reverse("sitemap_part", args=[part])) for part in parts]
    context = {"addresses": addresses}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@require_safe
def sitemap_part(request: HttpRequest, part: int) -> HttpResponse:
    """The addresses of one part; 0 holds the pages that are always there."""
    if part == 0:
        kinds = (info.plural for info in KINDS.values())
        names = ["home", "stories", *kinds, "map", "network", "about"]
        pages = [(reverse(name), None) for name in names]
    else:
        span = {"pk__gt": (part - 1) * SITEMAP_SPAN, "pk__lte": part * SITEMAP_SPAN}
        if part > 50_000:
            raise Http404("No sitemap has so many parts.")
        rows = Story.objects.published().filter(**span).order_by("pk")
        pages = [
            (reverse("story", args=[slug]), modified)
            for slug, modified in rows.values_list("slug", "modified")
        ]
    root = request.build_absolute_uri("/").rstrip("/")
    context = {"pages": [(root + path, modified) for path, modified in pages]}
    return render(request, "sitemap.xml", context, content_type="application/xml")
