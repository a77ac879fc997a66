"""Counting the values of each kind of tag: a count is what one gets by choosing the value."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterable, Iterator

import numpy as np
from pyroaring import BitMap

from archive.models import KINDS
from archive.search.filters import Criteria, Selection
from archive.search.forward import Tally
from archive.search.matching import Match, among, sets_of, wanted
from archive.search.sets import Members, Most
from archive.search.state import State

#: Values shown of each kind, besides the selected ones.
SHOWN = 12
#: Beyond this many further values they are not counted one by one.
MORE_LIMIT = 1_000


@dataclasses.dataclass(frozen=True, slots=True)
class Count:
    """How many stories choosing (or, if it is selected, giving up) a tag leads to."""

    tag: int
    count: int
    selected: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """The values of one kind: those selected, the most frequent, and how many are left."""

    values: tuple[Count, ...]
    more: int


@dataclasses.dataclass(frozen=True, slots=True)
class GroupCount:
    """How many stories choosing (or giving up) a collection or a language leads to."""

    value: str
    count: int
    selected: bool


@dataclasses.dataclass(frozen=True, slots=True)
class GroupCounts:
    """The collections or languages of a result: those selected, the most frequent, the rest."""

    values: tuple[GroupCount, ...]
    more: int


def count_groups(
    state: State, criteria: Criteria, match: Match, grouping: str, limit: int | None = SHOWN
) -> GroupCounts:
    """Count the values of a *grouping*: several chosen ones mean any of them."""
    sets = state.groups[grouping]
    chosen = [value for value in criteria.grouping(grouping) if sets.get(value)]
    ground = match.others[grouping]
    selected = []
    for value in chosen:
        rest = [sets[other] for other in criteria.grouping(grouping) if other in sets]
        rest = [members for members in rest if members is not sets[value]]
        alone = len(criteria.grouping(grouping)) == 1
        left = ground if alone else ground & BitMap.union(BitMap(), *rest)
        selected.append(GroupCount(value, len(left), selected=True))
    already = match.found if criteria.grouping(grouping) else BitMap()
    fresh = ground - already if already else ground
    added = {
        value: fresh.intersection_cardinality(members)
        for value, members in sets.items()
        if value not in chosen
    }
    found = [
        GroupCount(value, len(already) + more, selected=False)
        for value, more in added.items()
        if more or (already and not ground.isdisjoint(sets[value]))
    ]
    found.sort(key=lambda value: (-value.count, value.value))
    shown = found if limit is None else found[:limit]
    return GroupCounts((*selected, *shown), len(found) - len(shown))


def count(state: State, criteria: Criteria, match: Match) -> dict[str, Counts]:
    """For every kind, up to ``SHOWN`` values beside the selected ones, and the number of others."""
    return {kind: _count_kind(state, criteria, match, kind) for kind in KINDS}


def every(
    state: State, criteria: Criteria, match: Match, kind: str, among: Iterable[int] | None = None
) -> tuple[list[Count], list[Count]]:
    """All values of *kind* in the result (*among* some tags, or all): selected ones, and others."""
    selection = criteria.selection(kind)
    selected = _selected(state, selection, match, kind)
    taken = {value.tag for value in selected}
    ground = _ground(state, selection, match, kind)
    sets = sets_of(state, selection)
    tags = (tag for tag, *_ in state.ranked(kind, selection.exact)) if among is None else among
    added = {
        tag: ground.fresh.intersection_cardinality(members)
        for tag in tags
        if state.tags[tag].kind == kind
        and (members := sets.get(tag))
        and not ground.stories.isdisjoint(members)
    }
    if among is None:
        added.update(_every_rare(state, kind, selection, ground))
    base = len(ground.already)
    free = [Count(tag, base + more, False) for tag, more in added.items() if tag not in taken]
    return selected, free


def _count_kind(state: State, criteria: Criteria, match: Match, kind: str) -> Counts:
    selection = criteria.selection(kind)
    selected = _selected(state, selection, match, kind)
    taken = {value.tag for value in selected}
    ground = _ground(state, selection, match, kind)
    best, more = _best(state, kind, selection, ground, taken)
    found = [Count(tag, len(ground.already) + added, selected=False) for added, tag in best]
    return Counts((*selected, *found), more)


@dataclasses.dataclass(frozen=True, slots=True)
class _Ground:
    """Where further values count: in a value's *stories* here, only the *fresh* ones add to it."""

    stories: BitMap
    already: BitMap  # stories that choosing any further value keeps
    fresh: BitMap
    among: Members | Tally | None  # the stories; none if they are the whole archive
    among_fresh: Members | Tally | None

    @property
    def plain(self) -> bool:
        """Whether every story here is fresh."""
        return not self.already


