"""Labels of tags and collections are kept, and never older than the rows."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, set_script_prefix

from archive.models import Collection, Story, Tag
from archive.models.addresses import address
from archive.search import labels
from tests.search.conftest import ask


def names() -> set[str]:
    """Names of places on the page of all stories."""
    page = ask()
    listed = {str(tag) for entry in page.entries for tag in entry.tags if tag.kind == "place"}
    return {value.name for facet in page.facets for value in facet.values} & listed


def test_asked_again_they_are_not_read_again(lasting_cast) -> None:
    first = ask("place=paris")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        again = ask("place=paris")
    assert [entry.tags for entry in again.entries] == [entry.tags for entry in first.entries]
    assert again.facets == first.facets
    tables = " ".join(query["sql"] for query in queries)
    assert 'FROM "archive_tag"' not in tables
    assert 'FROM "archive_collection"' not in tables


def test_a_new_name_is_shown_at_once(lasting_cast) -> None:
    assert "Paris" in names()
    Tag.objects.filter(slug="paris").update(name="Lutetia")
    assert "Lutetia" in names()
    assert "Paris" not in names()
    Tag.objects.filter(slug="paris").update(disambiguation="Gaul")
    assert "Lutetia (Gaul)" in names()


def test_a_name_that_was_taken_back_is_forgotten(lasting_cast) -> None:
    names()
    with transaction.atomic():
        Tag.objects.filter(slug="paris").update(name="Lutetia")
        assert "Lutetia" in names()
        transaction.set_rollback(True)
    assert "Paris" in names()
    assert "Lutetia" not in names()


def test_a_new_name_of_a_collection_is_shown_at_once(lasting_cast) -> None:
    lives = Collection.objects.create(name="Lives")
    Story.objects.update(collection=lives)
    query = f"collection={lives.slug}"
    assert [chip.label for chip in ask(query).chips] == ["Lives"]
    Collection.objects.update(name="Tales")
    assert [chip.label for chip in ask(query).chips] == ["Tales"]


def test_no_more_are_kept_than_there_is_room_for(lasting_cast, monkeypatch) -> None:
    monkeypatch.setattr(labels, "KEPT", 1)
    assert "Paris" in names()
    assert "Paris" in names()


@pytest.mark.parametrize("prefix", ["/", "/lives/"])
def test_addresses_are_those_of_reverse(prefix) -> None:
    set_script_prefix(prefix)
    try:
        for name in ("story", "person", "place", "theme"):
            assert address(name, "a-b_9") == reverse(name, args=["a-b_9"])
            assert address(name, "a-b_9").startswith(prefix)
    finally:
        set_script_prefix("/")
