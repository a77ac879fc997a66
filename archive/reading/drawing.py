"""What the maps are drawn of: values that the templates turn into SVG."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from archive.reading.basemap import WORLD, View, draw
from archive.reading.labels import Box, place_label, text_width
from archive.reading.projection import Point, half_width

#: Size of the names and numbers on small maps, in pixels.
LABEL = 11.5
NUMBER = 10.5
#: How far a route bends out, as a share of its length; each repetition bends further.
_BEND, _BEND_MORE = 0.2, 0.14
#: How often overlapping dots are pushed apart.
_PUSHES = 40


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """A dashed line from one place to the next, with a small arrow on its way."""

    path: str
    arrow: str
    life: int  # 1 for the first life of the picture


@dataclasses.dataclass(frozen=True, slots=True)
class Dot:
    """A place in the picture."""

    x: float
    y: float
    radius: float
    half: float  # half its width: wider than high where several numbers stand in it
    number: str
    name: str
    url: str
    title: str  # what it says to those who hear or point at it
    label_x: float
    label_y: float
    label_anchor: str
    labelled: bool

    @property
    def pill_x(self) -> float:
        """Left edge of the dot drawn as a rounded box."""
        return round(self.x - self.half, 1)

    @property
    def pill_y(self) -> float:
        """Upper edge of the dot drawn as a rounded box."""
        return round(self.y - self.radius, 1)

    @property
    def pill_width(self) -> float:
        """Width of the dot drawn as a rounded box."""
        return round(2 * self.half, 1)

    @property
    def pill_height(self) -> float:
        """Height of the dot drawn as a rounded box."""
        return round(2 * self.radius, 1)


@dataclasses.dataclass(frozen=True, slots=True)
class SvgMap:
    """A whole map; ``parts/svg_map.html`` draws it."""

    width: int
    height: int
    land: str
    borders: str
    routes: tuple[Route, ...]
    dots: tuple[Dot, ...]
    title: str
    lives: tuple[str, ...] = ()  # whose routes these are, where there are several


@dataclasses.dataclass(frozen=True, slots=True)
class Spot:
    """A place to be drawn: where it is in the plane, and what it says."""

    point: Point
    radius: float
    number: str
    name: str
    url: str
    title: str


def fit(
    points: Sequence[Point], size: tuple[int, int], padding: tuple[float, float], least: float
) -> View:
    """The view of *size* pixels that shows all *points*, and at least *least* units across.

    *padding* is kept free on the left and right, and above and below, in pixels.
    """
    width, height = size
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    units = max(
        least / width,
        (right - left) / (width - 2 * padding[0]),
        (bottom - top) / (height - 2 * padding[1]),
    )
    units = math.ceil(units * 10) / 10
    return View(
        left=_start((left + right) / 2, width * units, WORLD[0]),
        top=_start((top + bottom) / 2, height * units, WORLD[1]),
        units=units,
        width=width,
        height=height,
    )


def _start(middle: float, extent: float, world: float) -> int:
    """Where a stretch of *extent* around *middle* starts, without leaving the world if it can."""
    if extent >= 2 * world:
        return round(-extent / 2)
    return round(min(max(middle - extent / 2, -world), world - extent))


def compose(
    view: View,
    spots: Sequence[Spot],
    legs: Sequence[tuple[int, int, int]],
    title: str,
    *,
    lives: tuple[str, ...] = (),
    every_name: bool = True,
    true_places: bool = False,
) -> SvgMap:
    """The map of *view* with *spots*, and *legs* (from spot, to spot, life) between them.

    Unless *every_name* is asked for, names that would cover others are left out. Dots that would
    overlap are moved apart, unless they stand at their *true_places*.
    """
    halves = [_half(spot) for spot in spots]
    centres = [view.pixel(spot.point) for spot in spots]
    if not true_places:
        centres = _apart(centres, halves)
    taken: list[Box] = [
        (x - half, y - spot.radius, x + half, y + spot.radius)
        for (x, y), half, spot in zip(centres, halves, spots, strict=True)
    ]
    dots = []
    for at, (spot, (x, y), half) in enumerate(zip(spots, centres, halves, strict=True)):
        others = taken[:at] + taken[at + 1 :]
        label = place_label(
            (x, y, spot.radius), spot.name, LABEL, (view.width, view.height), others
        )
        labelled = every_name or label.clash < LABEL
        if labelled:
            taken.append(label.box)
        dots.append(
            Dot(
                x=round(x, 1),
                y=round(y, 1),
                radius=round(spot.radius, 1),
                half=half,
                number=spot.number,
                name=spot.name,
                url=spot.url,
                title=spot.title,
                label_x=label.x,
                label_y=label.y,
                label_anchor=label.anchor,
                labelled=labelled,
            )
        )
    land, borders = draw(view)
    return SvgMap(
        width=view.width,
        height=view.height,
        land=land,
        borders=borders,
        routes=_routes(legs, centres, _crossings(view, spots, legs)),
        dots=tuple(dots),
        title=title,
        lives=lives,
    )


def _half(spot: Spot) -> float:
    """Half the width of a spot's dot: its numbers must fit."""
    if not spot.number:
        return round(spot.radius, 1)
    return round(max(spot.radius, text_width(spot.number, NUMBER) / 2 + 4), 1)


