"""Pages for readers. Views choose; templates draw; who may see what is asked of the models."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from archive.models import Source


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
