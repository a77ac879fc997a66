"""Indexes of tags as lists and trees: only what visible stories use, with counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from archive.models import KindInfo, Tag
from archive.search.index import index
from archive.search.results import Facet, FacetValue

#: Tags that a door of the home page shows.
DOOR_SIZE = 6


@dataclasses.dataclass(slots=True)
class CountedTag:
    """A tag with the number of visible stories on it and on all that lies below it."""

    tag: Tag
    count: int
    below: list[CountedTag] = dataclasses.field(default_factory=list)


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


def doors(facets: Sequence[Facet]) -> list[Facet]:
    """The facets of the whole archive as ways in: of each kind the few tags that say most."""
    return [
        dataclasses.replace(facet, values=tuple(telling(facet.values)[:DOOR_SIZE]))
        for facet in facets
    ]


def telling(values: Sequence[FacetValue]) -> list[FacetValue]:
    """Those of *values* that say most.

    A place or theme that holds just the stories of one below it says less than that one.
    """
    with index.reading() as state:
        in_narrower = {
            (above, value.count) for value in values for above in state.lineage(value.tag_id)[1:]
        }
    return [value for value in values if (value.tag_id, value.count) not in in_narrower]
