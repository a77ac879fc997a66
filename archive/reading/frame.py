"""The frame around the pages: errors, and what search engines ask for."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

from archive.models import KINDS


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours. Asks neither the database nor the session: both may be it."""
    context = {"site_name": settings.SITE_NAME, "kinds": tuple(KINDS.values())}
    return HttpResponseServerError(render_to_string("500.html", context))
