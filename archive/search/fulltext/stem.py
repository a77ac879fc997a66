"""Words as the full-text engines compare them: folded, and cut to their stem.

The stemmer is Porter's ("An algorithm for suffix stripping", Program 14/3, 1980), which SQLite's
``porter`` and PostgreSQL's Snowball dictionary of that name implement; it serves to mark the words
that an engine has found, and to find the names of tags as it finds texts.
"""

from __future__ import annotations

import functools
import re
import unicodedata

#: Shorter words have no other forms.
SHORTEST = 3

_STEP_2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize",
    "abli": "able", "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize",
    "ation": "ate", "ator": "ate", "alism": "al", "iveness": "ive", "fulness": "ful",
    "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble", "bli": "ble", "logi": "log",
}  # fmt: skip
_STEP_3 = {
    "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
}  # fmt: skip
_STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
)  # fmt: skip


def fold(word: str) -> str:
    """*word* without case and accents."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return bare.lower().replace("ς", "σ")


def _shape(word: str) -> str:
    """*word* with v for each vowel and c for each consonant; y is a vowel behind a consonant."""
    shape = ""
    for char in word:
        vowel = char in "aeiou" or (char == "y" and shape.endswith("c"))
        shape += "v" if vowel else "c"
    return shape


def _measure(word: str) -> int:
    return len(re.findall("v+c+", _shape(word)))


def _ends_short(word: str) -> bool:
    """Whether *word* ends consonant, vowel, consonant, the last not being w, x or y."""
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of *word*, which is folded; words of other alphabets stay as they are."""
    if len(word) < SHORTEST or not (word.isascii() and word.isalpha()):
        return word
    word = _inflections(word)
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = word[:-1] + "i"
    word = _replace(word, _STEP_2)
    word = _replace(word, _STEP_3)
    word = _remove(word)
    if word.endswith("e"):
        base = word[:-1]
        if _measure(base) > 1 or (_measure(base) == 1 and not _ends_short(base)):
            word = base
    if word.endswith("ll") and _measure(word) > 1:
        word = word[:-1]
    return word


def beginnings(root: str) -> tuple[str, ...]:
    """How words with the stem *root* begin: so, but for some last letters that were exchanged."""
    if root.endswith("bl"):  # possibility
        return root, root[:-1] + "il"
    last = {"i": "y", "e": "ia"}.get(root[-1], "")  # happy, hoping, relational
    return (root, *(root[:-1] + letter for letter in last))


#: How English words go on that are cut to their stem.
_ENDINGS = tuple(
    dict.fromkeys(
        ending[:-1] + "y" if ending.endswith("i") else ending
        for ending in ("ed", "es", "ies", "ing", *_STEP_2, *_STEP_3, *_STEP_4)
    )
)


def completions(beginning: str) -> tuple[str, ...]:
    """Words whose stem is shorter than their *beginning*, which ends within an ending: generati.

    They stand for all words with that beginning that an index of stems does not hold under it.
    Two letters are seldom the beginning of an ending: Martin is no form of mart.
    """
    if len(beginning) < SHORTEST or not (beginning.isascii() and beginning.isalpha()):
        return ()
    root = stem(beginning)
    found: dict[str, str] = {}
    for ending in _ENDINGS:
        for size in range(2, len(ending)):
            begun = ending[:size]
            if beginning.endswith(begun) and (size > 2 or begun == "it"):
                word = beginning + ending[size:]
                if not stem(word).startswith(root):
                    found.setdefault(stem(word), word)
    return tuple(found.values())


def _inflections(word: str) -> str:
    """Steps 1a and 1b: plurals, -ed and -ing."""
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        base = word.removesuffix(suffix)
        if base != word and "v" in _shape(base):
            if base.endswith(("at", "bl", "iz")):
                return base + "e"
            if len(base) > 1 and base[-1] == base[-2] and _shape(base)[-1] == "c":
                return base if base[-1] in "lsz" else base[:-1]
            return base + "e" if _measure(base) == 1 and _ends_short(base) else base
    return word


def _replace(word: str, endings: dict[str, str]) -> str:
    for ending in sorted(endings, key=len, reverse=True):
        if word.endswith(ending):
            base = word.removesuffix(ending)
            return base + endings[ending] if _measure(base) > 0 else word
    return word


def _remove(word: str) -> str:
    for ending in sorted(_STEP_4, key=len, reverse=True):
        if word.endswith(ending):
            base = word.removesuffix(ending)
            if _measure(base) > 1 and (ending != "ion" or base.endswith(("s", "t"))):
                return base
            return word
    return word
