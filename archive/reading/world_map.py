"""The map of a question: its places as circles, as a table, and what has no point as a list."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive.models import Kind, Tag
from archive.reading.asking import Memory, Narrowing, Question
from archive.reading.basemap import View
from archive.reading.circles import Circle, Located, circles
from archive.reading.labels import Box, Label, place_label
from archive.reading.located import point_of, sort_of
from archive.reading.regions import around
from archive.search.state import State

#: Places of a result that are looked at, those that most stories name; the page says if there are
#: more.
MAX_PLACES = 3_000
#: Circles drawn in one view, the largest; the table has no more rows either.
MAX_CIRCLES = 200
#: Circles that may bear a name, and its size in pixels.
_NAMED, _LABEL = 60, 12.5
#: Nothing further away than this from a circle can be covered by its name, in pixels.
_NEAR = 260
#: What a closer look shows beyond the places of a circle, as a share of their extent.
_CLOSER = 0.6


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A place with its number: a circle of the map and a line of the table, or only a line."""

    tag: Tag
    count: int
    url: str  # the list of these stories
    title: str
    sort: str = ""  # for what has no point: why
    circle: Circle | None = None
    label: Label | None = None
    closer: View | None = None  # where the places that it stands for come apart

    @property
    def holds(self) -> int:
        """Places in it that are not drawn of their own."""
        return len(self.circle.holds) if self.circle else 0

    @property
    def label_dx(self) -> float:
        """How far to the right of the circle's centre its name stands."""
        return round(self.label.x - self.circle.x, 1) if self.label and self.circle else 0.0

    @property
    def label_dy(self) -> float:
        """How far below the circle's centre its name stands."""
        return round(self.label.y - self.circle.y, 1) if self.label and self.circle else 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class WorldMap:
    """All that the page draws."""

    rows: tuple[Row, ...]
    apart: tuple[Row, ...]
    apart_left: int  # places without a point beyond those listed
    located: bool  # whether any place has a point
    named: int  # places that the stories name
    most: int  # stories of the largest circle drawn
    outside: int  # circles outside the view
    crowded: int  # circles of the view that are too many to draw
    unseen: int  # places beyond MAX_PLACES


@dataclasses.dataclass(frozen=True, slots=True)
class _Counted:
    """What the index says."""

    narrowing: Narrowing
    counts: Mapping[int, int]  # of the places named and of all they lie in
    named: frozenset[int]
    lineages: Mapping[int, Sequence[int]]
    unseen: int


def world_map(question: Question, view: View) -> WorldMap:
    """The map of the stories that answer *question* in *view*; one query besides the index's."""
    counted = _count(question)
    tags = _tags(counted.counts)
    points = {pk: point for pk, tag in tags.items() if (point := point_of(tag)) is not None}
    places = {
        pk: Located(
            pk,
            point,
            next((wider for wider in counted.lineages[pk] if wider in points), None),
            counted.counts[pk],
            pk in counted.named,
        )
        for pk, point in points.items()
    }
    sums = not question.criteria.selection(Kind.PLACE).exact
    everywhere = circles(places, view, sums=sums)
    seen = [circle for circle in everywhere if view.holds(circle.place.point)]
    drawn = seen[:MAX_CIRCLES]
    labels = _labels(drawn, tags, view)
    apart = _apart(counted, tags, points)
    return WorldMap(
        rows=tuple(
            dataclasses.replace(
                _row(tags[circle.place.id], counted, holds=bool(circle.holds)),
                circle=circle,
                label=labels.get(circle.place.id),
                closer=_closer(circle, points, view),
            )
            for circle in drawn
        ),
        apart=apart[:MAX_CIRCLES],
        apart_left=max(0, len(apart) - MAX_CIRCLES),
        located=bool(everywhere),
        named=len(counted.named) + counted.unseen,
        most=max((circle.place.count for circle in drawn), default=0),
        outside=len(everywhere) - len(seen),
        crowded=len(seen) - len(drawn),
        unseen=counted.unseen,
    )


_memory: Memory[_Counted] = Memory()


