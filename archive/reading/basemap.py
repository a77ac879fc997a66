"""Land and borders of the world as SVG paths, cut to what a picture shows.

The data and where they come from: ``data/README.md`` beside this module.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from archive.reading.projection import HALF_HEIGHT, Point

_DATA = Path(__file__).parent / "data" / "basemap.json"
#: From this many units to a pixel the coarse world is drawn; below, the finer one for regions.
_COARSE_FROM = 12.0
#: Land and borders are drawn this share of the picture beyond its edges, for panning.
_MARGIN = 0.35
#: Half the width and height of what is ever shown, in units: the world and a little sea.
WORLD = (10_000.0, HALF_HEIGHT)

Ring = Sequence[Point]


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """A rectangle of the plane, drawn *width* by *height* pixels; *left* and *top* in units."""

    left: float
    top: float
    units: float  # for a pixel
    width: int
    height: int

    def pixel(self, point: Point) -> Point:
        """Where in the picture *point* of the plane is."""
        return (point[0] - self.left) / self.units, (point[1] - self.top) / self.units

    def holds(self, point: Point, margin: float = 0) -> bool:
        """Whether *point* is in the picture, at least *margin* pixels from its edge."""
        x, y = self.pixel(point)
        return margin <= x <= self.width - margin and margin <= y <= self.height - margin

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in whole units."""
        return (
            round(self.left),
            round(self.top),
            round(self.left + self.width * self.units),
            round(self.top + self.height * self.units),
        )


@functools.cache
def _layers() -> dict[str, dict[str, tuple[tuple[Point, ...], ...]]]:
    data: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return {
        name: {part: tuple(map(_ring, data[name][part])) for part in ("land", "borders")}
        for name in ("world", "region")
    }


def _ring(text: str) -> tuple[Point, ...]:
    """The points of a ring that is written as its first point and steps."""
    steps = [int(number) for number in text.split()]
    xs = itertools.accumulate(steps[0::2])
    ys = itertools.accumulate(steps[1::2])
    return tuple(zip(xs, ys, strict=True))


@functools.lru_cache(maxsize=64)
def draw(view: View) -> tuple[str, str]:
    """Land (to be filled by the even-odd rule) and borders in *view* as two SVG path texts."""
    layer = _layers()["world" if view.units >= _COARSE_FROM else "region"]
    spare = _MARGIN * max(view.width, view.height) * view.units
    left, top, right, bottom = view.box
    box = (left - spare, top - spare, right + spare, bottom + spare)
    land = (_clip(ring, box) for ring in layer["land"] if _touches(ring, box))
    borders = itertools.chain.from_iterable(
        _pieces(line, box) for line in layer["borders"] if _touches(line, box)
    )
    return _path(land, view, "z", 4), _path(borders, view, "", 2)


def _touches(ring: Ring, box: tuple[float, float, float, float]) -> bool:
    xs = [x for x, _ in ring]
    ys = [y for _, y in ring]
    return max(xs) >= box[0] and min(xs) <= box[2] and max(ys) >= box[1] and min(ys) <= box[3]


def _clip(ring: Ring, box: tuple[float, float, float, float]) -> Ring:
    """*ring* within *box* (Sutherland and Hodgman, "Reentrant polygon clipping", 1974)."""
    sides: tuple[tuple[int, float, Callable[[float, float], bool]], ...] = (
        (0, box[0], float.__ge__),
        (0, box[2], float.__le__),
        (1, box[1], float.__ge__),
        (1, box[3], float.__le__),
    )
    for axis, edge, inside in sides:
        kept: list[Point] = []
        for before, here in zip((*ring[-1:], *ring[:-1]), ring, strict=True):
            was, now = inside(float(before[axis]), edge), inside(float(here[axis]), edge)
            if was != now:
                share = (edge - before[axis]) / (here[axis] - before[axis])
                x = before[0] + share * (here[0] - before[0])
                y = before[1] + share * (here[1] - before[1])
                kept.append((x, y))
            if now:
                kept.append(here)
        ring = kept
        if not ring:
            break
    return ring


def _pieces(line: Ring, box: tuple[float, float, float, float]) -> Iterable[Ring]:
    """The stretches of *line* with a point in *box*, each with one point beyond."""
    inside = [box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in line]
    start = None
    for at, here in enumerate((*inside, False)):
        if here and start is None:
            start = max(0, at - 1)
        elif not here and start is not None:
            yield line[start : at + 1]
            start = None


def _path(rings: Iterable[Ring], view: View, end: str, fewest: int) -> str:
    """*rings* as a path in tenths of a pixel; steps too small to see are left out."""
    parts = []
    for ring in rings:
        steps: list[tuple[int, int]] = []
        for point in ring:
            x, y = view.pixel(point)
            step = (round(x * 10), round(y * 10))
            if not steps or abs(step[0] - steps[-1][0]) + abs(step[1] - steps[-1][1]) >= 6:
                steps.append(step)
        if len(steps) >= fewest:
            parts.append(_relative(steps) + end)
    return "".join(parts)


def _relative(steps: Sequence[tuple[int, int]]) -> str:
    """A path of relative lines, as short as it can be written."""
    texts = [f"M{_tenths(steps[0][0])},{_tenths(steps[0][1])}l"]
    for before, here in itertools.pairwise(steps):
        for axis in (0, 1):
            text = _tenths(here[axis] - before[axis])
            spaced = texts[-1][-1] in "l" or text[0] == "-"
            texts.append(text if spaced else f" {text}")
    return "".join(texts)


def _tenths(number: int) -> str:
    """A number of tenths as SVG writes it: 12 is 1.2, -5 is -.5, 20 is 2."""
    sign, number = ("-" if number < 0 else ""), abs(number)
    whole, tenth = divmod(number, 10)
    if not tenth:
        return f"{sign}{whole}"
    return f"{sign}{whole or ''}.{tenth}"
