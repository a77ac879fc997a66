"""From a contributor's draft to a published story: what was said on the way."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from archive.models.story import Story


class ReviewNote(models.Model):
    """A word between the writer of a draft and the curators: handed in, or given back, and why."""

    class Step(models.TextChoices):
        SUBMITTED = "submitted", "Submitted for review"
        RETURNED = "returned", "Returned to its writer"

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="review_notes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    when = models.DateTimeField(auto_now_add=True)
    step = models.CharField(max_length=10, choices=Step.choices)
    text = models.TextField(blank=True, max_length=5000)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(step__in=["submitted", "returned"]), name="review_note_step_known"
            ),
            models.CheckConstraint(
                condition=~Q(step="returned") | ~Q(text=""), name="review_note_return_explained"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.story}"
