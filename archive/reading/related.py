"""Related lives: the stories that share most with a story, and why, in words.

How near two stories are
    Sharing a tag counts by its rarity, ln((stories + 1) / stories with the tag or with what lies
    below it): the information content of a concept (Resnik, "Using information content to evaluate
    semantic similarity in a taxonomy", 1995). Within a tree each shared tag counts only for what it
    adds to the tag above it, so that two lives in Paris do not share France a second time; the sum
    is the shared part of the tree by weight (as simGIC by Pesquita et al. 2008 and UniFrac by
    Lozupone and Knight 2005 add up shared branches). A person counts three times.

How the nearest are found, exactly
    Weights are whole numbers, so sums are the same in any order. Stories are gathered tag by tag
    from the heaviest. A story that has none of the tags gathered so far can at most have all the
    others; when that is less than what the sixth best has for certain, nothing can have been
    missed, and the other tags are only added to those gathered that can still be among the best:
    the MaxScore rule of Turtle and Flood ("Query evaluation: strategies and optimizations", 1995).
    What the sixth best has for certain is known beforehand: tags are intersected, heaviest first,
    as long as six stories have all of them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence

import numpy as np
from django.utils.translation import gettext as _
from pyroaring import BitMap

from archive.models import Kind, Mention, Story, Tag, Tagging
from archive.search.index import index
from archive.search.state import State
from archive.search.wording import in_sentence

#: Reasons shown for each story; more would be a list of tags, not an answer.
REASONS = 3
#: What a shared person counts for, in shared places or themes of the same rarity.
PERSON_FACTOR = 3
#: Up to this id sums are kept in a table, whatever the number of stories (80 MB, mostly untouched).
_DENSE = 10_000_000
#: While a tag has fewer than so many times the stories left, adding to all of its stories is faster
#: than looking up those left.
_FEW = 8
#: Weights are whole numbers of this many to one unit of information.
_PRECISION = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """Something that two stories share, in words, and the page that shows it."""

    words: str
    url: str
    kind: str


@dataclasses.dataclass(frozen=True, slots=True)
class RelatedLife:
    """A story near to another one, and why."""

    story: Story
    reasons: tuple[Reason, ...]  # what weighs most first; never empty


@dataclasses.dataclass(frozen=True, slots=True)
class Shared:
    """A tag that two stories share, themselves or through what lies below it."""

    tag: int
    weight: int
    only_two: bool  # whether no other visible story has it
    mine: frozenset[int]  # the one story's own tags that are, or lie below, the tag
    theirs: frozenset[int]  # those of the other


def related_lives(story: Story, limit: int = 6) -> tuple[RelatedLife, ...]:
    """Up to *limit* visible stories that share the most with *story*, nearest first, ties by id.

    Three queries, however many tags there are; none if nothing is shared.
    """
    drafted = () if story.is_public else _own_tags(story)
    with index.reading() as state:
        own = state.tags_of(story.pk) or drafted
        near = nearest(weighted(state, own), BitMap([story.pk]), limit)
        shared = {
            pk: shared_tags(state, own, state.tags_of(pk), story.pk in state.visible)[:REASONS]
            for pk, _score in near
        }
    return _in_words(story, [pk for pk, _score in near], shared) if near else ()


def nearest(
    parts: Iterable[tuple[int, BitMap]], without: BitMap, limit: int
) -> list[tuple[int, int]]:
    """The *limit* stories with the largest sums of weights, as (story, sum), ties by id.

    Args:
        parts: a weight above zero, and the stories that get it; the sets are not changed.
        without: stories that are not asked for.
        limit: how many stories are wanted.
    """
    ordered = sorted(parts, key=lambda part: (-part[0], len(part[1])))
    left = sum(weight for weight, _members in ordered)
    floor = _certain(ordered, without, limit)
    gathered = BitMap()
    at = 0
    while at < len(ordered) and left >= max(floor, 1):
        weight, members = ordered[at]
        gathered |= members
        left -= weight
        at += 1
    gathered -= without
    if not gathered:
        return []
    ids = np.frombuffer(gathered.to_array(), dtype=np.uint32)
    table = _table(ordered, at, len(ids))
    sums = table[ids] if table is not None else np.zeros(len(ids), dtype=np.int64)
    for weight, members in ordered[:at] if table is None else ():
        sums[_places(ids, members & gathered)] += weight
    for weight, members in ordered[at:]:
        kept = sums + left >= floor
        ids, sums = ids[kept], sums[kept]
        if table is not None and len(members) < _FEW * len(ids):
            table[np.frombuffer(members.to_array(), dtype=np.uint32)] += weight
            sums = table[ids]
        else:
            table = None
            sums[_places(ids, members & BitMap(ids))] += weight
        left -= weight
    if len(ids) > limit:
        bar = np.partition(sums, len(sums) - limit)[len(sums) - limit]
        ids, sums = ids[sums >= bar], sums[sums >= bar]
    best = sorted(zip(ids.tolist(), sums.tolist(), strict=True), key=lambda one: (-one[1], one[0]))
    return best[:limit]


def _table(parts: Sequence[tuple[int, BitMap]], first: int, stories: int) -> np.ndarray | None:
    """A place for every id with what it gets of the *first* parts: adding needs no looking up.

    None if the largest id is far beyond the number of *stories* that get something.
    """
    highest = max(members.max() for _weight, members in parts if members)
    if highest > _DENSE and highest > 100 * stories:
        return None
    table = np.zeros(highest + 1, dtype=np.int64)
    for weight, members in parts[:first]:
        table[np.frombuffer(members.to_array(), dtype=np.uint32)] += weight
    return table


def _certain(ordered: Sequence[tuple[int, BitMap]], without: BitMap, limit: int) -> int:
    """A sum that *limit* stories reach for certain; 0 if no tag has that many."""
    floor = 0
    inside: BitMap | None = None
    for weight, members in ordered:
        common = members - without if inside is None else inside & members
        if len(common) >= limit:
            inside, floor = common, floor + weight
    return floor


def _places(ids: np.ndarray, some: BitMap) -> np.ndarray:
    """Where *some* of *ids*, which ascend, stand among them."""
    if len(some) == len(ids):
        return np.arange(len(ids))
    return np.searchsorted(ids, np.frombuffer(some.to_array(), dtype=np.uint32))


def weight_of(state: State, tag: int) -> int:
    """What sharing *tag*, which is in use, counts for by its rarity."""
    rarity = math.log((len(state.visible) + 1) / len(state.below[tag]))
    factor = PERSON_FACTOR if state.tags[tag].kind == Kind.PERSON else 1
    return round(rarity * factor * _PRECISION)


def weighted(state: State, own: Iterable[int]) -> list[tuple[int, BitMap]]:
    """The stories of each of the tags *own* and of what is above them, with what that adds."""
    parts = []
    for tag in state.lineages(own):
        if not state.below.get(tag):
            continue
        above = state.tags[tag].broader
        added = weight_of(state, tag) - (weight_of(state, above) if above in state.below else 0)
        if added > 0:
            parts.append((added, state.below[tag]))
    return parts


def shared_tags(
    state: State, own: Iterable[int], others: Iterable[int], visible: bool = True
) -> list[Shared]:
    """What two stories with these tags share, the narrowest tags only, the rarest first.

    Args:
        state: the index, held still.
        own: tags of the one story.
        others: tags of the other story, which visitors see.
        visible: whether visitors see the one story too.
    """
    mine, theirs = below_each(state, own), below_each(state, others)
    both = {tag for tag in mine.keys() & theirs.keys() if state.below.get(tag)}
    above = {broader for tag in both for broader in state.lineage(tag)[1:]}
    found = [
        Shared(
            tag, weight_of(state, tag), visible and len(state.below[tag]) == 2,
            frozenset(mine[tag]), frozenset(theirs[tag]),
        )
        for tag in both - above
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.weight, state.tags[one.tag].name_key, one.tag))


def below_each(state: State, tags: Iterable[int]) -> dict[int, set[int]]:
    """Each of *tags* and of those above them: which of *tags* are, or lie below, it."""
    found: dict[int, set[int]] = {}
    for tag in tags:
        for above in state.lineage(tag):
            found.setdefault(above, set()).add(tag)
    return found


def _own_tags(story: Story) -> tuple[int, ...]:
    """The tags shown on *story*, which the index does not know."""
    return tuple(story.taggings.shown().values_list("tag_id", flat=True))  # type: ignore[attr-defined]


def _in_words(
    story: Story, near: Sequence[int], shared: dict[int, list[Shared]]
) -> tuple[RelatedLife, ...]:
    rows = Story.objects.light().public_in_bulk(near)
    everything = [one for group in shared.values() for one in group]
    tags = Tag.objects.in_bulk([one.tag for one in everything])
    named = named_in(
        [story.pk, *near], {tag for one in everything for tag in one.mine | one.theirs}
    )
    return tuple(
        RelatedLife(
            rows[pk],
            tuple(
                Reason(reason_words(tags[one.tag], one, story.pk, pk, named),
                       tags[one.tag].get_absolute_url(), tags[one.tag].kind)
                for one in shared[pk] if one.tag in tags
            ),
        )
        for pk in near
        if pk in rows and shared[pk]
    )  # fmt: skip


def named_in(stories: Iterable[int], tags: Iterable[int]) -> set[tuple[int, int]]:
    """Pairs of a story and a tag whose words stand in its text, of *stories* and *tags*."""
    rows = Mention.objects.filter(
        tagging__in=Tagging.objects.shown().filter(story__in=stories, tag__in=tags), lost=False
    )
    return set(rows.order_by().values_list("tagging__story_id", "tagging__tag_id").distinct())


def reason_words(
    tag: Tag, shared: Shared, one: int, other: int, named: set[tuple[int, int]]
) -> str:
    """Why the stories *one* and *other* belong together, true whatever the tags rest on."""
    name = in_sentence(tag.kind, str(tag))
    itself = tag.pk in shared.mine and tag.pk in shared.theirs
    neither = tag.pk not in shared.mine | shared.theirs
    if shared.only_two:
        if itself or tag.kind != Kind.PLACE:
            return _("The only two stories here tagged with %(name)s") % {"name": name}
        return _("The only two stories here tagged with %(name)s or a place in it") % {"name": name}
    in_texts = any((one, mine) in named for mine in shared.mine) and any(
        (other, theirs) in named for theirs in shared.theirs
    )
    if not in_texts:
        return _("Both tagged with %(name)s") % {"name": name}
    if tag.kind == Kind.THEME:
        return _("Both speak of %(name)s") % {"name": name}
    if itself:
        return _("Both name %(name)s") % {"name": name}
    if neither:
        return _("Both name places in %(name)s") % {"name": name}
    return _("Both name %(name)s or a place in it") % {"name": name}
