"""Adding and editing stories and tags."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import Prefetch, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from reversion.admin import VersionAdmin

from archive.curation.forms import OtherNameFormSet, TaggingForm, VersionedForm
from archive.models import (
    KINDS,
    Collection,
    Import,
    Mention,
    OtherName,
    Person,
    Place,
    Source,
    StopName,
    Story,
    Tag,
    Tagging,
    Theme,
)
from archive.pipeline import retag
from archive.rendering import word_count

#: Quotations shown beside a tag in the story form.
QUOTES_SHOWN = 3


class TaggingInline(admin.TabularInline):
    """The story's tags: chosen by typing, confirmed or rejected, with the words behind them."""

    model = Tagging
    extra = 1
    can_delete = False
    autocomplete_fields: ClassVar = ["tag"]
    form = TaggingForm
    fields: ClassVar = ["tag", "state", "never_again", "role", "origin", "words"]
    readonly_fields: ClassVar = ["origin", "words"]
    verbose_name_plural = "Tags (reject what is wrong: a rejected tag is never suggested again)"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tagging]:
        """With tags and mentions at hand, in the order of kinds."""
        mentions = Mention.objects.order_by("lost", "start")
        return (
            super()
            .get_queryset(request)
            .select_related("tag")
            .prefetch_related(Prefetch("mentions", mentions))
            .order_by("tag__kind", "-role", "tag__name_key")
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """What a curator adds is confirmed unless they say otherwise."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "state" and field is not None:
            field.initial = Tagging.State.CONFIRMED
        return field

    @admin.display(description="The words")
    def words(self, tagging: Tagging) -> str | SafeString:
        """The first words of the story that support the tag, and those that an edit took away."""
        mentions = list(tagging.mentions.all()) if tagging.pk else []
        if not mentions:
            return "–"
        shown = format_html_join(
            "",
            "<li>…{}<b>{}</b>{}…{}</li>",
            (
                (*mention.snippet(40), " (no longer in the text)" if mention.lost else "")
                for mention in mentions[:QUOTES_SHOWN]
            ),
        )
        more = len(mentions) - QUOTES_SHOWN
        rest = format_html("<li>and {} more</li>", more) if more > 0 else ""
        return format_html("<ul>{}{}</ul>", shown, rest)


class LostEvidence(admin.SimpleListFilter):
    """Stories with tags whose supporting words an edit took away."""

    title = "evidence"
    parameter_name = "evidence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the one choice."""
        return [("lost", "words lost in an edit")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Story]) -> QuerySet[Story]:
        """Narrow the list down."""
        if self.value() != "lost":
            return queryset
        lost = Mention.objects.filter(lost=True).exclude(tagging__state=Tagging.State.REJECTED)
        return queryset.filter(pk__in=lost.values("tagging__story"))


