"""Which stories an address finds."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from archive.models import Collection
from archive.search.filters import MAX_VALUES, read
from tests.search.conftest import add_story, ask, titles


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Giulia", "Lily", "Thierry", "Romy"}),
        # What lies below counts.
        ("place=central-asia", {"Giulia", "Lily", "Thierry", "Romy"}),
        ("place=asia", {"Giulia", "Lily", "Thierry", "Romy"}),
        ("place=central-asia&place_exact=1", {"Thierry"}),
        ("place=paris", {"Lily", "Thierry"}),
        ("place=france", {"Lily", "Thierry"}),
        ("place=france&place_exact=1", set()),
        ("place=russia", {"Giulia", "Romy"}),
        ("place=new-york-city", {"Lily", "Romy"}),
        # All of them, any of them, none of them.
        ("place=kazakhstan&place=paris", {"Lily", "Thierry"}),
        ("place=paris&place=moscow", set()),
        ("place=paris&place=moscow&place_any=1", {"Giulia", "Lily", "Thierry"}),
        ("not_place=paris", {"Giulia", "Romy"}),
        ("not_place=paris&not_place=moscow", {"Romy"}),
        ("place=kazakhstan&not_place=paris", {"Romy"}),
        # Several kinds: all must agree.
        ("theme=mental-health", {"Giulia", "Romy"}),
        ("person=madame-petrova", {"Romy"}),
        ("theme=mental-health&place=kazakhstan", {"Romy"}),
        ("theme=fame&place=paris&place=moscow&place_any=1", {"Lily"}),
        # What is unknown is found nowhere.
        ("place=atlantis", set()),
        ("place=atlantis&place=paris", set()),
        ("place=atlantis&place=paris&place_any=1", {"Lily", "Thierry"}),
        ("not_place=atlantis", {"Giulia", "Lily", "Thierry", "Romy"}),
        ("collection=nowhere", set()),
        ("language=tlh", set()),
        # A slug of another kind is unknown.
        ("person=paris", set()),
        # Repeating a value changes nothing.
        ("place=paris&place=paris", {"Lily", "Thierry"}),
        ("place=&theme=", {"Giulia", "Lily", "Thierry", "Romy"}),
        # Words and tags together.
        ("q=danced&place=paris", {"Lily", "Thierry"}),
        ("q=dance&place=paris", {"Thierry", "Lily"}),  # by the name of a tag
        ("q=danced&place=paris&place=kokand&place_any=1", {"Giulia", "Lily", "Thierry"}),
    ],
)
def test_addresses(cast, query, expected):
    assert set(titles(query)) == expected
    assert ask(query).total == len(expected)


def test_collection_and_language(cast):
    seeds = Collection.objects.create(name="First lives")
    add_story("Во дворе", "Двор и дети.", collection=seeds, language="ru")
    add_story("Yard", "Yard and children.", collection=seeds)
    assert set(titles("collection=first-lives")) == {"Во дворе", "Yard"}
    assert titles("collection=first-lives&language=ru") == ["Во дворе"]
    assert set(titles("language=ru&language=en&collection=first-lives")) == {"Во дворе", "Yard"}
    page = ask("collection=first-lives&language=ru")
    assert page.description == "One story in the collection First lives, in Russian"
    assert [(chip.label, chip.kind, chip.url) for chip in page.chips] == [
        ("First lives", "collection", "/stories/?language=ru"),
        ("Russian", "language", "/stories/?collection=first-lives"),
    ]


def test_suggestions_can_be_hidden(cast, settings):
    from archive.models import Tagging
    from archive.search.index import index

    Tagging.objects.filter(tag=cast.tags["Paris"], story=cast.stories["Lily"]).update(
        state="confirmed"
    )
    settings.SHOW_SUGGESTIONS = False
    index.reset()
    assert titles("place=paris") == ["Lily"]


HOSTILE = [
    "q=%00",
    "q=%00%00opera",
    "place=%00",
    "place=%FF%FE",
    "q=%F0%9F%92%A9",
    "page=0",
    "page=-1",
    "page=1.5",
    "page=abc",
    "page=%C2%B2",  # a superscript two is a digit to str.isdigit
    "page=99999999999999999999999999999999999999999999",
    "page=" + "9" * 10_000,
    "per_page=0",
    "per_page=1000000",
    "per_page=abc",
    "sort=nothing",
    "sort=relevance",
    "sort=-id",
    "sort=newest&sort=oldest",
    "place_any=maybe",
    "place_exact=%00",
    "person_exact=1",
    "unknown=1&_=2",
    "q=" + "a" * 100_000,
    "q=" + "a+" * 50_000,
    "q=" + "%22" * 1_000,
    "q=" + "a*+" * 500,
    "q=" + "-a+" * 500,
    "q=" + "OR+" * 500,
    "q=" + "(" * 1_000,
    "place=" + "x" * 100_000,
    "q='; DROP TABLE archive_story; --",
    'q="',
    "q=\\",
    "q=%25s %25(a)s {0} $1 :a ?1",
    "place=' OR 1=1 --",
    "place=../../etc/passwd",
    "q=<script>alert(1)</script>",
    "q=%E2%80%AEtxet",
    "q=e%CC%81",
    "q=%CC%81",
    "language=" + "-" * 50,
    "language=%00",
    "collection=%00",
    "&&&===&&&",
    "q[]=1&place[]=paris",
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_every_query_string_has_an_answer(cast, query):
    page = ask(query)
    assert 0 <= page.total <= 4
    assert 1 <= page.page <= page.pages
    assert len(page.description) < 1_000
    for chip in page.chips:
        assert "\x00" not in chip.label
        ask(chip.url.partition("?")[2])


def test_thousands_of_parameters_are_bounded(cast):
    from django.http import QueryDict

    from archive.search.results import search

    params = QueryDict(mutable=True)
    params.setlist("place", [f"place-{number}" for number in range(10_000)])
    params.setlist("not_theme", [f"theme-{number}" for number in range(10_000)])
    page = search(params)
    assert page.total == 0
    assert len(page.chips) == 2 * MAX_VALUES


def test_forms_share_their_fields_and_nothing_else() -> None:
    first, second = (read(QueryDict(query))[1] for query in ("q=river&place=paris", "q=sea"))
    assert first.fields is not second.fields
    assert first.fields["q"] is second.fields["q"]
    assert (first["q"].value(), second["q"].value()) == ("river", "sea")
    assert (first.cleaned_data["place"], second.cleaned_data["place"]) == (["paris"], [])
