"""Pages for readers. Views choose; templates draw; who may see what is asked of the models."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from archive.models import KINDS, Source
from archive.reading.tag_indexes import tag_tree, tags_in_use

TAGS_PER_PAGE = 300


@require_safe
def tag_index(request: HttpRequest, kind: str) -> HttpResponse:
    """All tags of a kind that visible stories use: a tree, or (people) a paged list."""
    info = KINDS[kind]
    in_use = tags_in_use(info)
    context = {"info": info, "total": len(in_use)}
    if info.tree:
        context["tree"] = tag_tree(in_use)
    else:
        pages = Paginator(in_use, TAGS_PER_PAGE)
        context["page"] = pages.get_page(request.GET.get("page"))
    return render(request, "tags.html", context)


@require_safe
@permission_required("archive.view_source")
def original(request: HttpRequest, source_id: int) -> HttpResponse:
    """The imported file, byte for byte, for curators."""
    source = get_object_or_404(Source, pk=source_id)
    response = HttpResponse(source.content, content_type="application/octet-stream")
    name = source.name.rsplit("/", 1)[-1]
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here whatever the page says."""
    return redirect(static("favicon.svg"))
