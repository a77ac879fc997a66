"""Indexes of tags: people by letter, places and themes as trees; only what visible stories use."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from anyascii import anyascii
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.models import KINDS, SLUG_LENGTH, Kind, KindInfo, OtherName, Tag
from archive.models.tag import name_key
from archive.reading.atlas import place_map, places_map
from archive.reading.names import families, family_key
from archive.reading.pages import page_number
from archive.search.fulltext.query import clean
from archive.search.index import index
from archive.search.results import Facet, FacetValue
from archive.search.state import State

#: Tags that a door of the home page shows.
DOOR_SIZE = 6
#: Names on a page of a list; roots on a page of a tree.
NAMES, ROOTS = 200, 60
#: Tags of a tree on one page; what lies deeper has pages of its own.
NODES = 500
#: Trees of so many tags stand open.
OPEN = 60
#: Other names looked at for what was typed.
OTHER_NAMES = 2_000
#: Characters of what is typed that are read.
TYPED = 100
#: What is listed under no letter of A to Z.
NO_LETTER = "#"


@dataclasses.dataclass(slots=True)
class CountedTag:
    """A tag with the number of visible stories on it and on all that lies below it."""

    tag: Tag
    count: int
    below: list[CountedTag] = dataclasses.field(default_factory=list)
    left: int = 0  # narrower tags that have no room on this page
    open: bool = False
    letter: str = ""  # where it is the first of its letter on the page
    within: tuple[Tag, ...] = ()  # what it lies in, widest first


@dataclasses.dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the index of people."""

    letter: str
    url: str
    selected: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Roll:
    """All people in use in the order of their family names, and where each letter begins."""

    people: Sequence[int]
    letters: dict[str, tuple[int, int]]


_rolls: weakref.WeakKeyDictionary[State, tuple[int, Roll]] = weakref.WeakKeyDictionary()
_used_tags: weakref.WeakKeyDictionary[State, tuple[int, dict[str, list[int]]]] = (
    weakref.WeakKeyDictionary()
)


@require_safe
def tag_index(request: HttpRequest, kind: str) -> HttpResponse:
    """The tags of a kind that visible stories use: people by letter, others as a tree."""
    info = KINDS[kind]
    typed = clean(request.GET.get("q", ""), TYPED).strip()
    number = page_number(request.GET.get("page", ""))
    with index.reading() as state:
        total = state.in_use(kind)
    context: dict[str, Any] = {"info": info, "total": total, "typed": typed}
    family = clean(request.GET.get("family", ""), TYPED)
    if typed:
        context |= _found(info, typed, number)
    elif info.tree:
        slug = clean(request.GET.get("in", ""), SLUG_LENGTH + 1)
        root = Tag.objects.filter(kind=kind, slug=slug).first() if slug else None
        if slug and root is None:
            return redirect(info.plural)
        context |= _tree(info, root, number)
    elif family:
        context |= _family(info, family, number)
    else:
        context |= _people(info, request.GET.get("letter", ""), number)
    if kind == Kind.PLACE and not typed:
        root = context.get("root")
        context["place_map"] = place_map(root) if root else places_map()
    return render(request, "tags.html", context)


# Lists


def _people(info: KindInfo, letter: str, number: int) -> dict[str, Any]:
    """A page of the people in the order of their family names, of one letter or of all."""
    with index.reading() as state:
        roll = _roll(state)
        first, last = roll.letters.get(letter, (0, len(roll.people)))
        ids, paging = _page(roll.people[first:last], NAMES, number, info, letter=letter)
        starts = {roll.people[at]: name for name, (at, _end) in roll.letters.items()}
        keys = {pk: _letter(_sorted_as(state, pk)) for pk in ids}
        counts = {pk: len(state.below[pk]) for pk in ids}
    items = _counted(ids, counts)
    before = ""
    for item in items:
        if keys[item.tag.pk] != before or item.tag.pk in starts:
            before = item.letter = keys[item.tag.pk]
    address = reverse(info.plural)
    letters = [
        Letter(name, f"{address}?{urlencode({'letter': name})}", name == letter)
        for name in roll.letters
    ]
    return {
        "items": items,
        "letters": letters if len(roll.people) > 1 else [],
        "letter": letter if letter in roll.letters else "",
        "paging": paging,
    }


