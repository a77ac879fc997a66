"""The page of the map."""

from __future__ import annotations

import dataclasses
import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from archive.models import Kind
from archive.reading import regions
from archive.reading.asking import ask
from archive.reading.basemap import View, draw
from archive.reading.circles import radius
from archive.reading.drawing import LABEL
from archive.reading.labels import text_width
from archive.reading.world_map import Row, world_map
from archive.search.filters import PER_PAGE, Criteria
from archive.search.renames import follows_renames
from archive.search.results import search

#: Lines of the table that are seen at once; the others open on demand.
ROWS_SHOWN = 12


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """A link to another view of the same places."""

    name: str
    url: str
    selected: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A row with the address of a closer look."""

    row: Row
    closer_url: str


@require_safe
@follows_renames
def map_page(request: HttpRequest) -> HttpResponse:
    """The places of the stories that the address asks for, on a map and in a table."""
    question = ask(request.GET)
    view, region = regions.read_view(request.GET.get("region", ""), request.GET.get("box", ""))
    found = world_map(question, view)
    links = _Links(question.criteria)
    land, borders = draw(view)
    legend = _legend(found.most)
    places = [Place(row, links.box(row.closer) if row.closer else "") for row in found.rows]
    context = {
        "results": search(request.GET, request.path),
        "map": found,
        "any_of": question.any_of(Kind.PLACE),
        "view": view,
        "land": land,
        "borders": borders,
        "places": places[:ROWS_SHOWN],
        "more_places": places[ROWS_SHOWN:],
        "circles": places,
        "regions": links.regions(region),
        "within": links.within(region),
        "steps": links.steps(view),
        "legend": legend,
        "legend_width": math.ceil(legend[-1].right) if legend else 0,
        "legend_height": round(2 * legend[-1].radius + 2) if legend else 0,
        "list_url": links.criteria.url(reverse("stories")),
        "network_url": links.criteria.url(reverse("network")),
        "here_url": links.here(region, view),
    }
    return render(request, "map.html", context)


class _Links:
    """Addresses of the same question on the map."""

    def __init__(self, criteria: Criteria) -> None:
        self.criteria = criteria.replace(sort="", per_page=PER_PAGE[0])
        self._url = self.criteria.url(reverse("map"))

    def _with(self, parameter: str) -> str:
        return f"{self._url}{'&' if '?' in self._url else '?'}{parameter}"

    def box(self, view: View) -> str:
        """The address of *view*."""
        if view == regions.world():
            return self._url
        return self._with(f"box={regions.box_text(view)}")

    def here(self, region: str, view: View) -> str:
        """The address of the view shown."""
        if region and region != "world":
            return self._with(f"region={region}")
        return self.box(view)

    def _region(self, slug: str, name: str | Promise, current: str) -> Step:
        url = self._url if slug == "world" else self._with(f"region={slug}")
        return Step(str(name), url, slug == current)

    def regions(self, current: str) -> list[Step]:
        """The world and the continents; the one in which *current* lies is selected."""
        within = regions.REGIONS.get(current)
        top = within.parent if within and within.parent != "world" else current
        return [
            self._region("world", regions.WORLD_NAME, top),
            *(
                self._region(region.slug, region.name, top)
                for region in regions.REGIONS.values()
                if region.parent == "world"
            ),
        ]

    def within(self, current: str) -> list[Step]:
        """The regions of the continent that *current* is or lies in."""
        region = regions.REGIONS.get(current)
        if region is None:
            return []
        continent = region.slug if region.parent == "world" else region.parent
        return [
            self._region(inner.slug, inner.name, current)
            for inner in regions.REGIONS.values()
            if inner.parent == continent
        ]

    def steps(self, view: View) -> dict[str, str]:
        """Addresses one step closer, farther and to each side; empty where there is no more."""
        wanted = {
            "closer": regions.moved(view, zoom=1 / regions.ZOOM),
            "farther": regions.moved(view, zoom=regions.ZOOM),
            "west": regions.moved(view, across=-0.4),
            "east": regions.moved(view, across=0.4),
            "north": regions.moved(view, down=-0.4),
            "south": regions.moved(view, down=0.4),
        }
        return {
            name: "" if other.box == view.box else self.box(other) for name, other in wanted.items()
        }


@dataclasses.dataclass(frozen=True, slots=True)
class LegendCircle:
    """A circle of the legend and the number of stories that it stands for."""

    count: int
    radius: float
    x: float
    y: float

    @property
    def text(self) -> str:
        """The number as it is written."""
        return f"{self.count:,}"

    @property
    def text_x(self) -> float:
        """Where the number starts."""
        return round(self.x + self.radius + 5, 1)

    @property
    def right(self) -> float:
        """Where the number ends."""
        return self.text_x + text_width(self.text, LABEL) + 2

    @property
    def text_y(self) -> float:
        """Baseline of the number."""
        return self.y + 4


def _legend(most: int) -> list[LegendCircle]:
    """Up to three circles, side by side, that say what sizes mean."""
    if not most:
        return []
    numbers = sorted({1, _round(most / 4), most})
    sizes = [round(radius(number, most), 1) for number in numbers]
    made = []
    x = 1.0
    for number, size in zip(numbers, sizes, strict=True):
        made.append(LegendCircle(number, size, round(x + size, 1), sizes[-1] + 1))
        x += 2 * size + 22 + text_width(f"{number:,}", LABEL)
    return made


def _round(number: float) -> int:
    """*number* to its first digit, at least one."""
    whole = max(1, int(number))
    power = 10 ** (len(str(whole)) - 1)
    return int(whole // power * power)
