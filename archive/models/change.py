"""The change log by which every process keeps its search index in step."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Change(models.Model):
    """A story changed, or a tag (its id negated), or (without a number) perhaps everything.

    Rows are written by triggers of the database, in the transaction of the change itself, so that
    no way of writing can forget them.
    """

    id = models.BigAutoField(primary_key=True)
    story = models.BigIntegerField(null=True)
    transaction = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.story or 'everything'}"
