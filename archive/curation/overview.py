"""What needs a curator: counted cheaply, however large the archive, each with the list that mends.

Counts stop at a limit and use an index of the database, or come from the search index in memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _
from pyroaring import BitMap

from archive.curation import queue, twins
from archive.models import (
    KINDS,
    Decision,
    Import,
    ImportedFile,
    Kind,
    Mention,
    Story,
    Tag,
    Tagging,
)
from archive.search.index import index

#: Lines of the lists of what happened last.
RECENT = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits, how often, and where it is mended."""

    label: str
    count: str
    url: str
    hint: str
    some: bool  # whether there is any


def needs(user: User) -> list[Need]:
    """What waits for *user*, as far as they may mend it."""
    makers: list[tuple[str, Callable[[User], Iterator[Need]]]] = [
        ("archive.change_tagging", _suggestions),
        ("archive.publish_story", _submitted),
        ("archive.change_story", _stories),
        ("archive.view_import", _conflicts),
    ]
    found = [
        need for permission, make in makers if user.has_perm(permission) for need in make(user)
    ]
    if not user.has_perm("archive.change_story") and user.has_perm("archive.write_own_story"):
        found += _own(user)
    return found


def _need(label: str, rows: QuerySet[Any], url: str, hint: str) -> Need:
    count = queue.bounded(rows)
    return Need(label, queue.in_words(count), url, hint, bool(count))


def _suggestions(user: User) -> Iterator[Need]:
    for kind, info in KINDS.items():
        filters = queue.Filters(kind=kind)
        yield _need(
            _("Suggested %(plural)s") % {"plural": info.plural},
            queue.waiting(user, filters),
            f"{reverse('admin:review')}?{filters.query()}",
            _("Confirm or reject what the tagger found."),
        )


def _stories(user: User) -> Iterator[Need]:
    stories = reverse("admin:archive_story_changelist")
    lost = Mention.objects.filter(lost=True).exclude(tagging__state=Tagging.State.REJECTED)
    yield _need(
        _("Lost words"),
        lost,
        f"{stories}?evidence=lost",
        _("An edit took away the words behind a tag."),
    )
    drafts = Story.objects.filter(status=Story.Status.DRAFT)
    yield _need(
        _("Drafts"), drafts, f"{stories}?status__exact=draft", _("Nobody else sees them yet.")
    )
    scheduled = Story.objects.filter(status=Story.Status.PUBLISHED, published_at__gt=Now())
    yield _need(
        _("Scheduled"), scheduled, f"{stories}?when=scheduled", _("They appear by themselves.")
    )


def _submitted(user: User) -> Iterator[Need]:
    yield _need(
        _("Submitted for review"),
        Story.objects.filter(submitted_at__isnull=False),
        f"{reverse('admin:archive_story_changelist')}?review=submitted",
        _("A contributor asks for them to be published."),
    )


def _own(user: User) -> Iterator[Need]:
    yield _need(
        _("Your drafts"),
        Story.objects.filter(owner=user, status=Story.Status.DRAFT),
        reverse("admin:archive_story_changelist"),
        _("Go on writing, or submit them for review."),
    )


def _conflicts(user: User) -> Iterator[Need]:
    yield _need(
        _("Conflicts of imports"),
        ImportedFile.objects.filter(outcome="conflict", settled=""),
        f"{reverse('admin:archive_import_changelist')}?conflicts=open",
        _("A file changed, and so did its story here."),
    )


def recent_changes(user: User) -> QuerySet[Story] | None:
    """The stories that were changed last; None for those who may not see drafts."""
    if not (user.has_perm("archive.view_story") or user.has_perm("archive.change_story")):
        return None
    return (
        Story.objects.light()
        .defer("body", "rights", "summary")
        .order_by("-modified", "-id")[:RECENT]
    )


def recent_imports(user: User) -> QuerySet[Import] | None:
    """The last imports, for those who may see them."""
    if not user.has_perm("archive.view_import"):
        return None
    return Import.objects.select_related("user")[:RECENT]


def recent_decisions(user: User) -> QuerySet[Decision] | None:
    """What was decided last, for those who decide."""
    if not user.has_perm("archive.change_tagging"):
        return None
    return Decision.objects.select_related("user").defer("record")[:RECENT]


def coverage(user: User) -> list[Need]:
    """Where the archive has gaps: each line leads to the list in which they are mended."""
    found: list[Need] = []
    if user.has_perm("archive.change_story"):
        found += _unplaced()
    if user.has_perm("archive.change_tag"):
        found += _tags()
    if user.has_perm("archive.change_tagging"):
        found.append(
            _need(
                _("Suggestions waiting"),
                queue.waiting(user),
                reverse("admin:review_by_tag"),
                _("Decide on them together, tag by tag."),
            )
        )
    return found


def without(kind: str) -> BitMap:
    """Ids of the visible stories that no tag of *kind* is on; from the index, in memory."""
    with index.reading() as state:
        sets = [ids for tag, ids in state.direct.items() if state.tags[tag].kind == kind]
        return state.visible - (BitMap.union(*sets) if sets else BitMap())


def used_once(kind: str = "") -> BitMap:
    """Ids of the tags (of *kind*) that just one visible story bears; from the index."""
    with index.reading() as state:
        return BitMap(
            tag
            for tag, ids in state.direct.items()
            if len(ids) == 1 and kind in ("", state.tags[tag].kind)
        )


def pointless() -> QuerySet[Tag]:
    """Places on a story that have no coordinates."""
    used = Tagging.objects.filter(tag=OuterRef("pk")).exclude(state=Tagging.State.REJECTED)
    return Tag.objects.filter(Exists(used), kind=Kind.PLACE, latitude__isnull=True)


def _counted(label: str, count: int, url: str, hint: str) -> Need:
    return Need(label, f"{count:,}", url, hint, bool(count))


def _unplaced() -> Iterator[Need]:
    stories = reverse("admin:archive_story_changelist")
    for kind, info in KINDS.items():
        yield _counted(
            _("Stories without %(plural)s") % {"plural": info.plural},
            len(without(kind)),
            f"{stories}?gap={kind}",
            _("Published stories that nothing of this kind leads to."),
        )


def _tags() -> Iterator[Need]:
    tags = reverse("admin:archive_tag_changelist")
    for kind, info in KINDS.items():
        yield _counted(
            _("%(heading)s used once") % {"heading": info.heading},
            len(used_once(kind)),
            f"{tags}?use=once&kind__exact={kind}",
            _("They lead from no life to another."),
        )
    yield _need(
        _("Places without coordinates"),
        pointless(),
        f"{reverse('admin:archive_place_changelist')}?point=none",
        _("They are on no map."),
    )
    alike = {kind: len(twins.near(kind)) for kind in KINDS}
    for kind, info in KINDS.items():
        count = f"{alike[kind]}+" if alike[kind] >= twins.MOST else f"{alike[kind]}"
        yield Need(
            _("%(heading)s that look alike") % {"heading": info.heading},
            count,
            f"{reverse('admin:near')}?kind={kind}",
            _("Merge them, or say that they are not the same."),
            bool(alike[kind]),
        )
