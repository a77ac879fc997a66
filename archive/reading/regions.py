"""Views of the map that have a name or an address: the world, continents, regions, boxes."""

from __future__ import annotations

import dataclasses
import math

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from archive.reading.basemap import WORLD, View
from archive.reading.projection import KM_PER_UNIT, project

#: Width and height of the large map in pixels; the page scales it.
SIZE = (1120, 520)
#: The nearest view shows so many kilometres from side to side.
NEAREST_KM = 700
#: A step of zooming shows half as much, or twice.
ZOOM = 2.0
_BOX_CHARS = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Region:
    """A part of the world: its name, what it lies in, and its edges in degrees."""

    slug: str
    name: Promise | str
    parent: str
    south: float
    west: float
    north: float
    east: float


#: Continents, and sub-regions as the United Nations group countries (M49); edges drawn by hand.
REGIONS = {
    region.slug: region
    for region in (
        Region("africa", _("Africa"), "world", -35, -18, 37, 52),
        Region("asia", _("Asia"), "world", -10, 35, 62, 145),
        Region("europe", _("Europe"), "world", 35, -11, 70, 45),
        Region("north-america", _("North America"), "world", 8, -130, 66, -58),
        Region("south-america", _("South America"), "world", -55, -82, 13, -34),
        Region("oceania", _("Oceania"), "world", -47, 112, 5, 180),
        Region("north-africa", _("North Africa"), "africa", 15, -17, 37, 37),
        Region("west-africa", _("West Africa"), "africa", 4, -18, 25, 15),
        Region("central-africa", _("Central Africa"), "africa", -12, 8, 16, 31),
        Region("east-africa", _("East Africa"), "africa", -20, 26, 16, 52),
        Region("southern-africa", _("Southern Africa"), "africa", -35, 11, -15, 36),
        Region("central-asia", _("Central Asia"), "asia", 35, 46, 55, 88),
        Region("western-asia", _("Western Asia"), "asia", 13, 26, 44, 63),
        Region("south-asia", _("South Asia"), "asia", 5, 60, 38, 97),
        Region("southeast-asia", _("Southeast Asia"), "asia", -11, 92, 28, 141),
        Region("east-asia", _("East Asia"), "asia", 20, 75, 54, 146),
        Region("northern-europe", _("Northern Europe"), "europe", 50, -11, 70, 32),
        Region("western-europe", _("Western Europe"), "europe", 42, -5, 55, 17),
        Region("southern-europe", _("Southern Europe"), "europe", 35, -10, 47, 30),
        Region("eastern-europe", _("Eastern Europe"), "europe", 42, 13, 68, 60),
        Region("caribbean", _("Caribbean"), "north-america", 9, -86, 28, -58),
        Region("central-america", _("Central America"), "north-america", 7, -106, 28, -76),
    )
}
#: What the widest view is called.
WORLD_NAME = pgettext_lazy("the widest view of the map", "World")
#: The world without the Arctic Ocean and Antarctica: nobody tells of living there.
_TOP, _BOTTOM = project(83.5, 0)[1], project(-56, 0)[1]


def world(size: tuple[int, int] = SIZE) -> View:
    """The whole world in a picture of *size*."""
    width, height = size
    units = 2 * WORLD[0] / width
    return View(round(-WORLD[0]), round((_TOP + _BOTTOM - height * units) / 2), units, *size)


def region_view(region: Region) -> View:
    """The view that shows *region*."""
    edges = [
        project(latitude, longitude)
        for latitude in (region.south, (region.south + region.north) / 2, region.north)
        for longitude in (region.west, region.east)
    ]
    xs, ys = [x for x, _y in edges], [y for _x, y in edges]
    return around(min(xs), min(ys), max(xs), max(ys))


def around(left: float, top: float, right: float, bottom: float) -> View:
    """The view that shows a rectangle of the plane, in units; between the world and the nearest."""
    width, height = SIZE
    whole = world()
    units = max((right - left) / width, (bottom - top) / height, NEAREST_KM / KM_PER_UNIT / width)
    if units >= whole.units:
        return whole
    units = math.ceil(units * 100) / 100
    middle = ((left + right) / 2, (top + bottom) / 2)
    return View(
        _held(middle[0], width * units, whole.left, whole.left + width * whole.units),
        _held(middle[1], height * units, whole.top, whole.top + height * whole.units),
        units,
        width,
        height,
    )


def _held(middle: float, extent: float, low: float, high: float) -> int:
    """Where a stretch around *middle* starts, held between *low* and *high*."""
    return round(min(max(middle - extent / 2, low), high - extent))


def read_view(region: str, box: str) -> tuple[View, str]:
    """The view that an address asks for, and the slug of its region; what is unknown is the world.

    *box* is left, top, right, bottom in whole units of the plane, with commas.
    """
    edges = _edges(box)
    if edges is not None:
        return around(*edges), ""
    if region in REGIONS:
        return region_view(REGIONS[region]), region
    return world(), "world"


def _edges(box: str) -> tuple[float, float, float, float] | None:
    parts = box[:_BOX_CHARS].split(",")
    try:
        left, top, right, bottom = (
            max(-2 * WORLD[0], min(2 * WORLD[0], int(part))) for part in parts
        )
    except ValueError:
        return None
    return (left, top, right, bottom) if left < right and top < bottom else None


def box_text(view: View) -> str:
    """*view* as an address writes it."""
    return ",".join(map(str, view.box))


def moved(view: View, across: float = 0, down: float = 0, zoom: float = 1) -> View:
    """*view* moved by shares of its width and height, and *zoom* times as wide."""
    left, top, right, bottom = view.box
    width, height = right - left, bottom - top
    x, y = (left + right) / 2 + across * width, (top + bottom) / 2 + down * height
    return around(
        x - width * zoom / 2, y - height * zoom / 2, x + width * zoom / 2, y + height * zoom / 2
    )