@admin.register(Story)
class StoryAdmin(VersionAdmin):
    """Stories. Saving one tags it again without touching what a person decided."""

    form = VersionedForm
    inlines: ClassVar = [TaggingInline]
    list_display: ClassVar = ["title", "status", "collection", "word_count", "modified"]
    list_filter: ClassVar = ["status", LostEvidence, "collection", "language"]
    list_select_related: ClassVar = ["collection"]
    list_per_page = 50
    show_full_result_count = False
    search_fields: ClassVar = ["title", "body"]
    ordering: ClassVar = ["-modified", "-id"]
    autocomplete_fields: ClassVar = ["collection"]
    readonly_fields: ClassVar = ["original", "repairs", "created", "modified"]
    save_on_top = True
    history_latest_first = True
    fieldsets: ClassVar = [
        (None, {"fields": ["title", "body", "summary", "status", "published_at", "collection"]}),
        (
            "About the text",
            {"fields": ["creator", "date", "date_earliest", "date_latest", "language", "rights"]},
        ),
        ("Address", {"fields": ["slug"]}),
        (
            "Origin",
            {"fields": ["original", "repairs", "created", "modified", "opened_version"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Story]:
        """Lists leave the long texts in the database."""
        stories = super().get_queryset(request)
        match = request.resolver_match
        if match and match.url_name == "archive_story_changelist":
            return stories.defer("body", "rights", "summary")  # type: ignore[no-any-return]
        return stories  # type: ignore[no-any-return]

    def save_model(self, request: HttpRequest, obj: Story, form: ModelForm, change: bool) -> None:
        """Save as a new version, made by a person."""
        obj.word_count = word_count(obj.body)
        if change:
            obj.version += 1
            obj.edited_at = timezone.now()
        super().save_model(request, obj, form, change)

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: Any, change: bool
    ) -> None:
        """Note what a curator decided: tags added, exchanged for others, never to come back."""
        exchanged = []
        for tagging_form in formset.forms:
            tagging = tagging_form.instance
            if not tagging.pk:
                tagging.origin = Tagging.Origin.CURATOR
            elif "tag" in tagging_form.changed_data:
                exchanged.append(tagging_form.initial["tag"])
                tagging.origin = Tagging.Origin.CURATOR
                if tagging.state == Tagging.State.SUGGESTED:
                    tagging.state = Tagging.State.CONFIRMED
            if tagging_form.cleaned_data.get("never_again"):
                StopName.objects.get_or_create(
                    kind=tagging.tag.kind,
                    name_key=tagging.tag.name_key,
                    defaults={"name": tagging.tag.name, "reason": f"Rejected in “{form.instance}”"},
                )
        super().save_formset(request, form, formset, change)
        for tag_id in exchanged:
            # What was wrong stays on record, so that no machine proposes it again.
            Tagging.objects.get_or_create(
                story=form.instance,
                tag_id=tag_id,
                defaults={"state": Tagging.State.REJECTED, "origin": Tagging.Origin.CURATOR},
            )

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Tag the story anew when its tags are in place, in the same transaction."""
        super().save_related(request, form, formsets, change)
        report = retag(form.instance)
        if report.added:
            self.message_user(request, f"New suggestions: {', '.join(report.added)}.")
        if report.lost:
            self.message_user(
                request, f"No longer in the text: “{'”, “'.join(report.lost)}”.", "warning"
            )

    @admin.display(description="Original file")
    def original(self, story: Story) -> str | SafeString:
        """A link to the file as it was imported."""
        return original_link(story.source) if story.source else "– (written here)"

    @admin.display(description="Repaired in it")
    def repairs(self, story: Story) -> str:
        """What the import mended in the text."""
        return "; ".join(story.source.repairs) if story.source and story.source.repairs else "–"


def original_link(source: Source) -> SafeString:
    """A link to download the bytes of *source*."""
    url = reverse("original", args=[source.pk])
    return format_html(
        '<a href="{}">{}</a> ({} bytes, {})', url, source.name, source.size, source.encoding
    )


class OtherNameInline(admin.TabularInline):
    """Further names of a tag."""

    model = OtherName
    formset = OtherNameFormSet
    extra = 1


class TagAdmin(VersionAdmin):
    """What the three kinds of tag have in common."""

    form = VersionedForm
    inlines: ClassVar = [OtherNameInline]
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}
    history_latest_first = True
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


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    """Collections."""

    search_fields: ClassVar = ["name"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}


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
        counts = run.report.get("counts", {})
        return ", ".join(f"{n} {outcome}" for outcome, n in counts.items() if n) or "–"

    @admin.display(description="Files")
    def files(self, run: Import) -> SafeString:
        """A line for each file."""
        rows = format_html_join(
            "",
            "<li>{}: <b>{}</b> {}{}</li>",
            (
                (
                    entry["outcome"],
                    entry["name"],
                    entry["reason"] or entry["title"],
                    "; ".join(["", *entry["repairs"]]),
                )
                for entry in run.report.get("files", [])
            ),
        )
        return format_html("<ul>{}</ul>", rows)
