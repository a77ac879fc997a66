"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from archive.models import KINDS


def site(request: HttpRequest) -> dict[str, Any]:
    """The archive's name and the kinds of tag, for the frame of every page."""
    return {"site_name": settings.SITE_NAME, "kinds": tuple(KINDS.values())}
