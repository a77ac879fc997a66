"""From a question to the set of stories that answers it, by operations on bitmaps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from pyroaring import BitMap

from archive.models import KINDS
from archive.search.filters import GROUPINGS, Criteria, Selection
from archive.search.forward import Tally
from archive.search.sets import Members
from archive.search.state import State

#: Up to so many stories, or this share of the archive, are few.
FEW, FEW_SHARE = 100, 1 / 32


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """The stories found, and what counting further values needs."""

    found: BitMap
    #: For each kind and grouping, what would be found without its wanted values.
    others: Mapping[str, BitMap]
    _among: dict[int, Members | Tally] = dataclasses.field(default_factory=dict)

    def among(self, state: State, stories: BitMap) -> Members | Tally:
        """By what tags are counted among *stories*, one of the sets above; made once."""
        if id(stories) not in self._among:
            self._among[id(stories)] = among(state, stories)
        return self._among[id(stories)]


def among(state: State, stories: BitMap) -> Members | Tally:
    """By what tags are counted among *stories*.

    Of few stories the tags are counted; of many, the stories of each tag are looked up.
    """
    few = len(stories) <= max(FEW, FEW_SHARE * len(state.visible))
    return state.tally(stories) if few else Members(stories)


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
    ungrouped = state.visible if words is None else state.visible & words
    for kind in KINDS:
        selection = criteria.selection(kind)
        for slug in selection.unwanted:
            ungrouped = ungrouped - stories_of(state, kind, selection, slug)
    groups = {
        grouping: _any_of(
            state.groups[grouping].get(value) for value in criteria.grouping(grouping)
        )
        for grouping in GROUPINGS
        if criteria.grouping(grouping)
    }
    base = _narrow(ungrouped, groups)
    kinds = [kind for kind in KINDS if criteria.selection(kind).wanted]

    def tagged(among: BitMap, some: Iterable[str]) -> BitMap:
        for kind in some:
            among = wanted(state, kind, criteria.selection(kind), among)
        return among

    found = tagged(base, kinds)
    others = {
        kind: tagged(base, [other for other in kinds if other != kind]) if kind in kinds else found
        for kind in KINDS
    }
    for grouping in GROUPINGS:
        others[grouping] = found
        if grouping in groups:
            rest = {name: members for name, members in groups.items() if name != grouping}
            others[grouping] = tagged(_narrow(ungrouped, rest), kinds)
    return Match(found, others)


def _narrow(stories: BitMap, groups: Mapping[str, BitMap]) -> BitMap:
    for members in groups.values():
        stories = stories & members
    return stories


def _any_of(sets: Iterable[BitMap | None]) -> BitMap:
    return BitMap.union(BitMap(), *(members for members in sets if members is not None))
