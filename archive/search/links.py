"""What surrounds a list of stories: values to choose, chips to take back, orders to switch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote_plus

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from archive.models import KINDS, KindInfo
from archive.models.addresses import address
from archive.search import facets, wording
from archive.search.filters import GROUPINGS, PER_PAGE, SORTS, Criteria
from archive.search.labels import TagLabel


@dataclasses.dataclass(frozen=True, slots=True)
class FacetValue:
    """A value to choose, or to give up."""

    kind: str  # a kind of tag, "collection" or "language"
    tag_id: int | None  # none for collections and languages
    name: str
    slug: str
    count: int  # stories on the page that the URL leads to
    selected: bool
    url: str
    exclude_url: str  # the same question without the stories that have it; empty: not offered
    shown: str  # the count as it is written
    noun: str  # and the word behind it

    @property
    def tag_url(self) -> str:
        """Address of the tag's page; for tags only."""
        return address(KINDS[self.kind].parameter, self.slug)


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """One of several ways to see the same: an order, a length of page, a mode of a facet."""

    name: str
    label: str
    url: str
    selected: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Facet:
    """The values of one kind of tag, the collections or the languages in a result."""

    kind: str  # a kind of tag, "collection" or "language"
    heading: str
    info: KindInfo | None  # of a kind of tag
    values: tuple[FacetValue, ...]
    more: int  # further values, counted up to facets.MORE_LIMIT
    all_url: str  # the list of all its values with counts
    modes: tuple[Option, ...]  # pairs: all or any of the values, with what is below or exactly

    @property
    def chosen(self) -> list[FacetValue]:
        """The values to give up."""
        return [value for value in self.values if value.selected]

    @property
    def others(self) -> list[FacetValue]:
        """The values to choose."""
        return [value for value in self.values if not value.selected]


@dataclasses.dataclass(frozen=True, slots=True)
class Chip:
    """Something that was asked for and can be taken back."""

    label: str
    kind: str  # a kind of tag, "query", "collection" or "language"
    url: str  # the same question without it
    negative: bool = False
    known: bool = True


#: What the index says of chosen values: kind, slug, whether it is unwanted, its tag if it has one.
Chosen = Sequence[tuple[str, str, bool, int | None]]


def tag_facets(
    counts: Mapping[str, facets.Counts], criteria: Criteria, tags: Mapping[int, TagLabel], path: str
) -> tuple[Facet, ...]:
    """A facet for each kind of tag; names are those of *tags*, by id."""
    return tuple(
        Facet(
            kind=kind,
            heading=str(info.heading),
            info=info,
            values=tuple(tag_values(kind, counts[kind].values, criteria, tags, path)),
            more=counts[kind].more,
            all_url=criteria.replace().url(address("values", kind)),
            modes=_modes(kind, info, criteria, path),
        )
        for kind, info in KINDS.items()
    )


def tag_values(
    kind: str,
    counts: Iterable[facets.Count],
    criteria: Criteria,
    tags: Mapping[int, TagLabel],
    path: str,
) -> Iterator[FacetValue]:
    """Tags of *kind* as values to choose, as counted; those that *tags* do not name are left out.

    Addresses differ in one value only, so that what stands around it is written once.
    """
    selection = criteria.selection(kind)
    # A name that no slug can have marks the place.
    wanted = dataclasses.replace(selection, wanted=(*selection.wanted, "\0"))
    unwanted = dataclasses.replace(selection, unwanted=(*selection.unwanted, "\0"))
    choose = criteria.with_selection(kind, wanted).url(path).partition("%00")
    exclude = criteria.with_selection(kind, unwanted).url(path).partition("%00")
    language = get_language()
    for count in counts:
        tag = tags.get(count.tag)
        if tag is None:
            continue
        url, exclude_url = choose[0] + tag.slug + choose[2], exclude[0] + tag.slug + exclude[2]
        if count.selected:
            url, exclude_url = _given_up(criteria, kind, tag.slug, path)
        yield FacetValue(
            kind,
            count.tag,
            str(tag),
            tag.slug,
            count.count,
            count.selected,
            url,
            exclude_url,
            *wording.stories(count.count, language),
        )


def _given_up(criteria: Criteria, kind: str, slug: str, path: str) -> tuple[str, str]:
    """The addresses without a chosen value, and with its stories excluded."""
    selection = criteria.selection(kind)
    kept = dataclasses.replace(selection, wanted=minus(selection.wanted, slug))
    excluded = dataclasses.replace(kept, unwanted=tuple(dict.fromkeys((*selection.unwanted, slug))))
    return (
        criteria.with_selection(kind, kept).url(path),
        criteria.with_selection(kind, excluded).url(path),
    )


