"""From stories to their tags: what the sets of each tag's stories cannot tell quickly."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Sequence

import numpy as np
from pyroaring import BitMap


class Tally:
    """How many of some stories have each tag."""

    def __init__(self, tags: np.ndarray, counts: np.ndarray, others: dict[int, int]) -> None:
        """Take the *counts* of *tags*, which ascend, and those of *others*."""
        self._tags, self._others = tags, others
        #: By the tags' numbers.
        self.counts = counts

    def of(self, tags: Sequence[int]) -> list[int]:
        """The counts of *tags*."""
        if not len(self._tags):
            return [self._others.get(tag, 0) for tag in tags]
        wanted = np.array(tags, dtype=np.int64)
        places = np.minimum(self._tags.searchsorted(wanted), len(self._tags) - 1)
        counts = np.where(self._tags[places] == wanted, self.counts[places], 0).tolist()
        if self._others:
            counts = [n + self._others.get(tag, 0) for tag, n in zip(tags, counts, strict=True)]
        return counts

    def items(self) -> Iterator[tuple[int, int]]:
        """The tags that any of the stories has, each with its count."""
        found = np.flatnonzero(self.counts)
        yield from zip(self._tags[found].tolist(), self.counts[found].tolist(), strict=True)
        yield from self._others.items()


class Forward:
    """The tags of each visible story: two flat arrays, and what changed since they were made."""

    def __init__(self, stories: np.ndarray, owners: np.ndarray, tags: np.ndarray) -> None:
        """Take pairs of *stories* and *owners*; these number the *tags*, which ascend."""
        by_story = np.argsort(stories, kind="stable")
        self._stories, starts = np.unique(stories[by_story], return_index=True)
        self._starts = np.append(starts, len(stories))
        self._owners, self._tags = owners[by_story], tags
        self._changed: dict[int, tuple[int, ...]] = {}

    def tags_of(self, story: int) -> tuple[int, ...]:
        """The tags of *story*."""
        if story in self._changed:
            return self._changed[story]
        at = int(np.searchsorted(self._stories, np.uint32(story)))
        if at == len(self._stories) or self._stories[at] != story:
            return ()
        owners = self._owners[self._starts[at] : self._starts[at + 1]]
        return tuple(self._tags[owners].tolist())

    def tally(self, stories: BitMap) -> Tally:
        """Count for each tag the *stories* that have it."""
        changed = stories & BitMap(self._changed)
        ids = np.frombuffer((stories - changed).to_array(), dtype=np.uint32)
        places = np.searchsorted(self._stories, ids)
        inside = places < len(self._stories)
        places, ids = places[inside], ids[inside]
        places = places[self._stories[places] == ids]  # the others have no tags
        starts = self._starts[places]
        lengths = self._starts[places + 1] - starts
        # For each story the run of its owners, one behind the other.
        runs = np.repeat((starts - np.cumsum(lengths) + lengths).astype(np.int32), lengths)
        runs += np.arange(len(runs), dtype=np.int32)
        counts = np.bincount(self._owners[runs], minlength=len(self._tags))
        others: collections.Counter[int] = collections.Counter()
        for story in changed:
            for tag in self._changed[story]:
                at = int(self._tags.searchsorted(tag))
                if at < len(self._tags) and self._tags[at] == tag:
                    counts[at] += 1
                else:
                    others[tag] += 1
        return Tally(self._tags, counts, others)

    def put(self, story: int, tags: tuple[int, ...]) -> None:
        """Let *story* have *tags*."""
        self._changed[story] = tags
