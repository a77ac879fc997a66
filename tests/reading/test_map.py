"""The map: the places of a question, summed where they would overlap, with true numbers."""

from __future__ import annotations

import gzip
import html
import re

import pytest
from django.http import QueryDict
from django.test import Client

from archive.models import Place, Story, Tag, Tagging
from archive.reading import circles, regions
from archive.reading import world_map as world_map_module
from archive.reading.asking import ask
from archive.reading.atlas import places_map
from archive.reading.basemap import draw
from archive.reading.projection import project
from archive.reading.world_map import MAX_CIRCLES, world_map

pytestmark = pytest.mark.django_db


def mapped(query: str = "", region: str = ""):
    view, _slug = regions.read_view(region, "")
    return world_map(ask(QueryDict(query)), view)


def counts(found) -> dict[str, int]:
    return {row.tag.name: row.count for row in found.rows}


def page(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_four_lives_on_the_map_of_the_world(lives) -> None:
    found = mapped()
    assert counts(found) == {
        "Kazakhstan": 3, "Russia": 2, "United States": 2, "New York City": 2, "France": 2,
        "Kokand": 1, "Moscow": 1, "Aktau": 1, "St. Petersburg": 1,
    }  # fmt: skip
    assert [(row.tag.name, row.count) for row in found.apart] == [
        ("Central Asia", 4), ("Soviet Union", 1),
    ]  # fmt: skip


def test_paris_is_summed_in_france_until_one_looks_closer(lives) -> None:
    france = next(row for row in mapped().rows if row.tag.name == "France")
    assert france.holds == 1
    assert "Paris" in counts(world_map(ask(QueryDict()), france.closer))
    assert {"Paris", "France"} <= counts(mapped(region="western-europe")).keys()


QUERIES = (
    "", "theme=dance", "q=Moscow", "q=-Moscow", "place=kazakhstan", "not_place=france",
    "place=moscow&place=paris&place_any=1", "place=kazakhstan&place_exact=1",
)  # fmt: skip


def test_each_number_is_that_of_the_list_behind_it(lives) -> None:
    for query in QUERIES:
        found = mapped(query)
        assert found.rows
        for row in (*found.rows, *found.apart):
            listed = Client().get(row.url).context["results"]
            assert listed.total == row.count, row.url


def test_the_page_says_the_same_in_picture_and_table(lives) -> None:
    text = page("/map/?person=giulia-baktybekova")
    circle_names = re.findall(r'class="atlas-circle[^>]*aria-label="([^"]+)"', text)
    assert circle_names == ["Kokand: 1 story", "Moscow: 1 story"]
    table = re.findall(r'<th scope="row"><a href="([^"]+)">([^<]+)</a>', text)
    assert [name for _url, name in table] == ["Kokand", "Moscow"]
    assert html.unescape(table[0][0]) == "/stories/?person=giulia-baktybekova&place=kokand"
    assert "Soviet Union" in text and "style=" not in text


def test_drafts_are_on_no_map(lives) -> None:
    Story.objects.filter(pk=lives["giulia"].pk).update(status=Story.Status.DRAFT)
    found = mapped()
    assert not {"Kokand", "Moscow"} & counts(found).keys()
    assert "Soviet Union" not in {row.tag.name for row in found.apart}
    assert "Kokand" not in page("/map/") and "Soviet Union" not in page("/map/")


BOXES = (
    "", "1", "1,2,3", "a,b,c,d", "5,5,1,1", "9" * 400, "1,1,1,1", "0,0,1,1", "٣,1,5,9",
    "-99999999,-99999999,99999999,99999999",
)  # fmt: skip


def test_any_box_is_answered(lives) -> None:
    for box in BOXES:
        response = Client().get("/map/", {"box": box, "region": "\x00nowhere"})
        assert response.status_code == 200, box


def test_every_region_shows_land(lives) -> None:
    for region in regions.REGIONS.values():
        view = regions.region_view(region)
        assert draw(view)[0]
        assert view.units < regions.world().units
        middle = project((region.south + region.north) / 2, (region.west + region.east) / 2)
        assert view.holds(middle)


def test_regions_and_steps_keep_the_question(lives) -> None:
    text = page("/map/?theme=dance&region=central-asia")
    assert 'href="/map/?theme=dance&amp;region=europe"' in text
    steps = re.findall(r'href="(/map/\?theme=dance&amp;box=[^"]+)" data-step="(\w+)"', text)
    assert {"closer", "farther", "west"} <= {name for _url, name in steps}
    for url, _name in steps:
        page(html.unescape(url))


def test_what_nobody_names_and_empty_archives_are_said(db) -> None:
    assert "This archive has no stories yet." in page("/map/")
    Story.objects.create(title="A life", body="By the sea.", status=Story.Status.PUBLISHED)
    assert "These stories name no place." in page("/map/")
    assert "No story answers all of this." in page("/map/?place=atlantis")


def test_thousands_of_places_stay_bounded(
    db, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    story = Story.objects.create(title="A life", body="Far.", status=Story.Status.PUBLISHED)

    def add(start: int, stop: int) -> None:
        Tag.objects.bulk_create(
            Place(
                name=f"Place {n}", name_key=f"place {n}", slug=f"place-{n}",
                latitude=n * 7 % 120 - 50, longitude=n * 13 % 340 - 170,
            )
            for n in range(start, stop)
        )  # fmt: skip
        places = Place.objects.filter(slug__in=[f"place-{n}" for n in range(start, stop)])
        Tagging.objects.bulk_create(
            Tagging(story=story, tag=place, state=Tagging.State.CONFIRMED) for place in places
        )

    add(0, 50)
    mapped()
    with django_assert_num_queries(2):
        assert len(mapped().rows) == 50
    add(50, 3_100)
    found = mapped()
    assert len(found.rows) == MAX_CIRCLES
    assert found.unseen == 100 and found.crowded
    with django_assert_max_num_queries(5):  # SQLite takes tags a thousand at a time
        mapped()
    assert len(gzip.compress(page("/map/").encode())) < 100_000


def test_what_was_counted_is_counted_anew_after_a_change(lives) -> None:
    before = counts(mapped())
    assert counts(mapped()) == before
    lives["giulia"].taggings.filter(tag__name="Moscow").update(state=Tagging.State.REJECTED)
    after = counts(mapped())
    assert before["Moscow"] == 1 and "Moscow" not in after
    assert "Russia" in counts(mapped("q=pirouette"))
    Story.objects.filter(pk=lives["romy"].pk).update(body="Nothing of dance.")
    assert counts(mapped("q=pirouette")) == {}


def test_the_index_of_places_has_a_map(lives) -> None:
    dots = {dot.name: dot.url for dot in places_map().dots}
    assert dots["Kokand"] == "/places/kokand/"
    assert "Soviet Union" not in dots
    Story.objects.update(status=Story.Status.DRAFT)
    assert places_map() is None


def test_area_grows_with_the_number() -> None:
    assert circles.radius(400, 400) / circles.radius(100, 400) == pytest.approx(2)
    assert circles.radius(1, 1_000_000) == circles.SMALLEST


ADDRESSES = (
    "?q=%22&region=europe", "?q=(a OR", "?person=%00", "?place=" + "a" * 5000, "?box=1&box=2",
    "?region[]=x", "?place_any=1", "?page=-1", "?per_page=9999999", "?theme=%F0%9F%8C%8D", "?%",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/map/", "/network/"])
def test_whatever_is_asked_is_answered(lives, path) -> None:
    for address in ADDRESSES:
        assert Client().get(path + address).status_code in (200, 400), address
    many = "&".join(f"place=p{n}" for n in range(2_000))
    assert Client().get(f"{path}?{many}").status_code in (200, 400)
    assert Client().post(path).status_code == 405


def test_hostile_names_are_only_text(lives) -> None:
    Tag.objects.filter(name="Kokand").update(name='"><script>alert(1)</script>')
    for path in ("/map/", "/network/", "/stories/giulia-baktybekova/"):
        assert "<script>alert" not in page(path)


def test_places_without_points_are_a_list_without_an_empty_map(lives, monkeypatch) -> None:
    Tag.objects.filter(kind="place").update(latitude=None, longitude=None)
    monkeypatch.setattr(world_map_module, "MAX_CIRCLES", 3)
    page = Client().get("/map/")
    assert "atlas-frame" not in page.text
    assert "None of these places is a point on the map" in page.text
    found = page.context["map"]
    assert len(found.apart) == 3
    assert f"and {found.named - 3} more places" in page.text


@pytest.mark.parametrize("path", ["/map/", "/network/"])
def test_the_page_says_what_numbers_mean_when_any_of_several_is_asked_for(lives, path) -> None:
    both = "place=moscow&place=paris"
    assert "Any of several" in Client().get(f"{path}?{both}&place_any=1").text
    assert "Any of several" not in Client().get(f"{path}?place=paris&place_any=1").text
    assert "Any of several" not in Client().get(f"{path}?theme=music").text
