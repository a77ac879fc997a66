"""The curators' desk: Django's admin under our name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from archive.curation.resuming import ResumingSite
from archive.models import Tag

#: The groups of lists, in their order, with the names by which curators know them.
APP_NAMES = {
    "archive": _("Stories and tags"),
    "auth": _("People and roles"),
    "axes": _("Sign-ins"),
}
#: The lists of the archive in the order of their use.
MODELS = [
    "Story", "Collection", "Person", "Place", "Theme", "Tag", "StopName", "Import", "Source",
    "AuditEntry",
]  # fmt: skip


def _place(names: list[str], name: str) -> int:
    """Where *name* stands in *names*; behind them if it does not."""
    return names.index(name) if name in names else len(names)


class NamedTags(AutocompleteJsonView):
    """Suggestions while typing that say what kind of tag each one is."""

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        """The suggestion for *obj*: tags with their kind, anything else as it is."""
        result = super().serialize_result(obj, to_field_name)
        if isinstance(obj, Tag):
            result["text"] = f"{obj} — {obj.get_kind_display().lower()}"
        return result  # type: ignore[no-any-return]


class Desk(ResumingSite, admin.AdminSite):
    """The admin site of the archive."""

    site_header = _("Dastan: curators’ desk")
    site_title = "Dastan"
    index_title = _("Curators’ desk")

    def get_urls(self) -> list[Any]:
        """The desk's own pages, before those of the admin."""
        from archive.curation import (
            conflicts,
            cue_pages,
            lists,
            presence,
            review,
            tag_tools,
            uploads,
        )
        from archive.curation import pages as overview_pages

        pages = [
            path("import/", uploads.upload, name="import"),
            path("import/reports/<int:pk>/", uploads.report, name="import_report"),
            path("import/conflicts/<int:pk>/", conflicts.conflict, name="import_conflict"),
            path("import/<str:key>/", uploads.preview, name="import_preview"),
            path("review/", review.review, name="review"),
            path("review/tags/", review.batches, {"by": "tag"}, name="review_by_tag"),
            path("review/stories/", review.batches, {"by": "story"}, name="review_by_story"),
            path("review/decide/", review.decide, name="review_decide"),
            path("review/undo/", review.undo, name="review_undo"),
            path("review/decisions/", review.history, name="decisions"),
            path("presence/<slug:model>/<int:pk>/", presence.here, name="presence"),
            path("columns/<slug:model>/", lists.choose_columns, name="columns"),
            path("cues/", cue_pages.themes, name="themes"),
            path("cues/<slug:notation>/", cue_pages.edit, name="cues"),
            path("coverage/", overview_pages.coverage, name="coverage"),
            path("tags/merge/", tag_tools.merge, name="merge"),
            path("tags/alike/", tag_tools.near, name="near"),
            path("tags/not-same/", tag_tools.not_same, name="not_same"),
            path("tags/<int:pk>/split/", tag_tools.split, name="split"),
        ]
        for page in pages:
            page.callback = self.admin_view(page.callback)
        return [*pages, *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what needs the person who looks."""
        from archive.curation.pages import start_context

        context = start_context(request.user) if self.has_permission(request) else {}  # type: ignore[arg-type]
        return super().index(request, {**context, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Stories first, then people; what curators use most is at the top."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = APP_NAMES.get(app["app_label"], app["name"])
            app["models"].sort(key=lambda model: _place(MODELS, model["object_name"]))
        return sorted(apps, key=lambda app: _place(list(APP_NAMES), app["app_label"]))

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with tags that say their kind."""
        return NamedTags.as_view(admin_site=self)(request)
