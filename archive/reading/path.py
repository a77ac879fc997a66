"""The path of a life: its places in the order in which the story names them.

It is the order of the telling, not of the living, and the page says so.
"""

from __future__ import annotations

import dataclasses

from archive.models import Kind, Story, Tag
from archive.reading.anchors import anchored
from archive.reading.located import point_of
from archive.reading.projection import Point
from archive.reading.times import times_in
from archive.search import evidence
from archive.search.evidence import Piece
from archive.search.index import index

#: Stops of one path that are listed and drawn; a long book names hundreds.
MAX_STOPS = 30
#: Characters read on either side of a mention to find its sentence.
_AROUND = 600
#: Characters of the sentence that are shown beside a small map.
_SHOWN = 130


@dataclasses.dataclass(frozen=True, slots=True)
class Within:
    """A wider place that the story names beside a stop: “Paris, France”."""

    tag: Tag
    anchor: str


@dataclasses.dataclass(frozen=True, slots=True)
class Stop:
    """A place where the telling arrives."""

    number: int  # from 1 for those that are drawn; 0 for what no point stands for
    tag: Tag
    point: Point | None  # in the plane of the map
    sentence: tuple[Piece, ...]  # the words of the story, the name marked
    times: tuple[str, ...]  # years and ages that the sentence gives, as written
    anchor: str  # of the mention in the story's page
    within: tuple[Within, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class LifePath:
    """The places of one story in the order of the telling."""

    story: Story
    stops: tuple[Stop, ...]
    more: int  # stops beyond the last one listed

    @property
    def drawn(self) -> tuple[Stop, ...]:
        """The stops that have a point on the map."""
        return tuple(stop for stop in self.stops if stop.point is not None)


@dataclasses.dataclass(slots=True)
class _Visit:
    """A stop in the making: a mention, and the wider places named beside it."""

    tag: int
    start: int
    end: int
    anchor: str
    within: list[tuple[int, str]]


def life_path(story: Story) -> LifePath:
    """The path that *story* tells; two queries, however long it is.

    A place named again before another one is no new stop, and a place named just before or after
    one that lies in it (“Paris, France”; “the United States … New York”) is told with that one.
    """
    named = _named(story)
    tags = Tag.objects.in_bulk({tag for tag, *_ in named}) if named else {}
    placed = {pk: point_of(tag) for pk, tag in tags.items()}
    visits = _visits(named, {pk for pk, point in placed.items() if point is not None})
    stops: list[Stop] = []
    number = 0
    for visit in visits[:MAX_STOPS]:
        point = placed[visit.tag]
        number += point is not None
        sentence, times = _sentence(story.body, visit)
        stops.append(
            Stop(
                number=number if point is not None else 0,
                tag=tags[visit.tag],
                point=point,
                sentence=sentence,
                times=times,
                anchor=visit.anchor,
                within=tuple(Within(tags[tag], anchor) for tag, anchor in visit.within),
            )
        )
    return LifePath(story, tuple(stops), max(0, len(visits) - MAX_STOPS))


def _named(story: Story) -> list[tuple[int, int, int, str]]:
    """Each mention of a place in the order of the text: its tag, start, end and anchor."""
    fields = ("tagging__tag_id", "start", "end", "tagging__tag__kind")
    named = [
        (tag, start, end, place)
        for place, _story, (tag, start, end, kind) in anchored([story.pk], *fields)
        if kind == Kind.PLACE
    ]
    return sorted(named, key=lambda row: (row[1], row[0]))


def _visits(named: list[tuple[int, int, int, str]], placed: set[int]) -> list[_Visit]:
    """Merge mentions into visits; *placed* are the tags with a point on the map."""
    with index.reading() as state:
        lineages = {tag: set(state.lineage(tag)) - {tag} for tag, *_ in named}
    visits: list[_Visit] = []
    apart: set[int] = set()  # what has no point is listed once
    last: _Visit | None = None  # the last one with a point
    for tag, start, end, anchor in named:
        known = {last.tag, *(wider for wider, _ in last.within)} if last else set()
        if tag in known or tag in apart:
            continue
        if last is not None and tag in lineages[last.tag]:
            last.within.append((tag, anchor))
        elif last is not None and tag in placed and last.tag in lineages[tag]:
            last.within.append((last.tag, last.anchor))
            last.tag, last.start, last.end, last.anchor = tag, start, end, anchor
        else:
            visit = _Visit(tag, start, end, anchor, [])
            visits.append(visit)
            if tag in placed:
                last = visit
            else:
                apart.add(tag)
    return visits


def _sentence(body: str, visit: _Visit) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """The sentence around the visit's mention with its name marked, and the times it gives."""
    offset = max(0, visit.start - _AROUND)
    window = body[offset : visit.end + _AROUND]
    mark = (visit.start - offset, visit.end - offset)
    whole = evidence.sentence(window, *mark)
    shown = evidence.shorten(window, whole, mark, _SHOWN)
    words = evidence.Excerpt(window, shown, whole).pieces([mark])
    return words, times_in(evidence.plain(window[slice(*whole)]))
