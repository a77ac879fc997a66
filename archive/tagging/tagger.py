"""From one text to its people, places and themes, each with the words that support it."""

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cache

from archive.tagging import gazetteer
from archive.tagging import people as who
from archive.tagging import places as where
from archive.tagging import themes as what
from archive.tagging.lexicon import KnownName, Lexicon
from archive.tagging.names import normalise
from archive.tagging.parse import Candidate, parse
from archive.tagging.scan import Run, Word, key_of, mask, runs, title_zones
from archive.tagging.spans import FoundTag, Kind, Mention, Role, TaggedText

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s$")


@cache
def _empty() -> Lexicon:
    return Lexicon()


def tag(text: str, lexicon: Lexicon | None = None) -> TaggedText:
    """Find the people, places and themes of ``text``; offsets index the text as given."""
    lexicon = lexicon or _empty()
    prose = mask(text)
    words = [(match.start(), match.group()) for match in _WORD.finditer(prose)]
    if prose.isascii():
        keys = [word.lower() for _, word in words]
    else:
        keys = [word.lower() if word.isascii() else key_of(word) for _, word in words]
    found_runs = runs(prose, title_zones(prose))
    known = _known(text, words, keys, lexicon)
    ordinary = frozenset(keys) & {word for _, word in words}
    candidates = _without(parse(prose, found_runs, ordinary), known)
    people, subject, places = _who_and_where(prose, candidates, known, lexicon)
    starts = [start for start, _ in words]
    themes = _themes(text, keys, starts, _inside([*people, *places], starts), lexicon)
    return TaggedText((*people, *places, *themes), subject)


def _inside(named: list[FoundTag], starts: list[int]) -> set[int]:
    """Return the starts of the words inside names: neither "Ivan Farmer" nor "Saint Petersburg".

    The one word of a place may speak for itself, as Auschwitz does.
    """
    inside: set[int] = set()
    for found in named:
        for mention in found.mentions:
            if found.kind == "place" and " " not in mention.quote:
                continue
            first, last = bisect_left(starts, mention.start), bisect_left(starts, mention.end)
            inside.update(starts[first:last])
    return inside


def _known(
    text: str, words: list[tuple[int, str]], keys: list[str], lexicon: Lexicon
) -> list[tuple[Candidate, tuple[KnownName, ...]]]:
    """Return where names stand that the archive knows: whole words, the longest first."""
    if lexicon.is_empty():
        return []
    found: list[tuple[Candidate, tuple[KnownName, ...]]] = []
    until = -1
    for at, key in enumerate(keys):
        start = words[at][0]
        bare = _POSSESSIVE.sub("", key)
        most = max(lexicon.longest(key), lexicon.longest(bare))
        if not most or start < until:
            continue
        for count in range(min(most, len(words) - at), 0, -1):
            last_start, last = words[at + count - 1]
            end = last_start + len(_POSSESSIVE.sub("", last))
            entries = lexicon.named(normalise(text[start:end]))
            entries = tuple(entry for entry in entries if entry.kind != "theme")
            if len({entry.kind for entry in entries}) > 1 or _is_listed(entries):
                continue
            if entries and any(char.isupper() for char in text[start:end]):
                whole = Word(start, end, text[start:end], normalise(text[start:end]))
                candidate = Candidate(
                    "person" if entries[0].kind == "person" else "place",
                    [whole], whole.text, whole.key, "known-name", 0.97, Run([whole]), [whole],
                )  # fmt: skip
                found.append((candidate, entries))
                until = end
                break
    return found


def _is_listed(entries: tuple[KnownName, ...]) -> bool:
    """Tell whether these are places of the gazetteer, which knows which Paris is meant."""
    return any(entry.kind == "place" and gazetteer.knows(entry.notation) for entry in entries)


def _without(
    candidates: list[Candidate], known: list[tuple[Candidate, tuple[KnownName, ...]]]
) -> list[Candidate]:
    """Return the candidates that do not overlap a known name; a longer name wins."""
    if not known:
        return candidates
    kept: list[Candidate] = []
    spans = [(candidate.start, candidate.end) for candidate, _ in known]
    at = 0
    for candidate in candidates:
        while at < len(spans) and spans[at][1] <= candidate.start:
            at += 1
        if at == len(spans) or spans[at][0] >= candidate.end:
            kept.append(candidate)
    return kept


def _who_and_where(
    text: str,
    candidates: list[Candidate],
    known: list[tuple[Candidate, tuple[KnownName, ...]]],
    lexicon: Lexicon,
) -> tuple[list[FoundTag], str | None, list[FoundTag]]:
    people = who.full_names(text, candidates)
    people = _with_known_people(people, known)
    who.link_titled(text, candidates, people)
    singles: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.sort == "single":
            singles[candidate.key].append(candidate)
    taken = who.link_singles(text, singles, people)
    confirmed = {
        candidate.key
        for candidate in candidates
        if {entry.kind for entry in lexicon.named(candidate.key)} == {"place"}
    }
    placed = where.accepted(text, candidates, taken, confirmed)
    placed_keys = {candidate.key for candidate in placed}
    spots = where.settle(text, placed)
    spots += where.unlisted(text, candidates, placed, taken | placed_keys)
    taken |= {c.key for spot in spots for c, _, _ in spot.found}
    who.lone_names(text, singles, taken, people)
    teller = who.teller(text, people)
    people = [p for p in people if not lexicon.stopped("person", p.best, *p.names)]
    subject = teller if teller in people else who.subject_of(text, people)
    person_tags = [_person_tag(person, person is subject, lexicon) for person in people]
    person_tags.sort(key=lambda t: (t.role != "subject", -len(t.mentions), t.mentions[0].start))
    place_tags = _place_tags(spots, known, lexicon)
    return person_tags, subject.best if subject else None, place_tags


