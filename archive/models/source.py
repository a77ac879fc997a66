"""Sources: the imported files, byte for byte, and the imports that brought them."""

from __future__ import annotations

import zlib
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from archive.models.story import Story


class Import(models.Model):
    """One run of the importer and what it did with every file."""

    started = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    counts = models.JSONField(default=dict, help_text="How many files had each outcome.")

    class Meta:
        ordering: ClassVar = ["-started", "-id"]

    def __str__(self) -> str:
        return f"Import of {self.started:%Y-%m-%d %H:%M}"


class Source(models.Model):
    """An imported file as it was. Its bytes never change."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=1000, db_index=True, help_text="The file's name and folder.")
    root = models.CharField(
        max_length=4000, blank=True, help_text="The folder it was read from; empty for uploads."
    )
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="In bytes, before compression.")
    compressed = models.BinaryField(editable=False)
    encoding = models.CharField(max_length=50, blank=True, help_text="As found when it was read.")
    repairs = models.JSONField(default=list, help_text="What was mended in the text.")
    imported = models.DateTimeField(auto_now_add=True)
    imported_by = models.ForeignKey(
        Import, null=True, blank=True, on_delete=models.SET_NULL, related_name="sources"
    )

    class Meta:
        ordering: ClassVar = ["-imported", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(sha256="") & ~Q(name=""), name="source_named")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def content(self) -> bytes:
        """The original bytes."""
        return zlib.decompress(self.compressed)

    @staticmethod
    def compress(content: bytes) -> bytes:
        """*content* as it is kept in ``compressed``."""
        return zlib.compress(content, level=6)


class ImportedFile(models.Model):
    """What an import did with one file, or with one record or member of it, and why."""

    class Settled(models.TextChoices):
        """What a curator decided about a conflict."""

        TAKEN = "taken", "The file’s text was taken"
        KEPT = "kept", "The story was left as it is"
        AGAIN = "again", "A later import reported it again"

    run = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=1200)
    outcome = models.CharField(max_length=10)
    story = models.ForeignKey(
        Story, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports"
    )
    title = models.CharField(max_length=300, blank=True, help_text="At the time of the import.")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.SET_NULL)
    part = models.CharField(max_length=100, blank=True)
    encoding = models.CharField(max_length=50, blank=True)
    repairs = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    settled = models.CharField(max_length=10, choices=Settled.choices, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["run", "outcome", "id"], name="imported_file_by_outcome"),
            models.Index(
                fields=["id"],
                condition=Q(outcome="conflict", settled=""),
                name="imported_file_open_conflict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.name}"