def _modes(kind: str, info: KindInfo, criteria: Criteria, path: str) -> tuple[Option, ...]:
    """The switches of a facet that change something now."""
    selection = criteria.selection(kind)

    def option(name: str, label: str, **changes: bool) -> Option:
        changed = dataclasses.replace(selection, **changes)
        url = criteria.with_selection(kind, changed).url(path)
        return Option(name, label, url, changed == selection)

    modes: list[Option] = []
    if len(selection.wanted) > 1:
        modes += [
            option("all", _("All of these"), any_of=False),
            option("any", _("Any of these"), any_of=True),
        ]
    if info.tree and (selection.wanted or selection.unwanted):
        modes += [
            option("below", _("With all that lies below"), exact=False),
            option("exact", _("Only these themselves"), exact=True),
        ]
    return tuple(modes)


def grouping_facets(
    counts: Mapping[str, facets.GroupCounts],
    criteria: Criteria,
    collections: Mapping[str, str],
    path: str,
) -> tuple[Facet, ...]:
    """Facets of collections and languages, where there is something to choose.

    *collections* are their names by slug.
    """
    made = []
    for grouping, heading in GROUPINGS.items():
        values = tuple(group_values(grouping, counts[grouping].values, criteria, collections, path))
        if len(values) > 1 or any(value.selected for value in values):
            url = criteria.replace().url(address("values", grouping))
            facet = Facet(grouping, str(heading), None, values, counts[grouping].more, url, ())
            made.append(facet)
    return tuple(made)


def group_values(
    grouping: str,
    counts: Iterable[facets.GroupCount],
    criteria: Criteria,
    collections: Mapping[str, str],
    path: str,
) -> Iterator[FacetValue]:
    """Collections or languages as values to choose, as counted."""
    chosen = criteria.grouping(grouping)
    before, _place, after = (
        criteria.with_grouping(grouping, (*chosen, "\0")).url(path).partition("%00")
    )
    language = get_language()
    for count in counts:
        url = before + quote_plus(count.value) + after
        if count.selected:
            url = criteria.with_grouping(grouping, minus(chosen, count.value)).url(path)
        yield FacetValue(
            grouping,
            None,
            group_name(grouping, count.value, collections),
            count.value,
            count.count,
            count.selected,
            url,
            "",
            *wording.stories(count.count, language),
        )


def group_name(grouping: str, value: str, collections: Mapping[str, str]) -> str:
    """What a collection or a language is called."""
    if grouping == "collection":
        return collections.get(value, value)
    return wording.language_name(value)


def chips(
    chosen: Chosen,
    criteria: Criteria,
    tags: Mapping[int, TagLabel],
    collections: Mapping[str, str],
    path: str,
) -> tuple[Chip, ...]:
    """What was asked for, each with the address of the question without it."""
    made = []
    if criteria.query:
        made.append(Chip(criteria.query, "query", criteria.replace(query="").url(path)))
    for kind, slug, negative, pk in chosen:
        tag = tags.get(pk) if pk is not None else None
        url = criteria.without(kind, slug).url(path)
        made.append(Chip(str(tag) if tag else slug, kind, url, negative, tag is not None))
    for slug in criteria.collections:
        url = criteria.replace(collections=minus(criteria.collections, slug)).url(path)
        label = collections.get(slug, slug)
        made.append(Chip(label, "collection", url, known=slug in collections))
    for code in criteria.languages:
        url = criteria.replace(languages=minus(criteria.languages, code)).url(path)
        name = wording.language_name(code)
        made.append(Chip(name, "language", url, known=name != code))
    return tuple(made)


def minus(values: Sequence[str], value: str) -> tuple[str, ...]:
    """*values* without *value*."""
    return tuple(other for other in values if other != value)


def sorts(criteria: Criteria, path: str) -> tuple[Option, ...]:
    """The orders to choose from; relevance needs words."""
    return tuple(
        Option(name, str(label), criteria.replace(sort=name).url(path), name == criteria.order)
        for name, label in SORTS.items()
        if name != "relevance" or criteria.query
    )


def per_pages(criteria: Criteria, path: str) -> tuple[Option, ...]:
    """The lengths of a page to choose from."""
    return tuple(
        Option(
            str(number),
            str(number),
            criteria.replace(per_page=number).url(path),
            number == criteria.per_page,
        )
        for number in PER_PAGE
    )


def page_url(criteria: Criteria, page: int, pages: int, path: str) -> str:
    """The address of another page; empty if there is none."""
    return criteria.replace(page=page).url(path) if 1 <= page <= pages else ""
