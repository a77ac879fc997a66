"""One page of results: the value that lists, feeds, exports and the API all draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from django import forms
from django.http import QueryDict
from pyroaring import BitMap

from archive.search import entries, facets, fulltext, links, matching, wording
from archive.search.entries import Entry
from archive.search.evidence import Piece
from archive.search.filters import GROUPINGS, PER_PAGE, Criteria, read
from archive.search.labels import Labels
from archive.search.links import Chip, Facet, FacetValue, Option
from archive.search.looking import Words, looking
from archive.search.state import State
from archive.search.suggestions import Suggestion, did_you_mean

__all__ = [
    "Chip",
    "Entry",
    "Facet",
    "FacetValue",
    "Option",
    "Piece",
    "ResultPage",
    "Suggestion",
    "search",
]


@dataclasses.dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of stories with all that a list shows around them."""

    total: int
    archive_total: int
    entries: tuple[Entry, ...]
    facets: tuple[Facet, ...]  # people, places, themes
    groupings: tuple[Facet, ...]  # collections and languages, where there is a choice
    chips: tuple[Chip, ...]
    description: str
    sort: str
    sorts: tuple[Option, ...]
    page: int
    pages: int
    per_page: int
    per_pages: tuple[Option, ...]
    previous_url: str  # empty on the first page
    next_url: str  # empty on the last page
    clear_url: str
    criteria: Criteria
    query: str
    did_you_mean: tuple[Suggestion, ...]  # where little was found
    form: forms.Form


@dataclasses.dataclass(frozen=True, slots=True)
class _Answer:
    """What the index says, taken in one hold of its lock."""

    total: int
    archive_total: int
    page: int
    pages: int
    ids: list[int]
    counts: Mapping[str, facets.Counts]
    groups: Mapping[str, facets.GroupCounts]
    chosen: tuple[tuple[str, str, bool, int | None], ...]
    satisfying: entries.Satisfying


@dataclasses.dataclass(frozen=True, slots=True)
class _Counted:
    """What the index says of a question, whatever the order and the page."""

    found: BitMap
    counts: Mapping[str, facets.Counts]
    groups: Mapping[str, facets.GroupCounts]
    chosen: tuple[tuple[str, str, bool, int | None], ...]


def search(params: QueryDict, path: str = "/stories/", most: int | None = None) -> ResultPage:
    """The page of results that *params* ask for; *path* is where its links lead.

    With *most*, it has no more entries than that.

    Every query string has an answer: unknown values find nothing, unreadable ones are passed over,
    a page beyond the end is the last one.
    """
    criteria, form = read(params)
    query = fulltext.parse(criteria.query)
    with looking(query, criteria.order == "relevance") as (state, words):
        answer = _ask_index(state, criteria, words)
        labels = Labels.of(state)
    criteria = criteria.replace(page=answer.page)
    tags = labels.tags(_tags_named(answer))
    # Those that only drafts are in are counted nowhere, and have no name here.
    collections = labels.collections(value.value for value in answer.groups["collection"].values)
    names = {(tag.kind, tag.slug): str(tag) for tag in tags.values()}
    return ResultPage(
        total=answer.total,
        archive_total=answer.archive_total,
        entries=entries.build(answer.ids[:most], answer.satisfying, query.wanted, labels),
        facets=links.tag_facets(answer.counts, criteria, tags, path),
        groupings=links.grouping_facets(answer.groups, criteria, collections, path),
        chips=links.chips(answer.chosen, criteria, tags, collections, path),
        description=wording.describe(
            criteria, answer.total, lambda kind, slug: names.get((kind, slug), slug), collections
        ),
        sort=criteria.order,
        sorts=links.sorts(criteria, path),
        page=answer.page,
        pages=answer.pages,
        per_page=criteria.per_page,
        per_pages=links.per_pages(criteria, path),
        previous_url=links.page_url(criteria, answer.page - 1, answer.pages, path),
        next_url=links.page_url(criteria, answer.page + 1, answer.pages, path),
        clear_url=path,
        criteria=criteria,
        query=criteria.query,
        did_you_mean=did_you_mean(criteria, answer.total, path),
        form=form,
    )


def _ask_index(state: State, criteria: Criteria, words: Words | None) -> _Answer:
    counted = _count(state, criteria, words)
    total = len(counted.found)
    pages = max(1, -(-total // criteria.per_page))
    page = min(criteria.page, pages)
    start = (page - 1) * criteria.per_page
    stop = start + criteria.per_page
    if criteria.order == "relevance" and words is not None:
        ids = _by_relevance(state, counted.found, words, start, stop)
    else:
        ids = state.page(criteria.order, counted.found, start, stop)
    return _Answer(
        total=total,
        archive_total=len(state.visible),
        page=page,
        pages=pages,
        ids=ids,
        counts=counted.counts,
        groups=counted.groups,
        chosen=counted.chosen,
        satisfying=_satisfying(state, criteria, ids, words.tags if words else frozenset()),
    )


def _count(state: State, criteria: Criteria, words: Words | None) -> _Counted:
    """Find and count, or recall what was found and counted; the order and the page do not matter.

    Nothing that is kept may be changed, ``found`` neither.
    """
    key = criteria.replace(sort="", per_page=PER_PAGE[0])
    counted: _Counted | None = state.memory.recall(key, state.generation)
    if counted is None:
        hits = None if words is None else words.stories(state)
        match = matching.match(state, criteria, hits)
        counted = _Counted(
            match.found,
            facets.count(state, criteria, match),
            {
                grouping: facets.count_groups(state, criteria, match, grouping)
                for grouping in GROUPINGS
            },
            tuple(facets.chosen(state, criteria)),
        )
        state.memory.remember(key, counted, state.generation)
    return counted


def _satisfying(
    state: State, criteria: Criteria, ids: Sequence[int], named: frozenset[int]
) -> entries.Satisfying:
    """Find the tags of the stories *ids* that are wanted or, unless told not to, lie below.

    Those *named* by the words of the query are satisfying, too, behind what was chosen.
    """
    roots = [
        (kind, tag)
        for kind, _slug, negative, tag in facets.chosen(state, criteria)
        if tag is not None and not negative
    ]
    if not roots and not named:
        return {}
    roots.sort(key=lambda root: (len(state.below.get(root[1], ())), root[1]))
    found: dict[int, frozenset[int]] = {}
    for tag in {tag for story in ids for tag in state.tags_of(story)}:
        lineage = state.lineage(tag)
        numbers = frozenset(
            number
            for number, (kind, root) in enumerate(roots)
            if root == tag or (root in lineage and not criteria.selection(kind).exact)
        )
        if tag in named:
            numbers |= {len(roots)}
        if numbers:
            found[tag] = numbers
    return found


def _by_relevance(state: State, found: BitMap, words: Words, start: int, stop: int) -> list[int]:
    """Ids by score; where no scores were asked for, titles that match first, then the newest."""
    if words.scores is not None:
        scores = words.scores
        return sorted(found, key=lambda story: (-scores.get(story, 0.0), story))[start:stop]
    first = found & words.titles
    rest = found - words.titles
    ids = state.page("newest", first, start, stop)
    missing = (stop - start) - len(ids)
    if missing:
        skipped = max(0, start - len(first))
        ids += state.page("newest", rest, skipped, skipped + missing)
    return ids


def _tags_named(answer: _Answer) -> set[int]:
    """The tags that chips, heading and facets name."""
    named = {tag for *_, tag in answer.chosen if tag is not None}
    for counts in answer.counts.values():
        named.update(value.tag for value in counts.values)
    return named
