"""The audit log: who signed in, published, merged, deleted, exported, imported, and when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

#: Longest account name and subject that are kept, in characters.
NAME_LENGTH, SUBJECT_LENGTH = 150, 300


class AuditEntry(models.Model):
    """One thing that somebody did. Entries are written once and never changed.

    The account's name is kept beside the account, so that an entry still says who it was when the
    account is gone, and which name was tried when a sign-in failed.
    """

    when = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    user_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    action = models.CharField(max_length=50, help_text="Such as story.published or tags.merged.")
    subject = models.CharField(max_length=SUBJECT_LENGTH, blank=True, help_text="What it is about.")
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(action=""), name="audit_action_given")
        ]
        indexes: ClassVar = [
            models.Index(fields=["action", "-id"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.subject}" if self.subject else self.action
