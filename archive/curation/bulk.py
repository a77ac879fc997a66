"""One deed on many stories: publishing, tags, collections, deleting; one revision, one record.

Stories are done some hundred at a time, each part in a transaction of its own: others can write in
between, and what is interrupted is whole as far as it went. A request that took long enough stops;
the next one goes on, in the same revision. Every story keeps a version, so that what was done to
many can be looked at, and taken back, one by one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from archive.curation.audit import record
from archive.curation.decisions import RefusedError
from archive.models import CONTEXT_CHARS, AuditEntry, Collection, Mention, Story, Tag, Tagging
from archive.models.history import baseline, join, keep, one_revision
from archive.tagging.anchoring import occurrences

#: Stories that one deed takes, and their words in sum: an export of them is read at once.
MOST_STORIES = 10_000
MOST_WORDS = 20_000_000
#: Stories that are written in one transaction. Others wait for it, so that it must be short; and
#: django-reversion copies its list of versions for each one that it adds.
BATCH = 250
#: Seconds after which a request begins no further part.
PATIENCE = 8.0
#: Places in one text that are noted for a tag that was added by hand.
MOST_PLACES = 200
#: The rule of mentions that stand where a name does.
KNOWN_NAME = "known-name"


@dataclasses.dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done to many stories."""

    name: str
    label: str | Promise
    question: str | Promise  # what the button of the confirmation says
    permission: str
    run: Callable[[Sequence[int], Any], None] | None = None  # None: an export, nothing changes
    #: Those of some stories that the deed would change.
    open: Callable[[QuerySet[Story], Any], QuerySet[Story]] = lambda rows, target: rows
    needs: str = ""  # "tag" or "collection", if it must be told which
    audit: str = ""
    danger: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Chosen:
    """The stories of a deed, and a seal by which it is known that they are the same ones."""

    ids: tuple[int, ...]

    @property
    def seal(self) -> str:
        """A digest of the ids."""
        return hashlib.sha256(",".join(map(str, self.ids)).encode()).hexdigest()[:16]


