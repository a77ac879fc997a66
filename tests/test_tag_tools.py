"""Tags renamed, moved, split: addresses that redirect, trees without loops."""

from __future__ import annotations

import pytest
from django.test import Client

from archive.models import OldTagSlug, Place, Tag

pytestmark = pytest.mark.django_db


def test_a_renamed_tag_redirects_from_its_old_address(lives) -> None:
    tag = Tag.objects.get(name="Moscow")
    tag.slug = "moskva"
    tag.save()
    answer = Client().get("/places/moscow/")
    assert (answer.status_code, answer.url) == (301, "/places/moskva/")
    # Another tag is not given the old address, unless somebody asks for it.
    twin = Place.objects.create(name="Moscow", disambiguation="Idaho", slug="")
    assert twin.slug == "moscow-idaho"
    assert Place.objects.create(name="Mos-cow").slug == "mos-cow"
    assert Client().get("/places/moskva/").status_code == 200


def test_an_old_address_of_what_only_drafts_name_is_unknown(lives) -> None:
    tag = Place.objects.create(name="Nowhere")
    tag = Place.objects.get(pk=tag.pk)
    tag.slug = "elsewhere"
    tag.save()
    assert OldTagSlug.objects.filter(slug="nowhere").exists()
    assert Client().get("/places/nowhere/").status_code == 404


def test_back_to_the_old_address(lives) -> None:
    tag = Tag.objects.get(name="Moscow")
    for slug in ("moskva", "moscow"):
        tag.slug = slug
        tag.save()
    assert list(OldTagSlug.objects.values_list("slug", flat=True)) == ["moskva"]
