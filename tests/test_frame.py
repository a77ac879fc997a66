"""What stands around the pages: errors, compression, robots and sitemap, the page of components."""

from __future__ import annotations

import datetime
import gzip
import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import set_script_prefix
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import override

from archive.models import Story
from archive.reading import context, frame
from archive.reading.frame import server_error

ERRORS = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


@pytest.fixture
def client() -> Client:
    return Client()


def test_pages_are_compressed_and_files_are_not(lives, client, desk) -> None:
    plain = client.get("/stories/").content
    packed = client.get("/stories/", headers={"accept-encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain
    assert len(packed.content) < len(plain) / 2
    source = lives["giulia"].source
    original = desk.get(f"/admin/originals/{source.pk}/", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in original.headers
    assert original.content == bytes(source.content)


def test_our_own_fault_is_said_without_the_database(rf, django_db_blocker) -> None:
    with django_db_blocker.block():
        response = server_error(rf.get("/stories/"))
    assert response.status_code == 500
    for words in ("Something went wrong on our side", 'href="/stories/"', 'href="/people/"'):
        assert words in response.text


@pytest.mark.parametrize("name", ERRORS)
def test_error_pages_need_no_context(name) -> None:
    from django.template.loader import render_to_string

    page = render_to_string(name)
    assert "<h1>" in page
    assert 'role="search"' in page
    assert 'name="robots" content="noindex"' in page


def test_a_form_from_an_old_page_is_refused_kindly(curator) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/admin/login/", {"file": SimpleUploadedFile("a.txt", b"a")})
    assert response.status_code == 403
    assert "This page was open too long" in response.text


def test_robots_are_told_where_to_read(lives, client) -> None:
    text = client.get("/robots.txt").text
    assert "Disallow: /admin/" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


def test_the_sitemap_names_what_is_published_and_nothing_else(lives, client, monkeypatch) -> None:
    monkeypatch.setattr(frame, "SITEMAP_SPAN", 2)
    Story.objects.create(title="Secret draft", body="x")
    later = timezone.now() + datetime.timedelta(days=1)
    Story.objects.create(title="To come", body="x", status="published", published_at=later)
    parts = re.findall("<loc>http://testserver(.*?)</loc>", client.get("/sitemap.xml").text)
    assert parts[0] == "/sitemap-0.xml"
    pages = [client.get(part).text for part in parts]
    found = re.findall("<loc>http://testserver(.*?)</loc>", "".join(pages))
    assert {"/", "/stories/", "/people/", "/map/", "/about/"} <= set(found)
    stories = {path for path in found if path.startswith("/stories/") and path != "/stories/"}
    assert stories == {story.get_absolute_url() for story in lives.values()}
    for path in found:
        assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(parts[1])
    assert len(queries) == 1
    assert client.get("/sitemap-99999999.xml").status_code == 404
    assert client.get(f"/sitemap-{10**30}.xml").status_code == 404


def meta(page: str, name: str) -> list[str]:
    return re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)"', page)


def test_each_page_says_what_it_is(lives, client) -> None:
    story = client.get("/stories/lily-baktybekova/?in=place%3Dparis").text
    assert 'rel="canonical" href="http://testserver/stories/lily-baktybekova/"' in story
    assert meta(story, "og:title") == ["Lily Baktybekova"]
    assert meta(story, "og:type") == ["article"]
    described = {}
    for path in ("/", "/stories/", "/people/", "/places/paris/", "/about/"):
        page = client.get(path).text
        (described[path],) = meta(page, "description")
        assert not meta(page, "robots"), path
    assert len(set(described.values())) == len(described)


@pytest.mark.parametrize(
    ("query", "kept_out"),
    [
        ("", False),
        ("?place=paris", False),
        ("?place=paris&page=1", False),
        ("?place=paris&theme=dance", True),
        ("?q=dance", True),
        ("?sort=oldest", True),
        ("?place=atlantis", True),
    ],
)
def test_only_plain_lists_are_for_search_engines(lives, client, query, kept_out) -> None:
    page = client.get(f"/stories/{query}").text
    assert (meta(page, "robots") == ["noindex, follow"]) is kept_out
    assert "page=1" not in re.findall('rel="canonical" href="([^"]*)"', page)[0]


def test_what_stands_in_the_way_is_named_with_what_is_found_without_it(lives, client) -> None:
    response = client.get("/stories/?place=kokand&place=paris&q=dance")
    loosened = response.context["loosened"]
    assert [(one.chip.label, one.total) for one in loosened] == [("Kokand", 2), ("Paris", 1)]
    for one in loosened:
        assert client.get(one.chip.url).context["results"].total == one.total
    assert client.get("/stories/?place=paris").context["loosened"] == ()
    assert client.get("/stories/?place=atlantis").context["loosened"] == ()
    unwanted = client.get("/stories/?place=paris&not_theme=dance").context["loosened"]
    assert [(one.chip.label, one.chip.negative, one.total) for one in unwanted] == [
        ("Dance", True, 2)
    ]


def test_components_are_for_the_staff(lives, client, desk) -> None:
    assert client.get("/about/design/").status_code == 302
    reader = User.objects.create_user("reader", password="a long password")
    client.force_login(reader)
    assert client.get("/about/design/").status_code == 302
    page = desk.get("/about/design/").text
    for theme in ("light", "dark", "sepia"):
        assert f'data-theme="{theme}"' in page


def test_home_with_none_one_and_many(db, client) -> None:
    assert "This will be an archive" in client.get("/").text
    Story.objects.create(title="Aigul", body="Aigul was born in Osh.", status="published")
    page = client.get("/").text
    assert "One life story" in page
    assert "More lives" not in page
    for number in range(12):
        Story.objects.create(title=f"Life {number}", body="A life.", status="published")
    assert "13 life stories" in client.get("/").text


def test_titles_and_names_of_any_length_are_shown_whole(db, client) -> None:
    long = "Эжекебай" * 35
    Story.objects.create(title=long, body="In Paris.", status="published", language="ky")
    for path in ("/", "/stories/"):
        assert long in client.get(path).text


#: One address for each type of page with sheets of its own.
TYPES = (
    "/", "/stories/?place=paris", "/stories/?place=kokand&place=paris&q=dance", "/people/",
    "/people/romy-baktybekova/", "/places/paris/", "/places/", "/map/?theme=dance", "/about/",
    "/network/?place=paris", "/stories/values/place/", "/nowhere/", "/stories/thierry-baktybekova/",
    "/compare/giulia-baktybekova/romy-baktybekova/",
)  # fmt: skip
#: Most that a page loads of our style sheets, in bytes without remarks and indentation.
RULES = 30 * 1024


def sheets(page: str) -> list[str]:
    """The style sheets for the screen that *page* loads, without that of the fonts (it is made)."""
    links = re.findall(r'<link rel="stylesheet" href="[^"]*/css/([\w-]+)[.][^"]*">', page)
    assert "fonts" in links
    return [name for name in links if name != "fonts"]


@pytest.mark.parametrize("address", TYPES)
def test_a_page_loads_few_rules(lives, client, address) -> None:
    folder = settings.BASE_DIR / "static" / "css"
    text = "".join(
        (folder / f"{name}.css").read_text() for name in sheets(client.get(address).text)
    )
    assert len(re.sub(r"/[*].*?[*]/|^ +|\n", "", text, flags=re.DOTALL | re.MULTILINE)) <= RULES


@pytest.mark.parametrize("address", TYPES)
def test_shared_sheets_are_there_where_they_are_needed(lives, client, address) -> None:
    needed = {
        "entries": {"chip", "entry", "entry-tags", "list-bar", "sorts", "pages", "lost-ways"},
        "maps": {"atlas", "atlas-dot", "place-map"},
        "text": {"prose", "mark"},
        "related": {"related", "namesakes"},
    }
    page = client.get(address).text
    used = {name for names in re.findall(r'class="([^"]*)"', page) for name in names.split()}
    loaded = sheets(page)
    missing = [sheet for sheet, classes in needed.items() if used & classes and sheet not in loaded]
    assert missing == []


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/stories/", ("stories", "page")),
        ("/stories/a-life/", ("stories", "true")),
        ("/people/", ("people", "page")),
        ("/people/stories/", ("people", "true")),
        ("/themes/dance/", ("themes", "true")),
        ("/map/", ("map", "page")),
        ("/network/", ("network", "page")),
        ("/", ("", "")),
        ("/about/", ("", "")),
        ("/storiesque/", ("", "")),
    ],
)
def test_the_door_that_a_page_lies_behind(path, here) -> None:
    assert context.here(path) == here
    set_script_prefix("/lives/")
    try:
        assert context.here(f"/lives{path}") == here
        assert context.here(path) == ("", "")
    finally:
        set_script_prefix("/")


def test_the_frame_is_kept_for_each_place_name_language_and_role(
    lives, client, desk, settings, rf
) -> None:
    for _twice in range(2):
        for path, marked in (("/stories/", "page"), ("/stories/lily-baktybekova/", "true")):
            shown = client.get(path).content.decode()
            assert f'<a href="/stories/" aria-current="{marked}">' in shown
        assert "aria-current" not in client.get("/about/").content.decode()
        assert "Curators’ desk" not in client.get("/about/").content.decode()
        assert "Curators’ desk" in desk.get("/about/").content.decode()
        for name in ("First", "Second & <b>"):
            settings.SITE_NAME = name
            shown = client.get("/about/").content.decode()
            assert f">{escape(name.lower())}</a>" in shown
        for language, word in (("en", "Close"), ("de", "Schließen")):
            with override(language):
                assert f">{word}</span>" in render_to_string("base.html", {}, rf.get("/"))
