"""Titles before names, and what is named after somebody."""

import re
from collections.abc import Sequence

from archive.tagging.scan import Word, key_of
from archive.tagging.wordlists import word_class

_POSSESSED = re.compile(r"['’]s? ([^\W\d_][\w-]*)")


def bears_surname(words: Sequence[Word]) -> bool:
    """Tell whether a title and one everyday word are a person: "Mrs. Green", "Judge Brown".

    After "Mr" or "Dr" stands a name, whatever the word means otherwise; after an office
    ("President Bush", but "General Manager") only a word that is a common surname too.
    """
    if len(words) != 2 or words[0].key not in word_class("honorific"):
        return False
    name = words[1]
    if len(name.key) < 2 or name.key in word_class("org") or name.text.isupper():
        return False
    return words[0].key in word_class("personal-title") or name.key in word_class("surname-word")


def is_dedication(text: str, words: Sequence[Word]) -> bool:
    """Tell whether an institution is named after a saint or a ruler: "St. Luke's Hospital"."""
    if words[0].key not in word_class("dedicated"):
        return False
    owned = _POSSESSED.match(text, words[-1].end)
    if owned is None:
        return False
    return owned[1][0].isupper() and key_of(owned[1]) in word_class("org")
