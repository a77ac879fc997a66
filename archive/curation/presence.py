"""Somebody else's open edit is announced: at opening, and while both write."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from archive.models import OpenEdit, Story, Tag
from archive.models.presence import model_name, sign_of_life

#: What is edited by more than one person at a time.
_MODELS: dict[str, type[models.Model]] = {"story": Story, "tag": Tag}


def others(request: HttpRequest, row: models.Model | None) -> list[str]:
    """Names of the other people who have the form of *row* open, in the order of the alphabet."""
    if row is None or row.pk is None:
        return []
    there = OpenEdit.objects.of(row).exclude(user=request.user.pk).select_related("user")
    return sorted(edit.user.get_full_name() or edit.user.get_username() for edit in there)


@require_POST
def here(request: HttpRequest, model: str, pk: int) -> JsonResponse:
    """A sign of life from a form (``leave``: its last); answers who else is there."""
    if model not in _MODELS or pk > models.BigIntegerField.MAX_BIGINT:
        raise Http404
    page: Any = admin.site.get_model_admin(_MODELS[model])
    row = page.get_object(request, str(pk))
    if row is None:
        raise Http404
    if not page.has_change_permission(request, row):
        raise PermissionDenied
    if "leave" in request.POST:
        OpenEdit.objects.filter(user=request.user.pk, model=model_name(row), row=row.pk).delete()
    else:
        sign_of_life(request.user, row)
    return JsonResponse({"others": others(request, row)})
