"""Adding and editing tags."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from archive.curation.forms import OtherNameFormSet, VersionedForm
from archive.curation.history import HistoryAdmin
from archive.curation.lists import ListOptions, Point, Use, search_tags
from archive.curation.merging import MOST
from archive.models import KINDS, Kind, OtherName, Person, Place, StopName, Tag, Theme
from archive.pipeline.cues import OWN
from archive.reading.atlas import place_map


class OtherNameInline(admin.StackedInline):
    """Further names of a tag."""

    model = OtherName
    formset = OtherNameFormSet
    extra = 1


class KindForm(VersionedForm):
    """A tag whose kind may change: what only the old kind can have must go first, or goes along."""

    def clean(self) -> dict[str, Any]:
        """Let a new kind go only where the tree and the map allow it.

        Raises:
            forms.ValidationError: tags of the old kind lie below this one.
        """
        cleaned = super().clean()
        if self.instance.pk and "kind" in self.changed_data:
            if self.instance.narrower.exists():
                raise forms.ValidationError(
                    _("Other tags lie below this one. Move them first, then change its kind.")
                )
            # Neither a point on the map nor a code of the gazetteer fits another kind.
            self.instance.latitude = self.instance.longitude = None
            self.instance.notation = ""
        return cleaned


@admin.action(description=_("Merge the chosen tags…"), permissions=["change", "delete"])
def merge_chosen(
    modeladmin: HistoryAdmin, request: HttpRequest, queryset: QuerySet[Tag]
) -> HttpResponse:
    """Lead to the page that merges the tags of *queryset*."""
    ids = queryset.order_by("pk").values_list("pk", flat=True)[: MOST + 1]
    return redirect(f"{reverse('admin:merge')}?{urlencode([('tag', pk) for pk in ids])}")


def namesakes(tag: Tag) -> list[Tag]:
    """Other tags of the same kind that bear a name of *tag*, a few at most."""
    keys = [tag.name_key, *tag.other_names.values_list("name_key", flat=True)]
    same = Q(name_key__in=keys) | Q(other_names__name_key__in=keys)
    return list(Tag.objects.filter(same, kind=tag.kind).exclude(pk=tag.pk).distinct()[:3])


class TagAdmin(ListOptions, HistoryAdmin):
    """What the three kinds of tag have in common."""

    actions: ClassVar = [merge_chosen]
    change_form_template = "admin/archive/tag_form.html"

    form = VersionedForm
    inlines: ClassVar = [OtherNameInline]
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}
    list_display: ClassVar = ["name", "disambiguation", "broader", "reviewed"]
    more_columns: ClassVar = ["notation", "authority_uri", "created"]
    list_filter: ClassVar = ["reviewed", Use]
    list_select_related: ClassVar = ["broader"]
    search_fields: ClassVar = ["name"]  # Django asks for one; ``search_tags`` searches
    search_hint = _("A name or another name, or a part of one.")
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
        found = search_tags(queryset, search_term)
        kind = request.GET.get("model_name", "")
        if request.GET.get("field_name") == "broader" and kind in KINDS:
            found = found.filter(kind=kind)
        return found, False

    def save_model(self, request: HttpRequest, obj: Tag, form: ModelForm, change: bool) -> None:
        """Save as a new version."""
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Save the other names, and say which names other tags bear as well."""
        super().save_related(request, form, formsets, change)
        for other in namesakes(form.instance):
            words = _("“%(tag)s” bears one of these names too. If it is the same, merge them.")
            self.message_user(request, words % {"tag": other}, "warning")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the place on a small map."""
        tag = context.get("original")
        if tag is not None and tag.kind == Kind.PLACE:
            context["place_map"] = place_map(tag)
        if tag is not None and tag.kind == Kind.THEME:
            context["cues"] = tag.notation or f"{OWN}{tag.pk}"
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[no-any-return]


@admin.register(Tag)
class AnyTagAdmin(TagAdmin):
    """Tags of every kind: where the story form looks names up and adds new ones."""

    form = KindForm

    fields: ClassVar = ["kind", *TagAdmin.fields]
    list_display: ClassVar = ["name", "kind", "disambiguation", "broader", "reviewed"]
    list_filter: ClassVar = ["kind", "reviewed", Use]


@admin.register(Person)
class PersonAdmin(TagAdmin):
    """People."""

    fields: ClassVar = [field for field in TagAdmin.fields if field != "broader"]
    list_display: ClassVar = ["name", "disambiguation", "reviewed"]
    list_select_related = False
    autocomplete_fields: ClassVar = []


@admin.register(Place)
class PlaceAdmin(TagAdmin):
    """Places."""

    fields: ClassVar = [*TagAdmin.fields, "latitude", "longitude"]
    list_filter: ClassVar = ["reviewed", Use, Point]
    more_columns: ClassVar = [*TagAdmin.more_columns, "latitude", "longitude"]


@admin.register(Theme)
class ThemeAdmin(TagAdmin):
    """Themes."""


@admin.register(StopName)
class StopNameAdmin(admin.ModelAdmin):
    """Names that the tagger must never propose; delete one and it may come back."""

    list_display: ClassVar = ["name", "kind", "reason", "created"]
    list_filter: ClassVar = ["kind"]
    search_fields: ClassVar = ["name", "name_key"]
