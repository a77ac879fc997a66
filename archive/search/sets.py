"""The stories of each tag: bitmaps for tags that many have, one flat array for all the rare ones.

Most tags of a large archive are people of a handful of stories. A bitmap each would take most of
the memory, and trying one after the other most of the time; in one array they are counted at once.
"""

from __future__ import annotations

import array
import dataclasses
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from pyroaring import BitMap

from archive.search.forward import Tally

#: Tags of more stories than this have a bitmap.
RARE = 1_000
#: Taggings that are looked at first, when the best of the rare tags are looked for.
_CHUNK = 100_000
#: Most that are looked at in one go: what is larger fits no cache of the processor, and the
#: allocator would keep its memory.
_LARGEST_CHUNK = 200_000


#: Ids that fit a bitmap.
MAX_ID = 2**32 - 1


def numbers(text: str) -> np.ndarray:
    """Ids in digits between commas, of those that fit a bitmap."""
    ids = np.fromstring(text, dtype=np.int64, sep=",")
    return ids[(ids >= 0) & (ids <= MAX_ID)].astype(np.uint32)


def bitmap(ids: np.ndarray) -> BitMap:
    """The set of *ids*, 32 bits each: nine times as fast as making it of numpy's array."""
    return BitMap(array.array("I", ids.tobytes()))


