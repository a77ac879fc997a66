"""Stories, the collections that group them, and who may see them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from archive.models.addresses import address
from archive.models.slugs import SLUG_LENGTH, unique_slug

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

#: Longest story in characters: eight long novels.
MAX_BODY_CHARS = 5_000_000
#: Words that a practised reader takes in per minute (Brysbaert 2019, English non-fiction: 238).
WORDS_PER_MINUTE = 238


class Collection(models.Model):
    """A named group of stories that came, or belong, together."""

    name = models.CharField(max_length=300, unique=True)
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="collection_name_given")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with a slug in place."""
        if not self.slug:
            self.slug = unique_slug(self.name, Collection.objects.all(), "collection")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Address of the list of this collection's stories."""
        return f"{reverse('stories')}?collection={self.slug}"


class StoryQuerySet(models.QuerySet["Story"]):
    """The archive's vocabulary for choosing stories."""

    def published(self) -> StoryQuerySet:
        """Stories that any visitor may see: published, and their time has come.

        The database's own clock is asked, so that every server agrees.
        """
        return self.filter(Story.public())

    def public_in_bulk(self, ids: Iterable[int]) -> dict[int, Story]:
        """Those of the stories *ids* that any visitor may see, by id.

        Each is found by its id and then judged: asked for both, SQLite without statistics walks
        the index of all published stories (half a second for a million).
        """
        return {pk: story for pk, story in self.in_bulk(list(ids)).items() if story.is_public}

    def visible_to(self, user: User | AnonymousUser) -> StoryQuerySet:
        """Stories that *user* may read. The one access rule: pages, feeds and files all ask it."""
        if user.has_perm("archive.view_story"):
            return self
        if user.has_perm("archive.write_own_story"):
            return self.filter(Story.public() | Q(owner=user.pk))
        return self.published()

    def editable_by(self, user: User | AnonymousUser) -> StoryQuerySet:
        """Stories whose text *user* may change: all, their own drafts, or none."""
        if user.has_perm("archive.change_story"):
            return self
        if user.has_perm("archive.write_own_story"):
            return self.filter(owner=user.pk, status=Story.Status.DRAFT)
        return self.none()

    def light(self) -> StoryQuerySet:
        """Without the long columns: for lists, which never show a whole text."""
        return self.defer("body", "rights")


class Story(models.Model):
    """One life, told: a text in Markdown with what is known about it (Dublin Core)."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    title = models.CharField(max_length=300)
    slug = models.SlugField(
        max_length=SLUG_LENGTH,
        unique=True,
        blank=True,
        help_text="Part of the story's address. Left empty, it is made from the title; "
        "after a change the old address leads to the new one.",
    )
    body = models.TextField(
        help_text="The text, in Markdown.", validators=[MaxLengthValidator(MAX_BODY_CHARS)]
    )
    summary = models.TextField(blank=True, max_length=2000)
    language = models.CharField(
        max_length=35, default="en", help_text="A language tag such as en, ru, kk or pt-BR."
    )
    creator = models.CharField(max_length=300, blank=True, help_text="Who told or wrote it.")
    date = models.CharField(
        max_length=300, blank=True, help_text="As written: 1986, March 1986, c. 1940, 1914–1918."
    )
    date_earliest = models.DateField(null=True, blank=True, help_text="First day it can mean.")
    date_latest = models.DateField(null=True, blank=True, help_text="Last day it can mean.")
    rights = models.TextField(blank=True, max_length=2000)
    collection = models.ForeignKey(
        Collection, null=True, blank=True, on_delete=models.SET_NULL, related_name="stories"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    published_at = models.DateTimeField(
        null=True, blank=True, help_text="A time in the future schedules the story."
    )
    tags = models.ManyToManyField("archive.Tag", through="archive.Tagging", related_name="stories")
    source = models.ForeignKey(
        "archive.Source",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="stories",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="stories",
        help_text="Whose account wrote it; nobody's if it was imported.",
    )
    submitted_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it waits for a curator."
    )
    source_part = models.CharField(max_length=100, blank=True, editable=False)
    text_sha256 = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    word_count = models.PositiveIntegerField(default=0, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = StoryQuerySet.as_manager()
    known_slug = ""

    class Meta:
        verbose_name_plural = "stories"
        ordering: ClassVar = ["-published_at", "id"]
        get_latest_by = "published_at"
        permissions: ClassVar = [
            ("publish_story", "Can publish stories and take them back"),
            ("write_own_story", "Can write stories and edit own drafts"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title=""), name="story_title_given"),
            models.CheckConstraint(condition=~Q(slug=""), name="story_slug_given"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published"]), name="story_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="story_published_has_time",
            ),
            models.CheckConstraint(
                condition=Q(date_earliest__isnull=True)
                | Q(date_latest__isnull=True)
                | Q(date_earliest__lte=F("date_latest")),
                name="story_dates_in_order",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="story_version_counts"),
            models.UniqueConstraint(
                fields=["source", "source_part"],
                condition=Q(source__isnull=False),
                name="story_source_part_once",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(status="draft"),
                name="story_submitted_is_draft",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-published_at", "id"], name="story_newest"),
            models.Index(fields=["status", "title", "id"], name="story_by_title"),
            models.Index(fields=["status", "word_count", "id"], name="story_by_length"),
            models.Index(fields=["-modified", "-id"], name="story_by_change"),
            models.Index(
                fields=["submitted_at"],
                condition=Q(submitted_at__isnull=False),
                name="story_submitted",
            ),
            models.Index(fields=["status", "language", "id"], name="story_by_language"),
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def public() -> Q:
        """The condition under which any visitor may see a story."""
        return Q(status=Story.Status.PUBLISHED, published_at__lte=Now())

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Story:
        """Remember the address under which the story is known, to redirect from it later."""
        story = super().from_db(db, field_names, values)
        story.known_slug = story.__dict__.get("slug", "")
        return story

    def clean(self) -> None:
        """Complete what follows from other fields, so that the constraints judge it."""
        self.complete()

    def complete(self) -> None:
        """Give the story an address and, when it is published, a time."""
        if not self.slug:
            self.slug = unique_slug(
                self.title,
                Story.objects.exclude(pk=self.pk),
                "story",
                taken=OldSlug.objects.exclude(story=self.pk),
            )
        if self.status == self.Status.PUBLISHED:
            self.published_at = self.published_at or timezone.now()
            self.submitted_at = None

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save complete; a changed address leaves the old one behind, to redirect."""
        self.complete()
        super().save(*args, **kwargs)
        if self.known_slug and self.known_slug != self.slug:
            OldSlug.objects.filter(slug=self.slug).delete()
            OldSlug.objects.get_or_create(slug=self.known_slug, defaults={"story": self})
        self.known_slug = self.slug

    def get_absolute_url(self) -> str:
        """Address of the story's page."""
        return address("story", self.slug)

    @property
    def is_public(self) -> bool:
        """Whether any visitor may see the story now."""
        return (
            self.status == self.Status.PUBLISHED
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    @property
    def reading_minutes(self) -> int:
        """Time to read the story, in whole minutes, at least one."""
        return max(1, round(self.word_count / WORDS_PER_MINUTE))


class OldSlug(models.Model):
    """An address under which a story was known before; it redirects for ever."""

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="old_slugs")
    since = models.DateField(default=datetime.date.today)

    def __str__(self) -> str:
        return self.slug
