"""What the index holds in memory, how it is read from the rows, and how a change is taken in.

Sets of stories are roaring bitmaps (Lemire et al., "Roaring bitmaps: implementation of an optimized
software library", 2018) of story ids; only stories that any visitor may see are in them.
"""

from __future__ import annotations

import dataclasses
import datetime
import heapq
import itertools
import sys
from collections.abc import Iterable, Iterator

import numpy as np
from django.db import models
from django.utils import timezone
from pyroaring import BitMap

from archive.models import KINDS, Collection, OtherName, Story, Tag, Tagging
from archive.search import loading
from archive.search.forward import Forward, Tally
from archive.search.frequent import FrequentWords
from archive.search.memory import Memory
from archive.search.names import Names
from archive.search.orders import Order, moment_of, time_key, title_key
from archive.search.sets import MAX_ID, BelowSets, Members, TagSets, bitmap
from archive.search.vocabulary import Vocabulary

#: Id, time of publication, title, words, language, collection.
StoryRow = tuple[int, datetime.datetime, str, int, str, int | None]
_STORY_FIELDS = ("id", "published_at", "title", "word_count", "language", "collection_id")
_generations = itertools.count(1)


@dataclasses.dataclass(frozen=True, slots=True)
class TagRow:
    """What the index knows of a tag."""

    id: int
    kind: str
    slug: str
    name_key: str
    broader: int | None


def now() -> datetime.datetime:
    """The time by which stories are due, to the microsecond."""
    return timezone.now()


