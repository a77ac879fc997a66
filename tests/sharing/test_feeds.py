"""Feeds: the stories of a list, in words, and nothing that visitors may not see."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.test import Client

from archive.models import OldTagSlug, Story, Tag
from archive.sharing.feeds import ENTRIES

ATOM = "{http://www.w3.org/2005/Atom}"


def read(path: str) -> ElementTree.Element:
    response = Client().get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content)


def titles(feed: ElementTree.Element) -> list[str | None]:
    return [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]


def test_the_feed_of_the_archive(lives) -> None:
    feed = read("/feed/")
    assert feed.findtext(f"{ATOM}title") == "All stories · Dastan"
    assert len(titles(feed)) == 4
    entry = next(feed.iter(f"{ATOM}entry"))
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"].startswith("http://testserver/stories/")
    assert entry.findtext(f"{ATOM}summary")


def test_the_feed_of_a_list_speaks_its_words(lives) -> None:
    feed = read("/feed/?place=kazakhstan&place=paris")
    assert sorted(map(str, titles(feed))) == ["Lily Baktybekova", "Thierry Baktybekova"]
    assert "Kazakhstan and Paris" in str(feed.findtext(f"{ATOM}title"))
    page = [link.attrib["href"] for link in feed.findall(f"{ATOM}link")]
    assert "http://testserver/stories/?place=kazakhstan&place=paris" in page


def test_the_feed_of_a_tag(lives) -> None:
    feed = read("/places/new-york-city/feed/")
    assert sorted(map(str, titles(feed))) == ["Lily Baktybekova", "Romy Baktybekova"]
    OldTagSlug.objects.create(kind="place", slug="nyc", tag=Tag.objects.get(name="New York City"))
    moved = Client().get("/places/nyc/feed/")
    assert moved.headers["Location"] == "/places/new-york-city/feed/"
    assert Client().get("/places/nowhere/feed/").status_code == 404


def test_drafts_are_in_no_feed(lives) -> None:
    Story.objects.filter(pk=lives["giulia"].pk).update(status="draft")
    assert "Giulia Baktybekova" not in titles(read("/feed/"))
    assert Client().get("/places/moscow/feed/").status_code == 404


def test_a_feed_is_bounded_and_hostile_text_is_harmless(db) -> None:
    evil = "<script>\x01\x0b]]>&"
    for number in range(ENTRIES + 3):
        Story.objects.create(
            title=f"{evil}{number}", body=evil, summary=evil, creator=evil, status="published"
        )
    feed = read("/feed/?page=2&per_page=100&sort=oldest")
    assert len(titles(feed)) == ENTRIES
    assert titles(feed)[0] == f"<script>]]>&{ENTRIES + 2}"
    summary = feed.find(f"{ATOM}entry/{ATOM}summary")
    assert summary is not None
    # What is declared to be HTML is HTML, in which the text's own tags are words.
    assert summary.get("type") == "html"
    assert summary.text == "&lt;script&gt; ]]&gt;&amp;"


@pytest.mark.parametrize("query", ["q=%00", "place=%FF", "sort=x", "q=" + "a" * 3000])
def test_any_query_answers(lives, query) -> None:
    assert read(f"/feed/?{query}").tag == f"{ATOM}feed"


def test_pages_name_their_feeds(lives) -> None:
    assert 'href="/feed/"' in Client().get("/").text
    assert 'href="/feed/?place=paris"' in Client().get("/stories/?place=paris").text
    assert 'href="/places/paris/feed/"' in Client().get("/places/paris/").text
