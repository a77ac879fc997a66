"""Names of tags by the beginning of any of their words, and names a letter or two off.

All names stand in one text, and beside it the places where words begin, sorted by what follows
them (a suffix array of words): what starts with the letters typed is one stretch of it. For two
hundred thousand names that is a few megabytes instead of a tree of objects.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from archive.search.fulltext.query import SIGNS
from archive.search.fulltext.stem import SHORTEST, beginnings, stem

#: Letters by which names are sorted, and typed beginnings compared.
DEPTH = 40
#: Names that are compared at once: two hundred thousand strings were tens of megabytes.
PIECE = 5_000
#: Names taken of each piece, those with the fewest letters off.
_NEAREST = 50
#: With more changed tags than this, and than a share of the names, everything is sorted anew.
_CHANGED_MINIMUM = 500
_CHANGED_SHARE = 0.02
#: Different words that are looked at for other forms of one.
_MOST_FORMS = 500

#: The first letter of each word; signs of scripts without spaces each by itself.
_WORD_START = re.compile(rf"(?<![^\W_])[^\W_{SIGNS}]|[{SIGNS}]")
_WORD_END = re.compile(f"[^{SIGNS}]")
#: What stands between words besides one space. One space instead of it lets Saint-Denis be found by
#: saint d, and lets what follows a word sort before all that a word may go on with.
_BETWEEN = re.compile(rf"[^\S\n]*(?:[^\w\s{SIGNS}]|_)(?:[^\w\n{SIGNS}]|_)*")
_WORDS = re.compile(rf"[{SIGNS}]|[^\W_{SIGNS}]+")


class Names:
    """Folded names, each of one tag; a tag may have several."""

    def __init__(self, names: Iterable[tuple[int, str]], weights: Mapping[int, int]) -> None:
        """Take *names*, pairs of tag and folded name; *weights* say which tags come first."""
        pairs = [(tag, name.replace("\n", " ")) for tag, name in names if name]
        self._text = _spaced("\n".join(name for _, name in pairs) + "\n")
        self._tags = np.fromiter((tag for tag, _ in pairs), dtype=np.int64, count=len(pairs))
        ends = (match.end() for match in re.finditer("\n", self._text))
        self._starts = np.fromiter(itertools.chain([0], ends), np.int64)[: len(pairs)]
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
        self._changed[tag] = tuple(_spaced(name) for name in names if name)

    @property
    def worn(self) -> bool:
        """Whether so much has changed that sorting everything anew is worth it."""
        return len(self._changed) > max(_CHANGED_MINIMUM, _CHANGED_SHARE * len(self._tags))

    def starting(self, beginning: str, limit: int | None) -> list[int]:
        """Tags with a word that starts with *beginning* (folded, more words may follow).

        At most *limit* of them, the weightiest, in no order; changed tags are among them.
        """
        beginning = _spaced(beginning).lstrip()[:DEPTH]
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

    def holding(self, words: Sequence[str], prefix: bool, limit: int) -> list[int]:
        """Tags with a name that holds *words* (folded), one behind the other, in any form.

        With *prefix* the last word may run on. At most *limit* of them, the weightiest.
        """
        # A sign of a script without spaces is a word, whatever follows.
        open_end = (prefix and len(words) == 1) or not _WORD_END.match(words[0])
        found = {
            tag: None
            for name, tag in self._with_word(words[0], open_end, limit)
            if tag not in self._changed and (len(words) == 1 or _holds(name, words, prefix))
        }
        for tag, names in self._changed.items():
            if any(_holds(name, words, prefix) for name in names):
                found[tag] = None
        return list(found)

    def _with_word(self, word: str, prefix: bool, limit: int) -> Iterator[tuple[str, int]]:
        """Names that hold *word* in any form, or with *prefix* begin a word so, and their tags."""
        stretches = [self._stretch(word, prefix), *self._forms(word)]
        places = np.concatenate([self._places[first:last] for first, last in stretches])
        owners = np.unique(np.searchsorted(self._starts, places, side="right") - 1)
        if len(owners) > limit:
            owners = owners[np.argpartition(-self._weights[owners], limit)[:limit]]
        for owner in owners.tolist():
            start = int(self._starts[owner])
            yield self._text[start : self._text.index("\n", start)], int(self._tags[owner])

    def _stretch(self, word: str, prefix: bool = False) -> tuple[int, int]:
        """From the first place of *word*, or with *prefix* of words that begin so, to the last."""
        text, size = self._text, min(len(word), DEPTH - 1) + 1
        # Behind a whole word comes what sorts before digits and letters.
        behind = word[:DEPTH] + ("\U0010ffff" if prefix else "0")

        def head(place: np.uint32) -> str:
            return text[int(place) : int(place) + size]

        first = bisect.bisect_left(self._places, word[:size], key=head)
        return first, bisect.bisect_left(self._places, behind[:size], lo=first, key=head)

    def _forms(self, word: str) -> Iterator[tuple[int, int]]:
        """The places of other words with the stem of *word*."""
        root = stem(word)
        if not (word.isascii() and word.isalpha() and len(word) >= SHORTEST):
            return
        for beginning in beginnings(root):
            at, last = self._stretch(beginning, prefix=True)
            for _ in range(_MOST_FORMS):
                if at >= last:
                    break
                other = _WORDS.match(self._text, int(self._places[at]))
                first, end = self._stretch(other.group())
                if stem(other.group()) == root and other.group() != word:
                    yield first, end
                at = max(at + 1, end)  # words longer than DEPTH have no end

    def near(self, name: str, distance: int) -> list[tuple[int, int]]:
        """Tags with a name at most *distance* letters from *name*; each with the distance."""
        name = _spaced(name)
        sizes = np.diff(self._starts, append=len(self._text)) - 1
        places = np.flatnonzero(np.abs(sizes - len(name)) <= distance)
        found: dict[int, int] = {}
        for first in range(0, len(places), PIECE):
            piece = places[first : first + PIECE]
            starts, ends = self._starts[piece], self._starts[piece] + sizes[piece]
            own = [
                self._text[start:end]
                for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
            ]
            close = process.extract(
                name, own, scorer=OSA.distance, score_cutoff=distance, limit=_NEAREST
            )
            for _, off, at in close:
                tag = int(self._tags[piece[at]])
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


def _holds(name: str, words: Sequence[str], prefix: bool) -> bool:
    """Whether *name* holds *words*, in any form; with *prefix* the last may run on."""
    own = words_of(name)
    size = len(words)
    roots = [stem(word) for word in words]
    stems = [stem(word) for word in own]
    return any(
        stems[at : at + size - 1] == roots[:-1]
        and (
            stems[at + size - 1] == roots[-1]
            or (prefix and own[at + size - 1].startswith(words[-1]))
        )
        for at in range(len(own) - size + 1)
    )


def words_of(name: str) -> list[str]:
    """The words of *name*, signs of scripts without spaces each by itself."""
    return _WORDS.findall(name)


def starts_word(name: str, beginning: str) -> bool:
    """Whether a word of *name* starts with *beginning*, which may run on into further words."""
    name, beginning = _spaced(name), _spaced(beginning).lstrip()
    return any(name.startswith(beginning, match.start()) for match in _WORD_START.finditer(name))


def _spaced(names: str) -> str:
    """*names* with one space between words."""
    return _BETWEEN.sub(" ", names)
