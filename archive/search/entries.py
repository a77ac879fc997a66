"""The entries of a page of results: each story with its tags and the reason why it is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Greatest, Substr

from archive.models import Mention, Story, Tag, Tagging
from archive.search import evidence
from archive.search.evidence import Piece
from archive.search.fulltext.query import Term

#: Tags shown with an entry.
TAGS_SHOWN = 6
#: Characters of a body read on either side of a mention, and from its start to look for words.
_AROUND = 600
_BODY_READ = 60_000
_OPENING_READ = 2_000

#: For each tag that satisfies the filter, which of the values asked for it satisfies: numbers that
#: rise from the rarest value to the most frequent.
Satisfying = Mapping[int, frozenset[int]]


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A story in a list."""

    story: Story  # without body
    evidence: tuple[Piece, ...]
    tags: tuple[Tag, ...]


def build(ids: Sequence[int], satisfying: Satisfying, terms: Sequence[Term]) -> tuple[Entry, ...]:
    """Entries for the stories *ids*, in their order; one that was hidden meanwhile is left out.

    The tags *satisfying* the filter and the *terms* looked for decide the sentence shown.
    The number of queries does not depend on the number of stories.
    """
    if not ids:
        return ()
    read = _BODY_READ if terms else _OPENING_READ
    rows = (
        Story.objects.published()
        .light()
        .select_related("collection")
        .annotate(beginning=Substr("body", 1, read))
        .in_bulk(list(ids))
    )
    tags = _tags(ids, satisfying)
    mentioned = _mentioned(ids, satisfying) if satisfying else {}
    return tuple(
        Entry(
            story=rows[pk],
            evidence=_evidence(rows[pk], terms, mentioned.get(pk, ())),
            tags=tags.get(pk, ()),
        )
        for pk in ids
        if pk in rows
    )


def _tags(ids: Sequence[int], satisfying: Satisfying) -> dict[int, tuple[Tag, ...]]:
    """Tags to show with each story: those that satisfy the filter, then the most mentioned."""
    taggings = (
        Tagging.objects.shown()
        .filter(story__in=ids)
        .select_related("tag")
        .annotate(found=Count("mentions", filter=Q(mentions__lost=False)))
    )
    by_story: dict[int, list[Tagging]] = {}
    for tagging in taggings:
        by_story.setdefault(tagging.story_id, []).append(tagging)

    def rank(tagging: Tagging) -> tuple[bool, int, str, int]:
        return (
            tagging.tag_id not in satisfying,
            -tagging.found,
            tagging.tag.name_key,
            tagging.tag_id,
        )

    return {
        story: tuple(tagging.tag for tagging in sorted(group, key=rank)[:TAGS_SHOWN])
        for story, group in by_story.items()
    }


def _evidence(
    story: Story, terms: Sequence[Term], mentioned: tuple[Piece, ...]
) -> tuple[Piece, ...]:
    if terms:
        for text in (story.beginning, story.summary):
            spans = evidence.word_spans(text, terms)
            if spans:
                return evidence.excerpt(text, evidence.densest(text, spans), spans)
    if mentioned:
        return mentioned
    if story.summary:
        return ((evidence.plain(story.summary).strip(), False),)
    return evidence.opening(story.beginning)


def _mentioned(ids: Sequence[int], satisfying: Satisfying) -> Mapping[int, tuple[Piece, ...]]:
    """Find for each story the sentence that satisfies the most of what was asked, or the rarest."""
    rows = (
        Mention.objects.filter(
            tagging__in=Tagging.objects.shown().filter(story__in=ids, tag__in=list(satisfying)),
            lost=False,
        )
        .order_by("tagging__story_id", "start", "id")
        .values_list("id", "tagging__story_id", "tagging__tag_id", "start", "end")
    )
    by_story: dict[int, list[tuple[int, int, int, int]]] = {}
    for pk, story, tag, start, end in rows.iterator(2_000):
        by_story.setdefault(story, []).append((pk, tag, start, end))
    best = {story: _richest(group, satisfying) for story, group in by_story.items()}
    windows = dict(
        Mention.objects.filter(pk__in=[pk for pk, *_ in best.values()])
        .annotate(
            window=Substr(
                "tagging__story__body",
                Greatest(F("start") - Value(_AROUND - 1), Value(1)),
                2 * _AROUND,
            )
        )
        .values_list("id", "window")
    )
    found = {}
    for story, (pk, _tag, start, end) in best.items():
        offset = max(0, start - _AROUND)
        marks = [(first - offset, last - offset) for _, _, first, last in by_story[story]]
        around = (start - offset, end - offset)
        found[story] = evidence.excerpt(windows[pk], around, marks)
    return found


def _richest(
    group: Sequence[tuple[int, int, int, int]], satisfying: Satisfying
) -> tuple[int, int, int, int]:
    """Choose the mention near which most values are satisfied, then the rarest, then the first."""

    def rank(at: int) -> tuple[int, int, int]:
        limit = group[at][2] + evidence.MAX_CHARS // 2
        near = [satisfying[tag] for _, tag, start, _ in group[at : at + 20] if start < limit]
        values = frozenset[int]().union(*near)
        return -len(values), min(satisfying[group[at][1]]), at

    return group[min(range(len(group)), key=rank)]
