"""Links by which somebody without an account reads a draft, for a time."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from archive.models.story import Story


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    """The archive's vocabulary for choosing links."""

    def open(self) -> ShareLinkQuerySet:
        """Links that work now."""
        return self.filter(revoked=None, expires__gt=Now())

    def by_token(self, token: str) -> ShareLinkQuerySet:
        """The link that *token* belongs to."""
        return self.filter(token_sha256=_hash(token))


class ShareLink(models.Model):
    """A link to one story for whoever has it. The token itself is not kept, only its hash."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="share_links")
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    made = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True, blank=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.story} until {self.expires:%Y-%m-%d}"

    @classmethod
    def make(cls, story: Story, user: Any, days: int) -> tuple[ShareLink, str]:
        """A new link to *story* for so many *days*, and its token, which is seen only now."""
        token = secrets.token_urlsafe(32)
        expires = timezone.now() + datetime.timedelta(days=days)
        link = cls.objects.create(
            story=story, made_by=user, expires=expires, token_sha256=_hash(token)
        )
        return link, token
