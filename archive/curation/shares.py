"""Making and revoking links by which others read a draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from archive.curation.audit import record
from archive.models import ShareLink, Story

#: Days that a link may live, and links that one story may have at a time.
DAYS = (7, 30, 90)
MOST = 20


def _story(request: HttpRequest, pk: int) -> Story:
    """The story, if the account may change it.

    Raises:
        Http404: it is not there, or not for this account.
        PermissionDenied: the account may read but not change it.
    """
    seen = get_object_or_404(Story.objects.visible_to(request.user), pk=pk)
    if not Story.objects.editable_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return seen


def _back(story: Story) -> HttpResponse:
    return redirect(reverse("admin:archive_story_change", args=[story.pk]) + "#shares")


@require_POST
@transaction.atomic
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link and show it, this once."""
    story = _story(request, pk)
    try:
        days = int(request.POST.get("days", DAYS[0]))
    except ValueError:
        days = 0
    if days not in DAYS:
        raise Http404
    links: Any = story.share_links  # type: ignore[attr-defined]
    if links.open().count() >= MOST:
        messages.error(request, _("This story has many links already. Revoke one first."))
        return _back(story)
    link, token = ShareLink.make(story, request.user, days)
    address = request.build_absolute_uri(reverse("shared", args=[token]))
    record(request.user, "story.shared", story, id=story.pk, link=link.pk, days=days)
    words = _("Whoever has this link can read the story until %(day)s. It is shown only now:") % {
        "day": timezone.localtime(link.expires).strftime("%Y-%m-%d")
    }
    shown = format_html('{} <a class="share-link" href="{}">{}</a>', words, address, address)
    messages.success(request, shown)
    return _back(story)


@require_POST
@transaction.atomic
def revoke(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """Close a link at once."""
    story = _story(request, pk)
    row = get_object_or_404(ShareLink, pk=link, story=story)
    if row.revoked is None:
        row.revoked = timezone.now()
        row.save(update_fields=["revoked"])
        record(request.user, "story.share_revoked", story, id=story.pk, link=row.pk)
    messages.success(request, _("The link is revoked: it shows nothing any more."))
    return _back(story)
