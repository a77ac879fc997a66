"""All values of a facet: searchable, paged, true."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.models import KINDS, Collection, Tag, Tagging
from archive.search import values as values_module
from archive.search.filters import GROUPINGS
from archive.search.suggestions import SHOWN, complete
from archive.search.values import ValuesPage, values
from tests.search.conftest import add_story, ask, total


def page(kind: str, query: str = "") -> ValuesPage:
    return values(kind, QueryDict(query), f"/stories/values/{kind}/", "/stories/")


def named(kind: str, query: str = "") -> list[tuple[str, int]]:
    return [(value.name, value.count) for value in page(kind, query).values]


def test_all_values_with_counts_as_they_come_true(cast):
    found = page("place", "theme=fame")
    assert found.asked == "One story about fame"
    assert found.back_url == "/stories/?theme=fame"
    assert found.hidden == (("theme", "fame"),)
    assert {value.name for value in found.values} == {
        "Aktau", "Asia", "Central Asia", "France", "Kazakhstan", "New York City", "Paris",
        "United States",
    }  # fmt: skip
    for value in found.values:
        assert value.count == total(value.url)
        assert value.url.startswith("/stories/?place=")


def test_what_is_chosen_comes_first(cast):
    assert named("place", "place=paris&place=moscow&place_any=1")[:2] == [
        ("Paris", 1),  # where giving it up leads
        ("Moscow", 2),
    ]


def test_find_and_order(cast):
    assert named("place", "find=KAZ") == [("Kazakhstan", 3)]
    assert named("place", "find=asia") == [("Asia", 4), ("Central Asia", 4)]
    assert named("place", "find=zzz") == []
    assert [name for name, _ in named("place", "order=name")][:3] == [
        "Aktau",
        "Asia",
        "Central Asia",
    ]
    assert named("theme", "order=nonsense")[0] == ("Dance", 4)


def test_drafts_lend_no_values(cast):
    assert "Poverty" not in dict(named("theme"))
    assert named("theme", "find=pov") == []


def test_pages_of_values(cast, monkeypatch):
    monkeypatch.setattr(values_module, "PER_PAGE", 5)
    found: list[str] = []
    query, pages = "find=&order=name", 0
    while True:
        at = page("place", query)
        found += [value.name for value in at.values]
        pages += 1
        if not at.next_url:
            break
        query = at.next_url.partition("?")[2]
    assert pages == at.pages == 3
    assert found == sorted(found) and len(found) == at.total == 13
    assert page("place", "page=99").page == 3


def test_collections_and_languages(cast):
    first = Collection.objects.create(name="First lives")
    add_story("Yard", collection=first, language="ru")
    hidden = Collection.objects.create(name="Hidden lives")
    add_story("Secret", collection=hidden, language="kk", status="draft")
    assert named("collection") == [("First lives", 1)]
    assert named("collection", "collection=hidden-lives") == [("First lives", 1)]
    assert named("language") == [("English", 4), ("Russian", 1)]
    assert named("language", "find=rus") == [("Russian", 1)]
    groups = {facet.kind: facet for facet in ask().groupings}
    assert set(groups) == {"language"}  # one collection is no choice
    chosen = ask("language=ru&language=en").groupings
    assert [(v.name, v.count, v.selected) for v in chosen[0].values] == [
        ("Russian", 4, True),
        ("English", 1, True),
    ]


@pytest.mark.parametrize("kind", [*KINDS, *GROUPINGS])
@pytest.mark.parametrize("query", ["", "find=%00&page=x", "q=%22&place=%FF", "page=-1&order=1"])
def test_the_page_answers(cast, kind, query):
    response = Client().get(f"/stories/values/{kind}/?{query}")
    assert response.status_code == 200
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_the_page_shows_hostile_names_as_they_are(cast):
    evil = Tag.objects.create(kind="person", name="<script>alert(1)</script>")
    Tagging.objects.create(story=cast.stories["Lily"], tag=evil)
    text = Client().get("/stories/values/person/?find=%3Cscript%3E%22").text
    assert "<script>alert" not in text
    assert Client().get("/stories/values/nonsense/").status_code == 404


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(), st.text(), st.sampled_from([*KINDS, *GROUPINGS]))
def test_whatever_is_typed_has_values_and_suggestions(cast, typed, find, kind):
    assert len(complete(typed)) <= SHOWN
    question = QueryDict(mutable=True)
    question.update({"q": typed, "find": find, "place": find, "page": find, "order": typed})
    found = values(kind, question, f"/stories/values/{kind}/", "/stories/")
    assert found.total >= len(found.values)
