"""The curators' desk: Django's admin under our name."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db import models
from django.http import HttpRequest, HttpResponse

from archive.models import Tag


class NamedTags(AutocompleteJsonView):
    """Suggestions while typing that say what kind of tag each one is."""

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        """The suggestion for *obj*: tags with their kind, anything else as it is."""
        result = super().serialize_result(obj, to_field_name)
        if isinstance(obj, Tag):
            result["text"] = f"{obj} — {obj.get_kind_display().lower()}"
        return result  # type: ignore[no-any-return]


class Desk(admin.AdminSite):
    """The admin site of the archive."""

    site_header = "Dastan: curators’ desk"
    site_title = "Dastan"
    index_title = "What would you like to do?"

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with tags that say their kind."""
        return NamedTags.as_view(admin_site=self)(request)