def _count(question: Question) -> _Counted:
    return _memory.answer(question, lambda state: _gather(state, question))


def _gather(state: State, question: Question) -> Callable[[], _Counted]:
    narrowing = Narrowing(state, question)
    direct = {
        tag: count
        for tag, count in state.tally(narrowing.found).items()
        if count and tag in state.tags and state.tags[tag].kind == Kind.PLACE
    }
    named = sorted(direct, key=lambda tag: (-direct[tag], tag))[:MAX_PLACES]
    lineages = {tag: state.lineage(tag)[1:] for tag in state.lineages(named)}
    counts = {tag: narrowing.count(tag) for tag in lineages}
    narrowing.close()
    counted = _Counted(
        narrowing=narrowing,
        counts=counts,
        named=frozenset(named),
        lineages=lineages,
        unseen=len(direct) - len(named),
    )
    return lambda: counted


def _tags(ids: Iterable[int]) -> dict[int, Tag]:
    fields = ("kind", "name", "disambiguation", "slug", "notation", "latitude", "longitude")
    wanted = list(ids)
    return Tag.objects.only(*fields).in_bulk(wanted) if wanted else {}


def _row(tag: Tag, counted: _Counted, *, holds: bool = False, sort: str = "") -> Row:
    count = counted.counts[tag.pk]
    if holds:
        words = ngettext(
            "%(place)s and what lies in it: %(count)s story",
            "%(place)s and what lies in it: %(count)s stories",
            count,
        )
    else:
        words = ngettext("%(place)s: %(count)s story", "%(place)s: %(count)s stories", count)
    return Row(
        tag=tag,
        count=count,
        url=counted.narrowing.url("/stories/", tag.pk),
        title=words % {"place": tag, "count": f"{count:,}"},
        sort=sort,
    )


def _apart(
    counted: _Counted, tags: Mapping[int, Tag], points: Mapping[int, object]
) -> tuple[Row, ...]:
    """The places named that have no point, most stories first."""
    words = {
        "continent": _("continent"),
        "macro-region": _("region of several countries"),
        "historical state": _("state of the past"),
    }
    without = [tags[pk] for pk in counted.named if pk in tags and pk not in points]
    rows = [
        _row(tag, counted, sort=words.get(sort_of(tag), _("without coordinates")))
        for tag in without
    ]
    rows.sort(key=lambda row: (-row.count, row.tag.name, row.tag.pk))
    return tuple(rows)


def _labels(drawn: Sequence[Circle], tags: Mapping[int, Tag], view: View) -> dict[int, Label]:
    """Names for the largest circles, where they cover nothing."""
    taken: list[Box] = [_box(circle) for circle in drawn]
    labels: dict[int, Label] = {}
    for at, circle in enumerate(drawn[:_NAMED]):
        near = [
            box
            for number, box in enumerate(taken)
            if number != at and abs(box[0] - circle.x) < _NEAR and abs(box[1] - circle.y) < _NEAR
        ]
        label = place_label(
            (circle.x, circle.y, circle.radius),
            tags[circle.place.id].name,
            _LABEL,
            (view.width, view.height),
            near,
        )
        if label.clash < _LABEL:
            labels[circle.place.id] = label
            taken.append(label.box)
    return labels


def _box(circle: Circle) -> Box:
    return (
        circle.x - circle.radius,
        circle.y - circle.radius,
        circle.x + circle.radius,
        circle.y + circle.radius,
    )


def _closer(circle: Circle, points: Mapping[int, tuple[float, float]], view: View) -> View | None:
    """The view in which the places that *circle* stands for come apart, if it is a closer one."""
    if not circle.holds:
        return None
    inside = [points[pk] for pk in (*circle.holds, circle.place.id)]
    xs, ys = [x for x, _y in inside], [y for _x, y in inside]
    spare = _CLOSER * max(max(xs) - min(xs), max(ys) - min(ys)) / 2
    closer = around(min(xs) - spare, min(ys) - spare, max(xs) + spare, max(ys) + spare)
    return closer if closer.units < view.units * 0.95 else None
