"""Two to four lives side by side: what they share, in its sentences, and what is only one's."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive.models import KINDS, Kind, OldSlug, Story, Tag, Tagging
from archive.reading.atlas import path_map
from archive.reading.path import LifePath, life_path
from archive.reading.related import below_each, related_lives, weight_of
from archive.reading.sentences import Sentences, sentences
from archive.search.filters import PER_PAGE
from archive.search.index import index
from archive.search.results import Entry, search

#: Lives beside one another; more do not fit a page.
MOST = 4
#: Shared tags shown with their sentences, the rarest first, and tags of one life alone.
SHARED, ALONE = 30, 30
#: Sentences of each life for a shared tag.
SENTENCES = 2
#: Themes of the small multiples.
THEMES = 12
#: Lives that the picker offers.
OFFERED = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Life:
    """One of the lives compared."""

    story: Story
    path: LifePath
    without_url: str  # the comparison without it
    length: int  # of its bar, in hundredths of the longest
    alone: tuple[Tag, ...]  # tags that none of the other lives has


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """What one life says of a shared tag."""

    story: Story
    has: bool
    sentences: Sentences


@dataclasses.dataclass(frozen=True, slots=True)
class SharedRow:
    """A tag that several of the lives share, their sentences opposite each other."""

    tag: Tag
    cells: tuple[Cell, ...]
    only_these: bool  # whether no other story of the archive has it
    spread: bool  # whether a life has only what lies below it


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """How often a life speaks of a theme."""

    count: int
    width: int  # in hundredths of the most frequent one


@dataclasses.dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme in all the lives, to the same scale."""

    tag: Tag
    bars: tuple[Bar, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    """A shared tag before its names and sentences are read."""

    tag: int
    weight: int
    name_key: str
    below: tuple[frozenset[int], ...]  # for each life its own tags that are, or lie below, the tag
    only_these: bool


@require_safe
def compare(request: HttpRequest, slugs: str = "") -> HttpResponse:
    """The lives of the address side by side, in its order, or a way to choose them."""
    asked = [slug for slug in slugs.split("/") if slug]
    chosen = _stories(asked)
    address = _address(chosen)
    if asked and request.path != address:
        # An old address of a story, or one named twice.
        return redirect(address)
    context: dict[str, Any] = {
        "stories": chosen,
        "address": address,
        "full": len(chosen) == MOST,
        "searched": request.GET.get("q", "").strip(),
    }
    if len(chosen) > 1:
        context |= _comparison(chosen)
    if len(chosen) < 2 or (len(chosen) < MOST and {"q", "add"} & request.GET.keys()):
        context |= _picker(chosen, request.GET.get("q", ""))
    return render(request, "compare.html", context)


def _stories(slugs: Sequence[str]) -> list[Story]:
    """The stories of *slugs* in their order, each once.

    Raises:
        Http404: one of them is not there for visitors, or there are too many.
    """
    wanted = list(dict.fromkeys(slugs))
    rows = Story.objects.filter(slug__in=wanted).select_related("collection")
    by_slug = {story.slug: story for story in rows if story.is_public}
    missing = [slug for slug in wanted if slug not in by_slug]
    if missing:
        old = OldSlug.objects.filter(slug__in=missing).select_related("story")
        by_slug |= {one.slug: one.story for one in old if one.story.is_public}
    if any(slug not in by_slug for slug in wanted):
        raise Http404(_("One of these lives is not here."))
    found = {by_slug[slug].pk: by_slug[slug] for slug in wanted}
    if len(found) > MOST:
        raise Http404(_("Up to four lives can stand side by side."))
    return list(found.values())


def _address(stories: Sequence[Story]) -> str:
    slugs = "".join(f"{story.slug}/" for story in stories)
    return f"{reverse('compare')}{slugs}"


def _comparison(stories: Sequence[Story]) -> dict[str, Any]:
    rows, alone, left = _in_common(stories)
    counts = _mention_counts(stories)
    themes = sorted(
        {tag for per_story in counts.values() for tag in per_story},
        key=lambda tag: (-sum(one.get(tag, 0) for one in counts.values()), tag),
    )[:THEMES]
    wanted = {row.tag for row in rows} | set(themes) | {tag for tags in alone for tag in tags}
    tags = Tag.objects.in_bulk(list(wanted))
    paths = [life_path(story) for story in stories]
    return {
        "lives": _lives(stories, paths, alone, tags),
        "shared": _shared(stories, rows, tags),
        "shared_left": left,
        "themes": _themes(stories, counts, [tags[tag] for tag in themes if tag in tags]),
        "path_map": path_map(paths),
    }


def _in_common(stories: Sequence[Story]) -> tuple[list[_Row], list[list[int]], int]:
    """Tags that several of *stories* share, and for each story those it has alone.

    Of a place and what lies in it only the narrowest is named for the same lives. The third value
    is the number of shared tags left out.
    """
    with index.reading() as state:
        own = [state.tags_of(story.pk) for story in stories]
        below = [below_each(state, tags) for tags in own]
        having = {
            tag: tuple(number for number, tags in enumerate(below) if tag in tags)
            for tag in {tag for tags in below for tag in tags}
        }
        rows = [
            _Row(
                tag=tag,
                weight=weight_of(state, tag),
                name_key=state.tags[tag].name_key,
                below=tuple(frozenset(tags.get(tag, ())) for tags in below),
                only_these=len(state.below[tag]) == len(lives),
            )
            for tag, lives in having.items()
            if len(lives) > 1
            and state.below.get(tag)
            and not any(having.get(child) == lives for child in state.narrower.get(tag, ()))
        ]
        alone = [
            sorted(
                (tag for tag in tags if len(having[tag]) == 1 and state.below.get(tag)),
                key=lambda tag: (-weight_of(state, tag), state.tags[tag].name_key, tag),
            )[:ALONE]
            for tags in own
        ]
    rows.sort(key=lambda row: (-sum(map(bool, row.below)), -row.weight, row.name_key, row.tag))
    return rows[:SHARED], alone, max(0, len(rows) - SHARED)


def _mention_counts(stories: Sequence[Story]) -> dict[int, dict[int, int]]:
    """How often each of *stories* speaks of each of its themes."""
    rows = (
        Tagging.objects.shown()
        .filter(story__in=[story.pk for story in stories], tag__kind=Kind.THEME)
        .annotate(found=Count("mentions", filter=Q(mentions__lost=False)))
        .order_by()
        .values_list("story_id", "tag_id", "found")
    )
    counts: dict[int, dict[int, int]] = {story.pk: {} for story in stories}
    for story, tag, found in rows:
        counts[story][tag] = found
    return counts


def _lives(
    stories: Sequence[Story],
    paths: Sequence[LifePath],
    alone: Sequence[Sequence[int]],
    tags: Mapping[int, Tag],
) -> list[Life]:
    longest = max(1, *(story.word_count for story in stories))
    kinds = list(KINDS)
    titles = {story.title.casefold() for story in stories}
    return [
        Life(
            story=story,
            path=path,
            without_url=_address([other for other in stories if other.pk != story.pk]),
            length=max(1, round(100 * story.word_count / longest)),
            alone=tuple(
                sorted(
                    # That a life of this title is its subject's alone goes without saying.
                    (tags[tag] for tag in own if tags[tag].name.casefold() not in titles),
                    key=lambda tag: (kinds.index(tag.kind), tag.name_key, tag.pk),
                )
            ),
        )
        for story, path, own in zip(stories, paths, alone, strict=True)
    ]


def _shared(
    stories: Sequence[Story], rows: Sequence[_Row], tags: Mapping[int, Tag]
) -> list[SharedRow]:
    groups = {
        (row.tag, number): (story.pk, row.below[number])
        for row in rows
        for number, story in enumerate(stories)
        if row.below[number]
    }
    found = sentences(groups, SENTENCES)
    return [
        SharedRow(
            tag=tags[row.tag],
            cells=tuple(
                Cell(story, bool(own), found.get((row.tag, number), Sentences()))
                for number, (story, own) in enumerate(zip(stories, row.below, strict=True))
            ),
            only_these=row.only_these,
            spread=any(own and row.tag not in own for own in row.below),
        )
        for row in rows
        if row.tag in tags
    ]


def _themes(
    stories: Sequence[Story], counts: Mapping[int, Mapping[int, int]], themes: Sequence[Tag]
) -> list[ThemeRow]:
    most = max((n for one in counts.values() for n in one.values()), default=1) or 1
    return [
        ThemeRow(
            theme,
            tuple(
                Bar(count, round(100 * count / most))
                for count in (counts[story.pk].get(theme.pk, 0) for story in stories)
            ),
        )
        for theme in themes
    ]


def _picker(stories: Sequence[Story], words: str) -> dict[str, Any]:
    """Lives to put beside *stories*: those found by *words*, else those related to the first."""
    question = QueryDict(mutable=True)
    question["q"] = words
    question["per_page"] = str(PER_PAGE[0])
    results = search(question)
    taken = {story.pk for story in stories}
    address = _address(stories)

    def offer(story: Story) -> tuple[Story, str]:
        return story, f"{address}{story.slug}/"

    entries: list[Entry] = [one for one in results.entries if one.story.pk not in taken]
    related = [] if results.query or not stories else related_lives(stories[0])
    return {
        "picking": True,
        "found": [offer(one.story) for one in entries[:OFFERED]],
        "found_nothing": bool(words.strip()) and not entries,
        "suggested": [
            (*offer(life.story), life.reasons) for life in related if life.story.pk not in taken
        ],
    }
