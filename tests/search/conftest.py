"""A small archive with a tree of places: the four lives, a draft and a scheduled story."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from django.http import QueryDict
from django.utils import timezone

from archive.models import Mention, Story, Tag, Tagging
from archive.search.results import ResultPage, search

#: Name → what it lies in.
PLACES = {
    "Asia": None,
    "Central Asia": "Asia",
    "Kazakhstan": "Central Asia",
    "Aktau": "Kazakhstan",
    "Uzbekistan": "Central Asia",
    "Kokand": "Uzbekistan",
    "Russia": None,
    "Moscow": "Russia",
    "St. Petersburg": "Russia",
    "France": None,
    "Paris": "France",
    "United States": None,
    "New York City": "United States",
    "Atacama": None,
}
#: Title → (body, tags besides those whose name the body holds).
LIVES = {
    "Giulia": (
        "Giulia was born in the town of Kokand. She studied in Moscow.\n\n"
        "There she found her calling – dancing. The weight took its toll on her mind.",
        ["Dance", "Mental health"],
    ),
    "Lily": (
        "Born in Aktau, Kazakhstan, Lily loved music. One day a choreographer from New York City "
        "saw her at a festival in Paris.",
        ["Dance", "Fame"],
    ),
    "Thierry": (
        "Thierry grew up in the steppes of Central Asia, in Kazakhstan. Her journey took her to "
        "Paris, where she danced at the Opéra. She never forgot.",
        ["Dance"],
    ),
    "Romy": (
        "Romy trained in Kazakhstan with Madame Petrova. She was offered a place in "
        "St. Petersburg, Russia. Now she dances in New York City.",
        ["Dance", "Mental health"],
    ),
}
START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@dataclasses.dataclass(frozen=True)
class Cast:
    """The rows by name."""

    stories: dict[str, Story]
    tags: dict[str, Tag]


def add_story(title: str, body: str = "A text.", tags: list[Tag] | None = None, **fields) -> Story:
    """A published story with *tags*, and a mention wherever the body holds a tag's name."""
    fields = {"status": "published", "word_count": len(body.split()), **fields}
    story = Story.objects.create(title=title, body=body, **fields)
    for tag in tags or []:
        tagging = Tagging.objects.create(story=story, tag=tag)
        at = body.find(tag.name)
        if at >= 0:
            Mention.objects.create(
                tagging=tagging, start=at, end=at + len(tag.name), quote=tag.name, rule="test"
            )
    return story


def make_cast() -> Cast:
    """Write the archive's rows."""
    tags: dict[str, Tag] = {}
    for name, broader in PLACES.items():
        tags[name] = Tag.objects.create(kind="place", name=name, broader=tags.get(broader))
    for name in ("Dance", "Mental health", "Fame", "Poverty"):
        tags[name] = Tag.objects.create(kind="theme", name=name)
    tags["Madame Petrova"] = Tag.objects.create(kind="person", name="Madame Petrova")
    stories = {}
    for day, (title, (body, more)) in enumerate(LIVES.items()):
        found = [tag for name, tag in tags.items() if name in body or name in more]
        if title == "Giulia":
            assert tags["Kokand"] in found
        stories[title] = add_story(
            title, body, found, published_at=START + datetime.timedelta(days=day)
        )
    Tagging.objects.create(
        story=stories["Giulia"], tag=tags["Paris"], state="rejected", origin="machine"
    )
    everything = list(tags.values())
    stories["Draft"] = add_story("Draft", "A secret of Paris.", everything, status="draft")
    stories["Later"] = add_story(
        "Later",
        "Paris, later.",
        everything,
        published_at=timezone.now() + datetime.timedelta(days=1),
    )
    return Cast(stories, tags)


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def lasting_cast(transactional_db) -> Cast:
    """The same, committed: other threads and processes see it."""
    return make_cast()


def ask(query: str = "") -> ResultPage:
    """The page for a query string."""
    return search(QueryDict(query))


def titles(query: str = "") -> list[str]:
    """Titles on the page for a query string, in order."""
    return [entry.story.title for entry in ask(query).entries]


def total(url: str) -> int:
    """How many stories an address leads to."""
    return ask(url.partition("?")[2]).total
