"""The curators' desk: Django's admin under our name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path

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

    def get_urls(self) -> list[Any]:
        """The desk's own pages, before those of the admin."""
        from archive.curation import review, tag_tools

        pages = [
            path("review/", review.review, name="review"),
            path("review/tags/", review.batches, {"by": "tag"}, name="review_by_tag"),
            path("review/stories/", review.batches, {"by": "story"}, name="review_by_story"),
            path("review/decide/", review.decide, name="review_decide"),
            path("review/undo/", review.undo, name="review_undo"),
            path("review/decisions/", review.history, name="decisions"),
            path("tags/merge/", tag_tools.merge, name="merge"),
            path("tags/alike/", tag_tools.near, name="near"),
            path("tags/not-same/", tag_tools.not_same, name="not_same"),
            path("tags/<int:pk>/split/", tag_tools.split, name="split"),
        ]
        for page in pages:
            page.callback = self.admin_view(page.callback)
        return [*pages, *super().get_urls()]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with tags that say their kind."""
        return NamedTags.as_view(admin_site=self)(request)
