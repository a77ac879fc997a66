"""The indexes: people by letter, places and themes as trees, however many there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.models import OtherName, Story, Tag
from archive.reading import tag_indexes


@pytest.fixture
def client() -> Client:
    return Client()


def names(items) -> list[str]:
    return [str(item.tag) for item in items]


def people(*wanted: str, kind: str = "person", broader: Tag | None = None) -> list[Tag]:
    story = Story.objects.create(title="Many", body="Many.", status="published")
    made = []
    for name in wanted:
        tag = Tag.objects.create(kind=kind, name=name, broader=broader)
        story.taggings.create(tag=tag, state="confirmed")
        made.append(tag)
    return made


def test_people_stand_by_family_name(lives, client) -> None:
    response = client.get("/people/")
    assert names(response.context["items"]) == [
        "Giulia Baktybekova", "Lily Baktybekova", "Romy Baktybekova", "Thierry Baktybekova",
        "Madame Petrova", "Anatoly Pokrovsky",
    ]  # fmt: skip
    assert [item.letter for item in response.context["items"]] == ["B", "", "", "", "P", ""]
    assert [one.letter for one in response.context["letters"]] == ["B", "P"]
    assert names(client.get("/people/?letter=P").context["items"]) == [
        "Madame Petrova",
        "Anatoly Pokrovsky",
    ]


def test_letters_of_other_scripts_and_no_letters(db, client) -> None:
    people("Абай Кунанбаев", "Ludwig van Beethoven", "Ödön von Ábel", "3 Doors", "Cher")
    response = client.get("/people/")
    assert [one.letter for one in response.context["letters"]] == ["A", "B", "C", "D", "K"]
    assert names(client.get("/people/?letter=K").context["items"]) == ["Абай Кунанбаев"]


def test_an_index_of_people_has_pages(db, client, monkeypatch) -> None:
    monkeypatch.setattr(tag_indexes, "NAMES", 3)
    people(*[f"Anna Serova{letter}" for letter in "abcdefgh"])
    page = client.get("/people/?page=2&letter=S")
    assert names(page.context["items"]) == ["Anna Serovad", "Anna Serovae", "Anna Serovaf"]
    assert 'href="/people/?letter=S&amp;page=3"' in page.text
    assert client.get("/people/?page=99").context["paging"]["page"] == 3


def test_names_are_found_in_the_index(lives, client) -> None:
    assert names(client.get("/people/?q=petr").context["items"]) == ["Madame Petrova"]
    paris = Tag.objects.get(name="Paris")
    OtherName.objects.create(tag=paris, name="Lutetia Parisiorum")
    for typed in ("PARIS", "lutet", "parisio"):
        assert names(client.get(f"/places/?q={typed}").context["items"]) == ["Paris"]
    kokand = client.get("/places/?q=kokand")
    assert "Asia › Central Asia › Uzbekistan" in kokand.text
    assert "None is called so." in client.get("/themes/?q=zzz").text


def test_people_of_one_family_name(lives, client) -> None:
    page = client.get("/people/?family=baktybekova")
    assert len(page.context["items"]) == 4
    assert "Whether they are kin, the archive does not know." in page.text


def test_the_tree_of_places(lives, client) -> None:
    response = client.get("/places/")
    asia = next(item for item in response.context["tree"] if str(item.tag) == "Asia")
    assert asia.count == 4
    central = asia.below[0]
    assert [(str(one.tag), one.count) for one in central.below] == [
        ("Kazakhstan", 3),
        ("Uzbekistan", 1),
    ]
    assert response.context["place_map"] is not None
    assert "<svg" in response.text
    inside = client.get("/places/?in=central-asia")
    assert names(inside.context["tree"]) == ["Kazakhstan", "Uzbekistan"]
    assert client.get("/places/?in=nowhere").headers["Location"] == "/places/"


def test_a_theme_says_what_it_means(lives, client) -> None:
    assert "Dancing as a craft" in client.get("/themes/").text


def test_a_large_tree_stays_small(lives, client, monkeypatch) -> None:
    monkeypatch.setattr(tag_indexes, "NODES", 12)
    monkeypatch.setattr(tag_indexes, "ROOTS", 4)
    monkeypatch.setattr(tag_indexes, "OPEN", 5)
    kazakhstan = Tag.objects.get(name="Kazakhstan")
    people(*[f"Town {n:02}" for n in range(30)], kind="place", broader=kazakhstan)
    page = client.get("/places/")
    assert len(page.context["tree"]) == 4
    assert page.text.count('<li><a href="/places/town-') < 12
    assert "/places/?in=kazakhstan" in page.text or "/places/?in=central-asia" in page.text
    assert "<details open" not in page.text
    towns = client.get("/places/?in=kazakhstan&page=2")
    assert len(towns.context["tree"]) == 4
    assert "in=kazakhstan&amp;page=3" in towns.text


def test_drafts_are_in_no_index(lives, client) -> None:
    Story.objects.filter(pk=lives["giulia"].pk).update(status="draft")
    assert "Pokrovsky" not in client.get("/people/").text
    assert "Kokand" not in client.get("/places/").text
    assert client.get("/places/?q=kokand").context["found"] == 0
    assert client.get("/places/?in=uzbekistan").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["letter=%00", "letter=BB", "family=%27", "q=%25", "q=_", "q=" + "a" * 4000, "page=-1",
     "in=%00", "in=" + "a" * 4000, "letter=%F0%9F%8E%88", "family=" + "z" * 999, "q=%00"],
)  # fmt: skip
def test_any_query_answers(lives, client, query) -> None:
    for path in ("/people/", "/places/", "/themes/"):
        assert client.get(f"{path}?{query}").status_code in {200, 302, 404}


@pytest.mark.parametrize("path", ["/people/", "/places/", "/themes/", "/people/?q=town"])
def test_more_tags_cost_no_more_queries(lives, client, path) -> None:
    def cost() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    people("Anna Town")
    few = cost()
    for kind in ("person", "place", "theme"):
        people(*[f"{kind} Town {n}" for n in range(20)], kind=kind)
    assert cost() == few
