"""One page of results: the value that lists, feeds, exports and the API all draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from django import forms
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import QueryDict
from pyroaring import BitMap

from archive.models import Collection, Tag
from archive.search import entries, facets, fulltext, links, matching, wording
from archive.search.entries import Entry
from archive.search.evidence import Piece
from archive.search.filters import GROUPINGS, Criteria, read
from archive.search.index import index
from archive.search.links import Chip, Facet, FacetValue, Option
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

#: With more hits than this, relevance means: words in the title first, then the newest. Scoring
#: every hit of a common word would cost a second per million stories.
RANK_LIMIT = 10_000


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
class Words:
    """What the full text says of a query."""

    hits: BitMap
    negative: bool = False  # the hits are those not wanted
    scores: Mapping[int, float] | None = None
    titles: BitMap = dataclasses.field(default_factory=BitMap)


def search(params: QueryDict, path: str = "/stories/") -> ResultPage:
    """The page of results that *params* ask for; *path* is where its links lead.

    Every query string has an answer: unknown values find nothing, unreadable ones are passed over,
    a page beyond the end is the last one.
    """
    criteria, form = read(params)
    query = fulltext.parse(criteria.query)
    words = ask_fulltext(query, criteria) if query else None
    with index.reading() as state:
        answer = _ask_index(state, criteria, words)
    criteria = criteria.replace(page=answer.page)
    tags = _tags(answer)
    collections = _collections(answer)
    names = {(tag.kind, tag.slug): str(tag) for tag in tags.values()}
    return ResultPage(
        total=answer.total,
        archive_total=answer.archive_total,
        entries=entries.build(answer.ids, answer.satisfying, query.wanted),
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
        query=criteria.query,
        did_you_mean=did_you_mean(criteria, answer.total, path),
        form=form,
    )


def ask_fulltext(query: fulltext.Query, criteria: Criteria) -> Words:
    """Ask the full text once: outside of the index's lock."""
    connection = connections[DEFAULT_DB_ALIAS]
    hits, negative = fulltext.matches(connection, query)
    if negative or criteria.order != "relevance":
        return Words(hits, negative)
    if len(hits) <= RANK_LIMIT and fulltext.scored(connection, query):
        return Words(hits, scores=fulltext.ranked(connection, query))
    return Words(hits, titles=fulltext.title_matches(connection, query))


def _ask_index(state: State, criteria: Criteria, words: Words | None) -> _Answer:
    hits = None
    if words is not None:
        hits = matching.hits_of(state, words.hits, words.negative)
    match = matching.match(state, criteria, hits)
    total = len(match.found)
    pages = max(1, -(-total // criteria.per_page))
    page = min(criteria.page, pages)
    start = (page - 1) * criteria.per_page
    stop = start + criteria.per_page
    if criteria.order == "relevance" and words is not None:
        ids = _by_relevance(state, match.found, words, start, stop)
    else:
        ids = state.page(criteria.order, match.found, start, stop)
    return _Answer(
        total=total,
        archive_total=len(state.visible),
        page=page,
        pages=pages,
        ids=ids,
        counts=facets.count(state, criteria, match),
        groups={
            grouping: facets.count_groups(state, criteria, match, grouping)
            for grouping in GROUPINGS
        },
        chosen=tuple(facets.chosen(state, criteria)),
        satisfying=_satisfying(state, criteria, ids),
    )


def _satisfying(state: State, criteria: Criteria, ids: Sequence[int]) -> entries.Satisfying:
    """Find the tags of the stories *ids* that are wanted or, unless told not to, lie below."""
    roots = [
        (kind, tag)
        for kind, _slug, negative, tag in facets.chosen(state, criteria)
        if tag is not None and not negative
    ]
    if not roots:
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


def _tags(answer: _Answer) -> dict[int, Tag]:
    """The tags that chips, heading and facets name."""
    wanted = {tag for *_, tag in answer.chosen if tag is not None}
    for counts in answer.counts.values():
        wanted.update(value.tag for value in counts.values)
    rows = Tag.objects.only("kind", "name", "disambiguation", "slug").filter(pk__in=wanted)
    return {tag.pk: tag for tag in rows} if wanted else {}


def _collections(answer: _Answer) -> dict[str, str]:
    """Names of the collections to name, by slug; those that only drafts are in have none."""
    slugs = [value.value for value in answer.groups["collection"].values]
    if not slugs:
        return {}
    return dict(Collection.objects.filter(slug__in=slugs).values_list("slug", "name"))
