"""One page of results: the value that lists, feeds, exports and the API all draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from django import forms
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import QueryDict
from pyroaring import BitMap

from archive.models import KINDS, Collection, KindInfo, Tag
from archive.search import entries, facets, fulltext, matching, wording
from archive.search.entries import Entry
from archive.search.evidence import Piece
from archive.search.filters import SORTS, Criteria, read
from archive.search.index import index
from archive.search.state import State

__all__ = [
    "Chip",
    "Entry",
    "Facet",
    "FacetValue",
    "Piece",
    "ResultPage",
    "SortOption",
    "search",
]

#: With more hits than this, relevance means: words in the title first, then the newest. Scoring
#: every hit of a common word would cost a second per million stories.
RANK_LIMIT = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class FacetValue:
    """A value to choose, or to give up."""

    tag_id: int
    name: str
    slug: str
    count: int  # stories on the page that the URL leads to
    selected: bool
    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class Facet:
    """The values of one kind of tag in a result."""

    info: KindInfo
    values: tuple[FacetValue, ...]
    more: int  # further values, counted up to facets.MORE_LIMIT


@dataclasses.dataclass(frozen=True, slots=True)
class Chip:
    """Something that was asked for and can be taken back."""

    label: str
    kind: str  # a kind of tag, "query", "collection" or "language"
    url: str  # the same question without it
    negative: bool = False
    known: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class SortOption:
    """An order to choose."""

    name: str
    label: str
    url: str
    selected: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of stories with all that a list shows around them."""

    total: int
    archive_total: int
    entries: tuple[Entry, ...]
    facets: tuple[Facet, ...]
    chips: tuple[Chip, ...]
    description: str
    sort: str
    sorts: tuple[SortOption, ...]
    page: int
    pages: int
    per_page: int
    previous_url: str  # empty on the first page
    next_url: str  # empty on the last page
    clear_url: str
    query: str
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
    chosen: tuple[tuple[str, str, bool, int | None], ...]
    satisfying: entries.Satisfying


@dataclasses.dataclass(frozen=True, slots=True)
class _Words:
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
    words = _ask_fulltext(query, criteria) if query else None
    with index.reading() as state:
        answer = _ask_index(state, criteria, words)
    criteria = criteria.replace(page=answer.page)
    tags = _tags(answer)
    collections = _collections(criteria)
    names = {(tag.kind, tag.slug): str(tag) for tag in tags.values()}
    return ResultPage(
        total=answer.total,
        archive_total=answer.archive_total,
        entries=entries.build(answer.ids, answer.satisfying, query.wanted),
        facets=_facets(answer, criteria, tags, path),
        chips=_chips(answer, criteria, tags, collections, path),
        description=wording.describe(
            criteria, answer.total, lambda kind, slug: names.get((kind, slug), slug), collections
        ),
        sort=criteria.order,
        sorts=tuple(
            SortOption(name, label, criteria.replace(sort=name).url(path), name == criteria.order)
            for name, label in SORTS.items()
            if name != "relevance" or criteria.query
        ),
        page=answer.page,
        pages=answer.pages,
        per_page=criteria.per_page,
        previous_url=_page_url(criteria, answer.page - 1, answer.pages, path),
        next_url=_page_url(criteria, answer.page + 1, answer.pages, path),
        clear_url=path,
        query=criteria.query,
        form=form,
    )


def _ask_fulltext(query: fulltext.Query, criteria: Criteria) -> _Words:
    connection = connections[DEFAULT_DB_ALIAS]
    hits, negative = fulltext.matches(connection, query)
    if negative or criteria.order != "relevance":
        return _Words(hits, negative)
    if len(hits) <= RANK_LIMIT:
        return _Words(hits, scores=fulltext.ranked(connection, query))
    return _Words(hits, titles=fulltext.title_matches(connection, query))


def _ask_index(state: State, criteria: Criteria, words: _Words | None) -> _Answer:
    hits = None
    if words is not None:
        hits = state.visible - words.hits if words.negative else words.hits
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


def _by_relevance(state: State, found: BitMap, words: _Words, start: int, stop: int) -> list[int]:
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


def _collections(criteria: Criteria) -> dict[str, str]:
    """Names of the collections asked for, by slug."""
    if not criteria.collections:
        return {}
    rows = Collection.objects.filter(slug__in=criteria.collections)
    return dict(rows.values_list("slug", "name"))


def _facets(
    answer: _Answer, criteria: Criteria, tags: Mapping[int, Tag], path: str
) -> tuple[Facet, ...]:
    return tuple(
        Facet(
            info=info,
            values=tuple(
                FacetValue(
                    tag_id=value.tag,
                    name=str(tags[value.tag]),
                    slug=tags[value.tag].slug,
                    count=value.count,
                    selected=value.selected,
                    url=_toggle(criteria, kind, tags[value.tag].slug, value.selected).url(path),
                )
                for value in answer.counts[kind].values
                if value.tag in tags
            ),
            more=answer.counts[kind].more,
        )
        for kind, info in KINDS.items()
    )


def _toggle(criteria: Criteria, kind: str, slug: str, selected: bool) -> Criteria:
    selection = criteria.selection(kind)
    if selected:
        wanted = tuple(value for value in selection.wanted if value != slug)
    else:
        wanted = (*selection.wanted, slug)
    return criteria.with_selection(kind, dataclasses.replace(selection, wanted=wanted))


def _chips(
    answer: _Answer,
    criteria: Criteria,
    tags: Mapping[int, Tag],
    collections: Mapping[str, str],
    path: str,
) -> tuple[Chip, ...]:
    chips = []
    if criteria.query:
        chips.append(Chip(criteria.query, "query", criteria.replace(query="").url(path)))
    for kind, slug, negative, pk in answer.chosen:
        tag = tags.get(pk) if pk is not None else None
        url = criteria.without(kind, slug).url(path)
        chips.append(Chip(str(tag) if tag else slug, kind, url, negative, tag is not None))
    for slug in criteria.collections:
        url = criteria.replace(collections=_minus(criteria.collections, slug)).url(path)
        label = collections.get(slug, slug)
        chips.append(Chip(label, "collection", url, known=slug in collections))
    for code in criteria.languages:
        url = criteria.replace(languages=_minus(criteria.languages, code)).url(path)
        name = wording.language_name(code)
        chips.append(Chip(name, "language", url, known=name != code))
    return tuple(chips)


def _minus(values: Sequence[str], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def _page_url(criteria: Criteria, page: int, pages: int, path: str) -> str:
    return criteria.replace(page=page).url(path) if 1 <= page <= pages else ""
