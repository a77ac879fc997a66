"""One deed on many stories: publishing, tags, collections, deleting; one revision, one record.

Rows are read and written a few hundred at a time, each with a handful of statements. Every story
keeps a version, so that what was done to many can be looked at, and taken back, one by one.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Prefetch, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from archive.curation.audit import record
from archive.curation.decisions import RefusedError
from archive.models import CONTEXT_CHARS, Collection, Mention, Story, Tag, Tagging
from archive.models.history import baseline, keep, one_revision
from archive.tagging.anchoring import occurrences

#: Stories that one deed takes, and their words in sum: a version of each is held in memory.
MOST_STORIES = 10_000
MOST_WORDS = 20_000_000
#: Stories that are written at a time.
BATCH = 500
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
    run: Callable[[User, Sequence[int], Any], int] | None = None  # None: an export, nothing changes
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


def perform(user: User, deed: Deed, chosen: Chosen, target: Any = None) -> str:
    """Do *deed* to the chosen stories.

    Args:
        user: who does it.
        deed: what is done.
        chosen: to which stories.
        target: the tag or collection that the deed needs; a collection may be None.

    Returns:
        What was done, in a sentence.
    """
    assert deed.run is not None  # noqa: S101  exports do not come here
    with transaction.atomic():
        said = f"{deed.label}: {target}" if target else str(deed.label)
        if deed.danger:
            count = deed.run(user, chosen.ids, said)
        else:
            for batch in _batches(chosen.ids):
                baseline(_whole(batch))
            with one_revision(user, said):
                count = deed.run(user, chosen.ids, target)
                for batch in _batches(chosen.ids):
                    keep(_whole(batch))
        words = ngettext(
            "%(deed)s (%(count)s story)", "%(deed)s (%(count)s stories)", count
        ) % {"deed": said, "count": f"{count:,}"}  # fmt: skip
        record(user, deed.audit, words, stories=count)
    return words


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


def _whole(ids: Sequence[int]) -> Iterable[Story]:
    """Stories with all that a version of them holds: two queries."""
    taggings = Prefetch("taggings", Tagging.objects.select_related("tag"))
    return Story.objects.filter(pk__in=ids).prefetch_related(taggings).order_by("pk")


def _update(ids: Sequence[int], rows: Callable[[QuerySet[Story]], Any], **values: Any) -> int:
    """Set *values* on those of the stories that *rows* leaves; returns how many there are."""
    count = 0
    for batch in _batches(ids):
        count += rows(Story.objects.filter(pk__in=batch)).update(
            version=F("version") + 1, modified=timezone.now(), **values
        )
    return count


def _publish(user: User, ids: Sequence[int], target: Any) -> int:
    return _update(
        ids,
        lambda rows: rows.filter(status=Story.Status.DRAFT),
        status=Story.Status.PUBLISHED,
        published_at=Coalesce(F("published_at"), timezone.now()),
        submitted_at=None,
    )


def _unpublish(user: User, ids: Sequence[int], target: Any) -> int:
    return _update(
        ids, lambda rows: rows.filter(status=Story.Status.PUBLISHED), status=Story.Status.DRAFT
    )


def _move(user: User, ids: Sequence[int], collection: Collection | None) -> int:
    there = collection.pk if collection else None

    def elsewhere(rows: QuerySet[Story]) -> QuerySet[Story]:
        if there is None:
            return rows.filter(collection__isnull=False)
        return rows.exclude(collection=there)

    return _update(ids, elsewhere, collection=there)


def _add_tag(user: User, ids: Sequence[int], tag: Tag) -> int:
    names = [tag.name, *tag.other_names.values_list("name", flat=True)]
    count = 0
    for batch in _batches(ids):
        known = Tagging.objects.filter(story__in=batch, tag=tag)
        there = set(known.values_list("story", flat=True))
        raised = known.exclude(state=Tagging.State.CONFIRMED)
        changed = set(raised.values_list("story", flat=True))
        raised.update(state=Tagging.State.CONFIRMED, origin=Tagging.Origin.CURATOR)
        made = Tagging.objects.bulk_create(
            Tagging(story_id=pk, tag=tag, state=Tagging.State.CONFIRMED)
            for pk in batch
            if pk not in there
        )
        bodies = Story.objects.filter(pk__in=[row.story_id for row in made])
        texts = dict(bodies.values_list("pk", "body"))
        mentions = [m for row in made for m in _places(row, texts.get(row.story_id, ""), names)]
        Mention.objects.bulk_create(mentions, batch_size=BATCH)
        touched = changed | {row.story_id for row in made}
        Story.objects.filter(pk__in=touched).update(version=F("version") + 1)
        count += len(touched)
    return count


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


def _remove_tag(user: User, ids: Sequence[int], tag: Tag) -> int:
    """Reject *tag*, so that no program proposes it again."""
    count = 0
    for batch in _batches(ids):
        rows = Tagging.objects.filter(story__in=batch, tag=tag)
        rows = rows.exclude(state=Tagging.State.REJECTED)
        touched = list(rows.values_list("story", flat=True))
        rows.update(state=Tagging.State.REJECTED, origin=Tagging.Origin.CURATOR)
        Story.objects.filter(pk__in=touched).update(version=F("version") + 1)
        count += len(touched)
    return count


def _delete(user: User, ids: Sequence[int], said: str) -> int:
    """Delete the stories; a version of each stays, from which it can come back."""
    with one_revision(user, said):
        for batch in _batches(ids):
            keep(_whole(batch))
    return sum(
        Story.objects.filter(pk__in=batch).delete()[1].get("archive.Story", 0)
        for batch in _batches(ids)
    )


DEEDS = {
    deed.name: deed
    for deed in (
        Deed(
            "publish", gettext_lazy("Published"), gettext_lazy("Publish"),
            "archive.publish_story", _publish, audit="story.published",
        ),
        Deed(
            "unpublish", gettext_lazy("Taken back"), gettext_lazy("Take back"),
            "archive.publish_story", _unpublish, audit="story.unpublished",
        ),
        Deed(
            "add_tag", gettext_lazy("Tag added"), gettext_lazy("Add a tag"),
            "archive.change_story", _add_tag, "tag", "stories.tagged",
        ),
        Deed(
            "remove_tag", gettext_lazy("Tag removed"), gettext_lazy("Remove a tag"),
            "archive.change_story", _remove_tag, "tag", "stories.untagged",
        ),
        Deed(
            "move", gettext_lazy("Moved"), gettext_lazy("Move to a collection"),
            "archive.change_story", _move, "collection", "stories.moved",
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
