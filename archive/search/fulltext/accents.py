"""Accents that SQLite's tokenizer keeps: those of letters that are not Latin.

A word that is typed is looked for in the spellings that differ in them, so that елка finds ёлка.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator

#: Spellings that are tried of one word or phrase.
MOST = 24

#: Letter → the same with an accent, as words are written: Cyrillic, and Greek with one accent.
_ACCENTED = dict(zip("еиуіαεηιουω", "ёйўїάέήίόύώ", strict=True))


def _bare(word: str) -> str:
    """*word* without accents, its letters composed."""
    letters = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(c for c in letters if not unicodedata.combining(c)))


def _spellings_of(word: str) -> Iterator[str]:
    """*word* as it is, without accents, and with one more or another one."""
    yield word
    if word.isascii():
        return
    bare = _bare(word)
    yield bare
    for start in dict.fromkeys((word, bare)):
        for place, letter in enumerate(start):
            if letter in _ACCENTED:
                yield start[:place] + _ACCENTED[letter] + start[place + 1 :]


def spellings(text: str) -> tuple[str, ...]:
    """*text*, words in lower case, and how else it may be written; *text* itself comes first."""
    if text.isascii():
        return (text,)
    words = [tuple(dict.fromkeys(_spellings_of(word))) for word in text.split()]
    # Few changes come first.
    several = itertools.islice(itertools.product(*words), MOST * MOST)
    ways = sorted(
        several,
        key=lambda way: sum(other != own[0] for other, own in zip(way, words, strict=True)),
    )
    return tuple(dict.fromkeys(" ".join(way) for way in ways))[:MOST]
