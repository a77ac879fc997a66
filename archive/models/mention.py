"""Mentions: the words of a story that support a tag."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from archive.models.tagging import Tagging

#: Characters kept on either side of the quoted words, to find them again after an edit.
CONTEXT_CHARS = 60


class Mention(models.Model):
    """A place in a story's body that supports one of its taggings.

    Offsets count characters (code points) of the body. When an edit takes the words away, the
    mention is kept as lost, so that a curator can see what supported the tag.
    """

    tagging = models.ForeignKey(Tagging, on_delete=models.CASCADE, related_name="mentions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    before = models.CharField(max_length=CONTEXT_CHARS, blank=True)
    after = models.CharField(max_length=CONTEXT_CHARS, blank=True)
    rule = models.CharField(max_length=50, help_text="The rule of the tagger that fired.")
    confidence = models.FloatField(default=1.0)
    lost = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["start", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="mention_not_empty"),
            models.CheckConstraint(condition=~Q(quote=""), name="mention_quote_given"),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="mention_confidence_share"
            ),
            models.UniqueConstraint(
                fields=["tagging", "start", "end"],
                condition=Q(lost=False),
                name="mention_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tagging"], condition=Q(lost=True), name="mention_lost")
        ]

    def __str__(self) -> str:
        return f"“{self.quote}” at {self.start}"

    def snippet(self, chars: int) -> tuple[str, str, str]:
        """The quoted words between up to *chars* characters of whole words from either side.

        All from one line: what stands in another paragraph explains little.
        """
        before = self.before.rsplit("\n", 1)[-1]
        after = self.after.split("\n", 1)[0]
        # Context as long as what is kept was cut there; shorter, the text begins or ends with it.
        if len(before) > chars or len(before) == CONTEXT_CHARS:
            before = before[-chars:].partition(" ")[2]
        if len(after) > chars or len(after) == CONTEXT_CHARS:
            after = after[:chars].rpartition(" ")[0]
        return before, " ".join(self.quote.split()), after