def _ground(state: State, selection: Selection, match: Match, kind: str) -> _Ground:
    already = BitMap()
    stories = match.found
    if selection.any_of and selection.wanted:
        # Choosing one more value adds its stories to those of the values chosen already.
        stories, already = match.others[kind], match.found
    whole = len(stories) == len(state.visible)
    there = None if whole else match.among(state, stories)
    if not already:
        return _Ground(stories, already, stories, there, there)
    fresh = stories - already
    return _Ground(stories, already, fresh, there, among(state, fresh))


def _selected(state: State, selection: Selection, match: Match, kind: str) -> list[Count]:
    selected = []
    for slug in selection.wanted:
        tag = state.by_slug.get((kind, slug))
        if tag is not None and state.below.get(tag):
            kept = tuple(other for other in selection.wanted if other != slug)
            rest = dataclasses.replace(selection, wanted=kept)
            left = wanted(state, kind, rest, match.others[kind])
            selected.append(Count(tag, len(left), selected=True))
    return selected


def _best(
    state: State, kind: str, selection: Selection, ground: _Ground, taken: set[int]
) -> tuple[list[tuple[int, int]], int]:
    """Up to ``SHOWN`` (stories added, tag), most first, then by name; and the number left out.

    Only tags that occur in the ground count. Tags are tried by their global count, an upper bound
    of what they can add, so that it may end when none of those left can be among the best.
    """
    entries, left = _walk(state, kind, selection, ground, taken)
    others = 0
    if ground.plain:
        floor = min(heapq.nlargest(SHOWN, entries))[0] if len(entries) >= SHOWN else 0
        most = Most(SHOWN, MORE_LIMIT, floor)
        apart = taken | _own(state, kind, selection)
        rare, others = state.direct.best_rare(kind, ground.among, apart, most)
        entries += rare
    else:
        rest = _every_rare(state, kind, selection, ground)
        entries += [(added, tag) for tag, added in rest.items() if tag not in taken]
    others += max(0, len(entries) - SHOWN)
    for members in left:
        if others >= MORE_LIMIT:
            break
        others += not ground.stories.isdisjoint(members)
    return _top(state, entries), min(MORE_LIMIT, others)


def _walk(
    state: State, kind: str, selection: Selection, ground: _Ground, taken: set[int]
) -> tuple[list[tuple[int, int]], list[BitMap]]:
    """Do so for the tags that are not rare: candidates for the best, and the sets of the others."""
    heap: list[int] = []
    entries: list[tuple[int, int]] = []
    left: list[BitMap] = []
    whole = ground.among is None and ground.plain
    ranked = state.ranked(kind, selection.exact)
    counts: list[int] = []
    if isinstance(ground.among_fresh, Tally):
        counts = ground.among_fresh.of([tag for tag, *_ in ranked])
    for place, (tag, size, members) in enumerate(ranked):
        if tag in taken:
            continue
        full = len(heap) == SHOWN
        if full and size < heap[0]:
            left.append(members)  # not among the best: only whether it occurs may matter
            continue
        if whole:
            added = size
        elif counts and (selection.exact or tag not in state.below.own):
            added = counts[place]
        else:
            added = ground.fresh.intersection_cardinality(members)
        if not added and ground.stories.isdisjoint(members):
            continue
        entries.append((added, tag))
        if full:
            heapq.heappushpop(heap, added)
        else:
            heapq.heappush(heap, added)
    return entries, left


def _own(state: State, kind: str, selection: Selection) -> set[int]:
    """Tags of *kind* that are not counted as rare ones, for others lie below them."""
    if selection.exact:
        return set()
    return {tag for tag in state.below.own if tag in state.tags and state.tags[tag].kind == kind}


def _every_rare(state: State, kind: str, selection: Selection, ground: _Ground) -> dict[int, int]:
    """What each rare tag that occurs in the ground adds."""
    tags, there = state.direct.count_rare(kind, ground.among)
    added = there
    if not ground.plain:
        added = state.direct.count_rare(kind, ground.among_fresh)[1]
    apart = _own(state, kind, selection)
    places = np.flatnonzero(there)
    found = zip(tags[places].tolist(), added[places].tolist(), strict=True)
    return {tag: more for tag, more in found if tag not in apart}


def _top(state: State, entries: list[tuple[int, int]]) -> list[tuple[int, int]]:
    def rank(entry: tuple[int, int]) -> tuple[int, str, int]:
        added, tag = entry
        return -added, state.tags[tag].name_key, tag

    return heapq.nsmallest(SHOWN, entries, key=rank)


def chosen(state: State, criteria: Criteria) -> Iterator[tuple[str, str, bool, int | None]]:
    """List each chosen value: kind, slug, whether it is unwanted, and its tag if there is one.

    A tag that no visible story uses is as unknown as a misspelt one: its name belongs to drafts.
    """
    for kind, selection in criteria.tags:
        for unwanted, slugs in ((False, selection.wanted), (True, selection.unwanted)):
            for slug in slugs:
                tag = state.by_slug.get((kind, slug))
                in_use = tag is not None and bool(state.below.get(tag))
                yield kind, slug, unwanted, tag if in_use else None
