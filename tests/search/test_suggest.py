"""Suggestions while typing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive.models import OtherName, Story, Tag
from archive.search.suggest import suggest


@pytest.fixture(autouse=True)
def addresses(monkeypatch) -> None:
    """Addresses without the pages."""
    monkeypatch.setattr(Tag, "get_absolute_url", lambda tag: f"/{tag.kind}/{tag.slug}/")
    monkeypatch.setattr(Story, "get_absolute_url", lambda story: f"/stories/{story.slug}/")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("pa", [("place", "Paris")]),
        ("PÁR", [("place", "Paris")]),
        ("yor", [("place", "New York City")]),
        ("petr", [("person", "Madame Petrova")]),
        ("gi", [("story", "Giulia")]),
        ("la", []),  # the scheduled story
        ("dra", []),  # the draft
        ("atac", []),  # in no visible story
        ("nowhere", []),
        ("", []),
        ("a", []),
        ("\x00", []),
        ('"*', []),
        ("%%", []),
        ("x" * 10_000, []),
    ],
)
def test_suggestions(cast, typed, expected):
    assert [(one.kind, one.label) for one in suggest(typed)] == expected


def test_other_names_and_frequency(cast):
    OtherName.objects.create(tag=cast.tags["Kazakhstan"], name="Qazaqstan")
    assert [one.label for one in suggest("qaz")] == ["Kazakhstan"]
    assert [one.label for one in suggest("as")] == ["Asia", "Central Asia"]
    assert [one.label for one in suggest("as", limit=1)] == ["Asia"]


def test_price(cast):
    suggest("pa")
    with CaptureQueriesContext(connection) as captured:
        suggest("pa")
    assert len(captured) <= 4
