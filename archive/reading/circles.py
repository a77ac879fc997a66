"""The circles of the map: which places have one, which stand for others, and how large they are.

The rules, as the page says them: a circle counts the stories that name the place or a place in it;
its area grows with that number. Where circles of places that lie in one another, or together in a
larger place, would overlap, only the larger place is drawn. Continents, macro-regions and
historical states have no point; they are listed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from archive.reading.basemap import View
from archive.reading.projection import Point

#: Radii in pixels: the smallest that a finger finds with the room around it, and the largest.
SMALLEST, LARGEST = 4.0, 26.0
#: So much of their radii may overlap before circles count as overlapping.
_TOUCH = 0.9
#: Circles within one place are compared with one another up to this number; more overlap anyway.
_COMPARED = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Located:
    """A place with a point."""

    id: int
    point: Point
    parent: int | None  # the nearest place with a point in which it lies
    count: int  # stories that name it or what lies in it
    named: bool  # whether stories name the place itself


@dataclasses.dataclass(frozen=True, slots=True)
class Circle:
    """A place as drawn."""

    place: Located
    x: float
    y: float
    radius: float
    holds: tuple[int, ...]  # places in it that are not drawn of their own


def radius(count: int, most: int) -> float:
    """The radius of a circle for *count* stories where the largest stands for *most*."""
    largest = min(LARGEST, SMALLEST + 3 * math.sqrt(most))
    return max(SMALLEST, largest * math.sqrt(min(count, most) / most))


def circles(places: Mapping[int, Located], view: View, *, sums: bool = True) -> list[Circle]:
    """The circles of *places* in *view*, the most stories first; ties by id.

    Without *sums* every place that is named stands for itself. The largest circle is that of the
    place in *view* with the most stories; what lies outside is drawn no larger.
    """
    counted = [place for place in places.values() if place.count]
    if not counted:
        return []
    seen = [place.count for place in counted if view.holds(place.point)]
    most = max(seen or [place.count for place in counted])
    drawn = {
        place.id: Circle(place, *view.pixel(place.point), radius(place.count, most), ())
        for place in counted
    }
    if sums:
        shown = _summed(places, drawn)
    else:
        shown = [circle for circle in drawn.values() if circle.place.named]
    return sorted(shown, key=lambda circle: (-circle.place.count, circle.place.id))


def _summed(places: Mapping[int, Located], drawn: Mapping[int, Circle]) -> list[Circle]:
    """The circles left when those that overlap within a place are summed, inmost places first."""
    inside: dict[int | None, list[int]] = {}
    for place in sorted(drawn):
        inside.setdefault(places[place].parent, []).append(place)
    order = list(inside.get(None, ()))
    for place in order:
        order += inside.get(place, ())
    shown: dict[int, list[Circle]] = {}
    for place in reversed(order):
        parts = [circle for child in inside.get(place, ()) for circle in shown.pop(child)]
        own = drawn[place]
        if own.place.named:
            parts.append(own)
        if len(parts) > 1 and _overlap(parts):
            parts = [dataclasses.replace(own, holds=_held(parts, place))]
        shown[place] = parts
    return [circle for parts in shown.values() for circle in parts]


def _held(parts: Sequence[Circle], place: int) -> tuple[int, ...]:
    """The places, besides *place*, that one circle now stands for."""
    held = {circle.place.id for circle in parts if circle.place.named}
    held.update(inner for circle in parts for inner in circle.holds)
    return tuple(sorted(held - {place}))


def _overlap(parts: Sequence[Circle]) -> bool:
    if len(parts) > _COMPARED:
        return True
    return any(
        math.hypot(one.x - other.x, one.y - other.y) < _TOUCH * (one.radius + other.radius)
        for at, one in enumerate(parts)
        for other in parts[:at]
    )
