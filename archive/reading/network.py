"""What goes together: people, places and themes of a question, tied where stories tell of both.

The rules, as the page says them. Shown are, of each kind, the tags that most of the stories name.
Two of them are tied by the stories that tell of both; the tie is the stronger, the larger the share
of their stories that these are. Of each tag its strongest ties are drawn, and those without which
what hangs together would fall apart. A place and what it lies
in, a theme and a narrower one, are not tied: they always go together.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive.models import KINDS, Tag
from archive.reading.asking import Memory, Narrowing, Question
from archive.search.state import State

#: Tags of each kind that are shown: 120 in all, as many as can be read.
MAX_OF_A_KIND = 40
#: Ties of each tag that are drawn, its strongest; and ties in all.
TIES_OF_A_TAG = 4
MAX_TIES = 260


@dataclasses.dataclass(frozen=True, slots=True)
class Node:
    """A person, place or theme."""

    tag: Tag
    count: int  # stories of the question that name it
    url: str  # the list of these
    around_url: str  # the network of its stories
    asked: bool  # whether the question asks for it
    title: str


@dataclasses.dataclass(frozen=True, slots=True)
class Tie:
    """Two tags that stories tell of together."""

    one: Node
    other: Node
    count: int
    strength: float  # from 0 to 1, when they are never apart
    url: str
    title: str


@dataclasses.dataclass(frozen=True, slots=True)
class Network:
    """All that the page draws."""

    nodes: tuple[Node, ...]
    ties: tuple[Tie, ...]
    left_out: int  # tags of these stories beyond those shown
    untied: tuple[Node, ...]  # shown in the table alone


@dataclasses.dataclass(frozen=True, slots=True)
class _Counted:
    """What the index says."""

    narrowing: Narrowing
    counts: Mapping[int, int]
    ties: Sequence[tuple[int, int, int, float]]  # two tags, stories, strength
    asked: frozenset[int]
    left_out: int


def network(question: Question) -> Network:
    """The network of the stories that answer *question*; one query besides the index's."""
    counted = _count(question)
    tags = Tag.objects.only("kind", "name", "disambiguation", "slug").in_bulk(list(counted.counts))
    nodes = {pk: _node(tags[pk], counted) for pk in counted.counts if pk in tags}
    ties = tuple(
        _tie(nodes[one], nodes[other], count, strength, counted.narrowing)
        for one, other, count, strength in counted.ties
        if one in nodes and other in nodes
    )
    tied = {node.tag.pk for tie in ties for node in (tie.one, tie.other)}
    return Network(
        nodes=tuple(node for pk, node in nodes.items() if pk in tied),
        ties=ties,
        left_out=counted.left_out,
        untied=tuple(node for pk, node in nodes.items() if pk not in tied),
    )


_memory: Memory[_Counted] = Memory()


def _count(question: Question) -> _Counted:
    return _memory.answer(question, lambda state: _gather(state, question))


def _gather(state: State, question: Question) -> Callable[[], _Counted]:
    narrowing = Narrowing(state, question)
    direct = {
        tag: count
        for tag, count in state.tally(narrowing.found).items()
        if count and tag in state.tags
    }
    counts = {tag: narrowing.count(tag) for tag in _choose(state, direct)}
    above = {tag: frozenset(state.lineage(tag)) for tag in counts}
    both = narrowing.pairs(list(counts))
    asked = {
        state.by_slug.get((kind, slug))
        for kind, selection in question.criteria.tags
        for slug in selection.wanted
    }
    narrowing.close()
    return lambda: _Counted(
        narrowing=narrowing,
        counts=counts,
        ties=_strongest(_pairs(counts, above, both)),
        asked=frozenset(tag for tag in asked if tag is not None),
        left_out=len(direct) - len(counts),
    )


def _choose(state: State, direct: Mapping[int, int]) -> list[int]:
    """Of each kind the tags that most stories name, ties by id; in a stable order."""
    by_kind: dict[str, list[tuple[int, int]]] = {kind: [] for kind in KINDS}
    for tag, count in direct.items():
        by_kind[state.tags[tag].kind].append((-count, tag))
    return [
        tag for found in by_kind.values() for _count, tag in heapq.nsmallest(MAX_OF_A_KIND, found)
    ]


def _pairs(
    counts: Mapping[int, int],
    above: Mapping[int, frozenset[int]],
    count_both: Callable[[int, int], int],
) -> Iterable[tuple[int, int, int, float]]:
    """Each pair of tags that stories tell of together, with their number and strength."""
    for one, other in itertools.combinations(counts, 2):
        if one in above[other] or other in above[one]:
            continue
        both = count_both(one, other)
        if both:
            # Ochiai's coefficient: shared stories by the mean of what each has.
            yield one, other, both, both / math.sqrt(counts[one] * counts[other])


def _strongest(
    pairs: Iterable[tuple[int, int, int, float]],
) -> list[tuple[int, int, int, float]]:
    """The pairs that are among the strongest of one of their tags, or hold the picture together.

    The latter are those that Kruskal's algorithm (1956) takes for a maximum spanning forest. Equal
    ones are taken by number of stories, then by ids.
    """
    ordered = sorted(pairs, key=lambda pair: (-pair[3], -pair[2], pair[0], pair[1]))
    drawn: dict[int, int] = {}
    part: dict[int, int] = {}

    def part_of(tag: int) -> int:
        while part.setdefault(tag, tag) != tag:
            tag = part[tag]
        return tag

    holding, strong = [], []
    for pair in ordered:
        one, other = pair[:2]
        ends = part_of(one), part_of(other)
        few = min(drawn.get(one, 0), drawn.get(other, 0)) < TIES_OF_A_TAG
        if ends[0] != ends[1]:
            part[ends[1]] = ends[0]
            holding.append(pair)
        elif few:
            strong.append(pair)
        else:
            continue
        drawn[one] = drawn.get(one, 0) + 1
        drawn[other] = drawn.get(other, 0) + 1
    kept = holding + strong[: MAX_TIES - len(holding)]
    return sorted(kept, key=lambda pair: (-pair[3], -pair[2], pair[0], pair[1]))


def _node(tag: Tag, counted: _Counted) -> Node:
    count = counted.counts[tag.pk]
    words = ngettext("%(name)s: %(count)s story", "%(name)s: %(count)s stories", count)
    return Node(
        tag=tag,
        count=count,
        url=counted.narrowing.url("/stories/", tag.pk),
        around_url=counted.narrowing.url("/network/", tag.pk),
        asked=tag.pk in counted.asked,
        title=words % {"name": tag, "count": f"{count:,}"},
    )


def _tie(one: Node, other: Node, count: int, strength: float, narrowing: Narrowing) -> Tie:
    words = ngettext(
        "%(one)s and %(other)s: %(count)s story", "%(one)s and %(other)s: %(count)s stories", count
    )
    return Tie(
        one=one,
        other=other,
        count=count,
        strength=strength,
        url=narrowing.url("/stories/", one.tag.pk, other.tag.pk),
        title=words % {"one": one.tag, "other": other.tag, "count": f"{count:,}"},
    )


def shapes() -> tuple[tuple[str, str], ...]:
    """Each kind and its name, as the legend shows them."""
    return tuple((kind, _(info.heading)) for kind, info in KINDS.items())