def _in_use(state: State, kind: str) -> list[int]:
    """The tags of *kind* that visible stories have, or one below; kept until the index changes."""
    known = _used_tags.get(state)
    if known is None or known[0] != state.generation:
        found: dict[str, list[int]] = {}
        for pk, size in state.below.sizes().items():
            if size and pk in state.tags:
                found.setdefault(state.tags[pk].kind, []).append(pk)
        known = (state.generation, found)
        _used_tags[state] = known
    return known[1].get(kind, [])


def _roll(state: State) -> Roll:
    """The people in use in order; kept until the index changes."""
    known = _rolls.get(state)
    if known is None or known[0] != state.generation:
        rows = sorted(
            (_letter_rank(key := _sorted_as(state, pk)), key, state.tags[pk].name_key, pk)
            for pk in _in_use(state, Kind.PERSON)
        )
        letters: dict[str, tuple[int, int]] = {}
        for at, (_rank, key, _name, _pk) in enumerate(rows):
            letter = _letter(key)
            letters[letter] = (letters.get(letter, (at, at))[0], at + 1)
        known = (state.generation, Roll([pk for *_key, pk in rows], letters))
        _rolls[state] = known
    return known[1]


def _sorted_as(state: State, pk: int) -> str:
    """The family name of a person, or the only name."""
    key = state.tags[pk].name_key
    return family_key(key) or key


def _letter(key: str) -> str:
    """The letter of A to Z under which *key* is listed; other scripts are romanised."""
    first = key[:1] if key.isascii() else anyascii(key[:1])
    letter = first[:1].upper()
    return letter if letter.isascii() and letter.isalpha() else NO_LETTER


def _letter_rank(key: str) -> str:
    letter = _letter(key)
    return "~" if letter == NO_LETTER else letter


def _family(info: KindInfo, family: str, number: int) -> dict[str, Any]:
    """A page of the people of one family name."""
    key = family_key(f"x {name_key(family)}")
    with index.reading() as state:
        bearers = [pk for pk in families(state).get(key, ()) if key and state.below.get(pk)]
        bearers.sort(key=lambda pk: (state.tags[pk].name_key, pk))
        ids, paging = _page(bearers, NAMES, number, info, family=family)
        counts = {pk: len(state.below[pk]) for pk in ids}
    return {"items": _counted(ids, counts), "paging": paging, "family": family}


def _found(info: KindInfo, typed: str, number: int) -> dict[str, Any]:
    """A page of the tags one of whose names holds what was *typed* at the beginning of a word."""
    key = name_key(typed)
    others = OtherName.objects.filter(
        Q(name_key__startswith=key) | Q(name_key__contains=f" {key}"), tag__kind=info.kind
    )
    also = set(others.values_list("tag_id", flat=True)[:OTHER_NAMES]) if key else set()
    with index.reading() as state:
        rows = []
        for pk in _in_use(state, info.kind):
            name = state.tags[pk].name_key
            if key and (name.startswith(key) or f" {key}" in name or pk in also):
                rows.append((not name.startswith(key), name, pk))
        rows.sort()
        ids, paging = _page([pk for *_key, pk in rows], NAMES, number, info, q=typed)
        counts = {pk: len(state.below[pk]) for pk in ids}
        lineages = {pk: state.lineage(pk)[1:] for pk in ids} if info.tree else {}
    items = _counted(ids, counts)
    above = Tag.objects.in_bulk({pk for line in lineages.values() for pk in line})
    for item in items:
        line = lineages.get(item.tag.pk, ())
        item.within = tuple(above[pk] for pk in reversed(line) if pk in above)
    return {"items": items, "paging": paging, "found": len(rows)}


def _counted(ids: Sequence[int], counts: dict[int, int]) -> list[CountedTag]:
    rows = Tag.objects.in_bulk(list(ids)) if ids else {}
    return [CountedTag(rows[pk], counts[pk]) for pk in ids if pk in rows]


