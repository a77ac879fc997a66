"""Adding and editing tags."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from archive.curation.forms import OtherNameFormSet, VersionedForm
from archive.curation.history import HistoryAdmin
from archive.models import KINDS, OtherName, Person, Place, StopName, Tag, Theme


class OtherNameInline(admin.TabularInline):
    """Further names of a tag."""

    model = OtherName
    formset = OtherNameFormSet
    extra = 1


class TagAdmin(HistoryAdmin):
    """What the three kinds of tag have in common."""

    form = VersionedForm
    inlines: ClassVar = [OtherNameInline]
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}
    list_display: ClassVar = ["name", "disambiguation", "broader", "reviewed"]
    list_filter: ClassVar = ["reviewed"]
    list_select_related: ClassVar = ["broader"]
    list_per_page = 50
    show_full_result_count = False
    search_fields: ClassVar = ["name", "name_key", "other_names__name", "other_names__name_key"]
    autocomplete_fields: ClassVar = ["broader"]
    ordering: ClassVar = ["name_key", "disambiguation_key", "id"]
    fields: ClassVar = [
        "name",
        "disambiguation",
        "slug",
        "definition",
        "broader",
        "authority_uri",
        "reviewed",
        "opened_version",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Tag], search_term: str
    ) -> tuple[QuerySet[Tag], bool]:
        """While a broader tag is typed, offer only tags of the same kind."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        kind = request.GET.get("model_name", "")
        if request.GET.get("field_name") == "broader" and kind in KINDS:
            found = found.filter(kind=kind)
        return found, duplicates

    def save_model(self, request: HttpRequest, obj: Tag, form: ModelForm, change: bool) -> None:
        """Save as a new version."""
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)


@admin.register(Tag)
class AnyTagAdmin(TagAdmin):
    """Tags of every kind: where the story form looks names up and adds new ones."""

    fields: ClassVar = ["kind", *TagAdmin.fields]
    list_display: ClassVar = ["name", "kind", "disambiguation", "broader", "reviewed"]
    list_filter: ClassVar = ["kind", "reviewed"]


@admin.register(Person)
class PersonAdmin(TagAdmin):
    """People."""

    fields: ClassVar = [field for field in TagAdmin.fields if field != "broader"]
    list_display: ClassVar = ["name", "disambiguation", "reviewed"]
    autocomplete_fields: ClassVar = []


@admin.register(Place)
class PlaceAdmin(TagAdmin):
    """Places."""

    fields: ClassVar = [*TagAdmin.fields, "latitude", "longitude"]


@admin.register(Theme)
class ThemeAdmin(TagAdmin):
    """Themes."""


@admin.register(StopName)
class StopNameAdmin(admin.ModelAdmin):
    """Names that the tagger must never propose; delete one and it may come back."""

    list_display: ClassVar = ["name", "kind", "reason", "created"]
    list_filter: ClassVar = ["kind"]
    search_fields: ClassVar = ["name", "name_key"]