class TagSets(Mapping[int, BitMap]):
    """By tag, its stories. What is read of a rare tag is a copy; ``edit`` before changing it."""

    def __init__(self) -> None:
        """Start with no tags."""
        self._dense: dict[int, BitMap] = {}
        none = np.empty(0, np.uint32)
        self._fill(np.empty(0, np.int64), none, np.zeros(1, np.int64), none, np.empty(0, "U"), none)

    def _fill(
        self,
        tags: np.ndarray,
        numbers: np.ndarray,
        starts: np.ndarray,
        stories: np.ndarray,
        kinds: np.ndarray,
        names: np.ndarray,
    ) -> None:
        self._tags, self._numbers, self._starts, self._stories = tags, numbers, starts, stories
        self._names, self._named = names, np.argsort(names).astype(np.uint32)
        self._by_tag = np.argsort(tags).astype(np.uint32)
        self._sorted = tags[self._by_tag]
        self._alive = np.ones(len(tags), dtype=bool)
        kind, first, size = np.unique(kinds, return_index=True, return_counts=True)
        self._ranges = dict(
            zip(
                kind.tolist(),
                zip(first.tolist(), (first + size).tolist(), strict=True),
                strict=True,
            )
        )

    def load(
        self,
        tags: list[int],
        starts: np.ndarray,
        stories: np.ndarray,
        order: Mapping[int, tuple[str, str]],
    ) -> None:
        """Take *tags* and their *stories*, one after the other, and where those of each start.

        *order* holds the kind and the key of the name of each tag. A tag's number, by which a
        `Tally` knows it, is its place among *tags*.
        """
        sizes = np.diff(starts)
        known = np.fromiter((tag in order for tag in tags), bool, count=len(tags))
        for at in np.flatnonzero((sizes > RARE) | ~known).tolist():
            self._dense[tags[at]] = bitmap(stories[starts[at] : starts[at + 1]])
        rare = np.flatnonzero((sizes > 0) & (sizes <= RARE) & known)
        own = [tags[at] for at in rare.tolist()]
        names = [order[tag][1] for tag in own]
        by_name = sorted(range(len(own)), key=lambda at: (names[at], own[at]))
        ranks = np.empty(len(own), np.uint32)
        ranks[by_name] = np.arange(len(own), dtype=np.uint32)
        kinds = np.array([order[tag][0] for tag in own], dtype="U")
        # By kind, those with the most stories first.
        rows = np.lexsort((ranks, -sizes[rare], kinds))
        rare, ranks = rare[rows], ranks[rows]
        lengths = sizes[rare]
        ends = np.cumsum(lengths)
        places = np.repeat(starts[rare] - ends + lengths, lengths)
        self._fill(
            np.array(tags, dtype=np.int64)[rare],
            rare.astype(np.uint32),
            np.append(0, ends),
            stories[places + np.arange(len(places))],
            kinds[rows],
            ranks,
        )

    def _row(self, tag: int) -> int | None:
        place = int(self._sorted.searchsorted(tag))
        if place == len(self._sorted) or self._sorted[place] != tag:
            return None
        row = int(self._by_tag[place])
        return row if self._alive[row] else None

    def __getitem__(self, tag: int) -> BitMap:
        if tag in self._dense:
            return self._dense[tag]
        row = self._row(tag)
        if row is None:
            raise KeyError(tag)
        return bitmap(self._stories[self._starts[row] : self._starts[row + 1]])

    def __contains__(self, tag: object) -> bool:
        return tag in self._dense or (isinstance(tag, int) and self._row(tag) is not None)

    def __iter__(self) -> Iterator[int]:
        yield from self._dense
        yield from self._tags[self._alive].tolist()

    def __len__(self) -> int:
        return len(self._dense) + int(self._alive.sum())

    def edit(self, tag: int) -> BitMap:
        """The stories of *tag*, known or new, to be changed in place."""
        if tag not in self._dense:
            members = self.get(tag)
            row = self._row(tag)
            if row is not None:
                self._alive[row] = False
            self._dense[tag] = BitMap() if members is None else members
        return self._dense[tag]

    def size(self, tag: int) -> int:
        """How many stories have *tag*."""
        if tag in self._dense:
            return len(self._dense[tag])
        row = self._row(tag)
        return 0 if row is None else int(self._starts[row + 1] - self._starts[row])

    def sizes(self) -> dict[int, int]:
        """For each tag, how many stories have it."""
        found = {tag: len(members) for tag, members in self._dense.items()}
        tags = self._tags[self._alive].tolist()
        found.update(zip(tags, np.diff(self._starts)[self._alive].tolist(), strict=True))
        return found

    def dense(self) -> Mapping[int, BitMap]:
        """The tags that are not rare."""
        return self._dense

    def is_rare(self, tag: int) -> bool:
        """Whether *tag* is among the rare ones."""
        return tag not in self._dense and self._row(tag) is not None

    def rare_of(self, kind: str) -> int:
        """How many rare tags of *kind* there are."""
        first, last = self._ranges.get(kind, (0, 0))
        return int(self._alive[first:last].sum())

    def count_rare(self, kind: str, among: Members | Tally | None) -> tuple[np.ndarray, np.ndarray]:
        """Rare tags of *kind*, and for each the number of its stories *among* those.

        Without *among*, all its stories count.
        """
        first, last = self._ranges.get(kind, (0, 0))
        return self._tags[first:last], self._count(first, last, among)

    def best_rare(
        self, kind: str, among: Members | Tally | None, apart: Iterable[int], most: Most
    ) -> tuple[list[tuple[int, int]], int]:
        """Rare tags of *kind* with the *most* stories *among* those: (stories, tag) in no order.

        The second value is how many others occur. The tags *apart* do not count. Those with the
        most stories of all are looked at first; it ends where none left can be among the best.
        """
        first, last = self._ranges.get(kind, (0, 0))
        away = self._rows(apart)
        best = np.empty(0, np.int64)  # rows in the order of their counts, then names
        there, size, floor = 0, _CHUNK, most.floor
        while first < last and (
            there < most.limit + most.others
            or self._starts[first + 1] - self._starts[first] >= floor
        ):
            stop = int(self._starts.searchsorted(self._starts[first] + size, side="right"))
            stop = max(first + 1, min(stop - 1, last))
            counts = self._count(first, stop, among)
            counts[away[(away >= first) & (away < stop)] - first] = 0
            there += int(np.count_nonzero(counts))
            rows = np.flatnonzero(counts >= max(1, floor))
            # Of equal counts the first name is the better: one number says both.
            keys = counts[rows].astype(np.int64) << 32 | (MAX_ID - self._names[first + rows])
            best = np.concatenate([best, keys])
            if len(best) >= most.limit:
                best = np.partition(best, len(best) - most.limit)[len(best) - most.limit :]
                if len(best):
                    floor = max(floor, int(best.min() >> 32))
            first, size = stop, min(size * 2, _LARGEST_CHUNK)
        rows = self._named[MAX_ID - (best & MAX_ID)]
        found = list(zip((best >> 32).tolist(), self._tags[rows].tolist(), strict=True))
        return found, there - len(found)

    def _rows(self, tags: Iterable[int]) -> np.ndarray:
        """The rows of those *tags* that are rare."""
        wanted = np.fromiter(tags, np.int64)
        places = self._sorted.searchsorted(wanted)
        inside = places < len(self._sorted)
        places, wanted = places[inside], wanted[inside]
        return self._by_tag[places[self._sorted[places] == wanted]].astype(np.int64)

    def _count(self, first: int, last: int, among: Members | Tally | None) -> np.ndarray:
        """For the rows from *first* to *last*, how many stories are *among* those."""
        starts = self._starts[first : last + 1]
        if among is None:
            counts = np.diff(starts)
        elif isinstance(among, Tally):
            counts = among.counts[self._numbers[first:last]]
        else:
            there = among.hold(self._stories[starts[0] : starts[-1]])
            # Differences of a running sum: five times as fast as a sum for each row.
            sums = np.zeros(len(there) + 1, np.int32)
            np.cumsum(there, out=sums[1:])
            counts = np.diff(sums[starts - starts[0]])
        return np.where(self._alive[first:last], counts, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Most:
    """How much of a list is wanted: its best, and the number of the others as far as it matters."""

    limit: int  # of the best
    others: int  # with so many others, further ones need not be counted
    floor: int = 0  # what has fewer stories is not among the best


class Members:
    """A set of stories, to be asked for many ids at once."""

    def __init__(self, stories: BitMap) -> None:
        """Take *stories*, which must not change."""
        self._ids = np.frombuffer(stories.to_array(), dtype=np.uint32)
        highest = int(self._ids[-1]) if len(self._ids) else 0
        self._table: np.ndarray | None = None
        if highest <= 64 * len(self._ids) + 1_000_000:  # else, with wide gaps, it were too large
            self._table = np.zeros(highest + 2, dtype=bool)
            self._table[self._ids] = True

    def hold(self, ids: np.ndarray) -> np.ndarray:
        """For each of *ids*, whether it is in the set."""
        if self._table is None:
            return np.isin(ids, self._ids)
        # What lies beyond the table is looked up in its last place, which is empty.
        return self._table.take(ids, mode="clip")


class BelowSets(Mapping[int, BitMap]):
    """By tag, its stories and those of all tags below it; a tag without any below is as above."""

    def __init__(self, direct: TagSets) -> None:
        """Start where nothing lies below anything."""
        self._direct = direct
        self.own: dict[int, BitMap] = {}  # of tags with others below

    def __getitem__(self, tag: int) -> BitMap:
        return self.own[tag] if tag in self.own else self._direct[tag]

    def __contains__(self, tag: object) -> bool:
        return tag in self.own or tag in self._direct

    def __iter__(self) -> Iterator[int]:
        yield from self.own
        yield from (tag for tag in self._direct if tag not in self.own)

    def __len__(self) -> int:
        return sum(1 for _tag in self)

    def size(self, tag: int) -> int:
        """How many stories have *tag* or one below it."""
        return len(self.own[tag]) if tag in self.own else self._direct.size(tag)

    def sizes(self) -> dict[int, int]:
        """The same for every tag."""
        found = self._direct.sizes()
        found.update((tag, len(members)) for tag, members in self.own.items())
        return found

    def dense(self) -> Mapping[int, BitMap]:
        """The tags that are not rare, or have others below."""
        return {**self._direct.dense(), **self.own}
