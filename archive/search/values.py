"""All values of a facet within the current filter, with counts, to look through and search."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from archive.models import KINDS, Collection
from archive.search import facets, fulltext, links, matching, wording
from archive.search.filters import GROUPINGS, Criteria, page_number, read
from archive.search.fulltext.query import clean
from archive.search.labels import Labels
from archive.search.links import FacetValue, Option
from archive.search.looking import looking
from archive.search.matching import Match
from archive.search.names import starts_word
from archive.search.state import State
from archive.tagging.names import normalise

PER_PAGE = 100
#: Longest beginning of a name that is looked for, in characters.
MAX_CHARS = 100


@dataclasses.dataclass(frozen=True, slots=True)
class ValuesPage:
    """A page of the values of one facet."""

    kind: str
    heading: str
    asked: str  # the current filter in words; empty without one
    find: str  # the beginning of a name that was looked for
    total: int
    values: tuple[FacetValue, ...]
    sorts: tuple[Option, ...]
    page: int
    pages: int
    previous_url: str
    next_url: str
    back_url: str  # the list under the current filter
    hidden: tuple[tuple[str, str], ...]  # the current filter as fields for the form


def values(kind: str, params: QueryDict, path: str, list_path: str) -> ValuesPage:
    """The values of *kind* (of tag, "collection" or "language") within the question of *params*.

    ``find`` looks for the beginning of a word of a name, ``order=name`` sorts by it, ``page``
    counts pages of values. Links to choose a value lead to *list_path*, others stay at *path*.
    """
    asked = read(params)[0].replace()
    find = clean(params.get("find", ""), MAX_CHARS)
    order = "name" if params.get("order") == "name" else "count"
    query = fulltext.parse(asked.query)
    with looking(query) as (state, words):
        hits = None if words is None else words.stories(state)
        match = matching.match(state, asked, hits)
        chosen = tuple(facets.chosen(state, asked))
        labels = Labels.of(state)
        counts = (
            _tag_counts(state, asked, match, kind, normalise(find), order)
            if kind in KINDS
            else facets.count_groups(state, asked, match, kind, limit=None).values
        )
    collections = dict(Collection.objects.values_list("slug", "name"))
    if kind in GROUPINGS:
        counts = _groups_named(counts, kind, collections, normalise(find), order)
    pages = max(1, -(-len(counts) // PER_PAGE))
    page = min(page_number(params.get("page", "")), pages)
    shown = counts[(page - 1) * PER_PAGE : page * PER_PAGE]
    wanted = {count.tag for count in shown if isinstance(count, facets.Count)}
    wanted |= {tag for *_rest, tag in chosen if tag is not None}
    tags = labels.tags(wanted)
    names = {(tag.kind, tag.slug): str(tag) for tag in tags.values()}

    def url(order: str, page: int) -> str:
        more: list[tuple[str, object]] = [("find", find)] if find else []
        more += [("order", order)] * (order != "count") + [("page", page)] * (page > 1)
        return asked.url(path, *more)

    return ValuesPage(
        kind=kind,
        heading=str(KINDS[kind].heading if kind in KINDS else GROUPINGS[kind]),
        asked=wording.describe(
            asked, len(match.found), lambda kind, slug: names.get((kind, slug), slug), collections
        ),
        find=find,
        total=len(counts),
        values=tuple(
            links.tag_values(kind, shown, asked, tags, list_path)
            if kind in KINDS
            else links.group_values(kind, shown, asked, collections, list_path)
        ),
        sorts=(
            Option("count", _("Most stories first"), url("count", 1), order == "count"),
            Option("name", _("By name"), url("name", 1), order == "name"),
        ),
        page=page,
        pages=pages,
        previous_url=url(order, page - 1) if page > 1 else "",
        next_url=url(order, page + 1) if page < pages else "",
        back_url=asked.url(list_path),
        hidden=tuple((name, str(value)) for name, value in asked.pairs()),
    )


def _tag_counts(
    state: State, criteria: Criteria, match: Match, kind: str, beginning: str, order: str
) -> Sequence[facets.Count]:
    """The tags of *kind* in the result, selected ones first, then in *order*."""
    among = set(state.names.starting(beginning, None)) & state.tags.keys() if beginning else None
    selected, free = facets.every(state, criteria, match, kind, among)

    def rank(count: facets.Count) -> tuple[int, str, int]:
        first = 0 if order == "name" else -count.count
        return first, state.tags[count.tag].name_key, count.tag

    return [*selected, *sorted(free, key=rank)]


def _groups_named(
    counts: Sequence[facets.GroupCount],
    grouping: str,
    collections: Mapping[str, str],
    beginning: str,
    order: str,
) -> Sequence[facets.GroupCount]:
    """Those of *counts* whose name has a word with this beginning, in *order*."""

    def key(count: facets.GroupCount) -> str:
        return normalise(links.group_name(grouping, count.value, collections))

    found = [count for count in counts if count.selected or starts_word(key(count), beginning)]
    return sorted(found, key=key) if order == "name" else found
