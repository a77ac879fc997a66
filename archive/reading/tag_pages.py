"""Tags as indexes and trees: only what visible stories use, with counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from archive.models import KINDS, KindInfo, Tag
from archive.search.index import index

#: Tags that a door of the home page shows.
DOOR_SIZE = 6


@dataclasses.dataclass(slots=True)
class CountedTag:
    """A tag with the number of visible stories on it and on all that lies below it."""

    tag: Tag
    count: int
    below: list[CountedTag] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Door:
    """A kind of tag on the home page: its most used tags, and how many there are."""

    info: KindInfo
    top: tuple[CountedTag, ...]
    total: int


def tags_in_use(info: KindInfo) -> list[CountedTag]:
    """Tags of a kind that visible stories use, directly or through what lies below, by name."""
    counts = index.tag_counts()
    return [
        CountedTag(tag, counts[tag.pk])
        for tag in Tag.objects.filter(kind=info.kind).order_by("name_key", "pk")
        if counts.get(tag.pk)
    ]


def tag_tree(tags: Sequence[CountedTag]) -> list[CountedTag]:
    """The roots of *tags*, each with what lies below it, siblings in the given order."""
    by_id = {item.tag.pk: item for item in tags}
    roots = []
    for item in tags:
        parent = by_id.get(item.tag.broader_id or 0)
        (parent.below if parent else roots).append(item)
    return roots


def doors() -> list[Door]:
    """The most used tags of each kind."""
    counts = index.tag_counts()
    made = []
    for info in KINDS.values():
        tags = Tag.objects.filter(kind=info.kind, pk__in=[pk for pk, n in counts.items() if n])
        used = [CountedTag(tag, counts[tag.pk]) for tag in tags]
        used.sort(key=lambda item: (-item.count, item.tag.name_key))
        made.append(Door(info, tuple(used[:DOOR_SIZE]), len(used)))
    return made


def broader_tags(tag: Tag) -> list[Tag]:
    """What *tag* lies in, widest first."""
    return list(Tag.objects.in_bulk(tag.lineage()[1:]).values())[::-1]
