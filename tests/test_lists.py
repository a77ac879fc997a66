"""Lists of the desk: search through the full text, filters, columns, the same number of queries."""

from __future__ import annotations

import random

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.curation import lists
from archive.models import Preference, Story, Tag, Tagging

STORIES = "/admin/archive/story/"


def titles(desk: Client, query: str) -> set[str]:
    result = desk.get(f"{STORIES}?{query}").context["cl"].result_list
    return {story.title.split()[0] for story in result}


def many(number: int, first: int = 0) -> None:
    Story.objects.bulk_create(
        Story(title=f"Life {n}", slug=f"life-{n}", body="A kolkhoz far away.", word_count=4)
        for n in range(first, first + number)
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=pirouette", {"Romy"}),
        ("q=%22true+calling%22", {"Giulia"}),
        ("q=Aktau", {"Lily"}),
        ("q=-dance", set()),
        ("q=%C3%80KTAU", {"Lily"}),
        ("q=%2A", {"Giulia", "Lily", "Romy", "Thierry"}),
    ],
)
def test_stories_are_found_by_their_words(lives, desk, query, found) -> None:
    assert titles(desk, query) == found


def test_stories_are_found_by_other_names_of_their_tags(lives, desk) -> None:
    Tag.objects.get(name="Aktau").other_names.create(name="Shevchenko")
    assert titles(desk, "q=shevchenko") == {"Lily"}


def test_no_like_over_bodies(lives, desk) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        desk.get(f"{STORIES}?q=dance")
    bodies = [q["sql"] for q in queries if "LIKE" in q["sql"].upper() and '"body"' in q["sql"]]
    assert bodies == []


@pytest.mark.parametrize("url", [STORIES, "/admin/archive/tag/", "/admin/archive/place/"])
def test_more_rows_same_queries(lives, desk, url) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(url).status_code == 200
        return len(captured)

    desk.get(url)
    few = queries()
    many(60)
    tops = [Tag(kind="place", name=f"P{n}", slug=f"p{n}", name_key=f"p{n}") for n in range(60)]
    tops = Tag.objects.bulk_create(tops)
    Tag.objects.bulk_create(
        Tag(kind="place", name=f"Q{n}", slug=f"q{n}", name_key=f"q{n}", broader=top)
        for n, top in enumerate(tops)
    )
    desk.get(url)
    assert queries() <= few


def test_counting_stops(lives, desk, monkeypatch) -> None:
    monkeypatch.setattr(lists, "COUNTED", 3)
    page = desk.get(STORIES)
    assert "3+" in page.text
    assert len(page.context["cl"].result_list) == 4


def test_filters_lead_to_what_must_be_mended(lives, desk) -> None:
    lives["romy"].taggings.filter(tag__kind="place").update(state="rejected")
    assert titles(desk, "gap=place") == {"Romy"}
    Story.objects.filter(pk=lives["lily"].pk).update(published_at="2100-01-01T00:00:00Z")
    assert titles(desk, "when=scheduled") == {"Lily"}
    assert titles(desk, "review=submitted") == set()
    unused = Tag.objects.create(kind="place", name="Nowhere")
    here = Tag.objects.create(kind="place", name="the region")
    Tagging.objects.create(story=lives["giulia"], tag=here, state="confirmed")

    def names(query: str) -> set[str]:
        page = desk.get(f"/admin/archive/place/?{query}")
        return set(page.context["cl"].queryset.values_list("name", flat=True))

    assert "the region" in names("use=once")
    assert unused.name in names("use=never")
    assert names("point=none") == {"the region"}
    assert names("q=kokan") == {"Kokand"}


def test_a_list_that_is_cut_says_so_once(lives, desk, monkeypatch) -> None:
    Tagging.objects.filter(tag__kind="place").update(state="rejected")
    monkeypatch.setattr(lists, "FOUND", 3)
    assert "in all" not in desk.get(STORIES).text
    page = desk.get(f"{STORIES}?gap=place")
    assert page.text.count("There are 4 in all; the 3 that came last are listed.") == 1
    assert len(page.context["cl"].result_list) == 3
    tags = desk.get("/admin/archive/place/?use=once")
    assert "in all" not in tags.text, "no place is used at all"


def test_columns_are_remembered_for_each_person(lives, desk, curator) -> None:
    desk.post("/admin/columns/story/", {"column": ["language", "standing", "nonsense"]})
    page = desk.get(STORIES)
    assert page.context["cl"].list_display[1:] == ["title", "standing", "language"]
    other = User.objects.create_superuser("other", password="x")
    client = Client()
    client.force_login(other)
    assert "collection" in client.get(STORIES).context["cl"].list_display
    desk.post("/admin/columns/story/", {"usual": "1"})
    assert not Preference.objects.exists()
    assert desk.post("/admin/columns/user/").status_code == 403
    assert desk.get("/admin/columns/story/").status_code == 405


def test_every_query_string_has_an_answer(lives, desk) -> None:
    dice = random.Random(3)
    names = ["q", "gap", "when", "use", "language", "evidence", "status__exact", "o", "p", "all"]
    values = ["", "'", '"', "place", "once", "\x00", "(", "9" * 20, "-1", "a OR", "é*", "draft"]
    for _ in range(40):
        query = {dice.choice(names): dice.choice(values) for _ in range(3)}
        for url in (STORIES, "/admin/archive/place/"):
            assert desk.get(url, query).status_code in (200, 302, 400), query
