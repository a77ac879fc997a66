"""The words of names and titles, to find those a letter or two off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from archive.search.names import PIECE

#: Words shorter than this (letters) are too near to each other, and those longer are no words.
SHORTEST, LONGEST = 4, 40
#: Distinct words kept; beyond, further ones are passed over.
MAX_WORDS = 1_000_000

_WORD = re.compile(r"[^\W\d_]+")


class Vocabulary:
    """Distinct folded words by their length, each length as one text: a word costs its letters."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Take the words of all *texts*."""
        words: set[str] = set()
        for text in texts:
            words.update(_WORD.findall(text))
            if len(words) > MAX_WORDS:
                break
        lengths: dict[int, list[str]] = {}
        for word in words:
            if SHORTEST <= len(word) <= LONGEST:
                lengths.setdefault(len(word), []).append(word)
        self._texts = {length: "\n".join(sorted(found)) for length, found in lengths.items()}
        self._fresh: set[str] = set()

    def add(self, text: str) -> None:
        """Take the words of one more *text*; words are never given up."""
        if len(self._fresh) < MAX_WORDS:
            self._fresh.update(
                word for word in _WORD.findall(text) if SHORTEST <= len(word) <= LONGEST
            )

    def near(self, word: str, distance: int, limit: int) -> list[str]:
        """Up to *limit* other words at most *distance* letters from *word*, the nearest first."""
        found: dict[str, int] = {}
        for length in range(len(word) - distance, len(word) + distance + 1):
            for pool in self._pieces(length):
                close = process.extract(
                    word, pool, scorer=OSA.distance, score_cutoff=distance, limit=limit + 1
                )
                found.update((other, int(off)) for other, off, _ in close if off)
        return sorted(found, key=lambda other: (found[other], other))[:limit]

    def _pieces(self, length: int) -> Iterator[list[str]]:
        """The words of so many letters, a few thousand at a time."""
        text, step = self._texts.get(length, ""), PIECE * (length + 1)
        for first in range(0, len(text), step):
            yield text[first : first + step - 1].split("\n")
        yield [fresh for fresh in self._fresh if len(fresh) == length]
