"""The page of one story: what stands around its text."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.models import Mention, OtherName, Story, Tag, Tagging
from archive.reading.citations import citation
from archive.reading.story_page import reading_time, story_page


def cards(page: str) -> dict[str, str]:
    """The cards of a page by name."""
    found = re.findall(r'data-url="[^"]*">(.*?)</a>\s*</span>', page, re.DOTALL)
    return {re.search(r"<strong[^>]*>(.*?)</strong>", card)[1]: card for card in found}


def test_each_tag_has_a_card_that_says_where_else_it_is(lives, client) -> None:
    paris = Tag.objects.get(name="Paris")
    paris.definition = "Capital of <b>France</b>"
    paris.save()
    OtherName.objects.create(tag=paris, name="Paname")
    found = cards(client.get("/stories/thierry-baktybekova/").text)
    assert "In 1 other story" in found["Paris"]
    assert "Paname" in found["Paris"]
    assert "Capital of &lt;b&gt;France&lt;/b&gt;" in found["Paris"]
    assert "In 3 other stories" in found["Dance"]
    assert "Only in this story" in found["Thierry Baktybekova"]


def test_cards_do_not_count_what_visitors_cannot_see(lives, client) -> None:
    Story.objects.filter(title__startswith="Lily").update(status="draft")
    found = cards(client.get("/stories/thierry-baktybekova/").text)
    assert "In 2 other stories" in found["Dance"]
    # The curator reads a draft: all others are others.
    curator = User.objects.create_superuser("c", password="a long password")
    client.force_login(curator)
    found = cards(client.get("/stories/lily-baktybekova/").text)
    assert "In 3 other stories" in found["Dance"]


def test_the_index_leads_only_to_words_that_are_marked(db) -> None:
    story = Story.objects.create(title="A", body="`Paris` and Paris.", status="published")
    tag = Tag.objects.create(kind="place", name="Paris")
    tagging = Tagging.objects.create(story=story, tag=tag, state="confirmed")
    for start in (1, 12):
        Mention.objects.create(
            tagging=tagging, start=start, end=start + 5, quote="Paris", rule="a curator"
        )
    page = story_page(story)
    item = page.kinds[0].tags[0]
    assert item.anchor in re.findall(r' id="([^"]+)"', page.html)


def test_chapters_come_from_headings(db, client) -> None:
    body = "# Youth\n\nText.\n\n## School\n\nText.\n\n# War & peace\n\nText."
    Story.objects.create(title="Long", body=body, status="published")
    page = client.get("/stories/long/").text
    chapters = re.search(r'id="chapters".*?</section>', page, re.DOTALL)[0]
    assert re.findall(r'href="#(.*?)"[^>]*>(.*?)<', chapters) == [
        ("h-youth", "Youth"),
        ("h-school", "School"),
        ("h-war-peace", "War &amp; peace"),
    ]
    for anchor in ("h-youth", "h-school", "h-war-peace"):
        assert f'id="{anchor}"' in page
        assert f'class="heading-link" href="#{anchor}"' in page
    assert "3 chapters" in page


def test_long_stories_are_measured_in_hours() -> None:
    assert [reading_time(minutes) for minutes in (1, 119, 120, 420)] == [
        "1 min",
        "119 min",
        "2 hours",
        "7 hours",
    ]


@pytest.mark.parametrize(
    ("body", "initial"),
    [
        ("Anna " + "was born by the sea. " * 12, True),
        ("“Anna” " + "was born by the sea. " * 12, False),
        ("<em>Anna</em> " + "was born by the sea. " * 12, True),
        ("Anna " + "was born by the sea. " * 12 + "\n\nسلام", True),
        ("Анна " + "родилась у моря. " * 16, True),
        ("Anna was born.", False),
        ("ولدت آنا " * 60, False),
        ("# Youth\n\n" + "Anna was born by the sea. " * 12, False),
        ("One\n\n" * 100, False),
        ("", False),
    ],
)
def test_a_large_initial_where_it_has_room(body: str, initial: bool) -> None:
    story = Story(title="A", body=body, language="en")
    assert story_page_without_rows(story) is initial


def story_page_without_rows(story: Story) -> bool:
    from archive.reading.story_page import _takes_initial
    from archive.rendering import render

    return _takes_initial(render(story.body).html)


def test_the_way_goes_on_through_the_result(lives, client) -> None:
    page = client.get("/stories/thierry-baktybekova/?in=place%3Dkazakhstan%26sort%3Dtitle").text
    assert 'href="/stories/?place=kazakhstan&amp;sort=title#story-thierry-baktybekova"' in page
    assert "Back to the results" in page
    assert "3 of 3" in page
    previous = re.search(r'rel="prev" href="([^"]+)"', page)[1]
    assert previous.endswith("/?in=place%3Dkazakhstan%26sort%3Dtitle")
    assert client.get(previous).status_code == 200
    assert 'rel="next"' not in page
    assert 'rel="canonical" href="http://testserver/stories/thierry-baktybekova/"' in page


def test_without_a_result_the_way_goes_through_the_collection(lives, client) -> None:
    page = client.get("/stories/thierry-baktybekova/").text
    assert "In “The first four lives” ·" in page
    assert "Back to the results" not in page


@pytest.mark.parametrize(
    "given", ["place=paris&" * 3000, "&" * 3999, "place=giulia", "%00", "in=in=", "q='; --", "🎈"]
)
def test_any_way_has_an_answer(lives, client, given: str) -> None:
    assert client.get("/stories/thierry-baktybekova/", {"in": given}).status_code == 200


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=60))
def test_what_is_typed_as_a_way_is_never_an_error(lives, client, given: str) -> None:
    assert client.get("/stories/lily-baktybekova/", {"in": given}).status_code == 200


def test_an_old_address_leads_on_with_its_question(lives, client) -> None:
    story = lives["lily"]
    story.slug = "lily"
    story.save()
    response = client.get("/stories/lily-baktybekova/?in=q%3Ddance")
    assert (response.status_code, response["Location"]) == (301, "/stories/lily/?in=q%3Ddance")


def test_only_those_who_may_edit_are_offered_to(lives, client, desk) -> None:
    address = f"/admin/archive/story/{lives['lily'].pk}/change/"
    assert address not in client.get("/stories/lily-baktybekova/").text
    assert address in desk.get("/stories/lily-baktybekova/").text


# Citations

HOSTILE = 'A {title} with "signs" & \\commands % of $ \n and lines'


@pytest.fixture
def cited(db) -> Story:
    return Story.objects.create(
        title="The kiln",
        body="Text.",
        creator="Aigul Seitova",
        date="c. 1940",
        rights="CC BY 4.0",
        status="published",
        published_at=datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC),
    )


def test_a_citation_in_words(cited) -> None:
    plain = citation(cited, "http://testserver/stories/the-kiln/").plain
    assert plain.startswith("Aigul Seitova. “The kiln”. c. 1940. Dastan. http://testserver/")
    assert str(timezone.localdate().year) in plain


def test_citations_as_files(cited, client) -> None:
    bib = client.get("/stories/the-kiln/citation.bib")
    assert bib["Content-Type"] == "application/x-bibtex; charset=utf-8"
    assert 'filename="the-kiln.bib"' in bib["Content-Disposition"]
    assert bib.text.startswith("@online{the-kiln,\n  author = {Aigul Seitova},\n")
    assert "  year = {1940},\n  note = {c. 1940},\n" in bib.text
    ris = client.get("/stories/the-kiln/citation.ris").text
    assert ris.startswith("TY  - ELEC\r\nAU  - Aigul Seitova\r\nTI  - The kiln\r\nPY  - 1940\r\n")
    assert ris.endswith("ER  - \r\n")


def test_a_title_cannot_break_out_of_its_field(cited) -> None:
    cited.title = HOSTILE
    made = citation(cited, "http://testserver/stories/the-kiln/")
    assert '  title = {A title with "signs" commands of and lines},' in made.bib
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in made.ris.split("\r\n") if line)


def test_a_draft_is_not_cited(cited) -> None:
    Story.objects.update(status="draft")
    for kind in ("bib", "ris"):
        assert Client().get(f"/stories/the-kiln/citation.{kind}").status_code == 404
