"""What the curators' desk remembers: decisions that can be undone, pairs of namesakes, cues."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from archive.models.story import Story
from archive.models.tag import Kind, Tag
from archive.tagging.names import normalise

#: Longest cue of a theme, in characters.
CUE_LENGTH = 100


class Decision(models.Model):
    """What a curator decided about tags, with the rows as they were and as they became.

    The record is what an undo needs and nothing else: see ``archive.curation.ledger``.
    """

    class Action(models.TextChoices):
        CONFIRM = "confirm", "Confirmed"
        REJECT = "reject", "Rejected"
        STOP = "stop", "Rejected for good"
        CHANGE = "change", "Changed to another tag"
        SPLIT = "split", "Split off"
        MERGE = "merge", "Merged"

    made = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="decisions"
    )
    action = models.CharField(max_length=10, choices=Action.choices)
    tag = models.ForeignKey(Tag, null=True, on_delete=models.SET_NULL, related_name="+")
    story = models.ForeignKey(Story, null=True, on_delete=models.SET_NULL, related_name="+")
    stories = models.ManyToManyField(Story, related_name="decisions")
    words = models.CharField(max_length=600, help_text="What was decided, in a sentence.")
    record = models.JSONField(default=list, help_text="Rows before and after, for the undo.")
    undone = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["user", "-id"], name="decision_of_user")]

    def __str__(self) -> str:
        return self.words


class NotSame(models.Model):
    """Two tags that look alike and, as a curator said, are not the same."""

    first = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="not_same_in_order"),
            models.UniqueConstraint(fields=["first", "second"], name="not_same_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"


class ThemeCue(models.Model):
    """A word or phrase that speaks of a theme in this archive, or one that no longer does.

    It lies over the vocabulary that comes with the program; the theme is named by its notation,
    because themes of the vocabulary have a tag only once a story bears them.
    """

    class Strength(models.TextChoices):
        SURE = "sure", "One is enough"
        STRONG = "strong", "Needs company"
        WEAK = "weak", "Only beside others"
        NONE = "none", "No longer a cue"

    notation = models.CharField(max_length=100)
    phrase = models.CharField(max_length=CUE_LENGTH)
    phrase_key = models.CharField(max_length=CUE_LENGTH, editable=False)
    strength = models.CharField(max_length=10, choices=Strength.choices)

    class Meta:
        ordering: ClassVar = ["notation", "phrase_key", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(notation="") & ~Q(phrase_key=""), name="theme_cue_given"
            ),
            models.CheckConstraint(
                condition=Q(strength__in=["sure", "strong", "weak", "none"]),
                name="theme_cue_strength_known",
            ),
            models.UniqueConstraint(fields=["notation", "phrase_key"], name="theme_cue_once"),
        ]

    def __str__(self) -> str:
        return f"{self.phrase} ({self.notation}, {self.strength})"

    def set_key(self) -> None:
        """Bring the normalised key in line with the phrase."""
        self.phrase_key = normalise(self.phrase)[:CUE_LENGTH]

    def save(self, *args: object, **kwargs: object) -> None:
        """Save with the normalised key in place."""
        self.set_key()
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class OtherNotation(models.Model):
    """A code of the gazetteer or vocabulary whose tag was merged into another one."""

    kind = models.CharField(max_length=10, choices=Kind.choices)
    notation = models.CharField(max_length=100)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="other_notations")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "notation"], name="other_notation_once")
        ]

    def __str__(self) -> str:
        return f"{self.notation} → {self.tag}"


class Preference(models.Model):
    """What one person chose for a page of the desk, such as the columns of a list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    value = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"
