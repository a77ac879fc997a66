"""Names of tags by the beginning of any of their words, and names a letter or two off.

All names stand in one text, and beside it the places where words begin, sorted by what follows
them (a suffix array of words): what starts with the letters typed is one stretch of it. For two
hundred thousand names that is a few megabytes instead of a tree of objects.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Mapping

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

#: Letters by which names are sorted, and typed beginnings compared.
DEPTH = 40
#: With more changed tags than this, and than a share of the names, everything is sorted anew.
_CHANGED_MINIMUM = 500
_CHANGED_SHARE = 0.02

#: The first letter of each word; signs of scripts without spaces each by itself.
_WORD_START = re.compile(r"(?<![^\W_])[^\W_]|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class Names:
    """Folded names, each of one tag; a tag may have several."""

    def __init__(self, names: Iterable[tuple[int, str]], weights: Mapping[int, int]) -> None:
        """Take *names*, pairs of tag and folded name; *weights* say which tags come first."""
        pairs = [(tag, name.replace("\n", " ")) for tag, name in names if name]
        self._text = "\n".join(name for _, name in pairs) + "\n"
        self._tags = np.fromiter((tag for tag, _ in pairs), dtype=np.int64, count=len(pairs))
        lengths = np.fromiter((len(name) + 1 for _, name in pairs), np.int64, count=len(pairs))
        self._starts = np.cumsum(lengths) - lengths
        self._weights = np.fromiter(
            (weights.get(tag, 0) for tag, _ in pairs), dtype=np.int32, count=len(pairs)
        )
        text = self._text
        places = sorted(
            (match.start() for match in _WORD_START.finditer(text)),
            key=lambda place: text[place : place + DEPTH],
        )
        self._places = np.array(places, dtype=np.uint32)
        #: Tags that changed since, with their names now.
        self._changed: dict[int, tuple[str, ...]] = {}

    def put(self, tag: int, names: Iterable[str]) -> None:
        """Let *tag* have these names, or none."""
        self._changed[tag] = tuple(name for name in names if name)

    @property
    def worn(self) -> bool:
        """Whether so much has changed that sorting everything anew is worth it."""
        return len(self._changed) > max(_CHANGED_MINIMUM, _CHANGED_SHARE * len(self._tags))

    def starting(self, beginning: str, limit: int | None) -> list[int]:
        """Tags with a word that starts with *beginning* (folded, more words may follow).

        At most *limit* of them, the weightiest, in no order; changed tags are among them.
        """
        beginning = beginning[:DEPTH]
        if not beginning:
            return []
        text, size = self._text, len(beginning)

        def head(place: np.uint32) -> str:
            return text[int(place) : int(place) + size]

        first = bisect.bisect_left(self._places, beginning, key=head)
        last = bisect.bisect_right(self._places, beginning, lo=first, key=head)
        owners = np.searchsorted(self._starts, self._places[first:last], side="right") - 1
        if limit is not None and len(owners) > 2 * limit:
            best = np.argpartition(-self._weights[owners], 2 * limit)[: 2 * limit]
            owners = owners[best]
        found = dict.fromkeys(
            tag for tag in self._tags[owners].tolist() if tag not in self._changed
        )
        for tag, names in self._changed.items():
            if any(starts_word(name, beginning) for name in names):
                found[tag] = None
        return list(found)

    def near(self, name: str, distance: int) -> list[tuple[int, int]]:
        """Tags with a name at most *distance* letters from *name*; each with the distance."""
        own = self._text.split("\n")
        size = len(name)
        places = [
            place for place in range(len(self._tags)) if abs(len(own[place]) - size) <= distance
        ]
        close = process.extract(
            name,
            [own[place] for place in places],
            scorer=OSA.distance,
            score_cutoff=distance,
            limit=50,
        )
        found: dict[int, int] = {}
        for _, off, at in close:
            tag = int(self._tags[places[at]])
            if tag not in self._changed:
                found[tag] = min(off, found.get(tag, off))
        for tag, names in self._changed.items():
            for other in names:
                off = OSA.distance(name, other, score_cutoff=distance)
                if off <= distance:
                    found[tag] = min(off, found.get(tag, off))
        return list(found.items())

    def text(self) -> str:
        """All names, for the words they are made of."""
        return self._text


def starts_word(name: str, beginning: str) -> bool:
    """Whether a word of *name* starts with *beginning*, which may run on into further words."""
    return any(name.startswith(beginning, match.start()) for match in _WORD_START.finditer(name))
