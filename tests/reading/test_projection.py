"""The base map and our own dots lie in the same plane."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.reading import basemap
from archive.reading.projection import HALF_HEIGHT, SCALE, project

DATA = json.loads(Path(basemap.__file__).with_name("data").joinpath("basemap.json").read_text())


@pytest.mark.parametrize(("longitude", "latitude", "x", "y"), DATA["checks"])
def test_points_fall_where_d3_draws_them(longitude, latitude, x, y) -> None:
    assert project(latitude, longitude) == pytest.approx((x, y), abs=0.01)


def test_scale_is_that_of_the_base_map() -> None:
    assert pytest.approx(DATA["scale"]) == SCALE


@pytest.mark.parametrize("layer", ["world", "region"])
def test_no_ring_streaks_across_the_world(layer) -> None:
    """Russia and Fiji lie on both sides of the antimeridian; they are cut there."""
    for ring in DATA[layer]["land"]:
        steps = [abs(int(step)) for step in ring.split()[2:]][0::2]
        assert max(steps) < 2_000


def test_a_view_draws_only_what_it_shows() -> None:
    x, y = project(41, 70)
    small = basemap.View(x - 400, y - 250, 2.0, 400, 250)
    world = basemap.View(-10_000, -HALF_HEIGHT, 20.0, 1000, 487)
    for view in (small, world):
        land, borders = basemap.draw(view)
        assert land.startswith("M") and borders.startswith("M")
        assert len(land) + len(borders) < 60_000
    assert len(basemap.draw(small)[0]) < 3_000


def test_the_open_sea_is_empty() -> None:
    x, y = project(-40, -130)
    assert basemap.draw(basemap.View(x, y, 1.0, 100, 60)) == ("", "")
