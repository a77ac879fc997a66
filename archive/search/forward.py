"""From stories to their tags: what the sets of each tag's stories cannot tell quickly."""

from __future__ import annotations

import numpy as np
from pyroaring import BitMap


class Forward:
    """The tags of each visible story: two flat arrays, and what changed since they were made."""

    def __init__(self, stories: np.ndarray, owners: np.ndarray, tags: np.ndarray) -> None:
        """Take pairs of *stories* and *owners*; these number the *tags*."""
        by_story = np.argsort(stories, kind="stable")
        self._stories, starts = np.unique(stories[by_story], return_index=True)
        self._starts = np.append(starts, len(stories))
        self._tags, self._numbers = owners[by_story], tags
        self._changed: dict[int, tuple[int, ...]] = {}

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
