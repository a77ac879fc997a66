"""The stories of each tag: bitmaps for tags that many have, one flat array for all the rare ones.

Most tags of a large archive are people of a handful of stories. A bitmap each would take most of
the memory, and trying one after the other most of the time; in one array they are counted at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from pyroaring import BitMap

#: Tags of more stories than this have a bitmap.
RARE = 64
#: Rare tags that are looked at together when it is enough to know of some.
_CHUNK = 20_000


class TagSets(Mapping[int, BitMap]):
    """By tag, its stories. What is read of a rare tag is a copy; ``edit`` before changing it."""

    def __init__(self) -> None:
        """Start with no tags."""
        self._dense: dict[int, BitMap] = {}
        self._fill(np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.uint32), {})

    def _fill(
        self, tags: np.ndarray, starts: np.ndarray, stories: np.ndarray, kinds: Mapping[int, str]
    ) -> None:
        self._tags, self._starts, self._stories = tags, starts, stories
        self._by_tag = np.argsort(tags).astype(np.uint32)
        self._sorted = tags[self._by_tag]
        self._alive = np.ones(len(tags), dtype=bool)
        self._highest = int(stories.max()) if len(stories) else 0
        self._ranges: dict[str, tuple[int, int]] = {}
        at = 0
        for kind in sorted(set(kinds.values())):
            size = sum(1 for tag in tags.tolist() if kinds[tag] == kind)
            self._ranges[kind] = (at, at + size)
            at += size

    def load(
        self, tags: list[int], stories: list[np.ndarray], order: Mapping[int, tuple[str, str]]
    ) -> None:
        """Take the *stories* of *tags*; *order* holds the kind and the key of each tag's name."""
        rare = []
        for at, (tag, members) in enumerate(zip(tags, stories, strict=True)):
            if len(members) > RARE or tag not in order:
                self._dense[tag] = BitMap(members)
            elif len(members):
                rare.append(at)
        # By kind, then name: of equal counts the first row is the first name.
        rare.sort(key=lambda at: (order[tags[at]], tags[at]))
        lengths = np.fromiter((len(stories[at]) for at in rare), np.int64, count=len(rare))
        self._fill(
            np.fromiter((tags[at] for at in rare), np.int64, count=len(rare)),
            np.append(0, np.cumsum(lengths)),
            np.concatenate([stories[at] for at in rare]) if rare else np.empty(0, np.uint32),
            {tags[at]: order[tags[at]][0] for at in rare},
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
        return BitMap(self._stories[self._starts[row] : self._starts[row + 1]])

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

    def count_rare(self, kind: str, among: BitMap | None) -> tuple[np.ndarray, np.ndarray]:
        """Rare tags of *kind* by name, and for each the number of its stories *among* those.

        Without *among*, all its stories count.
        """
        first, last = self._ranges.get(kind, (0, 0))
        if first == last:
            return self._tags[:0], np.empty(0, np.int64)
        if among is None:
            counts = np.diff(self._starts[first : last + 1])
        else:
            counts = self._count(first, last, self._mask(among))
        counts = np.where(self._alive[first:last], counts, 0)
        return self._tags[first:last], counts

    def some_rare(self, kind: str, among: BitMap, enough: int) -> int:
        """How many rare tags of *kind* occur *among* stories; counting ends when it is *enough*."""
        first, last = self._ranges.get(kind, (0, 0))
        mask = self._mask(among)
        found = 0
        for start in range(first, last, _CHUNK):
            stop = min(start + _CHUNK, last)
            there = self._count(start, stop, mask) > 0
            found += int((there & self._alive[start:stop]).sum())
            if found >= enough:
                break
        return found

    def _mask(self, among: BitMap) -> np.ndarray:
        ids = np.frombuffer(among.to_array(), dtype=np.uint32)
        if self._highest > 8 * len(self._stories) + 1_000_000:
            return ids  # ids with wide gaps: a table would be too large
        mask = np.zeros(self._highest + 1, dtype=bool)
        mask[ids[: ids.searchsorted(self._highest, side="right")]] = True
        return mask

    def _count(self, first: int, last: int, mask: np.ndarray) -> np.ndarray:
        """For the rows from *first* to *last*, how many stories are in the *mask*."""
        begin = self._starts[first]
        stories = self._stories[begin : self._starts[last]]
        there = mask[stories] if mask.dtype == bool else np.isin(stories, mask)
        # Differences of a running sum: five times as fast as a sum for each row.
        sums = np.append(np.int32(0), np.cumsum(there, dtype=np.int32))
        return np.diff(sums[self._starts[first : last + 1] - begin])


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
