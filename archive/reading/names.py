"""Family names: the one thing that two people may share without the archive knowing why."""

from __future__ import annotations

import dataclasses
import functools
import weakref

from archive.models import Kind, Story, Tag, Tagging
from archive.search.index import index
from archive.search.state import State, TagRow
from archive.tagging.names import normalise

#: People named at once who bear one family name; the index lists all of them.
SHOWN = 12
#: Subjects of one story whose names are looked at.
SUBJECTS = 3
#: Words before a family name that belong to it.
PARTICLES = frozenset({
    "af", "al", "ap", "av", "ben", "bin", "bint", "da", "dal", "dalla", "das", "de", "dei",
    "del", "della", "den", "der", "des", "di", "do", "dos", "du", "el", "fitz", "ibn", "la",
    "le", "les", "lo", "mac", "mc", "op", "san", "santa", "st", "ste", "'t", "te", "ten", "ter",
    "van", "vande", "vander", "vom", "von", "y", "zu", "zum", "zur",
})  # fmt: skip
#: Words behind a family name that do not belong to it.
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "junior", "senior"})


@dataclasses.dataclass(frozen=True, slots=True)
class Namesakes:
    """People whom stories call by one family name."""

    name: str
    people: tuple[Tag, ...]
    more: int
    key: str  # by which the index of people lists all of them


def family_name(name: str) -> str:
    """The last word of *name* with the particles before it; empty if there is just one word."""
    words = name.replace(",", " ").split()
    while len(words) > 1 and words[-1].casefold() in _SUFFIXES:
        words.pop()
    at = len(words) - 1
    while at > 1 and words[at - 1].casefold() in PARTICLES:
        at -= 1
    return " ".join(words[at:]) if at > 0 else ""


@functools.lru_cache(maxsize=500_000)
def family_key(name_key: str) -> str:
    """What is compared instead of a family name: no case, no accents, no particles."""
    family = family_name(name_key).split()
    while len(family) > 1 and family[0] in PARTICLES:
        family.pop(0)
    return normalise(" ".join(family))


@dataclasses.dataclass(slots=True)
class _Known:
    """The people of each family name as of one state of the index."""

    generation: int = -1
    rows: dict[int, TagRow] = dataclasses.field(default_factory=dict)
    by_key: dict[str, set[int]] = dataclasses.field(default_factory=dict)


_known: weakref.WeakKeyDictionary[State, _Known] = weakref.WeakKeyDictionary()


def families(state: State) -> dict[str, set[int]]:
    """The people of each family name, whether in use or not.

    Kept between calls; after a change only the names of changed tags are looked at.
    """
    known = _known.setdefault(state, _Known())
    if known.generation != state.generation:
        for pk in [pk for pk, row in known.rows.items() if state.tags.get(pk) is not row]:
            known.by_key[family_key(known.rows.pop(pk).name_key)].discard(pk)
        for pk, row in state.tags.items():
            if row.kind == Kind.PERSON and pk not in known.rows:
                known.rows[pk] = row
                known.by_key.setdefault(family_key(row.name_key), set()).add(pk)
        known.generation = state.generation
    return known.by_key


def names_shared(story: Story) -> tuple[Namesakes, ...]:
    """For each family name of those whose story it is, the others who bear it."""
    rows = story.taggings.shown().filter(role=Tagging.Role.SUBJECT, tag__kind=Kind.PERSON)  # type: ignore[attr-defined]
    subjects = [one.tag for one in rows.select_related("tag")[:SUBJECTS]]
    found = {one.key: one for person in subjects if (one := namesakes(person))}
    return tuple(found.values())


def namesakes(person: Tag) -> Namesakes | None:
    """Others in use who bear the family name of *person*; None if there are none.

    That they are kin is not said: the archive does not know.
    """
    key = family_key(person.name_key)
    if not key:
        return None
    with index.reading() as state:
        others = [
            (state.tags[pk].name_key, pk)
            for pk in families(state).get(key, ())
            if pk != person.pk and state.below.get(pk)
        ]
    if not others:
        return None
    first = [pk for _key, pk in sorted(others)[:SHOWN]]
    rows = Tag.objects.in_bulk(first)
    return Namesakes(
        family_name(person.name),
        tuple(rows[pk] for pk in first if pk in rows),
        len(others) - len(first),
        key,
    )
