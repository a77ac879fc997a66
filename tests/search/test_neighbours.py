"""Before and after a story: what its result lists there, in every order."""

from __future__ import annotations

import itertools

import pytest
from django.http import QueryDict

from archive.models import Story
from archive.search import looking
from archive.search.neighbours import neighbours
from archive.search.results import search

QUESTIONS = [
    "",
    "sort=oldest",
    "sort=title",
    "sort=longest",
    "q=dance",
    "q=dance&sort=title",
    "q=-pirouette",
    "place=kazakhstan",
    "q=dance OR music&place=kazakhstan&per_page=25",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_neighbours_are_those_of_the_list(lives, question: str) -> None:
    listed = [entry.story.pk for entry in search(QueryDict(question)).entries]
    assert listed
    around = itertools.zip_longest([None, *listed[:-1]], listed, listed[1:])
    for place, (before, story, after) in enumerate(around, 1):
        found = neighbours(story, QueryDict(question))
        assert (found.previous, found.next, found.place) == (before, after, place)
        assert found.total == len(listed)


def test_of_very_many_hits_those_in_titles_come_first(db, monkeypatch) -> None:
    monkeypatch.setattr(looking, "RANK_LIMIT", 1)
    for number in range(4):
        title = "The river" if number % 2 else f"Life {number}"
        Story.objects.create(title=title, body=f"A river. {number}", status="published")
    listed = [entry.story.pk for entry in search(QueryDict("q=river")).entries]
    assert len(listed) == 4
    for before, after in itertools.pairwise(listed):
        assert neighbours(before, QueryDict("q=river")).next == after
        assert neighbours(after, QueryDict("q=river")).previous == before


def test_a_story_outside_of_the_result_has_no_place_in_it(lives) -> None:
    assert neighbours(lives["giulia"].pk, QueryDict("place=paris")) is None
    assert neighbours(lives["giulia"].pk, QueryDict("place=atlantis")) is None


def test_the_way_back_leads_to_the_page_that_shows_the_story(db) -> None:
    stories = [
        Story.objects.create(title=f"Life {n:02}", body=f"Text {n}.", status="published")
        for n in range(30)
    ]
    found = neighbours(stories[27].pk, QueryDict("sort=title"))
    assert found.url == "/stories/?sort=title&page=2"
    assert not found.filtered


def test_drafts_are_nobodys_neighbours(lives) -> None:
    Story.objects.filter(pk=lives["lily"].pk).update(status="draft")
    assert neighbours(lives["lily"].pk, QueryDict("")) is None
    shown = [neighbours(story.pk, QueryDict("")) for name, story in lives.items() if name != "lily"]
    assert all(lives["lily"].pk not in (found.previous, found.next) for found in shown)
