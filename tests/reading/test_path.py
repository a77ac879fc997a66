"""The path of a life: what the story names, in its order."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from archive.models import Story, Tagging
from archive.pipeline import retag
from archive.reading.atlas import path_map, place_map
from archive.reading.path import MAX_STOPS, life_path
from archive.reading.story_page import story_page

pytestmark = pytest.mark.django_db


def stops(story: Story) -> list[tuple[int, str]]:
    return [(stop.number, stop.tag.name) for stop in life_path(story).stops]


def tell(body: str, title: str = "A life") -> Story:
    story = Story.objects.create(title=title, body=body, status=Story.Status.PUBLISHED)
    retag(story)
    return story


def test_giulia_goes_to_moscow_and_home_again(lives) -> None:
    assert stops(lives["giulia"]) == [
        (1, "Kokand"),
        (2, "Moscow"),
        (3, "Kokand"),
        (0, "Soviet Union"),
    ]


def test_romy_starts_and_ends_in_kazakhstan(lives) -> None:
    names = ["Kazakhstan", "St. Petersburg", "Kazakhstan", "New York City", "Kazakhstan"]
    assert stops(lives["romy"]) == list(enumerate(names, 1))


def test_a_country_beside_its_city_is_no_stop_of_its_own(lives) -> None:
    path = life_path(lives["lily"])
    assert [stop.tag.name for stop in path.stops] == [
        "Aktau", "New York City", "Paris", "New York City", "Kazakhstan",
    ]  # fmt: skip
    within = [[wider.tag.name for wider in stop.within] for stop in path.stops]
    assert within == [["Kazakhstan"], [], [], ["United States"], []]


def test_stops_carry_their_sentence_and_lead_to_it(lives) -> None:
    for story in lives.values():
        html = story_page(story).html
        for stop in life_path(story).stops:
            marked = [words for words, is_marked in stop.sentence if is_marked]
            mark = re.search(rf'id="{stop.anchor}"[^>]*>(.*?)<', html)
            assert mark and [mark.group(1)] == marked
    moscow = life_path(lives["giulia"]).stops[1]
    assert "prestigious university in Moscow." in "".join(words for words, _ in moscow.sentence)


def test_years_and_ages_of_the_sentence_stand_beside(db) -> None:
    story = tell(
        "She was born in Kokand in 1986. At the age of five she came to Moscow. Then Paris."
    )
    assert [stop.times for stop in life_path(story).stops] == [
        ("1986",), ("At the age of five",), (),
    ]  # fmt: skip


def test_a_place_without_coordinates_takes_no_country_off_the_map(lives) -> None:
    lives["lily"].tags.filter(name="Aktau").update(latitude=None, longitude=None)
    romy = lives["romy"]
    romy.tags.filter(name="St. Petersburg").update(latitude=None, longitude=None)
    assert stops(romy) == [
        (1, "Kazakhstan"), (0, "St. Petersburg"), (2, "Russia"), (3, "Kazakhstan"),
        (4, "New York City"), (5, "Kazakhstan"),
    ]  # fmt: skip
    assert stops(lives["lily"])[:2] == [(0, "Aktau"), (1, "Kazakhstan")]


def test_rejected_places_are_not_on_the_path(lives) -> None:
    lives["giulia"].taggings.filter(tag__name="Moscow").update(state=Tagging.State.REJECTED)
    assert stops(lives["giulia"]) == [(1, "Kokand"), (0, "Soviet Union")]


def test_the_map_numbers_each_place_once_and_draws_each_leg(lives) -> None:
    drawn = path_map([life_path(lives["giulia"])])
    assert {dot.name: dot.number for dot in drawn.dots} == {"Kokand": "1·3", "Moscow": "2"}
    assert len(drawn.routes) == 2
    assert len({route.path for route in drawn.routes}) == 2
    for dot in drawn.dots:
        assert 0 < dot.x < drawn.width and 0 < dot.y < drawn.height


def test_one_place_needs_no_arrow_and_none_no_map(db) -> None:
    one = life_path(tell("She lived in Kokand."))
    assert path_map([one]).routes == ()
    none = life_path(tell("She lived by the sea.", "Another life"))
    assert none.stops == () and path_map([none]) is None


def test_several_lives_on_one_map(lives) -> None:
    drawn = path_map([life_path(lives["giulia"]), life_path(lives["romy"])])
    assert {route.life for route in drawn.routes} == {1, 2}
    assert drawn.lives == ("Giulia Baktybekova", "Romy Baktybekova")


def test_over_the_pacific_the_line_leaves_on_one_side_and_comes_in_on_the_other(db) -> None:
    drawn = path_map([life_path(tell("She sailed from Tokyo to San Francisco. Then Paris."))])
    assert drawn is not None
    tokyo, francisco, paris = drawn.dots
    ends = [[float(n) for n in re.findall(r"-?[\d.]+", route.path)] for route in drawn.routes]
    out, back, on = ends
    assert out[0] == tokyo.x and out[4] > drawn.width
    assert back[0] < 0 and back[4] == francisco.x
    assert (on[0], on[4]) == (francisco.x, paris.x)
    for route in drawn.routes:
        x = float(re.findall(r"[\d.]+", route.arrow)[0])
        assert 0 < x < drawn.width


def test_two_places_of_one_name_are_told_apart_on_the_map(db) -> None:
    drawn = path_map([life_path(tell("She left Paris, Texas, for Paris, France, and Rome."))])
    assert drawn is not None
    assert sorted(dot.name for dot in drawn.dots) == ["Paris", "Paris (Texas)", "Rome"]


def test_long_journeys_are_bounded(db) -> None:
    path = life_path(tell("She went to Paris and then to Moscow. " * 40))
    assert len(path.stops) == MAX_STOPS
    assert path.more == 80 - MAX_STOPS


def test_the_number_of_queries_does_not_grow(lives, django_assert_num_queries) -> None:
    long = tell("Kokand, Moscow, Paris, London, Berlin, Almaty, Aktau, Rome. " * 20)
    for story in (lives["giulia"], long):
        life_path(story)  # the index reads what is new
        with django_assert_num_queries(3):  # one of them asks for news of the index
            life_path(story)


def test_the_story_page_shows_the_path(lives) -> None:
    page = Client().get(lives["giulia"].get_absolute_url()).content.decode()
    assert "The path of this life" in page
    assert "In the order in which the story names the places" in page
    assert 'aria-label="1, 3: Kokand"' in page
    assert "style=" not in page


def test_a_place_with_what_lies_in_it(lives) -> None:
    kazakhstan = lives["romy"].tags.get(name="Kazakhstan")
    drawn = place_map(kazakhstan)
    assert {dot.name: dot.title for dot in drawn.dots} == {
        "Kazakhstan": "Kazakhstan: 3 stories", "Aktau": "Aktau: 1 story",
    }  # fmt: skip
    assert place_map(lives["giulia"].tags.get(name="Soviet Union")) is None


def test_drafts_put_no_place_on_a_map(lives) -> None:
    kazakhstan = lives["romy"].tags.get(name="Kazakhstan")
    Story.objects.filter(pk=lives["lily"].pk).update(status=Story.Status.DRAFT)
    assert [dot.name for dot in place_map(kazakhstan).dots] == ["Kazakhstan"]


def test_suggestions_that_the_archive_hides_are_on_no_path(lives, settings) -> None:
    settings.SHOW_SUGGESTIONS = False
    assert life_path(lives["giulia"]).stops == ()
    lives["giulia"].taggings.filter(tag__name="Moscow").update(state=Tagging.State.CONFIRMED)
    assert stops(lives["giulia"]) == [(1, "Moscow")]
    page = Client().get(lives["giulia"].get_absolute_url()).content.decode()
    assert "Moscow" in page and 'aria-label="1: Moscow"' in page
