"""Adding and editing stories and collections."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from archive.curation.forms import TaggingForm, VersionedForm
from archive.curation.history import HistoryAdmin
from archive.curation.lists import Gap, Language, ListOptions, When, search_stories
from archive.curation.roles import OfTheStory, OwnDrafts, collections_for, may_publish
from archive.curation.sources import original_link
from archive.models import Collection, Mention, StopName, Story, Tagging
from archive.pipeline import retag
from archive.rendering import word_count

#: Quotations shown beside a tag in the story form.
QUOTES_SHOWN = 3


class TaggingInline(OfTheStory, admin.TabularInline):
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
class StoryAdmin(OwnDrafts, ListOptions, HistoryAdmin):
    """Stories. Saving one tags it again without touching what a person decided."""

    form = VersionedForm
    inlines: ClassVar = [TaggingInline]
    list_display: ClassVar = ["title", "status", "collection", "word_count", "modified"]
    more_columns: ClassVar = ["creator", "language", "published_at", "created"]
    list_filter: ClassVar = ["status", When, LostEvidence, Gap, "collection", Language]
    list_select_related: ClassVar = ["collection"]
    search_fields: ClassVar = ["title"]  # Django asks for one; ``search_stories`` searches
    search_help_text = _("Words of the title or text, “a phrase”, -without; or a tag’s name.")
    ordering: ClassVar = ["-modified", "-id"]
    autocomplete_fields: ClassVar = ["collection"]
    readonly_fields: ClassVar = ["original", "repairs", "created", "modified"]
    save_on_top = True
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

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Story], search_term: str
    ) -> tuple[QuerySet[Story], bool]:
        """Search titles, texts and tags through the full text, never row by row."""
        return search_stories(request, queryset, search_term), False

    def get_readonly_fields(self, request: HttpRequest, obj: Story | None = None) -> Any:
        """Whether and when visitors see a story is decided by those who may publish."""
        fields = super().get_readonly_fields(request, obj)
        return fields if may_publish(request) else [*fields, "status", "published_at"]

    def save_model(self, request: HttpRequest, obj: Story, form: ModelForm, change: bool) -> None:
        """Save as a new version, made by a person."""
        obj.word_count = word_count(obj.body)
        if not change:
            obj.owner = request.user
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


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    """Collections."""

    search_fields: ClassVar = ["name"]
    prepopulated_fields: ClassVar = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without those that only drafts of others know."""
        return collections_for(request, super().get_queryset(request))