def _apart(centres: Sequence[Point], halves: Sequence[float]) -> list[Point]:
    """*centres* pushed apart as far as their dots overlap; the same every time."""
    moved = list(centres)
    for _ in range(_PUSHES):
        calm = True
        for one in range(len(moved)):
            for other in range(one):
                (x, y), (u, v) = moved[one], moved[other]
                wanted = halves[one] + halves[other] + 1
                distance = math.hypot(x - u, y - v)
                if distance >= wanted:
                    continue
                calm = False
                if distance < 0.01:
                    x, distance = x + 0.5, 0.5
                push = (wanted - distance) / 2 / distance
                moved[one] = (x + (x - u) * push, y + (y - v) * push)
                moved[other] = (u - (x - u) * push, v - (y - v) * push)
        if calm:
            break
    return moved


def _crossings(
    view: View, spots: Sequence[Spot], legs: Sequence[tuple[int, int, int]]
) -> dict[tuple[int, int], float]:
    """Pairs of spots whose shorter way leaves the picture on one side and comes in on the other.

    For each the width of the world in pixels, below zero where the way leads west.
    """
    turns = {
        at: spots[at].point[0] / half_width(spots[at].point[1]) for leg in legs for at in leg[:2]
    }
    found = {}
    for start, end, _ in legs:
        east = turns[end] - turns[start]
        if abs(east) > 1:
            middle = (spots[start].point[1] + spots[end].point[1]) / 2
            found[start, end] = math.copysign(2 * half_width(middle) / view.units, -east)
    return found


def _routes(
    legs: Sequence[tuple[int, int, int]],
    centres: Sequence[Point],
    crossings: Mapping[tuple[int, int], float],
) -> tuple[Route, ...]:
    """Curves for *legs*: there and back on different sides, single ones bent to the north.

    Across the Pacific there are two, each of which the edge of the picture cuts.
    """
    pairs = {(start, end) for start, end, _ in legs}
    times: dict[tuple[int, int], int] = {}
    routes = []
    for start, end, life in legs:
        (x, y), (u, v) = centres[start], centres[end]
        repeated = times.get((start, end), 0)
        times[start, end] = repeated + 1
        bend = _BEND + _BEND_MORE * repeated
        world = crossings.get((start, end), 0.0)
        if (end, start) not in pairs and u + world < x:
            bend = -bend
        if world:
            bend /= 2  # there is little room behind the edge
            routes.append(_route((x, y), (u + world, v), bend, life, arrow_at=0.15))
            routes.append(_route((x - world, y), (u, v), bend, life, arrow_at=0.85))
        else:
            routes.append(_route((x, y), (u, v), bend, life))
    return tuple(routes)


def _route(start: Point, end: Point, bend: float, life: int, arrow_at: float = 0.5) -> Route:
    """A curve that bends out by a share of its length, its arrow at a share of the way."""
    (x, y), (u, v) = start, end
    middle = ((x + u) / 2 + (v - y) * bend, (y + v) / 2 - (u - x) * bend)
    return Route(
        path=f"M{x:.1f},{y:.1f}Q{middle[0]:.1f},{middle[1]:.1f},{u:.1f},{v:.1f}",
        arrow=_arrow(start, middle, end, arrow_at),
        life=life,
    )


def _arrow(start: Point, bend: Point, end: Point, share: float) -> str:
    """A small arrow head on a curve, *share* of the way along."""
    rest = 1 - share
    x, y = (
        rest * rest * one + 2 * share * rest * two + share * share * three
        for one, two, three in zip(start, bend, end, strict=True)
    )
    ahead = [
        rest * (two - one) + share * (three - two)
        for one, two, three in zip(start, bend, end, strict=True)
    ]
    angle = math.atan2(ahead[1], ahead[0])
    corners = [(x + 4 * math.cos(angle), y + 4 * math.sin(angle))]
    for turn in (2.45, -2.45):
        corners.append((x + 4.5 * math.cos(angle + turn), y + 4.5 * math.sin(angle + turn)))
    (a, b), (c, d), (e, f) = corners
    return f"M{a:.1f},{b:.1f}L{c:.1f},{d:.1f}L{e:.1f},{f:.1f}z"
