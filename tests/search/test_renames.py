"""Saved lists keep what they name when a tag is renamed, merged or changes its kind."""

from __future__ import annotations

import pytest

from archive.curation.merging import merge
from archive.models import OldTagSlug, Story, Tag

PAGES = ["/stories/", "/map/", "/network/", "/feed/", "/stories/values/theme/"]


@pytest.fixture
def town(lives) -> Tag:
    town = Tag.objects.create(kind="place", name="Old town")
    lives["romy"].taggings.create(tag=town, state="confirmed")
    town.name, town.slug = "New town", ""
    town.save()
    return town


@pytest.mark.parametrize("page", PAGES)
def test_a_renamed_place_is_followed(client, town, page) -> None:
    assert town.slug == "new-town"
    answer = client.get(f"{page}?q=dance&place=old-town&not_place=old-town&sort=title")
    assert answer.status_code == 302
    assert answer.url == f"{page}?q=dance&place=new-town&not_place=new-town&sort=title"
    assert client.get(answer.url).status_code == 200


def test_merged_places_are_one_value(client, curator, town) -> None:
    other = Tag.objects.create(kind="place", name="Newton")
    merge(curator, town, [town, other])
    assert client.get("/stories/?place=newton&place=new-town").url == "/stories/?place=new-town"


def test_what_changed_its_kind_is_asked_for_as_what_it_is(client, town) -> None:
    town.kind, town.slug = "theme", ""
    town.save()
    answer = client.get("/stories/?place=new-town")
    assert answer.url == f"/stories/?theme={town.slug}"


def test_the_way_through_a_result_goes_on(client, lives, town) -> None:
    lives["lily"].taggings.create(tag=town, state="confirmed")
    page = client.get(f"/stories/{lives['romy'].slug}/?in=place%3Dold-town")
    assert page.context["way"].stands.total == 2


def test_what_only_drafts_name_is_not_told(client, lives, town) -> None:
    Story.objects.filter(pk=lives["romy"].pk).update(status="draft")
    assert client.get("/stories/?place=old-town").status_code == 200


def test_unknown_and_hostile_values_are_passed_over(client, lives) -> None:
    for value in ("nowhere", "%00", "a" * 5000, "'; drop--", "<script>", "%F0%9F%98%80"):
        assert client.get(f"/stories/?place={value}&not_place={value}").status_code == 200
    many = "&".join(f"place=nowhere-{n}" for n in range(300))
    assert client.get(f"/stories/?{many}").status_code == 200
    assert OldTagSlug.objects.count() == 0
