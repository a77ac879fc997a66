"""Who is named: full names first, then the parts of them that the text uses alone."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from archive.tagging.context import person_evidence, place_evidence
from archive.tagging.lexicon import KnownName
from archive.tagging.parse import Candidate, is_given, is_plain
from archive.tagging.scan import key_of
from archive.tagging.wordlists import given_names, word_class

_NAMESAKES = 20  # who shares a name with more people is not looked for further
_ALSO = re.compile(
    r"(?:also known as|better known as|known as|born(?: as)?|née|pen[ -]name(?: of)?|stage name|"
    r"pseudonym(?: of)?|alias|a\.k\.a\.|nicknamed|called himself|called herself)"
    r"[ ,:(“\"]*(?:the )?(?:\w+ ){0,3}$|^ \(\w+: $"
)
_NEXT_IN_LIST = re.compile(r"(?:,|,? and|,? or| &) (?:little )?([^\W\d_]+)")
_LAST_IN_LIST = re.compile(r"([^\W\d_]+)(?:,|,? and|,? or| &) (?:little )?$")
# Endings that mark family names in many languages.
_SURNAME = re.compile(
    r"[^\W\d_]{3,}(?:ova|eva|ov|ev|ovich|evich|ovna|evna|sky|skaya|ski|ska|skii|enko|chuk|yan|ian|"
    r"shvili|adze|idze|sson|ssen|escu|opoulos|oglu|bek|bayev|aitis|auskas|owicz|stein|baum|mann|"
    r"meyer|ndez|rrez|guez|alez|arez|inez|irez|erez|opez|elli|etti|ucci)"
)
_MY_NAME = re.compile(
    r"(?:[Mm]y (?:real |full |own )?name (?:is|was)|I am called|I was christened) $"
)
_CALLED_ME = re.compile(r"(?:call|calls|called|named|nicknamed) me $")
# A maiden name is nobody of its own; an article stands before things and groups.
_NO_PERSON = re.compile(r"(?:\bn[ée]e?|\b[Tt]he|\ban?) $")
_NICKNAME = re.compile(r" [\"“]\w+[\"”] ")
_SPEECH = re.compile(r"[\"“][^\"”\n]{1,600}[\"”]")
_FIRST_PERSON = re.compile(r"\b(?:I|my|me|My)\b")


@dataclass(slots=True, eq=False)
class Person:
    """One person of the text: the full forms of the name and where it stands."""

    core: tuple[str, ...]  # the normalised parts of the fullest name
    best: str
    found: list[tuple[Candidate, str, float]] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)  # every form, as written
    known: KnownName | None = None

    def add(self, candidate: Candidate, rule: str, confidence: float, name: str) -> None:
        """Add a place where the person is named."""
        self.found.append((candidate, rule, confidence))
        self.names.setdefault(name)


def _core(candidate: Candidate) -> tuple[str, ...]:
    parts: list[str] = []
    for word in candidate.core:
        parts.extend(part for part in re.split(r"[.\s]+", word.key) if part)
    return tuple(parts)


def _part_of(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Tell whether ``short`` is the same name with parts left out or as initials, in any order."""
    if len(short) < 2 or len(short) > len(long):
        return False
    if short[-1] not in (long[-1], long[0]):
        return False
    left = list(long)
    for part in short:
        same = next((p for p in left if p == part), None) or next(
            (p for p in left if (len(part) == 1 or len(p) == 1) and p[0] == part[0]), None
        )
        if same is None:
            return False
        left.remove(same)
    return True


def _name(text: str, candidate: Candidate) -> str:
    """Return the name as it should be shown: without a title, unless the title is needed."""
    first = candidate.core[0] if len(candidate.core) > 1 else candidate.words[0]
    written = _NICKNAME.sub(" ", text[first.start : candidate.core[-1].end])
    return " ".join(written.split())


