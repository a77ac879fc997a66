"""Counting the values of each kind of tag: a count is what one gets by choosing the value."""

from __future__ import annotations

import collections
import dataclasses
import heapq
from collections.abc import Iterable, Iterator

import numpy as np
from pyroaring import BitMap

from archive.models import KINDS
from archive.search.filters import Criteria, Selection
from archive.search.matching import Match, sets_of, wanted
from archive.search.sets import RARE
from archive.search.state import State

#: Values shown of each kind, besides the selected ones.
SHOWN = 12
#: Beyond this many further values they are not counted one by one.
MORE_LIMIT = 1_000
#: With fewer stories than this, their own tags are counted instead of trying every tag.
_FEW = 100


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
    found = [
        GroupCount(value, len(already) + fresh.intersection_cardinality(members), selected=False)
        for value, members in sets.items()
        if value not in chosen and not ground.isdisjoint(members)
    ]
    found.sort(key=lambda value: (-value.count, value.value))
    shown = found if limit is None else found[:limit]
    return GroupCounts((*selected, *shown), len(found) - len(shown))


def count(state: State, criteria: Criteria, match: Match) -> dict[str, Counts]:
    """For every kind, up to ``SHOWN`` values beside the selected ones, and the number of others."""
    return {kind: _count_kind(state, criteria, match, kind, SHOWN) for kind in KINDS}


def every(
    state: State, criteria: Criteria, match: Match, kind: str, among: Iterable[int] | None = None
) -> tuple[list[Count], list[Count]]:
    """All values of *kind* in the result (*among* some tags, or all): selected ones, and others."""
    selection = criteria.selection(kind)
    selected = _selected(state, selection, match, kind)
    taken = {value.tag for value in selected}
    ground, already = _ground(selection, match, kind)
    fresh = ground - already if already else ground
    sets = sets_of(state, selection)
    tags = state.ranked(kind, selection.exact) if among is None else among
    added = {
        tag: fresh.intersection_cardinality(members)
        for tag in tags
        if state.tags[tag].kind == kind
        and (members := sets.get(tag))
        and not ground.isdisjoint(members)
    }
    if among is None:
        rare, _others = _rare(state, kind, selection, ground, fresh, set(), None)
        added.update((tag, more) for more, tag in rare)
    base = len(already)
    free = [Count(tag, base + more, False) for tag, more in added.items() if tag not in taken]
    return selected, free


def _count_kind(state: State, criteria: Criteria, match: Match, kind: str, limit: int) -> Counts:
    selection = criteria.selection(kind)
    selected = _selected(state, selection, match, kind)
    taken = {value.tag for value in selected}
    ground, already = _ground(selection, match, kind)
    best, more = _best(state, kind, selection, ground, already, taken, limit)
    found = [Count(tag, len(already) + added, selected=False) for added, tag in best]
    return Counts((*selected, *found), more)


def _ground(selection: Selection, match: Match, kind: str) -> tuple[BitMap, BitMap]:
    """The stories in which further values count, and those that choosing any of them keeps."""
    if selection.any_of and selection.wanted:
        # Choosing one more value adds its stories to those of the values chosen already.
        return match.others[kind], match.found
    return match.found, BitMap()


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
    state: State,
    kind: str,
    selection: Selection,
    ground: BitMap,
    already: BitMap,
    taken: set[int],
    limit: int,
) -> tuple[list[tuple[int, int]], int]:
    """Up to *limit* (stories added, tag), most first, then by name; and the number left out.

    Only tags that occur in *ground* count. Tags are tried by their global count, an upper bound of
    what they can add, so that the walk may end when none of those left can be among the best.
    """
    fresh = ground - already if already else ground
    if len(ground) <= _FEW:
        candidates = _few(state, kind, selection, ground, fresh)
        entries = [(added, tag) for tag, added in candidates.items() if tag not in taken]
        return _top(state, entries, limit), max(0, len(entries) - limit)
    entries, others = _walk(state, kind, selection, ground, fresh, taken, limit)
    floor = heapq.nlargest(limit, (added for added, _tag in entries))
    if len(floor) == limit and floor[-1:] > [RARE] and state.flat(kind):
        # No rare tag can be among the best: only how many there are matters.
        if others < MORE_LIMIT:
            others += state.direct.some_rare(kind, ground, MORE_LIMIT - others)
    else:
        rare, left = _rare(state, kind, selection, ground, fresh, taken, limit)
        entries += rare
        others += left
    return _top(state, entries, limit), min(MORE_LIMIT, max(0, len(entries) - limit) + others)


def _walk(
    state: State,
    kind: str,
    selection: Selection,
    ground: BitMap,
    fresh: BitMap,
    taken: set[int],
    limit: int,
) -> tuple[list[tuple[int, int]], int]:
    """Do so for the tags that are not rare: candidates for the best, and the number of others."""
    sets = sets_of(state, selection)
    heap: list[int] = []
    entries: list[tuple[int, int]] = []
    others = 0
    for tag in state.ranked(kind, selection.exact):
        if tag in taken:
            continue
        members = sets[tag]
        full = len(heap) == limit and limit > 0
        if limit == 0 or (full and len(members) < heap[0]):
            # It cannot be among the best: only whether it occurs matters.
            if others >= MORE_LIMIT:
                break
            others += not ground.isdisjoint(members)
            continue
        added = fresh.intersection_cardinality(members)
        if not added and ground.isdisjoint(members):
            continue
        entries.append((added, tag))
        if full:
            heapq.heappushpop(heap, added)
        else:
            heapq.heappush(heap, added)
    return entries, others


def _rare(
    state: State,
    kind: str,
    selection: Selection,
    ground: BitMap,
    fresh: BitMap,
    taken: set[int],
    limit: int | None,
) -> tuple[list[tuple[int, int]], int]:
    """Do so for the rare tags, all at once: the best *limit* (or all), and the number of others."""
    whole = len(ground) == len(state.visible)
    tags, there = state.direct.count_rare(kind, None if whole else ground)
    added = there if len(fresh) == len(ground) else state.direct.count_rare(kind, fresh)[1]
    # Those with tags below them were counted with these.
    apart = taken if selection.exact else taken | state.below.own.keys()
    present = there > 0
    if apart:
        present &= ~np.isin(tags, np.fromiter(apart, np.int64, count=len(apart)))
    places = np.flatnonzero(present)
    if limit is not None and len(places) > limit:
        counts = added[places]
        least = np.partition(counts, -limit)[-limit] if limit else counts.max() + 1
        best = places[counts > least]
        ties = places[counts == least][: limit - len(best)]
        best = np.concatenate([best, ties])
    else:
        best = places
    found = list(zip(added[best].tolist(), tags[best].tolist(), strict=True))
    return found, len(places) - len(best)


def _few(
    state: State, kind: str, selection: Selection, ground: BitMap, fresh: BitMap
) -> dict[int, int]:
    """For each tag of *kind* in *ground*, the number of stories of *fresh* that have it."""
    counts: collections.Counter[int] = collections.Counter()
    for story in ground:
        tags: Iterable[int] = state.tags_of(story)
        if not selection.exact:
            tags = state.lineages(tags)
        weight = story in fresh
        for tag in tags:
            counts[tag] += weight
    return {
        tag: added
        for tag, added in counts.items()
        if tag in state.tags and state.tags[tag].kind == kind
    }


def _top(state: State, entries: list[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    def rank(entry: tuple[int, int]) -> tuple[int, str, int]:
        added, tag = entry
        return -added, state.tags[tag].name_key, tag

    return heapq.nsmallest(limit, entries, key=rank)


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
