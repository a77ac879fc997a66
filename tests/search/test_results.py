"""The page of results: heading, chips, facets, orders, pages, and its price in queries."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from archive.models import Collection, Story, Tag
from archive.search.index import index
from archive.search.results import search
from archive.search.wording import in_sentence
from tests.search.conftest import START, add_story, ask, titles, total


@pytest.mark.parametrize(
    ("query", "description"),
    [
        ("", "All stories"),
        ("sort=title", "All stories"),
        ("place=kazakhstan&place=paris", "Two stories about Kazakhstan and Paris"),
        ("place=central-asia", "Four stories about Central Asia"),
        ("person=madame-petrova", "One story about Madame Petrova"),
        ("place=atlantis", "No stories about atlantis"),
        ("theme=mental-health", "Two stories about mental health"),
        (
            "place=kazakhstan&place=paris&not_theme=fame&q=opera",
            "One story about Kazakhstan and Paris, not about fame, with ‘opera’",
        ),
        ("place=paris&place=moscow&place_any=1", "Three stories about Paris or Moscow"),
        (
            "place=paris&place=moscow&place_any=1&theme=fame",
            "One story about Paris or Moscow, and about fame",
        ),
        ("place=central-asia&place_exact=1", "One story about Central Asia itself"),
        ("not_place=paris&not_place=moscow", "One story not about Paris or Moscow"),
        ("q=opera", "One story with ‘opera’"),
        ("language=kk", "No stories in Kazakh"),
        ("not_place=russia&place_exact=1", "Three stories not about Russia itself"),
        ("q=-opera", "Three stories without ‘opera’"),
        ("q=-opera+-festiv*", "Two stories without ‘opera’ or ‘festiv*’"),
        ("q=steppes+-opera", "No stories with ‘steppes’, without ‘opera’"),
        ("q=opera+OR+festival", "Two stories with ‘opera’ or ‘festival’"),
        (
            'q=paris+"the+opera"+music+OR+steppes+-"New+York"',
            'One story with ‘paris "the opera"’ and with ‘music’ or ‘steppes’,'
            ' without ‘"New York"’',
        ),
        ("theme=dancers&theme_exact=1", "No stories about dancers themselves"),
        ("theme=mental-health&theme_exact=1", "Two stories about mental health itself"),
    ],
)
def test_description(cast, query, description):
    assert ask(query).description == description


def test_an_empty_archive(db):
    page = ask()
    assert (page.total, page.archive_total, page.pages, page.entries) == (0, 0, 1, ())
    assert page.description == "No stories yet"
    assert [facet.values for facet in page.facets] == [(), (), ()]


def test_large_numbers(db):
    tag = Tag.objects.create(kind="theme", name="Dance")
    for number in range(11):
        add_story(f"Life {number}", tags=[tag])
    assert ask("theme=dance").description == "11 stories about dance"


def test_chips(cast):
    page = ask("q=a&place=paris&place=atlantis&not_theme=fame&sort=title&page=7&other=1")
    assert [(c.label, c.kind, c.negative, c.known, c.url) for c in page.chips] == [
        (
            "a",
            "query",
            False,
            True,
            "/stories/?place=paris&place=atlantis&not_theme=fame&sort=title",
        ),
        (
            "Paris",
            "place",
            False,
            True,
            "/stories/?q=a&place=atlantis&not_theme=fame&sort=title",
        ),
        (
            "atlantis",
            "place",
            False,
            False,
            "/stories/?q=a&place=paris&not_theme=fame&sort=title",
        ),
        (
            "Fame",
            "theme",
            True,
            True,
            "/stories/?q=a&place=paris&place=atlantis&sort=title",
        ),
    ]


def test_facets(cast):
    people, places, themes = ask("place=kazakhstan&place=paris").facets
    assert [facet.info.plural for facet in (people, places, themes)] == [
        "people",
        "places",
        "themes",
    ]
    assert [(value.name, value.count, value.selected) for value in places.values] == [
        # A selected value says where giving it up leads.
        ("Kazakhstan", 2, True),
        ("Paris", 3, True),
        ("Asia", 2, False),
        ("Central Asia", 2, False),
        ("France", 2, False),
        ("Aktau", 1, False),
        ("New York City", 1, False),
        ("United States", 1, False),
    ]
    assert places.values[0].url == "/stories/?place=paris"
    assert places.values[2].url == "/stories/?place=kazakhstan&place=paris&place=asia"
    assert people.values == ()
    assert [(value.name, value.count) for value in themes.values] == [("Dance", 2), ("Fame", 1)]


def test_facets_stop_at_twelve(cast):
    places = ask().facets[1]
    assert [value.name for value in places.values[:4]] == [
        "Asia",
        "Central Asia",
        "Kazakhstan",
        "France",
    ]
    assert (len(places.values), places.more) == (12, 1)


def test_names_that_need_telling_apart(cast):
    for work in ("dancer", "baker"):
        anna = Tag.objects.create(kind="person", name="Anna Petrova", disambiguation=work)
        add_story(f"Life of a {work}", tags=[anna])
    page = ask("person=anna-petrova-baker")
    assert page.description == "One story about Anna Petrova (baker)"
    assert page.chips[0].label == "Anna Petrova (baker)"


@pytest.fixture
def lives(db) -> None:
    for number in range(60):
        add_story(
            f"Life {number % 50:02}",
            word_count=number % 7,
            published_at=START + datetime.timedelta(days=number % 11),
        )


ORDERS = {
    "newest": ("-published_at", "id"),
    "oldest": ("published_at", "id"),
    "title": ("title", "id"),
    "longest": ("-word_count", "id"),
    "shortest": ("word_count", "id"),
}


@pytest.mark.parametrize("sort", ORDERS)
def test_pages_follow_one_another_in_a_stable_order(lives, sort):
    found = []
    params, pages = f"sort={sort}&page=1", 0
    while params:
        page = ask(params)
        found += [entry.story.pk for entry in page.entries]
        params = page.next_url.partition("?")[2]
        pages += 1
    assert pages == page.pages == 3
    assert found == list(Story.objects.order_by(*ORDERS[sort]).values_list("pk", flat=True))


def test_pages(lives):
    page = ask("page=2")
    assert (page.page, page.pages, page.per_page, len(page.entries)) == (2, 3, 25, 25)
    assert (page.previous_url, page.next_url) == ("/stories/", "/stories/?page=3")
    for beyond in ("4", "1000", "9" * 50):
        last = ask(f"page={beyond}")
        assert (last.page, len(last.entries), last.next_url) == (3, 10, "")
    assert ask("per_page=50&page=2").previous_url == "/stories/?per_page=50"
    assert len(ask("per_page=100").entries) == 60


def test_titles_sort_as_people_expect(db):
    for title in ("Zoë", "“Anna”", "Élan", "anna", "Борис", "eland", "…and then"):
        add_story(title)
    assert titles("sort=title") == ["…and then", "“Anna”", "anna", "Élan", "eland", "Zoë", "Борис"]


def test_orders_after_edits(lives):
    first = Story.objects.get(pk=ask("sort=title").entries[0].story.pk)
    Story.objects.filter(pk=first.pk).update(title="Zzz", word_count=99)
    assert titles("sort=title&page=3")[-1] == "Zzz"
    assert titles("sort=longest")[0] == "Zzz"
    assert titles("sort=shortest&page=3")[-1] == "Zzz"
    Story.objects.filter(pk=first.pk).update(status="draft")
    for sort in ORDERS:
        assert "Zzz" not in titles(f"sort={sort}&per_page=100")
        assert len(titles(f"sort={sort}&per_page=100")) == 59


def test_long_titles_find_their_place_after_edits(lives):
    for number in range(20):
        add_story(f"Life of somebody whose title is long, number {number:02}")
    index.warm()
    for number in (3, 17):
        Story.objects.filter(title__endswith=f"{number:02}", title__contains="long").update(
            title=f"Life of somebody whose name nobody knows, {number:02}"
        )
    found = [title for at in (1, 2, 3, 4) for title in titles(f"sort=title&page={at}")]
    assert found == sorted(found)
    assert len(found) == 80


def test_facets_offer_exclusion_and_modes(cast):
    places = ask("place=paris&place=moscow").facets[1]
    assert [(mode.name, mode.selected, mode.url) for mode in places.modes] == [
        ("all", True, "/stories/?place=paris&place=moscow"),
        ("any", False, "/stories/?place=paris&place=moscow&place_any=1"),
        ("below", True, "/stories/?place=paris&place=moscow"),
        ("exact", False, "/stories/?place=paris&place=moscow&place_exact=1"),
    ]
    assert places.values[0].exclude_url == "/stories/?place=moscow&not_place=paris"
    assert places.all_url == "/stories/values/place/?place=paris&place=moscow"
    people, places, themes = ask("not_theme=fame&person=madame-petrova").facets
    assert people.modes == places.modes == ()
    assert [mode.name for mode in themes.modes] == ["below", "exact"]


def test_lengths_of_pages(lives):
    page = ask("place=&per_page=50&page=2")
    assert [(option.name, option.selected, option.url) for option in page.per_pages] == [
        ("25", False, "/stories/"),
        ("50", True, "/stories/?per_page=50"),
        ("100", False, "/stories/?per_page=100"),
    ]


def test_collections_and_languages_are_facets(cast):
    seeds = Collection.objects.create(name="First lives")
    other = Collection.objects.create(name="Other lives")
    add_story("Yard", collection=seeds, language="ru", tags=[cast.tags["Dance"]])
    add_story("Court", collection=other)
    add_story("Hidden", collection=Collection.objects.create(name="Hidden"), status="draft")
    for query in ("", "theme=dance", "language=ru", "language=ru&language=en", "q=text",
                  "collection=other-lives", "collection=none&language=en"):  # fmt: skip
        for facet in ask(query).groupings:
            assert facet.info is None
            assert facet.all_url.startswith(f"/stories/values/{facet.kind}/")
            for value in facet.values:
                assert value.count == total(value.url), (query, value)
                assert value.name != "Hidden"
    chip = ask("collection=hidden").chips[0]
    assert (chip.label, chip.known) == ("hidden", False)


def test_sort_options(cast):
    page = ask("place=paris&page=3")
    assert [(option.name, option.selected) for option in page.sorts] == [
        ("newest", True),
        ("oldest", False),
        ("title", False),
        ("longest", False),
        ("shortest", False),
    ]
    assert page.sorts[2].url == "/stories/?place=paris&sort=title"
    found = ask("q=paris")
    assert (found.sort, found.sorts[0].name) == ("relevance", "relevance")
    # There is no relevance without words.
    assert ask("sort=relevance").sort == "newest"


def test_the_form_is_bound(cast):
    page = ask("q=opera&place=paris&place=atlantis&sort=title")
    assert page.form.is_bound
    assert page.form.cleaned_data["q"] == page.query == "opera"
    assert page.form.cleaned_data["place"] == ["paris", "atlantis"]
    assert 'value="opera"' in str(page.form["q"])


def test_links_lead_where_they_are_told(cast):
    page = search(QueryDict("place=paris"), "/feeds/")
    assert page.clear_url == "/feeds/"
    assert all(v.url.startswith("/feeds/") for facet in page.facets for v in facet.values)


def test_bodies_stay_in_the_database(cast):
    for entry in ask("place=paris").entries:
        assert "body" in entry.story.get_deferred_fields()


@pytest.mark.parametrize(
    ("query", "price"),
    [
        ("", 5),
        ("place=paris", 7),
        ("place=central-asia&theme=dance&not_place=moscow", 7),
        ("q=dance&place=central-asia", 9),
        ("collection=none", 2),
    ],
)
def test_queries_do_not_grow_with_the_archive(cast, query, price):
    def queries() -> int:
        ask(query)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = ask(query)
        assert page.entries or query == "collection=none"
        return len(captured)

    before = queries()
    tags = [cast.tags[name] for name in ("Paris", "Kazakhstan", "Dance")]
    for number in range(40):
        extra = Tag.objects.create(kind="person", name=f"Somebody {number}")
        add_story(f"Life {number}", "Dance in Paris and Kazakhstan.", [*tags, extra])
    index.warm()
    assert queries() <= before
    assert before <= price


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        ("place", "United States", "the United States"),
        ("place", "Soviet Union", "the Soviet Union"),
        ("place", "Democratic Republic of the Congo", "the Democratic Republic of the Congo"),
        ("place", "Kazakhstan", "Kazakhstan"),
        ("place", "Union", "Union"),
        ("person", "Maria Union", "Maria Union"),
        ("theme", "Life on stage", "life on stage"),
        ("theme", "World War II", "World War II"),
        ("theme", "Russian music", "Russian music"),
        ("theme", "Islam", "Islam"),
        ("theme", "Women’s lives", "women’s lives"),
    ],
)
def test_names_within_a_sentence(kind, name, shown):
    assert in_sentence(kind, name) == shown
