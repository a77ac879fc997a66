"""The page of one tag: where it stands, its stories in their words, what it goes together with."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from archive.models import Kind, KindInfo, OldTagSlug, Story, Tag, Tagging
from archive.reading import concordance
from archive.reading.atlas import place_map
from archive.reading.names import namesakes
from archive.reading.pages import page_number
from archive.reading.sentences import Sentences, sentences
from archive.reading.tag_indexes import telling
from archive.search.filters import PER_PAGE, SORTS
from archive.search.index import index
from archive.search.results import Facet, ResultPage, search

#: Sentences shown of each story.
SENTENCES = 3
#: Narrower tags named on the page; the index lists all of them.
NARROWER = 40
#: Tags of one kind that the page names as often together with this one.
TOGETHER = 8
#: A person's own stories that stand apart.
OWN = 12
#: Orders of the list of stories; the others are orders of the concordance.
_STORY_SORTS = ("newest", "oldest", "title", "longest")
_AUTHORITIES = {
    "wikidata.org": "Wikidata",
    "geonames.org": "GeoNames",
    "viaf.org": "VIAF",
    "d-nb.info": "GND",
    "id.loc.gov": "Library of Congress",
    "getty.edu": "Getty",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A story with the sentences that mention the tag."""

    story: Story
    sentences: Sentences


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """A choice on the page."""

    label: str
    url: str
    selected: bool
    count: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """Where a tag stands in its tree, and the stories that its page is about."""

    tag: Tag
    info: KindInfo
    exact: bool
    chosen: BitMap  # visible stories with the tag, or with what lies below it unless exact
    directly: int
    altogether: int
    broader: tuple[Tag, ...]  # widest first
    narrower: tuple[tuple[Tag, int], ...]
    narrower_left: int
    family: frozenset[int]  # the tag, what is above it and what is below it

    @property
    def query(self) -> str:
        """What the grammar of the list calls these stories."""
        pairs: list[tuple[str, str]] = [(self.info.parameter, self.tag.slug)]
        pairs += [(f"{self.info.parameter}_exact", "1")] * self.exact
        return urlencode(pairs)

    def url(self, **parameters: object) -> str:
        """Address of the page with *parameters*, those that are usual left out."""
        pairs = [(f"{self.info.parameter}_exact", "1")] * self.exact
        pairs += [(name, str(value)) for name, value in parameters.items() if value]
        address = self.tag.get_absolute_url()
        return f"{address}?{urlencode(pairs)}" if pairs else address