class State:
    """Stories, tags and their sets. Not safe for threads: the owner holds a lock."""

    def __init__(self, using: str) -> None:
        self.visible = BitMap()
        self.due: list[tuple[datetime.datetime, int]] = []
        self.tags: dict[int, TagRow] = {}
        self.by_slug: dict[tuple[str, str], int] = {}
        self.narrower: dict[int, set[int]] = {}
        self.direct = TagSets()
        self.below = BelowSets(self.direct)
        self.collections: dict[str, BitMap] = {}
        self.languages: dict[str, BitMap] = {}
        self.generation = next(_generations)  # no other state ever had it
        self._collection_slugs: dict[int, str] = {}
        none = np.empty(0, np.uint32)
        self._forward = Forward(none, none, np.empty(0, np.int64))
        self._orders: dict[str, Order] = {}
        self._ranked: dict[tuple[str, bool], list[tuple[int, int, BitMap]]] = {}
        self._ranked_at = 0
        self._names: Names | None = None
        self._vocabulary: Vocabulary | None = None
        self._using = using
        self.memory = Memory()
        self.frequent = FrequentWords()

    @property
    def groups(self) -> dict[str, dict[str, BitMap]]:
        """The sets of each grouping by their values."""
        return {"collection": self.collections, "language": self.languages}

    # Reading everything

    @classmethod
    @loading.undisturbed()
    def load(cls, using: str) -> State:
        """The state of the database now; it takes seconds for a million stories."""
        state = cls(using)
        fields = ", ".join(_TAG_FIELDS)
        for piece in loading.rows(using, f"SELECT {fields} FROM archive_tag ORDER BY id"):  # noqa: S608 - constants
            state._load_tags(piece)
        state._collection_slugs = dict(Collection.objects.using(using).values_list("pk", "slug"))
        state._load_stories(using)
        state._load_taggings(using)
        for tag in state.narrower:
            state._gather(tag)
        return state

    def _load_tags(self, rows: Iterable[tuple[int, str, str, str, int | None]]) -> None:
        for pk, kind, slug, name_key, broader in rows:
            tag = TagRow(pk, sys.intern(kind), slug, name_key, broader)
            self.tags[pk] = tag
            self.by_slug[tag.kind, slug] = pk
            if broader:
                self.narrower.setdefault(broader, set()).add(pk)

    def _load_stories(self, using: str) -> None:
        columns = {
            "newest": loading.times(using),
            "title": loading.titles(using),
            "longest": loading.lengths(using),
        }
        languages = loading.groups(using, "language")
        ids, moments = columns["newest"]
        later = moments > time_key(now())
        self.due = [
            (moment_of(moment), story)
            for story, moment in zip(ids[later].tolist(), moments[later].tolist(), strict=True)
        ]
        heapq.heapify(self.due)
        # What changes while these are read is not in all of them; it will be replayed.
        self.visible = BitMap.intersection(
            bitmap(ids[~later]),
            *(bitmap(some) for some, _keys in columns.values()),
            BitMap.union(BitMap(), *(bitmap(members) for members in languages.values())),
        )
        self.languages = {
            language: bitmap(some) & self.visible for language, some in languages.items()
        }
        self.collections = {slug: BitMap() for slug in self._collection_slugs.values()}
        for collection, some in loading.groups(using, "collection_id", drafts=True).items():
            if collection in self._collection_slugs:
                self.collections[self._collection_slugs[collection]] = bitmap(some) & self.visible
        chosen = np.frombuffer(self.visible.to_array(), dtype=np.uint32)
        for (name, (some, keys)), twin in zip(
            columns.items(), ("oldest", "", "shortest"), strict=True
        ):
            inside = np.isin(some, chosen, assume_unique=True)
            self._orders[name] = Order(some[inside], keys[inside], descending=bool(twin))
            if twin:
                self._orders[twin] = Order(some[inside], keys[inside])

    def _load_taggings(self, using: str) -> None:
        tags, lengths, stories = loading.taggings(using)
        owners = np.repeat(np.arange(len(tags), dtype=np.uint32), lengths)
        fitting = (stories >= 0) & (stories <= MAX_ID)
        inside = fitting & Members(self.visible).hold(stories.astype(np.uint32))
        owners, stories = owners[inside], stories[inside].astype(np.uint32)
        self._forward = Forward(stories, owners, np.array(tags, dtype=np.int64))
        starts = np.append(0, np.cumsum(np.bincount(owners, minlength=len(tags))))
        self.direct.load(
            tags, starts, stories, {tag: (row.kind, row.name_key) for tag, row in self.tags.items()}
        )

    def _gather(self, tag: int) -> None:
        """Compute what lies below *tag* from what is tagged with it and with narrower tags."""
        self.below.own.pop(tag, None)
        if self.narrower.get(tag):
            family = (self.direct.get(member) for member in self.family(tag))
            parts = [members for members in family if members]
            if parts:
                self.below.own[tag] = BitMap.union(*parts)

    # The tree

    def lineage(self, tag: int) -> list[int]:
        """*tag* and everything broader, nearest first; a circle ends it."""
        ids: list[int] = []
        at: int | None = tag
        while at is not None and at in self.tags and at not in ids:
            ids.append(at)
            at = self.tags[at].broader
        return ids

    def family(self, tag: int) -> set[int]:
        """*tag* and everything narrower; a circle ends it."""
        found = {tag}
        waiting = [tag]
        while waiting:
            for child in self.narrower.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found

    def lineages(self, tags: Iterable[int]) -> set[int]:
        """All of *tags* and everything broader."""
        return {ancestor for tag in tags for ancestor in self.lineage(tag)}

    # What changes

    def due_now(self) -> set[int]:
        """Scheduled stories whose time has come; each is named once."""
        moment = now()
        ready = set()
        while self.due and self.due[0][0] <= moment:
            ready.add(heapq.heappop(self.due)[1])
        return ready

    def replay_tags(self, changed: Iterable[int], using: str) -> None:
        """Read the tags *changed* again and bring the sets of the tree in line."""
        changed = set(changed)
        rows = {
            row[0]: TagRow(*row)
            for batch in loading.batches(changed)
            for row in Tag.objects.using(using).filter(pk__in=batch).values_list(*_TAG_FIELDS)
        }
        stale: set[int] = set()
        for tag in changed:
            old, new = self.tags.get(tag), rows.get(tag)
            moved = (old and old.broader) != (new and new.broader) or (old is None) != (new is None)
            if moved:
                stale.update(self.lineage(tag))
            self._replace_tag(tag, old, new)
            if moved:
                stale.update(self.lineage(tag))
        for tag in stale:
            if tag in self.tags:
                self._gather(tag)
        self._rename(changed)
        self.generation = next(_generations)

    def _rename(self, changed: Iterable[int]) -> None:
        """Bring the names of the tags *changed* in line, if they were asked for already."""
        if self._names is None:
            return
        others: dict[int, list[str]] = {}
        for tag, name in self._other_names(changed):
            others.setdefault(tag, []).append(name)
        for tag in changed:
            row = self.tags.get(tag)
            names = [row.name_key, *others.get(tag, ())] if row else []
            self._names.put(tag, names)
            if self._vocabulary is not None:
                self._vocabulary.add(" ".join(names))
        if self._names.worn:
            self._names = None

    def _other_names(self, changed: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
        rows = OtherName.objects.using(self._using).order_by("pk").values_list("tag_id", "name_key")
        if changed is None:
            yield from rows.iterator(loading.BATCH)
            return
        for batch in loading.batches(changed):
            yield from rows.filter(tag__in=batch)

    def _replace_tag(self, tag: int, old: TagRow | None, new: TagRow | None) -> None:
        if old is not None:
            if self.by_slug.get((old.kind, old.slug)) == tag:
                del self.by_slug[old.kind, old.slug]
            if old.broader:
                self.narrower.get(old.broader, set()).discard(tag)
            del self.tags[tag]
        if old and new and (old.kind, old.name_key) != (new.kind, new.name_key):
            self.direct.edit(tag)  # rare ones lie in the order of kinds and names
        if new is not None:
            self._load_tags([dataclasses.astuple(new)])
        else:
            self.below.own.pop(tag, None)

    def replay_stories(self, changed: Iterable[int], using: str) -> None:
        """Read the stories *changed* and their taggings again."""
        for batch in loading.batches(story for story in changed if story <= MAX_ID):
            self.frequent.change(batch)
            rows = {
                row[0]: row
                for row in _published(using).filter(pk__in=batch).values_list(*_STORY_FIELDS)
            }
            tags: dict[int, list[int]] = {}
            for story, tag in (
                Tagging.objects.using(using)
                .shown()
                .filter(story__in=batch)
                .values_list("story_id", "tag_id")
            ):
                tags.setdefault(story, []).append(tag)
            moment = now()
            for story in batch:
                row = rows.get(story)
                if row is not None and row[1] > moment:
                    heapq.heappush(self.due, (row[1], story))
                    row = None
                self._replace_story(story, row, tags.get(story, []) if row else [])
        self.generation = next(_generations)

    def _replace_story(self, story: int, row: StoryRow | None, tags: list[int]) -> None:
        self._retag(story, set(self._forward.tags_of(story)), set(tags))
        for members in itertools.chain(self.languages.values(), self.collections.values()):
            members.discard(story)
        if row is None:
            self.visible.discard(story)
            for order in self._orders.values():
                order.remove(story)
            return
        _, published_at, title, words, language, collection = row
        self.visible.add(story)
        self.languages.setdefault(language, BitMap()).add(story)
        if collection in self._collection_slugs:
            self.collections[self._collection_slugs[collection]].add(story)
        keys = {"title": title_key(title), "longest": words, "shortest": words}
        if self._vocabulary is not None:
            self._vocabulary.add(keys["title"])
        for name, order in self._orders.items():
            order.put(story, keys.get(name, time_key(published_at)))

    def _retag(self, story: int, before: set[int], after: set[int]) -> None:
        for tag in before - after:
            self.direct.edit(tag).discard(story)
        for tag in after - before:
            self.direct.edit(tag).add(story)
        old, new = self.lineages(before), self.lineages(after)
        for tag in old - new:
            if tag in self.below.own:
                self.below.own[tag].discard(story)
        for tag in new - old:
            if tag in self.below.own:
                self.below.own[tag].add(story)
            else:
                self._gather(tag)
        self._forward.put(story, tuple(after))

    # Answers

    def page(self, order: str, chosen: BitMap, start: int, stop: int) -> list[int]:
        """Ids from *start* up to *stop* of *chosen* (visible stories), in one of the orders."""
        return self._orders[order].page(chosen, start, stop)

    def around(self, order: str, chosen: BitMap, story: int) -> tuple[int | None, int | None, int]:
        """Who stands before and after *story* among *chosen* in an order, and its place from 0."""
        return self._orders[order].around(chosen, story)

    def ranked(self, kind: str, exact: bool) -> list[tuple[int, int, BitMap]]:
        """Tags of *kind* that are not rare: the number of their stories (most first), and these."""
        if self._ranked_at != self.generation:
            self._ranked, self._ranked_at = {}, self.generation
        if (kind, exact) not in self._ranked:
            sets = (self.direct if exact else self.below).dense()
            in_use = [
                (tag, len(members), members)
                for tag, members in sets.items()
                if members and tag in self.tags and self.tags[tag].kind == kind
            ]
            self._ranked[kind, exact] = sorted(in_use, key=lambda row: row[1], reverse=True)
        return self._ranked[kind, exact]

    def in_use(self, kind: str) -> int:
        """How many tags of *kind* visible stories have, or one below."""
        rare = self.direct.rare_of(kind)
        shadowed = sum(1 for tag, *_ in self.ranked(kind, exact=False) if self.direct.is_rare(tag))
        return len(self.ranked(kind, exact=False)) + rare - shadowed

    @property
    def names(self) -> Names:
        """All names of tags, to be found by their beginnings; sorted when first asked for."""
        if self._names is None:
            own = ((tag.id, tag.name_key) for tag in self.tags.values())
            names = itertools.chain(own, self._other_names())
            self._names = Names(names, self.below.sizes())
        return self._names

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of names and of visible titles; collected when first asked for."""
        if self._vocabulary is None:
            texts = itertools.chain([self.names.text()], self._orders["title"].texts())
            self._vocabulary = Vocabulary(texts)
        return self._vocabulary

    @loading.undisturbed()
    def prepare(self) -> None:
        """Make now what would else be made when first asked for; give back what loading took."""
        for kind, exact in itertools.product(KINDS, (False, True)):
            self.ranked(kind, exact)
        self.frequent.prepare(self._using, self.visible)
        if self.vocabulary:
            loading.give_back()

    def titled(self, beginning: str, limit: int) -> list[int]:
        """Up to *limit* visible stories whose title starts with *beginning* (a title's key)."""
        return self._orders["title"].starting(beginning, limit)

    def tally(self, stories: BitMap) -> Tally:
        """Count for each tag the *stories* (visible ones) that have the tag itself."""
        return self._forward.tally(stories)

    def tags_of(self, story: int) -> tuple[int, ...]:
        """Ids of the tags that visitors see on *story*; none if it is not visible."""
        return self._forward.tags_of(story)


_TAG_FIELDS = ("id", "kind", "slug", "name_key", "broader_id")


def _published(using: str) -> models.QuerySet[Story]:
    """Stories that are published or scheduled."""
    return Story.objects.using(using).filter(
        status=Story.Status.PUBLISHED, published_at__isnull=False, pk__gte=0, pk__lte=MAX_ID
    )
