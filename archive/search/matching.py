"""From a question to the set of stories that answers it, by operations on bitmaps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from pyroaring import BitMap

from archive.models import KINDS
from archive.search.filters import Criteria, Selection
from archive.search.state import State


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """The stories found, and what counting further values needs."""

    found: BitMap
    #: For each kind, what would be found without the wanted values of that kind.
    others: Mapping[str, BitMap]


def sets_of(state: State, selection: Selection) -> Mapping[int, BitMap]:
    """By tag, the stories that *selection* takes a tag to have: with what is below, or without."""
    return state.direct if selection.exact else state.below


def stories_of(state: State, kind: str, selection: Selection, slug: str) -> BitMap:
    """The stories that have the tag with *slug*; none if there is no such tag."""
    tag = state.by_slug.get((kind, slug))
    members = sets_of(state, selection).get(tag) if tag is not None else None
    return BitMap() if members is None else members


def wanted(state: State, kind: str, selection: Selection, among: BitMap) -> BitMap:
    """Those *among* the stories that have all, or any, of the wanted values of *kind*."""
    if not selection.wanted:
        return among
    sets = [stories_of(state, kind, selection, slug) for slug in selection.wanted]
    if selection.any_of:
        return among & BitMap.union(*sets)
    return among & BitMap.intersection(*sorted(sets, key=len))


def match(state: State, criteria: Criteria, words: BitMap | None) -> Match:
    """The stories that answer *criteria*; *words* are those that match its query, if it has one."""
    base = BitMap(state.visible) if words is None else state.visible & words
    for values, sets in (
        (criteria.collections, state.collections),
        (criteria.languages, state.languages),
    ):
        if values:
            base &= _any_of(sets.get(value) for value in values)
    for kind in KINDS:
        selection = criteria.selection(kind)
        for slug in selection.unwanted:
            base -= stories_of(state, kind, selection, slug)
    chosen = {kind for kind in KINDS if criteria.selection(kind).wanted}
    others = {}
    for kind in KINDS:
        others[kind] = base
        for other in chosen - {kind}:
            others[kind] = wanted(state, other, criteria.selection(other), others[kind])
    found = base
    for kind in chosen:
        found = wanted(state, kind, criteria.selection(kind), found)
    return Match(found, others)


def _any_of(sets: Iterable[BitMap | None]) -> BitMap:
    return BitMap.union(BitMap(), *(members for members in sets if members is not None))
