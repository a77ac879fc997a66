"""The entries of a page of results: each story with its tags and the reason why it is there."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Greatest, Substr
from django.utils.safestring import SafeString

from archive.models import Kind, Mention, Story, Tagging
from archive.search import evidence
from archive.search.evidence import Piece
from archive.search.fulltext.query import Term
from archive.search.labels import Labels, TagLabel
from archive.search.prepared import Prepared

#: Tags shown with an entry.
TAGS_SHOWN = 6
#: So many of one kind before another kind has its turn.
TAGS_OF_A_KIND = 3
_KIND_ORDER = {Kind.PLACE.value: 0, Kind.THEME.value: 1, Kind.PERSON.value: 2}
#: Characters of a body read on either side of a mention, and from its start to look for words.
_AROUND = 600
_BODY_READ = 60_000
#: Characters read behind that, of all stories of a page whose words have not been found till then.
_REST_READ = 3_000_000
_OPENING_READ = 2_000
#: Mentions looked at for one page; they come from its 25 to 100 stories.
_MENTIONS_READ = 5_000

#: What lists and feeds show of a story, and what says whether they may.
_STORY_FIELDS = (
    *("title", "slug", "summary", "language", "creator", "date", "word_count", "modified"),
    *("status", "published_at"),
)

#: For each tag that satisfies the filter, which of the values asked for it satisfies: numbers that
#: rise from the rarest value to the most frequent.
Satisfying = Mapping[int, frozenset[int]]


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A story in a list."""

    story: Story  # only what a list shows of it
    title: tuple[Piece, ...]
    evidence: tuple[Piece, ...]
    tags: tuple[TagLabel, ...]

    @property
    def marked_title(self) -> SafeString:
        """The title as HTML."""
        return evidence.as_html(self.title)

    @property
    def marked_evidence(self) -> SafeString:
        """The evidence as HTML."""
        return evidence.as_html(self.evidence)


def build(
    ids: Sequence[int], satisfying: Satisfying, terms: Sequence[Term], labels: Labels
) -> tuple[Entry, ...]:
    """Entries for the stories *ids*, in their order; one that was hidden meanwhile is left out.

    The tags *satisfying* the filter and the *terms* looked for decide the sentence shown.
    The number of queries does not depend on the number of stories.
    """
    if not ids:
        return ()
    read = _BODY_READ if terms else _OPENING_READ
    stories = Story.objects.raw(*_stories.sql(ids, read))
    rows = {story.pk: story for story in stories if story.is_public}
    taggings = _taggings(ids)
    tags = _tags(taggings, satisfying, labels)
    worded = _worded(rows, terms) if terms else {}
    mentioned = _mentioned([one for one in taggings if one.story not in worded], satisfying)
    return tuple(
        Entry(
            story=rows[pk],
            title=evidence.marked(rows[pk].title, evidence.word_spans(rows[pk].title, terms)),
            evidence=worded.get(pk) or mentioned.get(pk) or _unasked(rows[pk]),
            tags=tags.get(pk, ()),
        )
        for pk in ids
        if pk in rows
    )


@Prepared
def _stories(ids: Sequence[int], read: int) -> QuerySet[Story]:
    # Whether they are public is asked of each: asked for both, SQLite without statistics walks the
    # index of all published stories.
    chosen = Story.objects.filter(pk__in=ids).order_by().only(*_STORY_FIELDS)
    return chosen.annotate(beginning=Substr("body", 1, read))


@dataclasses.dataclass(frozen=True, slots=True)
class _Tagging:
    """That a story has a tag, and in how many places of its text."""

    id: int
    story: int
    tag: int
    mentions: int
    kind: str
    subject: bool


@Prepared
def _taggings_of(stories: Sequence[int]) -> QuerySet[Tagging]:
    return (
        Tagging.objects.shown()
        .filter(story__in=stories)
        .annotate(found=Count("mentions", filter=Q(mentions__lost=False)))
        .order_by()
        .values_list("id", "story_id", "tag_id", "found", "tag__kind", "role")
    )


def _taggings(ids: Sequence[int]) -> list[_Tagging]:
    return [
        _Tagging(*row, subject=role == Tagging.Role.SUBJECT)
        for *row, role in _taggings_of.rows(ids)
    ]


def _tags(
    taggings: Sequence[_Tagging], satisfying: Satisfying, labels: Labels
) -> dict[int, tuple[TagLabel, ...]]:
    """Tags to show with each story: those that satisfy the filter and what the text speaks of most.

    Places stand before themes and people; the subject is left out, as the title says it.
    """
    by_story: dict[int, list[_Tagging]] = {}
    for tagging in taggings:
        if tagging.tag in satisfying or not tagging.subject:
            by_story.setdefault(tagging.story, []).append(tagging)
    shown = {story: _telling(group, satisfying) for story, group in by_story.items()}
    rows = labels.tags({one.tag for group in shown.values() for one in group})
    return {
        story: tuple(rows[one.tag] for one in group if one.tag in rows)
        for story, group in shown.items()
    }


