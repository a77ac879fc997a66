"""From stories to their tags: what the sets of each tag's stories cannot tell quickly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from pyroaring import BitMap


class Forward:
    """The tags of each visible story: two flat arrays, and what changed since they were made."""

    def __init__(self, stories: np.ndarray, starts: np.ndarray, tags: np.ndarray) -> None:
        self._stories, self._starts = stories, starts
        # Tags by number, so that counting them is adding up a table without holes.
        self._numbers, self._tags = np.unique(tags, return_inverse=True)
        self._changed: dict[int, tuple[int, ...]] = {}

    @classmethod
    def of(cls, direct: Mapping[int, BitMap]) -> Forward:
        """Turn the stories of each tag into the tags of each story."""
        counts = np.fromiter(map(len, direct.values()), dtype=np.int64, count=len(direct))
        tags = np.repeat(np.fromiter(direct, dtype=np.int64, count=len(direct)), counts)
        stories = np.empty(len(tags), dtype=np.uint32)
        at = 0
        for members in direct.values():
            stories[at : at + len(members)] = np.frombuffer(members.to_array(), dtype=np.uint32)
            at += len(members)
        by_story = np.argsort(stories, kind="stable")
        unique, starts = np.unique(stories[by_story], return_index=True)
        return cls(unique, np.append(starts, len(tags)), tags[by_story])

    def tags_of(self, story: int) -> tuple[int, ...]:
        """The tags of *story*."""
        if story in self._changed:
            return self._changed[story]
        at = int(np.searchsorted(self._stories, np.uint32(story)))
        if at == len(self._stories) or self._stories[at] != story:
            return ()
        tags = self._tags[self._starts[at] : self._starts[at + 1]]
        return tuple(self._numbers[tags].tolist())

    def count(self, stories: BitMap) -> dict[int, int]:
        """Count for each tag the *stories* that have it."""
        changed = stories & BitMap(self._changed)
        ids = np.frombuffer((stories - changed).to_array(), dtype=np.uint32)
        places = np.searchsorted(self._stories, ids)
        inside = places < len(self._stories)
        places, ids = places[inside], ids[inside]
        places = places[self._stories[places] == ids]  # the others have no tags
        starts = self._starts[places]
        lengths = self._starts[places + 1] - starts
        # For each story the run of its tags, one behind the other.
        offsets = np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        tags = self._tags[offsets + np.arange(len(offsets))]
        table = np.bincount(tags, minlength=len(self._numbers))
        found = np.flatnonzero(table)
        counts = dict(zip(self._numbers[found].tolist(), table[found].tolist(), strict=True))
        for story in changed:
            for tag in self._changed[story]:
                counts[tag] = counts.get(tag, 0) + 1
        return counts

    def put(self, story: int, tags: tuple[int, ...]) -> None:
        """Let *story* have *tags*."""
        self._changed[story] = tags
