"""The audit log: ``record`` writes it, administrators read it."""

from __future__ import annotations

from typing import Any, ClassVar

from axes.signals import user_locked_out
from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from archive.curation.sources import ReadOnly
from archive.models import AuditEntry
from archive.models.audit import NAME_LENGTH, SUBJECT_LENGTH

#: What is recorded, and how the log calls it. Others may record more; it then stands as it is.
ACTIONS = {
    "sign_in": _("Signed in"),
    "sign_out": _("Signed out"),
    "sign_in.failed": _("Sign-in failed"),
    "sign_in.locked": _("Sign-in paused"),
    "story.published": _("Story published"),
    "story.scheduled": _("Story scheduled"),
    "story.unpublished": _("Story taken back"),
    "story.submitted": _("Story submitted"),
    "story.returned": _("Story returned"),
    "story.deleted": _("Story deleted"),
    "story.restored": _("Story restored"),
    "story.shared": _("Story shared"),
    "story.share_revoked": _("Link to a story revoked"),
    "collection.deleted": _("Collection deleted"),
    "tag.deleted": _("Tag deleted"),
    "tag.restored": _("Tag restored"),
    "stories.tagged": _("Tag added to many stories"),
    "stories.untagged": _("Tag removed from many stories"),
    "stories.moved": _("Stories moved"),
    "tags.merged": _("Tags merged"),
    "tags.unmerged": _("Merge of tags undone"),
    "tags.split": _("Tag split"),
    "cues.changed": _("Cues of a theme changed"),
    "export": _("Exported"),
    "import": _("Imported"),
    "import.text_taken": _("Text taken from a file"),
    "import.story_kept": _("Story kept against a file"),
    "person.changed": _("Account changed"),
    "person.deleted": _("Account deleted"),
}


def record(
    user: AbstractBaseUser | AnonymousUser | None, action: str, subject: object = "", **details: Any
) -> AuditEntry:
    """Write down that *user* did *action*, in the transaction of the deed itself.

    Args:
        user: who did it; None for a program or for somebody unknown.
        action: a dotted name such as ``tags.merged`` (``ACTIONS``).
        subject: what it was about, in words; it is cut to fit.
        details: what else should be known; values that JSON can hold.
    """
    known = user if user is not None and user.pk is not None else None
    name = details.pop("user_name", None) or (known.get_username() if known else "")
    return AuditEntry.objects.create(
        user=known,  # type: ignore[misc]
        user_name=_clean(name, NAME_LENGTH),
        action=action,
        subject=_clean(subject, SUBJECT_LENGTH),
        details=details,
    )


def _clean(text: object, length: int) -> str:
    """*text* on one line without what no database keeps, no longer than *length* characters."""
    line = " ".join(str(text).replace("\x00", " ").split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _address(request: HttpRequest | None) -> str:
    """Where *request* came from, as the server sees it."""
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""


@receiver(user_logged_in)
def _signed_in(sender: object, request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    record(user, "sign_in", address=_address(request))


@receiver(user_logged_out)
def _signed_out(sender: object, request: HttpRequest, user: Any, **_: Any) -> None:
    if user is not None:
        record(user, "sign_out", address=_address(request))


@receiver(user_login_failed)
def _failed(sender: object, credentials: dict[str, Any], **more: Any) -> None:
    tried = str(credentials.get("username") or "")
    record(None, "sign_in.failed", user_name=tried, address=_address(more.get("request")))


@receiver(user_locked_out)
def _locked(sender: object, request: HttpRequest, username: str, **_: Any) -> None:
    record(None, "sign_in.locked", user_name=username, address=_address(request))


class ActionFilter(admin.SimpleListFilter):
    """Entries of one action."""

    title = _("what was done")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer every action that has a name."""
        return list(ACTIONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> Any:
        """Narrow the list down."""
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditAdmin(ReadOnly, admin.ModelAdmin):
    """The log, for administrators. Nobody adds, changes or deletes an entry here."""

    list_display: ClassVar = ["when", "who", "what", "subject", "address"]
    list_display_links: ClassVar = ["when"]
    list_filter: ClassVar = [ActionFilter]
    search_fields: ClassVar = ["user_name", "subject"]
    search_help_text = _("Searches names of accounts and what an entry is about.")
    list_per_page = 100
    show_full_result_count = False
    fields: ClassVar = ["when", "who", "what", "subject", "more"]
    readonly_fields: ClassVar = ["who", "what", "more"]
    actions = None

    @admin.display(description=_("who"), ordering="user_name")
    def who(self, entry: AuditEntry) -> str:
        """The account's name at that time."""
        return entry.user_name or "–"

    @admin.display(description=_("what"), ordering="action")
    def what(self, entry: AuditEntry) -> str:
        """The action in words."""
        return str(ACTIONS.get(entry.action, entry.action))

    @admin.display(description=_("from"))
    def address(self, entry: AuditEntry) -> str:
        """The network address, where one was noted."""
        return str(entry.details.get("address", "")) or "–"

    @admin.display(description=_("details"))
    def more(self, entry: AuditEntry) -> str | SafeString:
        """Everything else that was noted."""
        rows = format_html_join("", "<li>{}: {}</li>", sorted(entry.details.items()))
        return format_html("<ul>{}</ul>", rows) if rows else "–"
