"""The four lives, as a newcomer finds them: titles, people, places, themes, repairs."""

from __future__ import annotations

import hashlib

import pytest
from django.conf import settings
from django.test import Client

from archive.models import Source, Story, Tagging

PEOPLE = {
    "giulia": {"Giulia Baktybekova", "Anatoly Pokrovsky"},
    "lily": {"Lily Baktybekova"},
    "thierry": {"Thierry Baktybekova"},
    "romy": {"Romy Baktybekova", "Madame Petrova"},
}
PLACES = {
    "giulia": {"Kokand", "Moscow", "Soviet Union"},
    "lily": {"Aktau", "Kazakhstan", "Paris", "United States", "New York City"},
    "thierry": {"Kazakhstan", "Central Asia", "Paris", "France"},
    "romy": {"Kazakhstan", "New York City", "St. Petersburg", "Russia"},
}
#: Theme → (who must have it, whether nobody else may).
THEMES = {
    "Dance": ("giulia lily thierry romy", False),
    "Mental health": ("giulia romy", True),
    "Teaching": ("giulia thierry", False),
    "Heritage": ("giulia lily thierry", False),
    "Family": ("giulia lily thierry romy", False),
    "Poverty": ("giulia", True),
    "Fame": ("giulia lily", False),
    "Resilience": ("lily thierry romy", False),
}
FILTERS = [
    ("place=central-asia", "giulia lily thierry romy"),
    ("place=paris", "lily thierry"),
    ("place=russia", "giulia romy"),
    ("place=new-york-city", "lily romy"),
    ("place=kazakhstan&place=paris", "lily thierry"),
    ("theme=mental-health", "giulia romy"),
    ("person=madame-petrova", "romy"),
    ("place=atlantis", ""),
    ("q=pirouette", "romy"),
    ("q=Thierry", "thierry"),
    ("", "giulia lily thierry romy"),
]


def names(story: Story, kind: str) -> set[str]:
    return set(story.tags.filter(kind=kind).values_list("name", flat=True))


@pytest.mark.parametrize("who", PEOPLE)
def test_people_and_places_exactly(lives, who) -> None:
    story = lives[who]
    assert story.title == f"{who.capitalize()} Baktybekova"
    assert names(story, "person") == PEOPLE[who]
    assert names(story, "place") == PLACES[who]
    subject = story.taggings.get(role=Tagging.Role.SUBJECT)
    assert subject.tag.name == story.title


@pytest.mark.parametrize("theme", THEMES)
def test_themes(lives, theme) -> None:
    must, nobody_else = THEMES[theme]
    having = {who for who, story in lives.items() if theme in names(story, "theme")}
    assert set(must.split()) <= having
    if nobody_else:
        assert having == set(must.split())


def test_new_york_is_new_york_city_there(lives) -> None:
    tag = lives["lily"].tags.get(name="New York City")
    assert "New York" in set(tag.other_names.values_list("name", flat=True))
    quotes = set(lives["lily"].taggings.get(tag=tag).mentions.values_list("quote", flat=True))
    assert quotes == {"New York", "New York City"}


def test_every_mention_points_at_its_words(lives) -> None:
    checked = 0
    for story in lives.values():
        for tagging in story.taggings.prefetch_related("mentions"):
            assert tagging.mentions.all()
            for mention in tagging.mentions.all():
                assert story.body[mention.start : mention.end] == mention.quote
                checked += 1
    assert checked > 50


def test_everything_is_a_machine_s_suggestion(lives) -> None:
    assert set(Tagging.objects.values_list("state", "origin")) == {("suggested", "machine")}


def test_the_damaged_dash_is_repaired_and_reported(report, lives) -> None:
    assert "her true calling – contemporary dance" in lives["giulia"].body
    assert "â€" not in lives["giulia"].body
    repairs = {entry.title: entry.repairs for entry in report.files}
    assert any("â€“" in repair for repair in repairs["Giulia Baktybekova"])
    assert not any(repairs[title] for title in repairs if not title.startswith("Giulia"))


def test_originals_are_kept_byte_for_byte(lives) -> None:
    originals = {path.name: path.read_bytes() for path in (settings.BASE_DIR / "seeds").iterdir()}
    assert {source.name: source.content for source in Source.objects.all()} == originals
    for source in Source.objects.all():
        assert hashlib.sha256(source.content).hexdigest() == source.sha256


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_filters(lives, query, expected) -> None:
    response = Client().get(f"/stories/?{query}")
    assert response.status_code == 200
    found = {entry.story.slug for entry in response.context["results"].entries}
    assert found == {f"{who}-baktybekova" for who in expected.split()}
