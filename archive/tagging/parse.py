"""What a run of capitalised words may name: a person, a place, one open word, or nothing."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from archive.tagging import gazetteer
from archive.tagging.scan import Run, Word, key_of, words_before
from archive.tagging.titles import bears_surname, is_dedication
from archive.tagging.wordlists import common_words, given_names, word_class

LONGEST_NAME = 5

Sort = Literal["person", "place", "single"]

_NEXT_WORD = re.compile(r"[ \u00a0\n]+(?:[^\W_]+(?:['’‘ʻ.-](?=\w\w)[^\W_]+)*\.?)")
_OF = re.compile(r",? (?:of|for|de|and)(?: the| de| la)? (?=\w)")
_EPITHET = re.compile(
    r" the (?:Great|Terrible|Elder|Younger|Conqueror|Magnificent|First|Second|Third|Wise|Bold|Good|"
    r"Impaler|Lionheart|Confessor|Navigator|Bad|Fat|Lame|Impostor)\b"
)
_NUMERAL = re.compile(r"i{1,3}|iv|vi{0,3}|ix|xi{0,3}|xiv|xvi{0,3}")
# Endings of nouns of things: no surname of any size ends so.
_THING = re.compile(
    r".+(?:tion|tions|ism|isms|ology|ment|ments|ness|ics|phony|ical|ings?|ship|ware)"
)


@dataclass(slots=True, eq=False)
class Candidate:
    """Words that may name something; ``core`` leaves out honorifics."""

    sort: Sort
    words: list[Word]
    text: str  # as written
    key: str  # normalised
    rule: str
    confidence: float
    run: Run
    core: list[Word]
    notations: tuple[gazetteer.Place, ...] = ()

    @property
    def start(self) -> int:
        """Where the first word begins."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where the last word ends."""
        return self.words[-1].end


@cache
def _lists() -> tuple[frozenset[str], ...]:
    names = ("honorific", "noble", "role", "org", "feature", "feature-first", "demonym", "calendar")
    return tuple(map(word_class, names))


def is_given(word: Word) -> bool:
    """Tell whether a word, or the first part of a hyphenated one, is a known given name."""
    if word.key in given_names():
        return True
    first, dash, _ = word.key.partition("-")
    return bool(dash) and first in given_names()


def is_plain(word: Word) -> bool:
    """Tell whether a word names nothing by itself: everyday words, peoples, months."""
    *_, demonym, calendar = _lists()
    if word.text.isupper() and word.key in ("us", "uk", "usa", "uae", "u.s", "u.s.", "u.k."):
        return False
    last = word.key.rpartition("-")[2]
    return word.key in common_words() or word.key in calendar or last in demonym


def parse(text: str, runs: list[Run], ordinary: frozenset[str] = frozenset()) -> list[Candidate]:
    """Return the candidates of all runs, in text order, none inside another.

    ``ordinary`` holds the words that the text also writes in lower case: they are no names.
    """
    found: list[Candidate] = []
    covered = 0
    swallowed = -1
    for run in runs:
        words = [word for word in run.words if word.start >= covered]
        if not words:
            continue
        if words[0].start <= swallowed and not _is_organisation(words):
            # Part of a longer name: "University of California", "Battle of Chudnov".
            swallowed = _swallow(text, words[-1].end) or words[-1].end
            continue
        called = _with_epithet(text, run, words)
        if called:
            found.append(called)
            covered = called.end
            continue
        place, count = _place_at(text, words, 0)
        if place and place.end > words[-1].end:
            found.append(place)
            place.run = run
            covered = place.end
            continue
        swallow_to, candidates = _parse_run(text, run, words, ordinary, (place, count))
        found.extend(candidates)
        swallowed = max(swallowed, swallow_to)
        if candidates:
            covered = max(covered, candidates[-1].end)
    return found


