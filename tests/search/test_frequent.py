"""Frequent words: what is held of them is what the full text would say, whatever changes."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from archive.models import Story
from archive.search import frequent, fulltext
from archive.search.frequent import Asking, FrequentWords
from archive.search.fulltext import parse
from archive.search.index import index
from tests.search.conftest import add_story, titles

WORDS = ("river", "winter", "bread", "letters", "train")
QUERIES = (
    *WORDS,
    "river winter",
    "river OR bread",
    "winter OR steppe",
    "river -winter",
    "steppe -winter",
    "river winter -bread -steppe",
    "-river",
    "-river -steppe",
    '"river winter"',
    "riv*",
    "river steppe bread OR letters",
)


@pytest.fixture(autouse=True)
def every_word(monkeypatch) -> None:
    """Every word is frequent."""
    monkeypatch.setattr(frequent, "LEAST", 1)


def text(rng: random.Random) -> str:
    """Words, at times right beside signs of a script without spaces."""
    return " ".join(rng.choices((*WORDS, "steppe", "映画river館", "bread年"), k=4))


@pytest.fixture
def lives(transactional_db) -> list[Story]:
    rng = random.Random(1)
    index.reset()
    return [add_story(f"Life {number}", text(rng)) for number in range(30)]


def held() -> dict[str, set[int]]:
    """What the index holds of the words."""
    with index.reading() as state:
        found = state.frequent.of(parse(" ".join(WORDS)))
    return {word: set(entry.stories) for word, entry in found.items()}


def test_a_frequent_word_is_held_once_it_was_asked_for(lives):
    assert held() == {}
    found = titles("q=river&per_page=100")
    assert len(held()["river"]) == len(found) > 0


def test_a_word_that_few_stories_hold_is_not_held(lives, monkeypatch):
    monkeypatch.setattr(frequent, "LEAST", len(lives) + 1)
    titles("q=river")
    assert held() == {}


def test_only_the_stories_that_changed_are_asked_about(lives, monkeypatch):
    before = titles("q=river&per_page=100&sort=oldest")
    asked = []
    monkeypatch.setattr(fulltext, "matches", lambda *_: asked.append(1))
    first = Story.objects.get(title=before[0])
    first.body = "Nothing of the kind."
    first.save()
    add_story("New", "At the river.")
    assert titles("q=river&per_page=100&sort=oldest") == [*before[1:], "New"]
    assert not asked


def test_too_many_changes_are_not_asked_about_one_by_one(lives, monkeypatch):
    monkeypatch.setattr(frequent, "MOST_CHANGED", 2)
    monkeypatch.setattr(
        fulltext, "matches_among", lambda *_: pytest.fail("they were asked about one by one")
    )
    before = titles("q=river&per_page=100")
    Story.objects.filter(title__in=before[:4]).update(body="Gone.")
    assert titles("q=river&per_page=100") == before[4:]


def test_what_is_held_stays_what_the_full_text_says(lives):
    rng = random.Random(2)
    for number in range(40):
        story = rng.choice(lives)
        if rng.random() < 0.2:
            Story.objects.filter(pk=story.pk).delete()
        elif rng.random() < 0.3:
            lives.append(add_story(f"Later {number}", text(rng)))
        else:
            status = rng.choice(("published", "published", "draft"))
            Story.objects.filter(pk=story.pk).update(body=text(rng), status=status)
        for query in rng.sample(QUERIES, 4):
            expected, negative = fulltext.matches(connection, parse(query))
            with index.reading() as state:
                known = state.frequent.of(parse(query))
                visible = state.visible.copy()
            answer, excludes = Asking(connection, known).matches(parse(query))
            assert excludes == negative
            assert answer == expected, query
            assert len(titles(f"q={query.replace(' ', '+')}&per_page=100")) == len(
                visible - expected if negative else visible & expected
            ), query
    assert held()


def test_words_of_a_sample_are_held_from_the_start(lives):
    Story.objects.filter(pk__in=[story.pk for story in lives[:10]]).update(body="Zebra, the.")
    Story.objects.filter(pk__in=[story.pk for story in lives[10:]]).update(body="The 20 oxen.")
    with index.reading() as state:
        state.frequent.prepare("default", state.visible)
        found = state.frequent.of(parse("zebra oxen the life Zebra zeb*"))
    assert set(found) == {"zebra", "oxen"}  # not what nearly all hold
    assert set(found["zebra"].stories) == {story.pk for story in lives[:10]}


def test_so_many_are_kept_and_no_more(monkeypatch):
    monkeypatch.setattr(frequent, "KEPT", 2)
    words = FrequentWords()
    for word in ("one", "two", "one", "three"):
        words.keep({word: frequent.Held(frequent.BitMap([1]))})
    assert set(words.of(parse("one two three"))) == {"one", "three"}
