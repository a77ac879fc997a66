"""Related lives: found exactly, told truly, silent about what nobody may see."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from archive.models import Mention, Story, Tag, Tagging
from archive.reading.related import nearest, related_lives
from archive.search.index import index

sets = st.sets(st.integers(0, 40), max_size=25)


@given(
    parts=st.lists(st.tuples(st.integers(1, 9), sets), max_size=8),
    without=st.sets(st.integers(0, 40), max_size=2),
    limit=st.integers(1, 7),
)
def test_the_nearest_are_those_that_adding_everything_up_would_find(parts, without, limit) -> None:
    sums: Counter[int] = Counter()
    for weight, members in parts:
        for story in members - without:
            sums[story] += weight
    expected = sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:limit]
    bitmaps = [(weight, BitMap(members)) for weight, members in parts]
    assert nearest(bitmaps, BitMap(without), limit) == expected
    assert bitmaps == [(weight, BitMap(members)) for weight, members in parts]
    # The same with ids as large as a bitmap takes them.
    far = [(weight, BitMap(2**32 - 41 + one for one in members)) for weight, members in parts]
    moved = nearest(far, BitMap(2**32 - 41 + one for one in without), limit)
    assert moved == [(2**32 - 41 + story, total) for story, total in expected]


def reasons(story: Story) -> dict[str, list[str]]:
    return {
        life.story.title.split()[0]: [reason.words for reason in life.reasons]
        for life in related_lives(story)
    }


def test_the_four_lives(lives) -> None:
    assert reasons(lives["giulia"]) == {
        "Romy": [
            "The only two stories here tagged with mental health",
            "The only two stories here tagged with Russia or a place in it",
            "Both speak of fame",
        ],
        "Thierry": [
            "The only two stories here tagged with music",
            "Both speak of heritage",
            "Both speak of teaching",
        ],
        "Lily": [
            "Both speak of fame",
            "Both speak of heritage",
            "Both name places in Central Asia",
        ],
    }
    assert list(reasons(lives["romy"])) == ["Giulia", "Lily", "Thierry"]
    assert "The only two stories here tagged with Paris" in reasons(lives["lily"])["Thierry"]


def story(title: str, *tags: Tag, status: str = "published") -> Story:
    made = Story.objects.create(title=title, body=f"{title}.", status=status)
    for tag in tags:
        Tagging.objects.create(story=made, tag=tag, state="confirmed")
    return made


@pytest.fixture
def world(db) -> dict[str, Tag]:
    france = Tag.objects.create(kind="place", name="France")
    paris = Tag.objects.create(kind="place", name="Paris", broader=france)
    lyon = Tag.objects.create(kind="place", name="Lyon", broader=france)
    anna = Tag.objects.create(kind="person", name="Anna Petrova")
    dance = Tag.objects.create(kind="theme", name="Dance")
    return {"france": france, "paris": paris, "lyon": lyon, "anna": anna, "dance": dance}


def test_no_reason_no_relation(world) -> None:
    one = story("One", world["paris"])
    story("Two", world["dance"])
    assert related_lives(one) == ()
    assert related_lives(Story.objects.get(title="Two")) == ()


def test_a_person_weighs_most_and_a_narrow_place_more_than_a_wide_one(world) -> None:
    one = story("One", world["paris"], world["anna"], world["dance"])
    by_place = story("Place", world["paris"])
    by_country = story("Country", world["lyon"])
    by_person = story("Person", world["anna"])
    by_theme = story("Theme", world["dance"])
    story("Nothing")
    found = [life.story for life in related_lives(one)]
    assert found == [by_person, by_place, by_theme, by_country]
    assert reasons(one)["Country"] == ["Both tagged with France"]


def test_paris_and_france_count_once(world) -> None:
    one = story("One", world["paris"], world["france"])
    story("Two", world["paris"], world["france"])
    story("Three", world["lyon"])
    assert [len(life.reasons) for life in related_lives(one)] == [1, 1]
    assert reasons(one)["Two"] == ["The only two stories here tagged with Paris"]


def test_a_story_names_only_what_its_text_names(world) -> None:
    stories = [story(name, world["anna"]) for name in ("One", "Two", "Three")]
    for made in stories[:2]:
        tagging = made.taggings.get()
        Mention.objects.create(tagging=tagging, start=0, end=3, quote="xxx", rule="given")
    assert reasons(stories[0]) == {
        "Two": ["Both name Anna Petrova"],
        "Three": ["Both tagged with Anna Petrova"],
    }


def test_drafts_and_rejected_tags_are_no_relation(world) -> None:
    one = story("One", world["paris"])
    hidden = story("Hidden", world["paris"], status="draft")
    refused = story("Refused", world["paris"])
    refused.taggings.update(state=Tagging.State.REJECTED)
    assert related_lives(one) == ()
    # Somebody who may read the draft sees what it would be related to, and nothing else.
    assert reasons(hidden) == {"One": ["Both tagged with Paris"]}


def test_suggestions_count_only_where_they_are_shown(lives, settings) -> None:
    settings.SHOW_SUGGESTIONS = False
    index.reset()
    assert related_lives(lives["giulia"]) == ()


def test_more_lives_cost_no_more_queries(world) -> None:
    one = story("One", world["paris"], world["anna"])
    story("Two", world["paris"])

    def cost() -> int:
        related_lives(one)
        with CaptureQueriesContext(connection) as queries:
            related_lives(one)
        return len(queries)

    few = cost()
    for number in range(5):
        story(f"More {number}", world["anna"], world["lyon"], world["dance"])
    assert cost() == few


def test_the_story_page_says_why(lives) -> None:
    page = Client().get("/stories/giulia-baktybekova/").text
    assert '<a href="/themes/mental-health/">The only two stories here tagged with mental' in page
    assert "/about/#related" in page
    assert 'id="related"' in Client().get("/about/").text