def _swallow(text: str, end: int) -> int:
    """Return where the part of an organisation's name after "of" begins, or 0."""
    joined = _OF.match(text, end)
    return joined.end() if joined and " and" not in joined.group() else 0


def _is_organisation(words: list[Word]) -> bool:
    org = _lists()[3]
    last = words[-1].key
    if last in org and len(words) > 1:
        surname = last in word_class("org-surname") and len(words) == 2 and is_given(words[0])
        return not surname
    return words[0].key in org or any(
        word.key in org and word.key not in word_class("org-surname") for word in words[1:-1]
    )


def _place_at(text: str, words: list[Word], at: int) -> tuple[Candidate | None, int]:
    """Return the longest place name that begins with word ``at`` and how many words it has."""
    word = words[at]
    index = gazetteer.index()
    longest = gazetteer.longest_by_first()
    most = longest.get(word.key, 1)
    if text[word.end : word.end + 1] == ".":
        most = max(most, longest.get(word.key + ".", 1))
    if most == 1 and word.key not in index:
        return None, 0
    ends = [word.end]
    while len(ends) < most:
        after = _NEXT_WORD.match(text, ends[-1] + (text[ends[-1] : ends[-1] + 1] in (".", ",")))
        if not after:
            break
        ends.append(after.end())
    for end in reversed(ends):
        written = text[word.start : end]
        key = key_of(written)
        if key not in index and written.endswith("."):
            end, written = end - 1, written[:-1]
            key = key_of(written)
        if key in index:
            inside = [w for w in words[at:] if w.end <= end]
            sort: Sort = "place" if end > word.end else "single"
            tail = Word(inside[-1].start, end, text[inside[-1].start : end], "")
            inside[-1] = inside[-1] if inside[-1].end == end else tail
            places = gazetteer.bearers(written)
            candidate = Candidate(
                sort, inside, written, key, "gazetteer", 0.8, _NO_RUN, inside, places
            )
            return candidate, len(inside)
    return None, 0


_NO_RUN = Run([Word(0, 0, "", "")])


def _with_epithet(text: str, run: Run, words: list[Word]) -> Candidate | None:
    """Return "Peter the Great" or "Tsar Peter the Great" when the words begin such a name."""
    epithet = _EPITHET.match(text, words[-1].end)
    if not epithet or (is_plain(words[-1]) and not is_given(words[-1])):
        return None
    end = Word(words[-1].end + 5, epithet.end(), text[words[-1].end + 5 : epithet.end()], "")
    end.key = key_of("the " + end.text)
    core = [words[-1], end]
    start = len(words) - 1
    while start and words[start - 1].key in _lists()[0]:
        start -= 1
    named = [*words[start:], end]
    written = text[named[0].start : end.end]
    return Candidate("person", named, written, key_of(written), "honorific", 0.9, run, core)


def _parse_run(
    text: str,
    run: Run,
    words: list[Word],
    ordinary: frozenset[str],
    first: tuple[Candidate | None, int],
) -> tuple[int, list[Candidate]]:
    """Return up to where names swallow what follows, and the candidates of one run."""
    honorific, _, _, _, feature, feature_first, demonym, _ = _lists()
    if len(words) > 1 and words[0].key in ("the", "a") and not run.opens:
        # "The Guardian", "The Trial": inside a sentence a capital article belongs to a title.
        inner, count = _place_at(text, words, 1)
        return 0, _settle(run, [inner]) if inner and count == len(words) - 1 else []
    if is_dedication(text, words):
        return _swallow(text, words[-1].end), []
    whole, count = first
    if whole and count == len(words) and len(words) > 1:
        small = whole.notations[0].sort == "city" and whole.notations[0].population < 50_000
        if small and is_given(words[0]) and not _after_preposition(text, whole.start):
            person = _person(text, run, words, ordinary)
            return 0, [person] if person else _settle(run, [whole])
        return 0, _settle(run, [whole])
    words = _without_openers(text, run, words)
    if not words or (len(words) == 1 and words[0].key in demonym):
        return 0, []
    if bears_surname(words):
        person = Candidate(
            "person", words, *_written(text, words), "honorific", 0.85, run, words[1:]
        )
        return 0, [person]
    if _is_organisation(words):
        return _swallow(text, words[-1].end), []
    if len(words) > 1 and (words[-1].key in feature or words[0].key in feature_first | {"river"}):
        named = _feature(text, run, words)
        if named:
            return 0, [named]
    places = _only_places(text, words)
    titled = len(words) > 1 and words[0].key in honorific
    if places and not titled and not _like_a_person(words, places):
        return 0, _settle(run, places)
    person = _person(text, run, words, ordinary)
    if person:
        return 0, [person]
    if len(words) == 1 and words[0].key not in demonym and len(words[0].key) > 1:
        if words[0].key in honorific:
            return _swallow(text, words[0].end), []
        if words[0].key in ordinary and not is_given(words[0]) and not words[0].text.isupper():
            return 0, []
        return 0, [_single(run, words)]
    return 0, []


