"""A tag's page: where it stands, the very sentences, the concordance, what goes together."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from archive.models import Mention, OldTagSlug, OtherName, Story, Tag, Tagging
from archive.reading import concordance
from archive.reading.names import family_key, family_name
from archive.reading.sentences import in_context


@pytest.fixture
def client() -> Client:
    return Client()


def text(sentence) -> str:
    return straight("".join(words for words, _marked in sentence.pieces))


def straight(words: str) -> str:
    """As the file has it: pages show real apostrophes."""
    return words.replace("’", "'")


def test_every_story_with_the_sentences_that_mention_it(lives, client) -> None:
    response = client.get("/places/new-york-city/")
    told = {item.story.title.split()[0]: item.sentences for item in response.context["told"]}
    assert set(told) == {"Lily", "Romy"}
    for name, found in told.items():
        for sentence in found.shown:
            assert text(sentence) in " ".join(lives[name.lower()].body.split())
            assert any(marked for _words, marked in sentence.pieces)
    assert "from humble beginnings in Kazakhstan to stardom in" in response.text


def test_a_sentence_leads_to_its_words_in_the_story(lives, client) -> None:
    told = client.get("/themes/mental-health/").context["told"]
    for item in told:
        page = client.get(item.story.get_absolute_url()).text
        for sentence in item.sentences.shown:
            marked = next(words for words, marked in sentence.pieces if marked)
            at = page.index(f'id="{sentence.anchor}"')
            assert marked in page[at : at + 400]


def test_where_a_place_stands(lives, client) -> None:
    page = client.get("/places/central-asia/")
    assert [str(tag) for tag in page.context["standing"].broader] == ["Asia"]
    assert [(str(tag), n) for tag, n in page.context["standing"].narrower] == [
        ("Kazakhstan", 3),
        ("Uzbekistan", 1),
    ]
    assert [(one.label, one.count, one.selected) for one in page.context["extents"]] == [
        ("all", 4, True),
        ("exactly", 1, False),
    ]
    exactly = client.get("/places/central-asia/?place_exact=1")
    assert [item.story.title for item in exactly.context["told"]] == ["Thierry Baktybekova"]
    assert 'href="/stories/?place=central-asia&amp;place_exact=1"' in exactly.text


def test_names_definition_and_authority(lives, client) -> None:
    tag = Tag.objects.get(name="Paris")
    tag.disambiguation, tag.authority_uri = "France", "https://www.wikidata.org/entity/Q90"
    tag.definition = "The capital of France."
    tag.save()
    OtherName.objects.create(tag=tag, name="Lutetia")
    page = client.get("/places/paris/").text
    for words in ("(France)", "Lutetia", "The capital of France.", "The same in Wikidata"):
        assert words in page


def test_a_person_has_an_own_story_and_appears_elsewhere(lives, client) -> None:
    giulia = Tag.objects.get(name="Giulia Baktybekova")
    Tagging.objects.create(story=lives["romy"], tag=giulia, state="confirmed")
    response = client.get(giulia.get_absolute_url())
    assert [item.story for item in response.context["own"]] == [lives["giulia"]]
    assert [item.story for item in response.context["told"]] == [lives["romy"]]
    assert "Their own story" in response.text
    assert "Appears in 1 other story" in response.text
    assert "Tagged, but not named in the text." in response.text


def test_often_together(lives, client) -> None:
    together = client.get("/themes/mental-health/").context["together"]
    found = {facet.info.kind: {v.name: v.count for v in facet.values} for facet in together}
    assert found["place"]["Russia"] == 2  # Moscow in one, St. Petersburg in the other
    assert found["theme"]["Teaching"] == 2
    assert "Body and mind" not in found["theme"]
    assert "Mental health" not in found["theme"]
    for facet in together:
        for value in facet.values:
            assert client.get(value.url).context["results"].total == value.count
            assert value.url.startswith("/stories/?")


def test_others_of_the_name(lives, client) -> None:
    response = client.get("/people/romy-baktybekova/")
    assert [str(person) for person in response.context["namesakes"].people] == [
        "Giulia Baktybekova",
        "Lily Baktybekova",
        "Thierry Baktybekova",
    ]
    assert "Others called Baktybekova" in response.text
    assert "Whether they are kin, the archive does not know." in response.text
    assert client.get("/people/madame-petrova/").context["namesakes"] is None
    Story.objects.filter(pk=lives["lily"].pk).update(status="draft")
    assert "Lily" not in client.get("/people/romy-baktybekova/").text


@pytest.mark.parametrize(
    ("name", "family", "key"),
    [
        ("Giulia Baktybekova", "Baktybekova", "baktybekova"),
        ("Ludwig van Beethoven", "van Beethoven", "beethoven"),
        ("María de la Cruz", "de la Cruz", "cruz"),
        ("Martin Luther King Jr.", "King", "king"),
        ("Madame Petrova", "Petrova", "petrova"),
        ("Giulia", "", ""),
        ("Van Morrison", "Morrison", "morrison"),
        ("Bjørn Ødegård", "Ødegård", "odegard"),
    ],
)
def test_family_names(name, family, key) -> None:
    assert family_name(name) == family
    assert family_key(Tag(name=name, kind="person").name_key or _key(name)) == key


def _key(name: str) -> str:
    tag = Tag(name=name, kind="person")
    tag.set_keys()
    return tag.name_key


def lines(client, sort: str) -> list[concordance.Line]:
    response = client.get(f"/themes/dance/?sort={sort}")
    assert response.status_code == 200
    return list(response.context["concordance"].lines)


def test_a_concordance_in_three_orders(lives, client) -> None:
    by_story = lines(client, "story")
    assert len(by_story) == Mention.objects.filter(tagging__tag__name="Dance").count()
    assert [line.title for line in by_story] == sorted(line.title for line in by_story)
    right = [re.findall(r"\w+", line.after.lower())[:1] for line in lines(client, "right")]
    assert right == sorted(right)
    left = [re.findall(r"\w+", line.before.lower())[-1:] for line in lines(client, "left")]
    assert left == sorted(left)
    for line in by_story:
        body = " ".join(next(s for s in lives.values() if s.title == line.title).body.split())
        assert straight(line.words) in body
        assert straight(line.before) in body


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("In Paris she danced.", ("In ", "Paris", " she danced.")),
        ("She loved\n\n- *Paris*, she[^1] said\n- Rome", ("", "Paris", ", she said")),
        ("A girl from Paris - now *old* - sang.", ("A girl from ", "Paris", " - now old - sang.")),
        ("word " * 30 + "Paris" + " word" * 30, ("…word", "Paris", "word…")),
    ],
)
def test_words_around_a_mention_are_as_they_are_read(body, shown) -> None:
    at = body.index("Paris")
    before, after = body[max(0, at - 60) : at], body[at + 5 : at + 65]
    near = in_context(Mention(start=at, quote="Paris", before=before, after=after), 60)
    found = ("…" * near.cut_before + near.before, near.words, near.after + "…" * near.cut_after)
    if near.cut_before:
        found = (f"…{near.before.split()[0]}", near.words, f"{near.after.split()[-1]}…")
    assert found == shown


def test_beyond_the_bound_the_page_says_what_it_sorted(lives, client, monkeypatch) -> None:
    monkeypatch.setattr(concordance, "LINES", 5)
    monkeypatch.setattr(concordance, "PER_PAGE", 2)
    page = client.get("/themes/dance/?sort=left&page=99")
    assert page.context["concordance"].pages == 3
    assert page.context["concordance"].page == 3
    assert "Sorted are 5 mentions, those of the newest stories; there are more." in page.text


def test_the_concordance_as_a_table(lives, client, monkeypatch) -> None:
    giulia = lives["giulia"]
    Story.objects.filter(pk=giulia.pk).update(title="=HYPERLINK(1)")
    response = client.get("/places/moscow/words.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="moscow-words.csv"'
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [row["words"] for row in rows] == ["Moscow", "Moscow"]
    assert {row["story"] for row in rows} == {"'=HYPERLINK(1)"}
    assert rows[0]["address"].startswith("http://testserver/stories/giulia-baktybekova/")
    monkeypatch.setattr(concordance, "EXPORTED", 1)
    assert client.get("/places/moscow/words.csv").getvalue().count(b"\r\n") == 2
    assert client.get("/places/nowhere/words.csv").status_code == 404


def test_old_addresses_lead_on(lives, client) -> None:
    paris = Tag.objects.get(name="Paris")
    OldTagSlug.objects.create(kind="place", slug="lutetia", tag=paris)
    assert client.get("/places/lutetia/").headers["Location"] == "/places/paris/"
    assert client.get("/places/lutetia/words.csv").headers["Location"] == "/places/paris/words.csv"
    Tagging.objects.filter(tag=paris).delete()
    assert client.get("/places/lutetia/").status_code == 404


@pytest.mark.parametrize("query", ["sort=evil", "sort=left&page=x", "page=-3", "place_exact=9",
                                   "sort=right&page=99999999999999999999", "page=٣"])  # fmt: skip
def test_any_query_answers(lives, client, query) -> None:
    for path in ("/places/kazakhstan/", "/people/giulia-baktybekova/", "/themes/dance/words.csv"):
        assert client.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/places/kazakhstan/", "/themes/dance/?sort=left",
                                  "/places/asia/?sort=story", "/people/anna-serova/"])  # fmt: skip
def test_more_stories_cost_no_more_queries(lives, client, path) -> None:
    anna = Tag.objects.create(kind="person", name="Anna Serova")
    tags = [anna, *Tag.objects.filter(name__in=["Kazakhstan", "Dance"])]

    def add(number: int) -> None:
        body = f"Anna danced in Kazakhstan. {number}"
        story = Story.objects.create(title=f"Anna {number}", body=body, status="published")
        for tag in tags:
            tagging = Tagging.objects.create(story=story, tag=tag, state="confirmed")
            Mention.objects.create(tagging=tagging, start=0, end=4, quote="Anna", rule="given")

    def cost() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    add(0)
    add(1)
    few = cost()
    for number in range(2, 12):
        add(number)
    assert cost() == few


def test_a_new_name_changes_who_is_called_alike(lives, client) -> None:
    assert len(client.get("/people/romy-baktybekova/").context["namesakes"].people) == 3
    thierry = Tag.objects.get(name="Thierry Baktybekova")
    thierry.name = "Thierry Petrova"
    thierry.save()
    assert len(client.get("/people/romy-baktybekova/").context["namesakes"].people) == 2
    petrova = client.get("/people/madame-petrova/").context["namesakes"]
    assert [str(person) for person in petrova.people] == ["Thierry Petrova"]
