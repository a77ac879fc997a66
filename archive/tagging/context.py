"""What the words around a name say: does a person stand there, or a place?"""

from archive.tagging.parse import Candidate
from archive.tagging.scan import words_after, words_before
from archive.tagging.wordlists import word_class

_BARE = ".,;:!?\"“”„'‘’()[]*_"
_PLACE_NOUNS = frozenset(
    "city town village hamlet suburb district province region state country capital port island "
    "oblast county kingdom republic valley shores coast streets outskirts banks people north south "
    "cemetery outskirts ruins siege battle archives harbour harbor heart centre center east west steppes mountains government king queen university mayor bishop governor".split()
)
_SURE_PREPOSITIONS = frozenset("in near at outside into".split())


def possessive(text: str, end: int) -> bool:
    """Tell whether the name that ends here is followed by the sign of possession."""
    return text.startswith(("'s", "’s", "' ", "’ "), end) and text[end + 2 : end + 3] != "s"


def place_evidence(text: str, candidate: Candidate) -> float:
    """Return from 0 (none) to 2 (sure) how much the words before speak for a place."""
    before = [word.strip(_BARE).lower() for word in words_before(text, candidate.start)]
    if not before:
        return 0.0
    last = before[-1]
    if possessive(text, candidate.end) and last in _SURE_PREPOSITIONS:
        return 0.5  # "in Higuchi's fiction": not where, but whose
    if last in _SURE_PREPOSITIONS:
        return 2.0
    motion = any(word in word_class("motion") for word in before[:-1])
    if last in ("to", "from", "for", "through", "across", "towards", "toward", "via"):
        return 2.0 if motion else 0.8
    if last in word_class("in"):
        return 1.5
    if last == "of" and len(before) > 1:
        return 2.0 if before[-2] in _PLACE_NOUNS else 0.5
    if last in word_class("motion"):
        return 0.8
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
    if before and not text[candidate.start - 1] in "\"“‘'":
        if before[-1] in word_class("kin") or before[-1] in word_class("role"):
            score += 1.5
        elif before[-1] in ("by", "with", "named", "called") and not candidate.run.titled:
            score += 0.5
    return min(score, 2.0)