def _written(text: str, words: list[Word]) -> tuple[str, str]:
    written = text[words[0].start : words[-1].end]
    return written, key_of(written)


def _like_a_person(words: list[Word], places: list[Candidate]) -> bool:
    """Tell "Jack London" from "Florence Italy": a given name before what is no land."""
    last = places[-1].notations[0].sort
    return (
        1 < len(words) == len(places) and is_given(words[0]) and last not in ("country", "region")
    )


def _single(run: Run, words: list[Word]) -> Candidate:
    word = words[0]
    places = gazetteer.bearers(word.text) if word.key in gazetteer.index() else ()
    return Candidate("single", words, word.text, word.key, "", 0.0, run, words, places)


def _settle(run: Run, places: list[Candidate]) -> list[Candidate]:
    for candidate in places:
        candidate.run = run
    return places


def _after_preposition(text: str, start: int) -> bool:
    before = words_before(text, start)
    return bool(before) and before[-1].lower() in word_class("in")


def _without_openers(text: str, run: Run, words: list[Word]) -> list[Word]:
    """Drop what only opens a sentence or describes: "After Giulia", "Russian composer Ivan"."""
    honorific, noble, role, _, _, feature_first, demonym, _ = _lists()
    start = 0
    while start < len(words) - 1:
        word, after = words[start], words[start + 1]
        if word.key in feature_first:
            break
        describing = word.key in role or word.key.rpartition("-")[2] in demonym
        describing |= word.key in word_class("before-title") and after.key in honorific
        # "Will Smith" keeps its Will, "Will Anna come" does not.
        asked = run.opens and start == 0 and is_given(after)
        plain = is_plain(word) and (not is_given(word) or is_plain(after) or asked)
        directed = word.key in word_class("direction") and after.key in gazetteer.index()
        opens = run.opens and start == 0
        if word.key in honorific and not (plain and opens and word.key not in noble):
            break
        # Inside a sentence a capital on an everyday word belongs to a longer name: "Old Vic".
        named = plain and not (run.opens or describing or directed or is_given(after))
        if named or not (describing or directed or plain):
            break
        start += 1
    rest = words[start:]
    if len(rest) == 1 and is_plain(rest[0]) and not is_given(rest[0]):
        known = rest[0].key in gazetteer.index() and not run.opens
        return rest if known else []
    return rest


def _only_places(text: str, words: list[Word]) -> list[Candidate]:
    """Return the places when the words are nothing but places ("Paris France"), else nothing."""
    found: list[Candidate] = []
    at = 0
    while at < len(words):
        place, count = _place_at(text, words, at)
        if not place:
            return []
        found.append(place)
        at += count
    return found


