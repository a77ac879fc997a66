"""The imported files and the imports that brought them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from archive.models import Import, ImportedFile, Source


def original_link(source: Source) -> SafeString:
    """A link to download the bytes of *source*."""
    url = reverse("original", args=[source.pk])
    return format_html(
        '<a href="{}">{}</a> ({} bytes, {})', url, source.name, source.size, source.encoding
    )


class ReadOnly:
    """Rows that tell what happened and are not edited."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Imports add them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened has happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Originals are kept for ever."""
        return False


@admin.register(Source)
class SourceAdmin(ReadOnly, admin.ModelAdmin):
    """The imported files, for download."""

    list_display: ClassVar = ["name", "media_type", "size", "encoding", "imported"]
    search_fields: ClassVar = ["name", "sha256"]
    fields: ClassVar = [
        "name", "original", "sha256", "media_type", "encoding", "mended", "imported", "imported_by"
    ]  # fmt: skip
    readonly_fields: ClassVar = ["original", "mended"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        """Without the bytes."""
        return super().get_queryset(request).defer("compressed")

    @admin.display(description="The file")
    def original(self, source: Source) -> SafeString:
        """A link to the bytes."""
        return original_link(source)

    @admin.display(description="Repairs")
    def mended(self, source: Source) -> str:
        """What was mended in the text."""
        return "; ".join(source.repairs) or "–"


class OpenConflicts(admin.SimpleListFilter):
    """Imports with conflicts that nobody has settled."""

    title = _("conflicts")
    parameter_name = "conflicts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the one choice."""
        return [("open", _("not settled yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Import]) -> QuerySet[Import]:
        """Narrow the list down."""
        if self.value() != "open":
            return queryset
        open_ones = ImportedFile.objects.filter(outcome="conflict", settled="")
        return queryset.filter(pk__in=open_ones.values("run"))


@admin.register(Import)
class ImportAdmin(ReadOnly, admin.ModelAdmin):
    """Past imports; each leads to its report."""

    list_display: ClassVar = ["started", "finished", "user", "summary"]
    list_filter: ClassVar = [OpenConflicts]
    list_select_related: ClassVar = ["user"]
    list_per_page = 50
    show_full_result_count = False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The report, which is a page of its own."""
        if not object_id.isdecimal():
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("admin:import_report", int(object_id))

    @admin.display(description=_("Outcome"))
    def summary(self, run: Import) -> str:
        """Counts, without the noughts."""
        return ", ".join(f"{n} {outcome}" for outcome, n in run.counts.items() if n) or "–"
