"""Taggings: that a story is about a tag, who says so, and whether a person agreed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from archive.models.story import Story
from archive.models.tag import Tag


class TaggingQuerySet(models.QuerySet["Tagging"]):
    """The archive's vocabulary for choosing taggings."""

    def shown(self) -> TaggingQuerySet:
        """Those that pages show: never what was rejected, suggestions if the archive says so."""
        if settings.SHOW_SUGGESTIONS:
            return self.exclude(state=Tagging.State.REJECTED)
        return self.filter(state=Tagging.State.CONFIRMED)


class Tagging(models.Model):
    """That a story is about a tag: who says so, and whether a curator agreed."""

    class State(models.TextChoices):
        SUGGESTED = "suggested", "Suggested"
        CONFIRMED = "confirmed", "Confirmed"
        REJECTED = "rejected", "Rejected"

    class Origin(models.TextChoices):
        FILE = "file", "The imported file"
        MACHINE = "machine", "The tagger"
        CURATOR = "curator", "A curator"

    class Role(models.TextChoices):
        SUBJECT = "subject", "Subject"
        MENTIONED = "mentioned", "Mentioned"

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUGGESTED)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.CURATOR)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MENTIONED)
    confidence = models.FloatField(default=1.0)

    objects = TaggingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["story", "tag"],
                name="tagging_once",
                violation_error_message="The story has this tag already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["suggested", "confirmed", "rejected"]),
                name="tagging_state_known",
            ),
            models.CheckConstraint(
                condition=Q(origin__in=["file", "machine", "curator"]), name="tagging_origin_known"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["subject", "mentioned"]), name="tagging_role_known"
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="tagging_confidence_share"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tag", "state", "story"], name="tagging_of_tag"),
            # The review queue, story by story and tag by tag, among millions of decided rows.
            models.Index(
                fields=["story", "id"], condition=Q(state="suggested"), name="tagging_waiting"
            ),
            models.Index(
                fields=["tag", "id"], condition=Q(state="suggested"), name="tagging_waiting_tag"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag} in {self.story}"

    @property
    def decided(self) -> bool:
        """Whether a person has spoken; then no machine changes it."""
        return self.state != self.State.SUGGESTED or self.origin != self.Origin.MACHINE
