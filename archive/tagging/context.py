"""What the words around a name say: does a person stand there, or a place?"""

import re

from archive.tagging.parse import Candidate
from archive.tagging.scan import key_of, words_after, words_before
from archive.tagging.wordlists import word_class

_BARE = ".,;:!?\"“”„'‘’()[]*_"
_NAMING = re.compile(
    r"(?:call(?:s|ed|ing)?|named) (?:me|him|her|(?:my|him|her)self)|name (?:is|was)"
)


def possessive(text: str, end: int) -> bool:
    """Tell whether the name that ends here is followed by the sign of possession."""
    return text.startswith(("'s", "’s", "' ", "’ "), end) and text[end + 2 : end + 3] != "s"


def place_evidence(text: str, candidate: Candidate) -> float:
    """Return from 0 (none) to 2 (sure) how much the words before speak for a place."""
    before = [word.strip(_BARE).lower() for word in words_before(text, candidate.start)]
    if not before:
        return 0.0
    last = before[-1]
    if possessive(text, candidate.end) and last in word_class("in-sure"):
        return 0.5  # "in Higuchi's fiction": not where, but whose
    if last in word_class("in-sure"):
        return 2.0
    motion = any(word in word_class("motion") for word in before[:-1])
    if last in ("to", "from", "for", "through", "across", "towards", "toward", "via"):
        return 2.0 if motion else 0.8
    if last in word_class("in"):
        return 1.5
    if last == "of" and len(before) > 1:
        return 2.0 if before[-2] in word_class("place-noun") else 0.5
    if last in word_class("motion"):
        return 0.8
    # "the Royal Hotel, Penzance": behind the name of an institution stands where it is.
    institution = last in word_class("org") or last in word_class("feature")
    if institution and text[candidate.start - 2 : candidate.start] == ", ":
        return 1.5
    return 0.0


def person_evidence(text: str, candidate: Candidate) -> float:
    """Return from 0 (none) to 2 (sure) how much the words around speak for a person."""
    before = [word.strip(_BARE).lower() for word in words_before(text, candidate.start)]
    after = words_after(text, candidate.end)
    score = 0.0
    if after and after[0].strip(_BARE) in word_class("speech") and text[candidate.end] == " ":
        score += 1.0
    if possessive(text, candidate.end):
        # "Shaw's Pygmalion": what bears a title of its own was made by a person.
        score += 1.5 if text[candidate.end + 3 : candidate.end + 4].isupper() else 0.5
    if before and text[candidate.start - 1] not in "\"“‘'":
        classes = map(word_class, ("kin", "role", "person-before"))
        if any(key_of(before[-1]) in words for words in classes) or _NAMING.fullmatch(
            " ".join(before[-2:])
        ):
            score += 1.5
        elif before[-1] in ("by", "with", "named", "called"):
            score += 0.5
    return min(score, 2.0)
