"""Lives side by side: what they share and what they do not, and how one chooses them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.models import OldSlug, Story

GIULIA, ROMY, LILY, THIERRY = (
    f"{name}-baktybekova" for name in ("giulia", "romy", "lily", "thierry")
)


@pytest.fixture
def client() -> Client:
    return Client()


def texts(cell) -> list[str]:
    # As the files have it: pages show real apostrophes.
    shown = ("".join(words for words, _marked in one.pieces) for one in cell.sentences.shown)
    return [words.replace("’", "'") for words in shown]


def test_giulia_and_romy(lives, client) -> None:
    response = client.get(f"/compare/{GIULIA}/{ROMY}/")
    shared = {str(row.tag): row for row in response.context["shared"]}
    assert list(shared)[:2] == ["Mental health", "Russia"]
    assert shared["Mental health"].only_these
    assert not shared["Dance"].only_these
    # Romy's story names Russia, Giulia's a place in it.
    assert shared["Russia"].spread and not shared["Mental health"].spread
    assert "No other story here is tagged with it or a place in it" in response.text
    assert "Kazakhstan" not in shared
    assert "Asia" not in shared  # Central Asia says more
    for name, cell in zip(("giulia", "romy"), shared["Russia"].cells, strict=True):
        for sentence in texts(cell):
            assert sentence in " ".join(lives[name].body.split())
    assert "Moscow" in texts(shared["Russia"].cells[0])[0]
    assert "St. Petersburg, Russia" in texts(shared["Russia"].cells[1])[0]
    alone = [[str(tag) for tag in life.alone] for life in response.context["lives"]]
    assert alone[0][:3] == ["Anatoly Pokrovsky", "Kokand", "Moscow"]
    assert alone[1][:3] == ["Madame Petrova", "Kazakhstan", "New York City"]
    assert [life.length for life in response.context["lives"]] == [100, 96]


def test_the_order_of_the_address_is_kept_and_twice_is_once(lives, client) -> None:
    page = client.get(f"/compare/{ROMY}/{GIULIA}/{LILY}/")
    assert [life.story.slug for life in page.context["lives"]] == [ROMY, GIULIA, LILY]
    assert f'href="/compare/{ROMY}/{LILY}/"' in page.text
    twice = client.get(f"/compare/{ROMY}/{GIULIA}/{ROMY}/")
    assert twice.headers["Location"] == f"/compare/{ROMY}/{GIULIA}/"


def test_four_lives_and_no_more(lives, client) -> None:
    page = client.get(f"/compare/{ROMY}/{GIULIA}/{LILY}/{THIERRY}/")
    shared = {str(row.tag): row for row in page.context["shared"]}
    assert all(cell.has for cell in shared["Dance"].cells)
    assert [cell.has for cell in shared["Paris"].cells] == [False, False, True, True]
    assert shared["Paris"].only_these
    assert "Add another life" not in page.text
    fifth = Story.objects.create(title="Fifth", body="A fifth life.", status="published")
    path = f"/compare/{ROMY}/{GIULIA}/{LILY}/{THIERRY}/{fifth.slug}/"
    assert client.get(path).status_code == 404


def test_what_is_not_there_is_not_found(lives, client) -> None:
    assert client.get(f"/compare/{ROMY}/nobody/").status_code == 404
    Story.objects.filter(slug=GIULIA).update(status="draft")
    for path in (f"/compare/{ROMY}/{GIULIA}/", f"/compare/{GIULIA}/"):
        assert client.get(path).status_code == 404
    assert "Giulia" not in client.get(f"/compare/{ROMY}/").text
    assert "Giulia" not in client.get(f"/compare/{ROMY}/?q=Giulia").text.replace('"Giulia"', "")


def test_old_addresses_lead_on(lives, client) -> None:
    OldSlug.objects.create(slug="romy", story=lives["romy"])
    moved = client.get(f"/compare/{GIULIA}/romy/")
    assert moved.headers["Location"] == f"/compare/{GIULIA}/{ROMY}/"


def test_the_picker(lives, client) -> None:
    page = client.get(f"/compare/{GIULIA}/")
    assert page.context["suggested"][0][0] == lives["romy"]
    assert f'href="/compare/{GIULIA}/{ROMY}/"' in page.text
    found = client.get(f"/compare/{GIULIA}/?q=Paris")
    assert {url for _story, url in found.context["found"]} == {
        f"/compare/{GIULIA}/{LILY}/",
        f"/compare/{GIULIA}/{THIERRY}/",
    }
    assert "No life answers to this" in client.get(f"/compare/{GIULIA}/?q=zzz").text
    assert f'href="/compare/{ROMY}/"' in client.get("/compare/").text
    third = client.get(f"/compare/{GIULIA}/{ROMY}/?add=1")
    assert f'href="/compare/{GIULIA}/{ROMY}/{LILY}/"' in third.text
    assert f'href="/compare/{GIULIA}/"' in client.get(f"/stories/{GIULIA}/").text


def test_nothing_in_common_is_said(db, client) -> None:
    for title in ("One", "Two"):
        Story.objects.create(title=title, body=f"{title}.", status="published")
    assert "These lives share no person, place or theme." in client.get("/compare/one/two/").text


@pytest.mark.parametrize("query", ["q=%00", "q=%22", "add=&q=" + "a" * 3000, "q=a*b*(c"])
def test_any_query_answers(lives, client, query) -> None:
    for path in ("/compare/", f"/compare/{ROMY}/", f"/compare/{ROMY}/{LILY}/"):
        assert client.get(f"{path}?{query}").status_code == 200
        assert client.post(path).status_code == 405


def test_more_tags_cost_no_more_queries(lives, client) -> None:
    for title in ("One", "Two"):
        made = Story.objects.create(title=title, body="In Paris.", status="published")
        for name in ("Paris", "Dance"):
            made.taggings.create(tag=lives["lily"].tags.get(name=name), state="confirmed")

    def cost(*slugs: str) -> int:
        path = f"/compare/{'/'.join(slugs)}/"
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    # The windows of sentences and paths are asked for only where there are mentions.
    assert cost(ROMY, LILY) <= cost("one", "two") + 4
