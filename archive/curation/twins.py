"""Tags that look like the same: proposed to curators, never merged by a machine.

Names are compared within blocks (the same words in any order with abbreviations spelt out; the same
beginning; the same other name), so that a hundred thousand tags are compared in seconds.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator

from django.db.models import Count, Max, Sum
from rapidfuzz import fuzz, process

from archive.models import Kind, NotSame, OtherName, Tag
from archive.models.tag import KINDS

#: Names that share fewer per cent of their letters (rapidfuzz's ratio) are not proposed.
ALIKE = 87
#: Pairs that are proposed at once.
MOST = 200
#: Tags compared with one another in one block; larger blocks say nothing.
BLOCK = 60
#: Letters by which names begin that are compared.
BEGINNING = 5
#: What is written short or long (lower case, without accents and dots).
ABBREVIATIONS = {
    "st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort", "dr": "doctor", "mme": "madame",
    "prof": "professor", "univ": "university", "is": "island", "ave": "avenue", "rd": "road",
    "usa": "united states", "us": "united states", "uk": "united kingdom", "ussr": "soviet union",
    "&": "and",
}  # fmt: skip
_SILENT = {"the", "of", "city", "la", "le", "el"}
_PUNCTUATION = re.compile(r"[^\w&]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Name:
    """What is compared of a tag."""

    pk: int
    key: str
    apart: str


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """Two tags that look alike, and why."""

    first: int
    second: int
    score: float
    reason: str  # "words", "letters" or "name"


def signature(key: str) -> str:
    """The words of a normalised name in order of the alphabet, abbreviations spelt out."""
    words = [ABBREVIATIONS.get(word, word) for word in _PUNCTUATION.split(key) if word]
    spelt = " ".join(words).split()
    telling = [word for word in spelt if word not in _SILENT] or spelt
    return " ".join(sorted(telling))


_found: dict[str, tuple[tuple[object, ...], list[Pair]]] = {}


def near(kind: str) -> list[Pair]:
    """Pairs of *kind* that look alike and were not told apart, the likeliest first.

    The comparison is kept until a tag, an other name or a verdict changes.
    """
    state = _state(kind)
    if kind not in _found or _found[kind][0] != state:
        _found[kind] = (state, list(_pairs(kind)))
    told = set(NotSame.objects.values_list("first", "second"))
    return [pair for pair in _found[kind][1] if (pair.first, pair.second) not in told]


def _state(kind: str) -> tuple[object, ...]:
    tags = Tag.objects.filter(kind=kind).aggregate(Count("pk"), Max("pk"), Sum("version"))
    others = OtherName.objects.filter(tag__kind=kind).aggregate(Count("pk"), Max("pk"))
    return (*tags.values(), *others.values())


def _pairs(kind: str) -> Iterator[Pair]:
    rows = Tag.objects.filter(kind=kind).order_by("pk")
    names = [
        Name(*row) for row in rows.values_list("pk", "name_key", "disambiguation_key").iterator()
    ]
    found: dict[tuple[int, int], Pair] = {}
    for pair in (*_same_words(names, kind), *_same_name(names, kind), *_same_letters(names)):
        found.setdefault((pair.first, pair.second), pair)
    yield from sorted(found.values(), key=lambda p: (-p.score, p.first, p.second))[:MOST]


def _blocks(keyed: Iterable[tuple[str, Name]]) -> Iterator[list[Name]]:
    blocks: dict[str, list[Name]] = {}
    for key, name in keyed:
        blocks.setdefault(key, []).append(name)
    return (block for block in blocks.values() if 1 < len(block) <= BLOCK)


def _together(one: Name, other: Name) -> bool:
    """Whether nobody has told the two apart in brackets."""
    return one.apart == other.apart or not (one.apart and other.apart)


def _same_words(names: list[Name], kind: str) -> Iterator[Pair]:
    for block in _blocks((signature(name.key), name) for name in names):
        for at, one in enumerate(block):
            for other in block[at + 1 :]:
                # One given name alone is many people.
                alone = kind == Kind.PERSON and " " not in one.key
                told = one.key == other.key and one.apart != other.apart
                if _together(one, other) and not alone and not told:
                    yield Pair(one.pk, other.pk, 100.0, "words")


def _same_letters(names: list[Name]) -> Iterator[Pair]:
    for block in _blocks((name.key[:BEGINNING], name) for name in names):
        keys = [name.key for name in block]
        scores = process.cdist(keys, keys, scorer=fuzz.ratio, score_cutoff=ALIKE)
        for at, one in enumerate(block):
            for index in range(at + 1, len(block)):
                other, score = block[index], float(scores[at][index])
                digits = re.sub(r"\D", "", one.key) != re.sub(r"\D", "", other.key)
                if score >= ALIKE and one.key != other.key and not digits:
                    yield Pair(one.pk, other.pk, score, "letters")


def _same_name(names: list[Name], kind: str) -> Iterator[Pair]:
    """Pairs where the other name of one is the name, or an other name, of the other."""
    by_pk = {name.pk: name for name in names}
    others = OtherName.objects.filter(tag__kind=kind).values_list("name_key", "tag_id")
    keyed = [(key, by_pk[pk]) for key, pk in others.iterator() if pk in by_pk]
    wanted = {key for key, _name in keyed}
    keyed += [(name.key, name) for name in names if name.key in wanted]
    for block in _blocks(keyed):
        for at, one in enumerate(sorted(block, key=lambda name: name.pk)):
            for other in sorted(block, key=lambda name: name.pk)[at + 1 :]:
                if one.pk != other.pk and _together(one, other):
                    yield Pair(one.pk, other.pk, 95.0, "name")


def count() -> int:
    """How many pairs are proposed, of all kinds."""
    return sum(len(near(kind)) for kind in KINDS)