def _page(
    items: Sequence[int], size: int, number: int, info: KindInfo, **kept: str
) -> tuple[Sequence[int], dict[str, Any]]:
    """The items of a page, and what parts/pages.html draws."""
    pages = max(1, -(-len(items) // size))
    number = min(number, pages)

    def url(page: int) -> str:
        pairs = [(name, value) for name, value in kept.items() if value]
        return f"{reverse(info.plural)}?{urlencode([*pairs, ('page', page)])}"

    paging = {
        "page": number,
        "pages": pages,
        "previous_url": url(number - 1) if number > 1 else "",
        "next_url": url(number + 1) if number < pages else "",
    }
    return items[(number - 1) * size : number * size], paging


# Trees


def _tree(info: KindInfo, root: Tag | None, number: int) -> dict[str, Any]:
    """A page of the roots, or of what lies below *root*, each with what lies below it.

    Roots are paged and siblings sorted by name. Levels are filled one by one until the page is
    full, so that what is cut off is always the deepest.
    """
    with index.reading() as state:
        if root is not None and not state.below.get(root.pk):
            raise Http404("No story that you may read names this.")
        tops = _in_order(state, state.narrower.get(root.pk, ()) if root else _roots(state, info))
        ids, paging = _page(tops, ROOTS, number, info, **{"in": root.slug if root else ""})
        below = _levels(state, ids)
        shown = [*ids, *(child for children in below.values() for child in children)]
        counts = {pk: len(state.below[pk]) for pk in shown}
        left = {pk: len(_used(state, pk)) - len(below.get(pk, ())) for pk in shown}
        lineage = state.lineage(root.pk)[1:] if root else []
    rows = Tag.objects.in_bulk([*shown, *lineage])
    made = {
        pk: CountedTag(rows[pk], counts[pk], left=left[pk], open=len(shown) <= OPEN)
        for pk in shown
        if pk in rows
    }
    for pk, children in below.items():
        if pk in made:
            made[pk].below = [made[child] for child in children if child in made]
    return {
        "tree": [made[pk] for pk in ids if pk in made],
        "root": root,
        "within": [rows[pk] for pk in reversed(lineage) if pk in rows],
        "paging": paging,
    }


def _roots(state: State, info: KindInfo) -> list[int]:
    return [
        pk for pk in _in_use(state, info.kind) if not state.below.get(state.tags[pk].broader or 0)
    ]


def _used(state: State, tag: int) -> list[int]:
    return [child for child in state.narrower.get(tag, ()) if state.below.get(child)]


def _in_order(state: State, tags: Iterable[int]) -> list[int]:
    used = [pk for pk in tags if state.below.get(pk)]
    return sorted(used, key=lambda pk: (state.tags[pk].name_key, pk))


def _levels(state: State, tops: Sequence[int]) -> dict[int, list[int]]:
    """What lies below *tops*, level by level, as long as there is room."""
    below: dict[int, list[int]] = {}
    seen = set(tops)
    level = list(tops)
    while level:
        following: list[int] = []
        for pk in level:
            room = NODES - len(seen)
            children = [child for child in _in_order(state, _used(state, pk)) if child not in seen]
            if children and room > 0:
                below[pk] = children[:room]
                seen.update(below[pk])
                following += below[pk]
        level = following
    return below


# Ways in


def doors(facets: Sequence[Facet]) -> list[Facet]:
    """The facets of the whole archive as ways in: of each kind the few tags that say most."""
    return [
        dataclasses.replace(facet, values=tuple(telling(facet.values)[:DOOR_SIZE]))
        for facet in facets
    ]


def telling(values: Sequence[FacetValue]) -> list[FacetValue]:
    """Those of *values* that say most.

    A place or theme that holds just the stories of one below it says less than that one.
    """
    with index.reading() as state:
        in_narrower = {
            (above, value.count) for value in values for above in state.lineage(value.tag_id)[1:]
        }
    return [value for value in values if (value.tag_id, value.count) not in in_narrower]