def _telling(group: Sequence[_Tagging], satisfying: Satisfying) -> list[_Tagging]:
    """Choose the tags of one story to show, in order; no kind crowds the others out."""
    seen: Counter[str] = Counter()
    ranks: dict[int, tuple[bool, bool, int]] = {}
    for place, one in enumerate(sorted(group, key=lambda one: (-one.mentions, one.tag))):
        ranks[one.tag] = (one.tag not in satisfying, seen[one.kind] >= TAGS_OF_A_KIND, place)
        seen[one.kind] += 1
    chosen = sorted(group, key=lambda one: ranks[one.tag])[:TAGS_SHOWN]
    return sorted(
        chosen,
        key=lambda one: (one.tag not in satisfying, _KIND_ORDER.get(one.kind, 9), ranks[one.tag]),
    )


def _worded(rows: Mapping[int, Story], terms: Sequence[Term]) -> dict[int, tuple[Piece, ...]]:
    """Find for each story a sentence with words of *terms*: in its text, else in its summary."""
    found: dict[int, tuple[Piece, ...]] = {}
    for pk, story in rows.items():
        for text in (story.beginning, story.summary):
            spans = evidence.word_spans(text, terms)
            if spans:
                found[pk] = evidence.excerpt(text, evidence.densest(text, spans)).pieces(spans)
                break
    long = [
        pk for pk, story in rows.items() if pk not in found and len(story.beginning) == _BODY_READ
    ]
    return found | _worded_behind(long, terms) if long else found


def _worded_behind(long: Sequence[int], terms: Sequence[Term]) -> dict[int, tuple[Piece, ...]]:
    """Do so in the texts of *long* stories, behind what was read of them already."""
    found: dict[int, tuple[Piece, ...]] = {}
    left = _REST_READ
    rest = Substr("body", _BODY_READ - _AROUND, left)
    texts = Story.objects.filter(pk__in=long).annotate(rest=rest).values_list("pk", "rest")
    for pk, text in texts.iterator(chunk_size=1):
        spans = evidence.first_word_spans(text[:left], terms)
        if spans:
            found[pk] = evidence.excerpt(text, evidence.densest(text, spans)).pieces(spans)
        left -= len(text)
        if left <= 0:
            break
    return found


def _unasked(story: Story) -> tuple[Piece, ...]:
    """What a story is about, where no sentence of it answers."""
    if story.summary:
        return _told(story.summary)
    return evidence.opening(story.beginning)


@functools.lru_cache(maxsize=256)
def _told(summary: str) -> tuple[Piece, ...]:
    return ((evidence.plain(summary).strip(), False),)


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """A mention of a tag that satisfies the filter."""

    id: int
    tag: int
    start: int
    end: int


@Prepared
def _mentions_of(taggings: Sequence[int]) -> QuerySet[Mention]:
    return (
        Mention.objects.filter(tagging__in=taggings, lost=False)
        .order_by("tagging__story_id", "start", "id")
        .values_list("tagging__story_id", "id", "tagging__tag_id", "start", "end")
    )[:_MENTIONS_READ]


@Prepared
def _windows_of(mentions: Sequence[int]) -> QuerySet[Mention]:
    begin = Greatest(F("start") - Value(_AROUND - 1), Value(1))
    return (
        Mention.objects.filter(pk__in=mentions)
        .order_by()
        .annotate(window=Substr("tagging__story__body", begin, 2 * _AROUND))
        .values_list("id", "window")
    )


def _mentioned(
    taggings: Sequence[_Tagging], satisfying: Satisfying
) -> Mapping[int, tuple[Piece, ...]]:
    """Find for each story the sentence that satisfies the most of what was asked, or the rarest."""
    wanted = [one.id for one in taggings if one.tag in satisfying and one.mentions]
    if not wanted:
        return {}
    by_story: dict[int, list[_Found]] = {}
    for story, *found in _mentions_of.rows(wanted):
        by_story.setdefault(story, []).append(_Found(*found))
    candidates = {story: _candidates(group, satisfying) for story, group in by_story.items()}
    windows = dict(_windows_of.rows([one.id for group in candidates.values() for one in group]))
    return {
        story: _best_sentence(
            [one for one in candidates[story] if one.id in windows], group, windows, satisfying
        )
        for story, group in by_story.items()
    }


def _candidates(group: Sequence[_Found], satisfying: Satisfying) -> list[_Found]:
    """Choose mentions whose sentences are worth a look: the first of the rarest, the densest."""

    def values_near(at: int) -> int:
        limit = group[at].start + evidence.MAX_CHARS
        near = [satisfying[one.tag] for one in group[at : at + 20] if one.end < limit]
        return len(frozenset[int]().union(*near))

    rarest = min(group, key=lambda one: min(satisfying[one.tag]))
    dense = group[max(range(len(group)), key=lambda at: (values_near(at), -at))]
    return [rarest] if dense is rarest else [rarest, dense]


def _best_sentence(
    candidates: Sequence[_Found],
    group: Sequence[_Found],
    windows: Mapping[int, str],
    satisfying: Satisfying,
) -> tuple[Piece, ...]:
    """Cut out the sentence around the candidate that satisfies most; the first of equals."""
    best: tuple[Piece, ...] = ()
    most = 0
    for one in candidates:
        offset = max(0, one.start - _AROUND)
        cut = evidence.excerpt(windows[one.id], (one.start - offset, one.end - offset))
        marks = {other: (other.start - offset, other.end - offset) for other in group}
        shown = {other: mark for other, mark in marks.items() if cut.holds(mark)}
        values = frozenset[int]().union(*(satisfying[other.tag] for other in shown))
        if len(values) > most:
            best, most = cut.pieces(shown.values()), len(values)
    return best
