"""What tags and collections are called, kept in memory until something changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from archive.models import KINDS, Collection, Tag
from archive.models.addresses import address
from archive.search.state import State

#: Labels kept; two or three hundred bytes each.
KEPT = 20_000

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
_Read = Callable[[list[_K]], dict[_K, _V]]


@dataclasses.dataclass(frozen=True, slots=True)
class TagLabel:
    """What a list says of a tag."""

    id: int
    kind: str
    slug: str
    name: str
    disambiguation: str

    def __str__(self) -> str:
        return f"{self.name} ({self.disambiguation})" if self.disambiguation else self.name

    @property
    def url(self) -> str:
        """Address of the tag's page."""
        return address(KINDS[self.kind].parameter, self.slug)


class Labels:
    """The labels asked for since the last change of anything that the index knows."""

    def __init__(self) -> None:
        self._tags: dict[int, TagLabel] = {}
        self._collections: dict[str, str] = {}

    @classmethod
    def of(cls, state: State) -> Labels:
        """Those of *state*, whose lock must be held. They can be asked without it afterwards.

        Every change of a name makes another generation of the state. What is read meanwhile is
        never older than it.
        """
        labels: Labels | None = state.memory.recall("labels", state.generation)
        if labels is None:
            labels = cls()
            state.memory.remember("labels", labels, state.generation)
        return labels

    def tags(self, ids: Iterable[int]) -> dict[int, TagLabel]:
        """Labels of the tags *ids*, by id; none for a tag that is gone."""
        return _found(self._tags, ids, _read_tags)

    def collections(self, slugs: Iterable[str]) -> dict[str, str]:
        """Names of collections by slug; none for one that does not exist."""
        return _found(self._collections, slugs, _read_collections)


def _found(kept: dict[_K, _V], keys: Iterable[_K], read: _Read[_K, _V]) -> dict[_K, _V]:
    """Of *keys* what is *kept*, and what *read* says of the others, which is kept as well."""
    keys = list(keys)
    missing = [key for key in keys if key not in kept]
    fresh = read(missing) if missing else {}
    found = {key: kept[key] for key in keys if key in kept} | fresh
    if len(kept) + len(fresh) <= KEPT:
        kept.update(fresh)
    return found


def _read_tags(ids: list[int]) -> dict[int, TagLabel]:
    fields = [field.name for field in dataclasses.fields(TagLabel)]
    rows = Tag.objects.filter(pk__in=ids).order_by().values_list(*fields)
    return {row[0]: TagLabel(*row) for row in rows}


def _read_collections(slugs: list[str]) -> dict[str, str]:
    return dict(Collection.objects.filter(slug__in=slugs).values_list("slug", "name"))
