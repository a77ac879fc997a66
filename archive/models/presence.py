"""Who has which form open, so that two people see each other before they collide."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

#: A form sends a sign of life every 30 seconds; after three that did not come it counts as closed.
OPEN_FOR = datetime.timedelta(seconds=90)


class OpenEditQuerySet(models.QuerySet["OpenEdit"]):
    """The archive's vocabulary for open forms."""

    def of(self, row: models.Model) -> OpenEditQuerySet:
        """Forms that are open on *row* now."""
        since = timezone.now() - OPEN_FOR
        return self.filter(model=model_name(row), row=row.pk, seen__gt=since)


class OpenEdit(models.Model):
    """That somebody has the form of a story or a tag open; gone soon after it is closed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    model = models.CharField(max_length=30)
    row = models.BigIntegerField()
    seen = models.DateTimeField()

    objects = OpenEditQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "row", "user"], name="open_edit_once")
        ]
        indexes: ClassVar = [models.Index(fields=["seen"], name="open_edit_seen")]

    def __str__(self) -> str:
        return f"{self.user} at {self.model} {self.row}"


def model_name(row: models.Model) -> str:
    """How the table calls the model of *row*: its concrete one, so that a place is a tag."""
    return str(row._meta.concrete_model._meta.model_name)  # type: ignore[union-attr]


def sign_of_life(user: Any, row: models.Model) -> None:
    """Note that *user* has the form of *row* open; forget what was closed long ago."""
    now = timezone.now()
    OpenEdit.objects.filter(seen__lt=now - 10 * OPEN_FOR).delete()
    OpenEdit.objects.update_or_create(
        user=user, model=model_name(row), row=row.pk, defaults={"seen": now}
    )
