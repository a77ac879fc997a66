"""The four lives of the first collection: exactly the people and places, at least the themes."""

from pathlib import Path

import pytest

from archive.tagging.spans import TaggedText
from archive.tagging.tagger import tag

SEEDS = Path(__file__).parents[2] / "seeds"

LIVES = {
    "000": (
        "Giulia Baktybekova",
        ["Anatoly Pokrovsky"],
        {"Kokand", "Moscow", "Soviet Union"},
        {"dance", "mental-health", "teaching", "heritage", "family", "poverty", "fame"},
    ),
    "001": (
        "Lily Baktybekova",
        [],
        {"Aktau", "Kazakhstan", "Paris", "United States", "New York City"},
        {"dance", "heritage", "family", "fame", "resilience"},
    ),
    "002": (
        "Thierry Baktybekova",
        [],
        {"Kazakhstan", "Central Asia", "Paris", "France"},
        {"dance", "teaching", "heritage", "family", "resilience"},
    ),
    "003": (
        "Romy Baktybekova",
        ["Madame Petrova"],
        {"Kazakhstan", "New York City", "St. Petersburg", "Russia"},
        {"dance", "mental-health", "family", "resilience"},
    ),
}
ONLY = {"mental-health": {"000", "003"}, "poverty": {"000"}}


def life(number: str) -> TaggedText:
    [path] = SEEDS.glob(f"{number}_*.txt")
    return tag(path.read_text(encoding="utf-8").replace("â€“", "–"))


@pytest.mark.parametrize("number", LIVES)
def test_people_places_and_subject_are_exactly_these(number):
    subject, others, places, _ = LIVES[number]
    found = life(number)
    assert found.subject == subject
    assert [person.name for person in found.people] == [subject, *others]
    assert [person.role for person in found.people] == ["subject"] + ["mentioned"] * len(others)
    assert {place.name for place in found.places} == places


@pytest.mark.parametrize("number", LIVES)
def test_themes_are_borne_out(number):
    found = {theme.notation for theme in life(number).themes}
    assert found >= LIVES[number][3]
    for theme, numbers in ONLY.items():
        assert (theme in found) == (number in numbers)
    assert 4 <= len(found) <= 10


def test_one_place_under_two_names_is_one_tag():
    [city] = [place for place in life("001").places if place.name == "New York City"]
    assert city.other_names == ("New York",)
    assert city.notation == "geonames:5128581"
    assert {mention.quote for mention in city.mentions} == {"New York", "New York City"}


def test_the_given_name_alone_belongs_to_the_full_name():
    [giulia] = [person for person in life("000").people if person.role == "subject"]
    assert {mention.quote for mention in giulia.mentions} == {"Giulia", "Giulia Baktybekova"}
    assert len(giulia.mentions) >= 7


def test_broken_dashes_do_not_stop_the_tagger():
    [path] = SEEDS.glob("000_*.txt")
    broken = tag(path.read_text(encoding="utf-8"))
    assert [person.name for person in broken.people] == ["Giulia Baktybekova", "Anatoly Pokrovsky"]