def choose(stories: QuerySet[Story]) -> Chosen:
    """The ids of *stories*.

    Raises:
        RefusedError: there are none, or too many for one deed.
    """
    ids = tuple(stories.order_by("pk").values_list("pk", flat=True)[: MOST_STORIES + 1])
    if not ids:
        raise RefusedError(_("No story is chosen."))
    words = sum(
        Story.objects.filter(pk__in=batch).aggregate(n=Sum("word_count"))["n"] or 0
        for batch in _batches(ids)
    )
    if len(ids) > MOST_STORIES or words > MOST_WORDS:
        raise RefusedError(
            _("These are too many at once (at most %(stories)s stories). Filter the list further.")
            % {"stories": f"{MOST_STORIES:,}"}
        )
    return Chosen(ids)


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far a deed has come."""

    total: int  # stories that were chosen
    left: int  # of these, stories that were not looked at yet
    count: int = 0  # stories that were changed
    revision: int = 0  # ids of the revision and of the record that further parts join
    entry: int = 0
    words: str = ""  # what was done so far, in a sentence


def perform(
    user: User, deed: Deed, chosen: Chosen, target: Any = None, before: Progress | None = None
) -> Progress:
    """Do *deed* to the chosen stories, as many as fit into ``PATIENCE``.

    Args:
        user: who does it.
        deed: what is done.
        chosen: to which stories.
        target: the tag or collection that the deed needs; a collection may be None.
        before: where an earlier request had to stop; what it did is passed over.

    Raises:
        RefusedError: the tag or the collection is not there any more.
    """
    said = f"{deed.label}: {target}" if target else str(deed.label)
    state = before or Progress(len(chosen.ids), len(chosen.ids))
    left = list(chosen.ids)
    if before:
        left = [pk for part in _batches(left) for pk in _open(deed, part, target)]
    started = time.monotonic()
    while True:
        part, left = left[:BATCH], left[BATCH:]
        state = dataclasses.replace(state, left=len(left))
        with transaction.atomic():
            state = _note(user, deed, said, _do(user, deed, part, target, said, state))
        if not left or time.monotonic() - started > PATIENCE:
            return state


def _open(deed: Deed, ids: Sequence[int], target: Any) -> list[int]:
    rows = deed.open(Story.objects.filter(pk__in=ids), target)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _do(
    user: User, deed: Deed, part: Sequence[int], target: Any, said: str, state: Progress
) -> Progress:
    """Do *deed* to those of *part* that it would change; inside a transaction."""
    assert deed.run is not None  # noqa: S101  exports do not come here
    if target and not type(target)._default_manager.filter(pk=target.pk).exists():
        raise RefusedError(_("“%(name)s” is not there any more.") % {"name": target})
    list(Story.objects.select_for_update().filter(pk__in=part).order_by("pk").values_list("pk"))
    ids = _open(deed, part, target)
    if not ids:
        return state
    baseline(_whole(ids))
    with one_revision(user, said):
        if not deed.danger:
            deed.run(ids, target)
        keep(_whole(ids))
    revision = join(Story, ids[0], state.revision)
    if deed.danger:  # from its version a story can come back
        deed.run(ids, target)
    return dataclasses.replace(state, count=state.count + len(ids), revision=revision)


def _note(user: User, deed: Deed, said: str, state: Progress) -> Progress:
    """Write down how far the deed has come: one record, which grows with each part."""
    words = ngettext(
        "%(deed)s (%(count)s story)", "%(deed)s (%(count)s stories)", state.count
    ) % {"deed": said, "count": f"{state.count:,}"}  # fmt: skip
    entry = AuditEntry.objects.filter(pk=state.entry, user=user).first()
    if entry is None:
        entry = record(user, deed.audit, words, stories=state.count)
    else:
        entry.subject, entry.details = words, {"stories": state.count}
        entry.save(update_fields=["subject", "details"])
    return dataclasses.replace(state, entry=entry.pk, words=words)


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


def _whole(ids: Sequence[int]) -> Iterable[Story]:
    """Stories with all that a version of them holds: two queries."""
    taggings = Prefetch("taggings", Tagging.objects.select_related("tag"))
    return Story.objects.filter(pk__in=ids).prefetch_related(taggings).order_by("pk")


def _update(ids: Sequence[int], **values: Any) -> None:
    Story.objects.filter(pk__in=ids).update(
        version=F("version") + 1, modified=timezone.now(), **values
    )


def _drafts(rows: QuerySet[Story], target: Any) -> QuerySet[Story]:
    return rows.filter(status=Story.Status.DRAFT)


def _publish(ids: Sequence[int], target: Any) -> None:
    _update(
        ids,
        status=Story.Status.PUBLISHED,
        published_at=Coalesce(F("published_at"), timezone.now()),
        submitted_at=None,
    )


def _published(rows: QuerySet[Story], target: Any) -> QuerySet[Story]:
    return rows.filter(status=Story.Status.PUBLISHED)


def _unpublish(ids: Sequence[int], target: Any) -> None:
    _update(ids, status=Story.Status.DRAFT)


def _elsewhere(rows: QuerySet[Story], collection: Collection | None) -> QuerySet[Story]:
    if collection is None:
        return rows.filter(collection__isnull=False)
    return rows.exclude(collection=collection)


def _move(ids: Sequence[int], collection: Collection | None) -> None:
    _update(ids, collection=collection)


def _unconfirmed(rows: QuerySet[Story], tag: Tag) -> QuerySet[Story]:
    known = Tagging.objects.filter(story=OuterRef("pk"), tag=tag, state=Tagging.State.CONFIRMED)
    return rows.filter(~Exists(known))


def _add_tag(ids: Sequence[int], tag: Tag) -> None:
    names = [tag.name, *tag.other_names.values_list("name", flat=True)]
    known = Tagging.objects.filter(story__in=ids, tag=tag)
    there = set(known.values_list("story", flat=True))
    known.update(state=Tagging.State.CONFIRMED, origin=Tagging.Origin.CURATOR)
    made = Tagging.objects.bulk_create(
        Tagging(story_id=pk, tag=tag, state=Tagging.State.CONFIRMED)
        for pk in ids
        if pk not in there
    )
    bodies = Story.objects.filter(pk__in=[row.story_id for row in made])
    texts = dict(bodies.values_list("pk", "body"))
    mentions = [m for row in made for m in _places(row, texts.get(row.story_id, ""), names)]
    Mention.objects.bulk_create(mentions, batch_size=500)
    Story.objects.filter(pk__in=ids).update(version=F("version") + 1)


def _places(tagging: Tagging, body: str, names: Iterable[str]) -> Iterator[Mention]:
    """Where the names of the tag stand in the text, letter for letter."""
    taken: set[int] = set()
    for name in names:
        for at in occurrences(body, name)[:MOST_PLACES]:
            end = at + len(name)
            if taken.isdisjoint(range(at, end)):
                taken.update(range(at, end))
                before, after = body[max(0, at - CONTEXT_CHARS) : at], body[end:][:CONTEXT_CHARS]
                yield Mention(
                    tagging=tagging, start=at, end=end, quote=name, before=before, after=after,
                    rule=KNOWN_NAME,
                )  # fmt: skip


def _bearing(rows: QuerySet[Story], tag: Tag) -> QuerySet[Story]:
    known = Tagging.objects.filter(story=OuterRef("pk"), tag=tag)
    return rows.filter(Exists(known.exclude(state=Tagging.State.REJECTED)))


def _remove_tag(ids: Sequence[int], tag: Tag) -> None:
    """Reject *tag*, so that no program proposes it again."""
    rows = Tagging.objects.filter(story__in=ids, tag=tag)
    rows.update(state=Tagging.State.REJECTED, origin=Tagging.Origin.CURATOR)
    Story.objects.filter(pk__in=ids).update(version=F("version") + 1)


def _delete(ids: Sequence[int], target: Any) -> None:
    Story.objects.filter(pk__in=ids).delete()


DEEDS = {
    deed.name: deed
    for deed in (
        Deed(
            "publish", gettext_lazy("Published"), gettext_lazy("Publish"),
            "archive.publish_story", _publish, _drafts, audit="story.published",
        ),
        Deed(
            "unpublish", gettext_lazy("Taken back"), gettext_lazy("Take back"),
            "archive.publish_story", _unpublish, _published, audit="story.unpublished",
        ),
        Deed(
            "add_tag", gettext_lazy("Tag added"), gettext_lazy("Add a tag"),
            "archive.change_story", _add_tag, _unconfirmed, "tag", "stories.tagged",
        ),
        Deed(
            "remove_tag", gettext_lazy("Tag removed"), gettext_lazy("Remove a tag"),
            "archive.change_story", _remove_tag, _bearing, "tag", "stories.untagged",
        ),
        Deed(
            "move", gettext_lazy("Moved"), gettext_lazy("Move to a collection"),
            "archive.change_story", _move, _elsewhere, "collection", "stories.moved",
        ),
        Deed(
            "export", gettext_lazy("Exported"), gettext_lazy("Export"),
            "archive.view_source", audit="export",
        ),
        Deed(
            "delete", gettext_lazy("Deleted"), gettext_lazy("Delete"),
            "archive.delete_story", _delete, audit="story.deleted", danger=True,
        ),
    )
}  # fmt: skip
