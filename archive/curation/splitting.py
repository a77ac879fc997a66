"""Splitting a tag: some of its stories mean somebody or something else of the same name."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive.curation import queue
from archive.curation.audit import record
from archive.curation.decisions import RefusedError, exchange, namesake, note
from archive.curation.ledger import Ledger
from archive.models import Decision, Story, Tag, Tagging

#: Stories on a page, and at most those that one action takes.
PER_PAGE = 50


def page(user: User, tag: Tag, after: int) -> queue.Page:
    """Stories with *tag* that *user* may see, after the tagging with the id *after*."""
    rows = Tagging.objects.filter(tag=tag, pk__gt=after).exclude(state=Tagging.State.REJECTED)
    if not user.has_perm("archive.view_story"):
        rows = rows.filter(story__in=Story.objects.visible_to(user))
    rows = rows.select_related("tag", "story").order_by("pk")
    found = list(rows.defer("story__body", "story__rights", "story__summary")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    last = shown[-1] if len(found) > PER_PAGE else None
    return queue.Page(queue.cards(shown), (last.story_id, last.pk) if last else None)


@transaction.atomic
def split(
    user: User, tag: Tag, taggings: Sequence[int], *, to: Tag | None = None, apart: str = ""
) -> Decision:
    """Say that the chosen stories mean *to*, or a namesake that *apart* tells from *tag*.

    Args:
        user: who says so.
        tag: the tag that the stories have.
        taggings: ids of taggings of *tag*.
        to: the tag that is meant.
        apart: what tells the other one apart, if there is no tag for it yet.

    Raises:
        RefusedError: nothing was chosen, or it is no longer there; nothing tells the two apart.
    """
    rows = list(
        Tagging.objects.select_for_update(of=("self",))
        .select_related("tag", "story")
        .defer("story__body", "story__rights", "story__summary")
        .filter(~Q(state=Tagging.State.REJECTED), pk__in=taggings[:PER_PAGE], tag=tag)
        .order_by("pk")
    )
    if not taggings:
        raise RefusedError(_("Tick the stories that mean another one."))
    if len(rows) < len(set(taggings[:PER_PAGE])):
        raise RefusedError(_("The stories changed meanwhile. Look at what is there now."))
    ledger = Ledger()
    target = to or namesake(ledger, tag, apart)
    for row in rows:
        exchange(ledger, row, target)
    words = ngettext(
        "Split: %(count)d story with “%(tag)s” has “%(target)s” now",
        "Split: %(count)d stories with “%(tag)s” have “%(target)s” now",
        len(rows),
    ) % {"count": len(rows), "tag": tag, "target": target}
    record(user, "tags.split", f"{tag} → {target}", stories=len(rows))
    return note(user, Decision.Action.SPLIT, rows, ledger, words)
