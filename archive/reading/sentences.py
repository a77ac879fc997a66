"""The very sentences of stories that mention certain tags."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

from django.db.models import F, Value
from django.db.models.functions import Greatest, Substr
from django.utils.safestring import SafeString

from archive.models import Mention
from archive.reading.anchors import anchored
from archive.search import evidence
from archive.search.evidence import Piece

#: Characters of a body read on either side of a mention.
_AROUND = 600
#: Mentions of the stories of one page that are looked at, with those of their other tags, by which
#: the places in their pages are numbered.
_READ = 50_000
#: Mentions tried for each sentence wanted: several may stand in one.
_TRIES = 3

Group = TypeVar("Group", bound=Hashable)


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a story with the words that support a tag marked."""

    pieces: tuple[Piece, ...]
    anchor: str  # of its first marked words in the story's page

    @property
    def html(self) -> SafeString:
        """The sentence as HTML."""
        return evidence.as_html(self.pieces)


@dataclasses.dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences of one story, in its order, and how many further mentions there are."""

    shown: tuple[Sentence, ...] = ()
    more: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """A mention."""

    id: int
    start: int
    end: int
    anchor: str


def sentences(
    groups: Mapping[Group, tuple[int, Collection[int]]], each: int
) -> dict[Group, Sentences]:
    """For every group, a story and tags, up to *each* sentences that mention one of the tags.

    Two queries, however many groups there are.
    """
    found = _mentions({story for story, _tags in groups.values()})
    wanted = {
        group: sorted(
            (one for tag in tags for one in found.get((story, tag), ())),
            key=lambda one: (one.start, one.id),
        )
        for group, (story, tags) in groups.items()
    }
    tried = {group: _spread(mentions, each * _TRIES) for group, mentions in wanted.items()}
    windows = _windows([one.id for mentions in tried.values() for one in mentions])
    return {
        group: _cut(mentions, tried[group], windows, each) for group, mentions in wanted.items()
    }


def _mentions(stories: Collection[int]) -> dict[tuple[int, int], list[_Found]]:
    """The mentions of every story and tag, numbered as the story's page numbers its marks."""
    fields = ("tagging__tag_id", "id", "start", "end")
    found: dict[tuple[int, int], list[_Found]] = {}
    for place, story, (tag, pk, start, end) in anchored(stories, *fields, most=_READ):
        found.setdefault((story, tag), []).append(_Found(pk, start, end, place))
    return found


def _spread(mentions: Sequence[_Found], most: int) -> list[_Found]:
    """Up to *most* of *mentions*, no two of them close together."""
    chosen: list[_Found] = []
    for one in mentions:
        if len(chosen) == most:
            break
        if not chosen or one.start > chosen[-1].end + 20:
            chosen.append(one)
    return chosen


def _windows(mentions: Sequence[int]) -> dict[int, str]:
    """The text around each of *mentions*."""
    if not mentions:
        return {}
    begin = Greatest(F("start") - Value(_AROUND - 1), Value(1))
    rows = Mention.objects.filter(pk__in=mentions).annotate(
        window=Substr("tagging__story__body", begin, 2 * _AROUND)
    )
    return dict(rows.values_list("id", "window"))


def _cut(
    mentions: Sequence[_Found], tried: Sequence[_Found], windows: Mapping[int, str], each: int
) -> Sentences:
    """The sentences around those *tried*, all *mentions* in them marked."""
    shown: list[Sentence] = []
    inside: set[int] = set()
    for one in tried:
        if len(shown) == each:
            break
        if one.id in inside or one.id not in windows:
            continue
        offset = max(0, one.start - _AROUND)
        cut = evidence.excerpt(windows[one.id], (one.start - offset, one.end - offset))
        marks = {
            other.id: (other.start - offset, other.end - offset)
            for other in mentions
            if cut.holds((other.start - offset, other.end - offset))
        }
        inside |= marks.keys()
        shown.append(Sentence(cut.pieces(marks.values()), one.anchor))
    return Sentences(tuple(shown), sum(one.id not in inside for one in mentions))


@dataclasses.dataclass(frozen=True, slots=True)
class InContext:
    """A mention's words and those around them on its line, as they are read."""

    before: str
    words: str
    after: str
    cut_before: bool  # whether the line begins earlier
    cut_after: bool  # whether it ends later


def in_context(mention: Mention, chars: int) -> InContext:
    """*mention* with up to *chars* characters of whole words on either side."""
    before, words, after = mention.snippet(chars)
    cut_before = before != mention.before and not mention.before.endswith(f"\n{before}")
    cut_after = after != mention.after and not mention.after.startswith(f"{after}\n")
    lead = "…" if cut_before else ""  # else the start of what is shown would pass for a line's
    text, start = lead + before + words + after, len(lead + before)
    return InContext(
        before=evidence.plain(text, len(lead), start).lstrip(),
        words=evidence.plain(text, start, start + len(words)).strip(),
        after=evidence.plain(text, start + len(words)).rstrip(),
        cut_before=cut_before,
        cut_after=cut_after,
    )
