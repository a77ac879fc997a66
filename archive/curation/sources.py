"""The imported files and the imports that brought them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from archive.models import Import, Source


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


@admin.register(Import)
class ImportAdmin(ReadOnly, admin.ModelAdmin):
    """Past imports and what each did with every file."""

    list_display: ClassVar = ["started", "finished", "user", "summary"]
    fields: ClassVar = ["started", "finished", "user", "summary", "files"]
    readonly_fields: ClassVar = ["summary", "files"]

    @admin.display(description="Outcome")
    def summary(self, run: Import) -> str:
        """Counts, without the noughts."""
        return ", ".join(f"{n} {outcome}" for outcome, n in run.counts.items() if n) or "–"

    @admin.display(description="Files")
    def files(self, run: Import) -> SafeString:
        """A line for each file."""
        rows = format_html_join(
            "",
            "<li>{}: <b>{}</b> {}{}</li>",
            (
                (
                    entry.outcome,
                    entry.name,
                    entry.reason or entry.title,
                    "; ".join(["", *entry.repairs]),
                )
                for entry in run.files.all()[:200]
            ),
        )
        return format_html("<ul>{}</ul>", rows)