def _with_known_people(
    people: list[who.Person], known: list[tuple[Candidate, tuple[KnownName, ...]]]
) -> list[who.Person]:
    """Add the known persons whose names stand in the text."""
    by_key: dict[str, who.Person] = {}
    for candidate, entries in known:
        if entries[0].kind != "person":
            continue
        only = entries[0] if len(entries) == 1 else None
        key = f"ref {only.ref}" if only else candidate.key
        person = by_key.get(key)
        if person is None:
            name = only.name if only else candidate.text
            person = by_key[key] = who.Person(tuple(normalise(name).split()), name, known=only)
        person.add(candidate, "known-name", 0.97 if only else 0.5, candidate.text)
    return [*by_key.values(), *people]


def _mentions(
    kind: Kind, name: str, found: list[tuple[Candidate, str, float]]
) -> tuple[Mention, ...]:
    spans: dict[int, Mention] = {}
    for candidate, rule, confidence in found:
        quote = candidate.text
        mention = Mention(
            kind, name, candidate.start, candidate.end, quote, rule, round(confidence, 2)
        )
        spans.setdefault(candidate.start, mention)
    return tuple(spans[start] for start in sorted(spans))


def _person_tag(person: who.Person, is_subject: bool, lexicon: Lexicon) -> FoundTag:
    known = person.known or lexicon.of_kind("person", normalise(person.best))
    name = known.name if known else person.best
    mentions = _mentions("person", name, person.found)
    own = normalise(name)
    others = {normalise(n): n for n in reversed(person.names) if normalise(n) != own}
    role: Role = "subject" if is_subject else "mentioned"
    confidence = max(mention.confidence for mention in mentions)
    others_in_order = tuple(n for n in person.names if others.get(normalise(n)) == n)
    return FoundTag(
        kind="person",
        name=name,
        other_names=others_in_order,
        notation=known.notation if known else "",
        ref=known.ref if known else None,
        role=role,
        confidence=min(0.99, confidence + 0.02 * (len(mentions) - 1)),
        mentions=mentions,
    )


_RULE_CONFIDENCE = {
    "country": 0.97, "address": 0.97, "gazetteer": 0.9, "historical-name": 0.93,
    "preposition": 0.7, "feature": 0.65,
}  # fmt: skip


def _place_tags(
    spots: list[where.Spot],
    known: list[tuple[Candidate, tuple[KnownName, ...]]],
    lexicon: Lexicon,
) -> list[FoundTag]:
    merged: dict[str, where.Spot] = {}
    for candidate, entries in known:
        if entries[0].kind == "place":
            only = entries[0] if len(entries) == 1 else None
            key = (only.notation or f"ref {only.ref}") if only else candidate.key
            spot = merged.setdefault(key, where.Spot(None, (only or entries[0]).name, [], only))
            spot.found.append((candidate, "known-name", 0.97 if only else 0.5))
    for spot in spots:
        key = spot.place.notation if spot.place else normalise(spot.name)
        if key in merged:
            merged[key].place = spot.place
            merged[key].found.extend(spot.found)
        else:
            merged[key] = spot
    tags = [_place_tag(spot, lexicon) for spot in merged.values()]
    kept = [t for t in tags if not lexicon.stopped("place", t.name, *(m.quote for m in t.mentions))]
    return sorted(kept, key=lambda t: (-len(t.mentions), t.mentions[0].start))


def _place_tag(spot: where.Spot, lexicon: Lexicon) -> FoundTag:
    notation = spot.place.notation if spot.place else ""
    known = (
        spot.known
        or lexicon.with_notation("place", notation)
        or (None if notation else lexicon.of_kind("place", normalise(spot.name)))
    )
    name = known.name if known else spot.name
    found = [(c, rule, confidence or _RULE_CONFIDENCE[rule]) for c, rule, confidence in spot.found]
    mentions = _mentions("place", name, found)
    others = dict.fromkeys(m.quote for m in mentions if normalise(m.quote) != normalise(name))
    return FoundTag(
        kind="place",
        name=name,
        other_names=tuple(others),
        notation=notation or (known.notation if known else ""),
        ref=known.ref if known else None,
        role="mentioned",
        confidence=max(mention.confidence for mention in mentions),
        mentions=mentions,
    )


def _themes(
    text: str, keys: list[str], starts: list[int], named: set[int], lexicon: Lexicon
) -> list[FoundTag]:
    table = lexicon.cues
    tags: list[FoundTag] = []
    for number, weight, hits in what.chosen(
        table, what.find(table, keys, starts, named), len(keys)
    ):
        theme = table.themes[number]
        if lexicon.stopped("theme", theme.name):
            continue
        known = lexicon.with_notation("theme", theme.notation) or lexicon.of_kind(
            "theme", normalise(theme.name)
        )
        name = known.name if known else theme.name
        mentions = tuple(
            Mention(
                "theme", name, hit.start, hit.end, text[hit.start : hit.end], "cue",
                round(0.3 + 0.2 * hit.cue.weight, 2),
            )
            for hit in hits
        )  # fmt: skip
        confidence = round(min(0.95, 0.4 + 0.08 * weight), 2)
        tags.append(
            FoundTag(
                "theme", name, (), theme.notation, known.ref if known else None, "mentioned",
                confidence, mentions,
            )
        )  # fmt: skip
    return tags
