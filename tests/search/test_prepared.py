"""Queries whose SQL is made once say what they say without it."""

from __future__ import annotations

import pytest
from django.db.models.functions import Substr

from archive.models import Story, Tagging
from archive.search.prepared import Prepared


@Prepared
def beginnings(ids, length):
    chosen = Story.objects.filter(pk__in=ids).order_by("pk")
    return chosen.values_list("pk", Substr("title", 1, length))


@Prepared
def shown(ids):
    return Tagging.objects.shown().filter(story__in=ids).order_by("pk").values_list("pk")


@pytest.fixture
def ids(cast) -> list[int]:
    return sorted(story.pk for story in cast.stories.values())


def test_any_number_of_rows(ids) -> None:
    for number in range(len(ids) + 1):
        asked = ids[:number]
        expected = list(
            Story.objects.filter(pk__in=asked).order_by("pk").values_list("pk", "title")
        )
        for length in (3, 1):
            assert beginnings.rows(asked, length) == [
                (pk, title[:length]) for pk, title in expected
            ]


def test_models(ids) -> None:
    made = Prepared(lambda ids: Story.objects.filter(pk__in=ids).only("title", "published_at"))
    stories = list(Story.objects.raw(*made.sql(ids[:3])))
    assert {story.pk for story in stories} == set(ids[:3])
    for story in stories:
        kept = Story.objects.get(pk=story.pk)
        assert (story.title, story.published_at) == (kept.title, kept.published_at)


def test_what_may_be_shown_may_change(ids, settings) -> None:
    Tagging.objects.filter(story=ids[0]).update(state=Tagging.State.SUGGESTED)
    for suggestions in (True, False, True):
        settings.SHOW_SUGGESTIONS = suggestions
        assert shown.rows(ids) == list(
            Tagging.objects.shown().filter(story__in=ids).order_by("pk").values_list("pk")
        )
