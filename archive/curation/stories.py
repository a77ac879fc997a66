"""Adding and editing stories and collections."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from archive.curation.audit import record
from archive.curation.bulk_pages import BulkActions
from archive.curation.forms import TaggingForm, TaggingFormSet
from archive.curation.history import HistoryAdmin
from archive.curation.lists import Gap, Language, ListOptions, When, search_stories
from archive.curation.preview import preview
from archive.curation.roles import OfTheStory, OwnDrafts, collections_for, may_publish, sees_all
from archive.curation.shares import revoke, share
from archive.curation.sources import original_link
from archive.curation.typing import find_tags, tags_for
from archive.curation.workflow import pressed, refuse_step, standing, stay, take_step
from archive.curation.writing import StoryForm, save_taggings, writing_context
from archive.models import Collection, Mention, Story, Tagging
from archive.pipeline import retag
from archive.rendering import word_count


class TaggingInline(OfTheStory, admin.TabularInline):
    """The story's tags: typed, confirmed or rejected, with the words behind them."""

    model = Tagging
    extra = 1
    can_delete = False
    form = TaggingForm
    formset = TaggingFormSet
    template = "admin/archive/story/tags.html"
    fields: ClassVar = ["tag", "kind", "typed", "state", "opened_state", "role", "never_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tagging]:
        """With tags and mentions at hand, in the order of kinds."""
        mentions = Mention.objects.order_by("lost", "start")
        return (
            super()
            .get_queryset(request)
            .select_related("tag")
            .prefetch_related(Prefetch("mentions", mentions))
            .order_by("tag__kind", "-role", "tag__name_key", "pk")
        )

    def get_formset(self, request: HttpRequest, obj: Story | None = None, **kw: Any) -> Any:
        """Contributors name no tag that only drafts of others have."""
        formset = super().get_formset(request, obj, **kw)
        formset.form.seen = tags_for(request)
        return formset


class Waiting(admin.SimpleListFilter):
    """Drafts that were handed in."""

    title = _("review")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the one choice."""
        return [("submitted", _("waiting for a curator"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Story]) -> QuerySet[Story]:
        """Narrow the list down."""
        if self.value() != "submitted":
            return queryset
        return queryset.filter(submitted_at__isnull=False)


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
class StoryAdmin(OwnDrafts, BulkActions, ListOptions, HistoryAdmin):
    """Stories. Saving one tags it again without touching what a person decided."""

    form = StoryForm
    inlines: ClassVar = [TaggingInline]
    list_display: ClassVar = ["title", "standing", "collection", "word_count", "modified"]
    more_columns: ClassVar = ["creator", "language", "published_at", "created"]
    list_filter: ClassVar = ["status", Waiting, When, LostEvidence, Gap, "collection", Language]
    list_select_related: ClassVar = ["collection"]
    search_fields: ClassVar = ["title"]  # Django asks for one; ``search_stories`` searches
    search_hint = _("Words of the title or text, “a phrase”, -without; or a tag’s name.")
    ordering: ClassVar = ["-modified", "-id"]
    autocomplete_fields: ClassVar = ["collection"]
    readonly_fields: ClassVar = ["original", "repairs", "created", "modified"]
    fieldsets: ClassVar = [
        (None, {"fields": ["title", "body", "summary", "published_at", "collection"]}),
        (
            "About the text",
            {"fields": ["creator", "date", "date_earliest", "date_latest", "language", "rights"]},
        ),
        ("Address", {"fields": ["slug"]}),
        (
            "Origin",
            {"fields": ["original", "repairs", "created", "modified", "note", "opened_version"]},
        ),
    ]

    def get_urls(self) -> list[Any]:
        """With the helpers of the form."""
        view = self.admin_site.admin_view
        return [
            path("preview/", view(preview), name="archive_story_preview"),
            path("tags/", view(find_tags), name="archive_story_tags"),
            path("<int:pk>/share/", view(share), name="archive_story_share"),
            path("<int:pk>/share/<int:link>/revoke/", view(revoke), name="archive_story_revoke"),
            *super().get_urls(),
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

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Contributors filter their own by state; the others would name what is not theirs."""
        return super().get_list_filter(request) if sees_all(request) else ["status", Waiting]

    def get_form(self, request: HttpRequest, *args: Any, **kw: Any) -> Any:
        """The form, knowing which button was pressed."""
        form = super().get_form(request, *args, **kw)
        return type(form.__name__, (form,), {"step": pressed(request.POST)})

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kw: Any) -> Any:
        """Contributors choose among the collections that they may know of."""
        if db_field.name == "collection":
            kw["queryset"] = collections_for(request, Collection.objects.all())
        return super().formfield_for_foreignkey(db_field, request, **kw)

    def get_readonly_fields(self, request: HttpRequest, obj: Story | None = None) -> Any:
        """When visitors see a story is decided by those who may publish."""
        fields = super().get_readonly_fields(request, obj)
        return fields if may_publish(request) else [*fields, "published_at"]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The page for writing, with what stands beside the text."""
        if request.method == "POST":
            refuse_step(request)
        story = self.get_object(request, object_id) if object_id else None
        context = {**writing_context(request, story), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Story, form: ModelForm, change: bool) -> None:
        """Save as a new version, made by a person."""
        obj.word_count = word_count(obj.body)
        if not change:
            obj.owner = request.user
        else:
            obj.version += 1
            obj.edited_at = timezone.now()
        super().save_model(request, obj, form, change)
        take_step(request, obj, form)

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: Any, change: bool
    ) -> None:
        """Note what a curator decided: tags added, exchanged for others, never to come back."""
        save_taggings(request, form.instance, formset.forms)
        super().save_formset(request, form, formset, change)
        for tagging_form in formset.forms:
            if tagging_form.exchanged is not None:
                # What was wrong stays on record, so that no machine proposes it again.
                Tagging.objects.get_or_create(
                    story=form.instance,
                    tag=tagging_form.exchanged,
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

    def response_add(self, request: HttpRequest, obj: Story, *args: Any, **kw: Any) -> Any:
        """Stay with the text, unless it was closed."""
        return stay(self, request, obj) or super().response_add(request, obj, *args, **kw)

    def response_change(self, request: HttpRequest, obj: Story) -> Any:
        """Stay with the text, unless it was closed."""
        return stay(self, request, obj) or super().response_change(request, obj)

    @admin.display(description=_("state"), ordering="status")
    def standing(self, story: Story) -> str:
        """Draft, submitted, scheduled or published."""
        return str(standing(story))

    @admin.display(description=_("Original file"))
    def original(self, story: Story) -> str | SafeString:
        """A link to the file as it was imported."""
        return original_link(story.source) if story.source else _("– (written here)")

    @admin.display(description=_("Repaired in it"))
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

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        """Note that it is gone; its stories stay."""
        record(request.user, "collection.deleted", obj, id=obj.pk)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Collection]) -> None:
        """As for one."""
        for collection in queryset:
            record(request.user, "collection.deleted", collection, id=collection.pk)
        super().delete_queryset(request, queryset)