def _feature(text: str, run: Run, words: list[Word]) -> Candidate | None:
    """Return a place that says what it is: "Montparnasse Cemetery", "Lake Como"."""
    if any(glue.strip() and glue.strip() not in (".", "de", "du", "la") for glue in run.glue):
        return None
    if len(words) == 2 and is_given(words[0]) and words[-1].key in word_class("org-surname"):
        return None
    if len(words) > 4 or all(is_plain(word) and len(word.key) < 3 for word in words):
        return None
    written = text[words[0].start : words[-1].end]
    return Candidate("place", words, written, key_of(written), "feature", 0.7, run, words)


def _person(text: str, run: Run, words: list[Word], ordinary: frozenset[str]) -> Candidate | None:
    """Return the person whom the words name, if their shape says so."""
    honorific, *_, demonym, calendar = _lists()
    start = 0
    while start < len(words) - 1 and words[start].key in honorific:
        start += 1
    core = words[start:]
    while len(core) > 1 and _after_name(core[-1], core[0]):
        core = core[:-1]
    if not core or len(core) > LONGEST_NAME:
        return None
    if any(w.key in demonym or (w.key in calendar and not is_given(w)) for w in core):
        return None
    rule, confidence = _shape(text, run, words, core, start, ordinary)
    if not rule:
        return None
    kept = words[: words.index(core[-1]) + 1]
    written = text[kept[0].start : kept[-1].end]
    return Candidate("person", kept, written, key_of(written), rule, confidence, run, core)


def _after_name(word: Word, first: Word) -> bool:
    """Tell whether a word is a mark behind a name: "Jr", "PhD", "DBE"; not the II of a queen."""
    if word.key in word_class("postnominal"):
        return True
    letters = word.text.isupper() and len(word.text) <= 4 and "." not in word.text
    return letters and not first.text.isupper() and not _NUMERAL.fullmatch(word.key)


def _shape(
    text: str,
    run: Run,
    words: list[Word],
    core: list[Word],
    start: int,
    ordinary: frozenset[str],
) -> tuple[str, float]:
    """Return by which rule, and how surely, the shape is a person's; ("", 0) when it is not."""
    nothing = ("", 0.0)
    rest = core[1:]
    if start:
        plain = is_plain(core[0]) and not is_given(core[0])
        plain |= len(core) == 1 and core[0].key in word_class("role")
        listed = len(core) == 1 and core[0].key in gazetteer.index()
        if plain or (listed and words[start - 1].key not in word_class("noble")):
            return nothing
        return "honorific", 0.9
    glue = {piece.strip() for piece in run.glue}
    has_particle = bool(glue & word_class("particle"))
    if (
        len(core) == 1
        or all(len(w.text) == 1 for w in core)
        or core[0].key in word_class("article-foreign")
    ):
        return nothing
    if any(_NUMERAL.fullmatch(w.key) for w in rest) and is_given(core[0]):
        return "given-name+surname", 0.85
    plain_rest = [w for w in rest if is_plain(w) and not is_given(w) and len(w.key) > 1]
    initials = [w for w in core[:-1] if len(w.text.strip(".")) == 1 or "." in w.text]
    if is_given(core[0]):
        if len(plain_rest) == len(rest) and (run.dated or run.titled or is_plain(core[0])):
            return nothing
        return "given-name+surname", 0.95 if not plain_rest else 0.75
    if initials and not is_plain(core[-1]) and len(core[-1].text) > 2 and core[0] in initials:
        return "particle", 0.85
    if is_plain(core[0]) or plain_rest or any(_THING.fullmatch(w.key) for w in core):
        return nothing
    if any(w.text.isupper() and len(w.text) > 1 for w in core):
        return nothing
    if any(w.key in ordinary for w in core):
        return nothing
    if any(is_given(w) for w in rest) and not run.dated:
        return "given-name+surname", 0.75
    before = words_before(text, core[0].start)
    if run.dated or run.titled or (before and before[-1].lower() in ("the", "a", "an")):
        return nothing
    if has_particle:
        return "particle", 0.7
    if len(core) > 3:
        return nothing
    return "name-shape", 0.6