@require_safe
def tag_page(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """One tag: its names, where it stands, and its stories with the words that support it."""
    tag = _find(kind, slug)
    if tag.slug != slug or tag.kind != kind:
        return redirect(tag, permanent=True)
    standing = _standing(tag, _exact(request, tag.info))
    sort = request.GET.get("sort", "")
    number = page_number(request.GET.get("page", ""))
    results = search(QueryDict(standing.query), "/stories/")
    context: dict[str, Any] = {
        "info": tag.info,
        "tag": tag,
        "standing": standing,
        "results": results,
        "together": together(results, standing),
        "authority": _authority(tag.authority_uri),
        "extents": _extents(standing),
        "namesakes": namesakes(tag) if tag.kind == Kind.PERSON else None,
        "place_map": place_map(tag) if tag.kind == Kind.PLACE else None,
        "list_query": standing.query,
        "concordance_url": standing.url(sort="story"),
    }
    if sort in concordance.SORTS:
        context |= _concordance(standing, sort, number)
    else:
        context |= _stories(standing, sort if sort in _STORY_SORTS else "newest", number)
    return render(request, "tag.html", context)


@require_safe
def tag_words(request: HttpRequest, kind: str, slug: str) -> HttpResponseBase:
    """The concordance of a tag as a table in CSV, streamed and bounded."""
    tag = _find(kind, slug)
    if tag.slug != slug or tag.kind != kind:
        return redirect(f"{tag.get_absolute_url()}words.csv", permanent=True)
    standing = _standing(tag, _exact(request, tag.info))
    lines = concordance.read(tag.pk, standing.exact, standing.chosen, concordance.EXPORTED)
    response = StreamingHttpResponse(
        concordance.rows_of_csv(lines, request.build_absolute_uri("/")[:-1]),
        content_type="text/csv; charset=utf-8",
    )
    disposition = content_disposition_header(True, f"{tag.slug}-words.csv")
    response.headers["Content-Disposition"] = disposition or ""
    return response


def _find(kind: str, slug: str) -> Tag:
    """The tag with this address, or the one that has taken its place.

    Raises:
        Http404: there is none, or what only drafts name; that is as invisible as they are.
    """
    rows = Tag.objects.prefetch_related("other_names")
    tag = rows.filter(kind=kind, slug=slug).first()
    if tag is None:
        old = get_object_or_404(OldTagSlug.objects.select_related("tag"), kind=kind, slug=slug)
        tag = old.tag
    with index.reading() as state:
        if not state.below.get(tag.pk):
            raise Http404("No story that you may read names this.")
    return tag


def _exact(request: HttpRequest, info: KindInfo) -> bool:
    return info.tree and request.GET.get(f"{info.parameter}_exact") == "1"


def _standing(tag: Tag, exact: bool) -> Standing:
    """Ask the index once; two queries for the names around the tag."""
    with index.reading() as state:
        below = state.below.get(tag.pk) or BitMap()
        direct = state.direct.get(tag.pk) or BitMap()
        lineage = state.lineage(tag.pk)[1:]
        family = frozenset((*lineage, *state.family(tag.pk)))
        counts = {
            child: len(members)
            for child in state.narrower.get(tag.pk, ())
            if (members := state.below.get(child))
        }
        keys = {child: state.tags[child].name_key for child in counts}
        chosen = BitMap(direct if exact else below)
        directly, altogether = len(direct), len(below)
    most = sorted(counts, key=lambda child: (-counts[child], keys[child], child))[:NARROWER]
    rows = Tag.objects.in_bulk([*lineage, *most])
    by_name = sorted(most, key=lambda child: (keys[child], child))
    return Standing(
        tag=tag,
        info=tag.info,
        exact=exact,
        chosen=chosen,
        directly=directly,
        altogether=altogether,
        broader=tuple(rows[pk] for pk in reversed(lineage) if pk in rows),
        narrower=tuple((rows[pk], counts[pk]) for pk in by_name if pk in rows),
        narrower_left=len(counts) - len(most),
        family=family,
    )


def _extents(standing: Standing) -> tuple[Link, ...]:
    """The choice between the tag itself and all that lies below it, where that differs."""
    if not standing.exact and standing.directly in {0, standing.altogether}:
        return ()
    address = standing.tag.get_absolute_url()
    exactly = f"{address}?{standing.info.parameter}_exact=1"
    return (
        Link("all", address, not standing.exact, standing.altogether),
        Link("exactly", exactly, standing.exact, standing.directly),
    )


def together(results: ResultPage, standing: Standing) -> tuple[Facet, ...]:
    """What the stories of a tag have in common besides: tags of at least two of them.

    What the tag lies in, or what lies in it, goes without saying.
    """
    found = []
    for facet in results.facets:
        values = [
            value
            for value in telling(facet.values)
            if value.count > 1 and value.tag_id not in standing.family and not value.selected
        ]
        if values:
            found.append(dataclasses.replace(facet, values=tuple(values[:TOGETHER])))
    return tuple(found)


def _stories(standing: Standing, sort: str, number: int) -> dict[str, Any]:
    """A page of the stories with their sentences; a person's own stories apart."""
    own = _own(standing) if standing.tag.kind == Kind.PERSON else []
    rest = standing.chosen - BitMap(own)
    size = PER_PAGE[0]
    pages = max(1, -(-len(rest) // size))
    number = min(number, pages)
    with index.reading() as state:
        ids = state.page(sort, rest & state.visible, (number - 1) * size, number * size)
        tags = {story: _tags_of(state.tags_of(story), standing) for story in (*own, *ids)}
    told = _told([*(own if number == 1 else ()), *ids], tags)
    kept = "" if sort == "newest" else sort
    return {
        "own": [told[pk] for pk in own if pk in told] if number == 1 else [],
        "own_total": len(own),
        "told": [told[pk] for pk in ids if pk in told],
        "rest_total": len(rest),
        "sorts": [
            Link(
                str(SORTS[name]), standing.url(sort="" if name == "newest" else name), name == sort
            )
            for name in _STORY_SORTS
        ],
        "paging": paging(standing, number, pages, kept),
    }


def _tags_of(tags: Iterable[int], standing: Standing) -> frozenset[int]:
    """Those of *tags* that the page is about: the tag, or what lies below it."""
    wanted = frozenset({standing.tag.pk}) if standing.exact else standing.family
    return frozenset(tags) & wanted - {above.pk for above in standing.broader}


def _own(standing: Standing) -> list[int]:
    """The stories whose subject the person is."""
    rows = Tagging.objects.shown().filter(tag=standing.tag, role=Tagging.Role.SUBJECT)
    ids = rows.order_by("story_id").values_list("story_id", flat=True)[: 4 * OWN]
    return [pk for pk in ids if pk in standing.chosen][:OWN]


def _told(ids: list[int], tags: dict[int, frozenset[int]]) -> dict[int, Told]:
    rows = Story.objects.light().public_in_bulk(ids)
    found = sentences({pk: (pk, tags[pk]) for pk in ids}, SENTENCES)
    return {pk: Told(rows[pk], found[pk]) for pk in ids if pk in rows}


def _concordance(standing: Standing, sort: str, number: int) -> dict[str, Any]:
    lines = concordance.concordance(standing.tag.pk, standing.exact, standing.chosen, sort, number)
    exact = f"?{standing.info.parameter}_exact=1" if standing.exact else ""
    return {
        "concordance": lines,
        "sorts": [
            Link(str(label), standing.url(sort=name), name == sort)
            for name, label in concordance.SORTS.items()
        ],
        "paging": paging(standing, lines.page, lines.pages, sort),
        "csv_url": f"{standing.tag.get_absolute_url()}words.csv{exact}",
        "most": concordance.LINES,
    }


def paging(standing: Standing, number: int, pages: int, sort: str) -> dict[str, Any]:
    """What parts/pages.html draws."""
    return {
        "page": number,
        "pages": pages,
        "previous_url": standing.url(sort=sort, page=number - 1) if number > 1 else "",
        "next_url": standing.url(sort=sort, page=number + 1) if number < pages else "",
    }


def _authority(uri: str) -> str:
    """Who keeps the record at *uri*, by name."""
    host = (urlsplit(uri).hostname or "").removeprefix("www.")
    for suffix, name in _AUTHORITIES.items():
        if host == suffix or host.endswith(f".{suffix}"):
            return name
    return host
