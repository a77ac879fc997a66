"""What a beginning may become, and what a misspelt question may have meant."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.models import OtherName, Story, Tag, Tagging
from archive.search import names as names_module
from archive.search import vocabulary as vocabulary_module
from archive.search.names import Names
from archive.search.suggestions import SHOWN, complete
from archive.search.vocabulary import Vocabulary
from tests.search.conftest import add_story, ask, total


def completed(typed: str) -> list[str]:
    return [item.name for item in complete(typed)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("kaz", ["Kazakhstan"]),
        ("KAZ", ["Kazakhstan"]),
        (" kàz ", ["Kazakhstan"]),
        ("asia", ["Asia", "Central Asia"]),  # any word of the name
        ("central a", ["Central Asia"]),
        ("york", ["New York City"]),
        ("petersb", ["St. Petersburg"]),
        ("petr", ["Madame Petrova"]),
        ("gi", ["Giulia"]),
        ("da", ["Dance"]),
        ("hstan", []),  # not inside a word
        ("pov", []),  # only drafts are about poverty
        ("dra", []),
        ("secret", []),
        ("lat", []),  # tomorrow's story
        ("", []),
        ("%", []),
        ("*", []),
    ],
)
def test_beginnings(cast, typed, expected):
    assert completed(typed) == expected


def test_each_says_what_it_is(cast):
    Story.objects.filter(title="Lily").update(word_count=1000)
    [lily] = complete("lil")
    assert (lily.kind, lily.detail, lily.url) == ("story", "4 min", "/stories/lily/")
    [kazakhstan] = complete("kaz")
    assert (kazakhstan.kind, kazakhstan.detail) == ("place", "3 stories")
    assert kazakhstan.url == cast.tags["Kazakhstan"].get_absolute_url()


def test_words_inside_titles(cast):
    add_story("The long way to Samarkand")
    assert completed("sama") == ["The long way to Samarkand"]
    assert completed("long way to sam") == ["The long way to Samarkand"]
    add_story("A hidden Samarkand", status="draft")
    assert completed("samarkand") == ["The long way to Samarkand"]


def test_other_names_lead_to_the_tag_as_they_change(cast):
    assert completed("lut") == []
    name = OtherName.objects.create(tag=cast.tags["Paris"], name="Lutetia")
    OtherName.objects.create(tag=cast.tags["Poverty"], name="Lutetian woes")
    [paris] = complete("lut")
    assert (paris.name, paris.detail) == ("Paris", "Lutetia · 2 stories")
    name.name = "Ville lumière"
    name.save()
    assert completed("lut") == []
    assert completed("lumiere") == ["Paris"]
    name.delete()
    assert completed("lumiere") == []


def test_names_follow_every_change(cast):
    assert completed("kok") == ["Kokand"]
    Tag.objects.filter(name="Kokand").update(name="Qo‘qon", name_key="qo'qon", slug="qoqon")
    assert completed("kok") == []
    assert completed("qo") == ["Qo‘qon"]
    samara = Tag.objects.create(kind="place", name="Samara")
    assert completed("sam") == []
    Tagging.objects.create(story=cast.stories["Romy"], tag=samara)
    assert completed("sam") == ["Samara"]
    samara.delete()
    assert completed("sam") == []


def test_signs_of_chinese_and_japanese_begin_words(cast):
    tokyo = Tag.objects.create(kind="place", name="東京都")
    Tagging.objects.create(story=cast.stories["Romy"], tag=tokyo)
    assert completed("東") == ["東京都"]
    assert completed("京都") == ["東京都"]


def test_signs_of_chinese_and_japanese_inside_titles(db):
    add_story("昔の映画館")
    add_story("DVD映画館の夏")
    add_story("秘密の映画", status="draft")
    assert set(completed("映画")) == set(completed("画")) == {"昔の映画館", "DVD映画館の夏"}
    assert completed("映画館の") == ["DVD映画館の夏"]
    assert completed("昔の 映画") == ["昔の映画館"]


def test_what_stands_between_words_does_not_matter(cast):
    saint = Tag.objects.create(kind="place", name="Saint-Denis")
    work = Tag.objects.create(kind="theme", name="Work: mines")
    OtherName.objects.create(tag=work, name="Coal/ore")
    for tag in (saint, work):
        Tagging.objects.create(story=cast.stories["Romy"], tag=tag)
    for typed in ("saint d", "saint-d", "Saint – D", "saint/den"):
        assert completed(typed) == ["Saint-Denis"], typed
    assert completed("work m") == completed("work:mi") == completed("coal o") == ["Work: mines"]
    assert [item.text for item in ask("q=saint+deniss").did_you_mean][:1] == ["Saint-Denis"]


def test_the_most_used_come_first_and_few_are_shown(cast):
    for number in range(30):
        tag = Tag.objects.create(kind="theme", name=f"Zeal {number:02}")
        for story in [cast.stories["Lily"], cast.stories["Romy"]][: 1 + (number == 17)]:
            Tagging.objects.create(story=story, tag=tag)
        add_story(f"Zebra {number}")
    found = complete("ze")
    assert len(found) == SHOWN
    assert [item.kind for item in found].count("story") == 4
    assert next(item for item in found if item.kind == "theme").name == "Zeal 17"


def test_it_costs_no_more_for_more(cast):
    def cost() -> int:
        complete("da")
        with CaptureQueriesContext(connection) as queries:
            complete("da")
        return len(queries)

    few = cost()
    for number in range(30):
        tag = Tag.objects.create(kind="person", name=f"Dana {number:02}")
        Tagging.objects.create(story=cast.stories["Lily"], tag=tag)
        add_story(f"Days {number}")
    assert cost() <= few + 1  # titles


@pytest.mark.parametrize(
    "typed",
    ["%00", "%22", "a" * 5000, "'; DROP TABLE", "OR", "NEAR(", "-", "%FF", "a*b", "title:x"],
)
def test_any_letters_are_answered(cast, typed):
    response = Client().get(f"/suggest/?q={typed}")
    assert response.status_code == 200
    assert len(response.json()["suggestions"]) <= SHOWN


def test_the_answer_is_json(cast):
    response = Client().get("/suggest/?q=kaz")
    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "suggestions": [
            {
                "kind": "place",
                "name": "Kazakhstan",
                "detail": "3 stories",
                "url": "/places/kazakhstan/",
            }
        ]
    }
    assert Client().post("/suggest/").status_code == 405


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("q=Kazakstan", [("Kazakhstan", "place", 3)]),
        ("q=kazahkstan", [("Kazakhstan", "place", 3)]),  # two letters in the wrong order
        ("q=Madam+Petrowa", [("Madame Petrova", "person", 1), ("Madam Petrova", "query", 1)]),
        ("q=festivel+danse", []),
        ("q=Kazahkstan+OR+Paaris", [("Kazakhstan OR Paris", "query", 3)]),
        ('q="New+Yorc+City"', [("New York City", "place", 2), ('"New York City"', "query", 2)]),
        ("q=Kazahkstan+-OPERA", [("Kazakhstan -OPERA", "query", 2)]),
        ("q=Paaris", [("Paris", "place", 2), ("Paris", "query", 2)]),
        ("q=Paaris&theme=fame", [("Paris", "place", 1), ("Paris", "query", 1)]),
        ("q=Paaris&theme=mental-health", []),  # what it would find is not there
        ("q=Povertyy", []),  # only drafts are about it
        ("q=Drafft", []),
        ("q=xyzzyx", []),
        ("q=kok", []),
        ("q=dance", []),
        ("q=-Kazakstan", []),
        ("", []),
    ],
)
def test_did_you_mean(cast, query, meant):
    suggestions = ask(query).did_you_mean
    found = [(item.text, item.kind, item.count) for item in suggestions]
    assert found[: len(meant)] == meant if meant else not found
    for item in suggestions:
        assert item.count == total(item.url) > 0


def test_a_word_of_a_title_and_an_other_name_are_meant(cast):
    add_story("The blacksmith")
    assert [item.text for item in ask("q=Blaksmith").did_you_mean] == ["Blacksmith"]
    OtherName.objects.create(tag=cast.tags["Paris"], name="Ville lumière")
    paris, words = ask("q=vile+lumiere").did_you_mean
    assert (paris.text, paris.url) == ("Paris", "/stories/?place=paris")
    assert words.text == "ville lumiere"


def test_names_many_and_changed(monkeypatch):
    names = Names([(1, "anna petrova"), (2, "petr"), (2, "peter the great"), (3, "o'hara")], {2: 5})
    assert names.starting("pet", None) == [1, 2] or set(names.starting("pet", None)) == {1, 2}
    assert names.starting("hara", 1) == [3]
    assert names.near("anna petrowa", 1) == [(1, 1)]
    names.put(1, ["ivan"])
    assert names.starting("pet", None) == [2]
    assert names.starting("iv", None) == [1]
    assert names.near("ivaan", 1) == [(1, 1)]
    assert not names.worn
    monkeypatch.setattr(names_module, "_CHANGED_MINIMUM", 0)
    assert names.worn


def test_vocabulary():
    words = Vocabulary(["anna petrova", "the long road 1987"])
    assert words.near("petrowa", 1, 3) == ["petrova"]
    assert words.near("petrova", 1, 3) == []
    words.add("petrovna")
    assert words.near("petrova", 1, 3) == ["petrovna"]


def test_names_and_words_are_compared_a_piece_at_a_time(monkeypatch):
    monkeypatch.setattr(names_module, "PIECE", 2)
    monkeypatch.setattr(vocabulary_module, "PIECE", 2)
    near = ["marta", "marda", "marla", "maria", "marca"]
    names = Names([(number, name) for number, name in enumerate([*near, "otto", "al"])], {})
    assert sorted(names.near("marxa", 1)) == [(number, 1) for number in range(5)]
    words = Vocabulary([" ".join([*near, "mart", "martha", "wilhelm"])])
    assert sorted(words.near("marxa", 1, 9)) == sorted(near)
    assert words.near("wilhelmx", 1, 9) == ["wilhelm"]
