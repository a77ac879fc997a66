"""The start page of the desk, and the overview of gaps."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive.curation import overview
from archive.curation.review import desk_page


def start_context(user: User) -> dict[str, Any]:
    """What the start page shows *user*."""
    needs = overview.needs(user)
    return {
        "needs": [need for need in needs if need.some],
        "idle": [need for need in needs if not need.some],
        "changes": overview.recent_changes(user),
        "imports": overview.recent_imports(user),
        "decisions": overview.recent_decisions(user),
    }


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """Where the archive has gaps."""
    lines = overview.coverage(request.user)  # type: ignore[arg-type]
    if not lines:
        raise PermissionDenied
    return desk_page(request, "admin/coverage.html", _("Coverage"), {"lines": lines})