def _form(candidate: Candidate, forms: Counter[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the parts of the name; an unknown word before a name met elsewhere is a title."""
    core, given = _core(candidate), given_names()
    described = len(core[0]) > 1 and core[0] not in given and core[1] in given
    return core[1:] if described and core[1:] in forms else core


def full_names(text: str, candidates: list[Candidate]) -> list[Person]:
    """Return a person for each full name, several forms of one name together."""
    people: list[Person] = []
    named = [c for c in candidates if c.sort == "person" and len(c.core) > 1]
    written = Counter(_core(c) for c in named)
    forms = Counter(_form(c, written) for c in named)
    home: dict[tuple[str, ...], Person] = {}
    ends: dict[str, list[Person]] = defaultdict(list)
    for core in sorted(forms, key=lambda form: (-len(form), -sum(map(len, form)))):
        fuller = [p for p in ends[core[-1]] if _part_of(core, p.core)]
        if len(fuller) == 1 or (fuller and sorted(fuller[0].core) == sorted(core)):
            home[core] = fuller[0]
            continue
        home[core] = Person(core, "")
        people.append(home[core])
        for end in {core[0], core[-1]}:
            if len(ends[end]) < _NAMESAKES:
                ends[end].append(home[core])
    for candidate in named:
        form = _form(candidate, written)
        if candidate.run.titled and forms[form] < 2:
            continue
        person = home[form]
        name = _name(text, candidate)
        if len(_core(candidate)) == len(person.core) and not person.best:
            person.best = name
        person.add(candidate, candidate.rule, candidate.confidence, name)
        if len(candidate.words) > len(candidate.core):
            person.names.setdefault(candidate.text)
    people = [person for person in people if person.found]
    for person in people:
        person.best = person.best or next(iter(person.names))
    return _joined_by_text(text, people)


def _joined_by_text(text: str, people: list[Person]) -> list[Person]:
    """Join persons whom the text itself calls the same ("also known as", "née")."""
    places = sorted(
        ((c.start, c.end, person) for person in people for c, _, _ in person.found),
        key=lambda place: place[:2],
    )
    into: dict[int, Person] = {}
    for (_, end, one), (start, _, other) in pairwise(places):
        first, second = into.get(id(one), one), into.get(id(other), other)
        if first is second or not 0 < start - end <= 120:
            continue
        between = text[end:start]
        if ". " in between or "\n\n" in between or not _ALSO.search(between):
            continue
        first.found.extend(second.found)
        first.names.update(second.names)
        into[id(second)] = first
        for old, new in list(into.items()):
            if new is second:
                into[old] = first
    return [person for person in people if id(person) not in into]


class Singles:
    """Persons by the parts of their names, to settle who is meant by one word."""

    def __init__(self, people: list[Person]) -> None:
        self.introduced = {id(p): min(c.start for c, _, _ in p.found) for p in people}
        self.by_last: dict[str, list[Person]] = defaultdict(list)
        self.by_first: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            forms = {_core(c) for c, _, _ in person.found if len(c.core) > 1} | {person.core}
            for form in forms:
                # "Violeta Quispe Mamani" is called Quispe: the first of two surnames.
                inner = [
                    (part, self.by_first if part in given_names() else self.by_last)
                    for part in form[1:-1]
                ]
                for part, table in ((form[-1], self.by_last), (form[0], self.by_first), *inner):
                    known = table[part]
                    if len(part) > 1 and len(known) < _NAMESAKES and person not in known:
                        known.append(person)

    def bearers(self, key: str) -> list[Person]:
        """Return everybody who has ``key`` as a given name or surname, surnames first."""
        found = list(self.by_last.get(key, ()))
        found += [p for p in self.by_first.get(key, ()) if p not in found]
        return found

    def meant(self, key: str, position: int, settled: dict[str, Person]) -> Person | None:
        """Return the one person meant by ``key``; a name that two persons share is nobody's.

        Unless the text used it alone before it named the second one: then it has taught its
        reader who is meant.
        """
        found = self.bearers(key)
        if len(found) == 1:
            return found[0]
        if not found:
            return None
        if key in settled:
            return settled[key]
        introduced = [p for p in found if self.introduced[id(p)] < position]
        if len(introduced) == 1:
            settled[key] = introduced[0]
            return introduced[0]
        return None


def link_titled(text: str, candidates: list[Candidate], people: list[Person]) -> None:
    """Give "Miss Chaworth" to Mary Chaworth, or make a person of a title and one name."""
    singles = Singles(people)
    alone: dict[str, Person] = {}
    settled: dict[str, Person] = {}
    for candidate in candidates:
        if candidate.sort != "person" or len(candidate.core) > 1:
            continue
        key = candidate.core[0].key
        bearer = singles.meant(key, candidate.start, settled)
        if bearer:
            bearer.add(candidate, "honorific", 0.85, candidate.text)
            continue
        person = alone.get(key)
        if person is None:
            person = alone[key] = Person((key,), candidate.text)
            people.append(person)
        person.add(candidate, "honorific", 0.8, candidate.text)


def link_singles(text: str, singles: dict[str, list[Candidate]], people: list[Person]) -> set[str]:
    """Give names that stand alone to the persons they are part of; return the keys used."""
    table = Singles(people)
    settled: dict[str, Person] = {}
    used: set[str] = set()
    for key, candidates in singles.items():
        if not table.bearers(key):
            continue
        plain = is_plain(candidates[0].core[0])
        as_place = sum(place_evidence(text, c) >= 2 for c in candidates if c.notations)
        if as_place * 2 > len(candidates):
            continue
        used.add(key)
        for candidate in candidates:
            if plain and candidate.run.opens and not person_evidence(text, candidate):
                continue
            if candidate.notations and place_evidence(text, candidate) >= 2:
                continue
            person = table.meant(key, candidate.start, settled)
            if person:
                person.add(candidate, "short-name", 0.85, candidate.text)
    return used


def _in_company(text: str, candidate: Candidate) -> bool:
    """Tell whether a given name stands in a list of names, or alone on its line."""
    start, end = candidate.start, candidate.end
    after = _NEXT_IN_LIST.match(text, end)
    if after and key_of(after.group(1)) in given_names():
        return True
    before = _LAST_IN_LIST.search(text[max(0, start - 40) : start])
    if before and key_of(before.group(1)) in given_names():
        return True
    line = text[text.rfind("\n", max(0, start - 40), start) + 1 : start]
    return not line.strip("*_-– ") and text[end : end + 2].strip() == "" and start > 0


def lone_names(
    text: str, singles: dict[str, list[Candidate]], taken: set[str], people: list[Person]
) -> None:
    """Make persons of names that the text never gives in full, where it shows a person."""
    for key, all_candidates in singles.items():
        candidates = [
            c
            for c in all_candidates
            if not c.run.titled
            and not c.run.dated
            and not _NO_PERSON.search(text[max(0, c.start - 5) : c.start])
        ]
        if key in taken or not candidates:
            continue
        word = candidates[0].core[0]
        if len(word.text) < 3 or word.text.isupper() or key in word_class("org"):
            continue
        for_person = [person_evidence(text, c) for c in candidates]
        for_place = sum(place_evidence(text, c) >= 1.5 for c in candidates)
        strongest, total = max(for_person), sum(for_person)
        acting = strongest >= 1 and not key.endswith("s")  # a plural is a group of people
        if for_place > sum(score > 0 for score in for_person):
            continue
        given, plain = is_given(word), is_plain(word)
        listed = given and key not in word_class("calendar") and _in_company(text, candidates[0])
        shown = (given and strongest >= 1.5) or (listed and not candidates[0].run.opens)
        if plain and not shown:
            continue
        if given and (total >= 1 or len(candidates) > 1 or listed):
            rule, confidence = ("apposition" if strongest >= 1.5 else "given-name"), 0.65
        elif strongest >= 1.5:
            rule, confidence = "apposition", 0.6
        elif total >= 2 or (acting and not candidates[0].notations):
            rule, confidence = "acts", 0.55
        elif _SURNAME.fullmatch(key) and not for_place:
            rule, confidence = "name-shape", 0.5
        else:
            continue
        person = Person((key,), word.text)
        for candidate in candidates:
            person.add(candidate, rule, confidence, word.text)
        people.append(person)
        taken.add(key)


def teller(text: str, people: list[Person]) -> Person | None:
    """Return the person who tells the story, if the text names one, with all names joined."""
    tellers: dict[str, list[Person]] = {"name": [], "called": []}
    for person in people:
        for candidate, _, _ in person.found:
            before = text[max(0, candidate.start - 30) : candidate.start]
            if _MY_NAME.search(before):
                tellers["name"].append(person)
                break
            if _CALLED_ME.search(before):
                tellers["called"].append(person)
                break
    if not tellers["name"]:
        return None
    first, *others = [*tellers["name"][:1], *tellers["called"]]
    for other in others:
        first.found.extend((c, "other-name", 0.7) for c, _, _ in other.found)
        first.names.update(other.names)
        people.remove(other)
    return first


def subject_of(text: str, people: list[Person]) -> Person | None:
    """Return the person whom the text is about: named early and most often.

    A text in the first person is about its teller, whom it need not name.
    """
    if not people:
        return None
    first_words = len(_FIRST_PERSON.findall(_SPEECH.sub("", text)))
    ranked = sorted(people, key=lambda p: (-_weight(p), p.found[0][0].start))
    best = ranked[0]
    if first_words > max(2, len(best.found)):
        return None
    earliest = min(c.start for c, _, _ in best.found)
    if earliest > max(600, len(text) // 3):
        return None
    if len(ranked) > 1 and len(best.found) == len(ranked[1].found) == 1 and earliest > 200:
        return None
    return best


def _weight(person: Person) -> float:
    earliest = min(c.start for c, _, _ in person.found)
    return len(person.found) + (3.0 if earliest < 120 else 1.0 if earliest < 400 else 0.0)
