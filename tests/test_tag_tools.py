"""Tags renamed, moved, split: addresses that redirect, trees without loops."""

from __future__ import annotations

import pytest
from django.test import Client

from archive.models import OldTagSlug, Place, Tag
from tests.test_desk import form_of

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


def test_a_new_kind_where_tree_and_map_allow_it(lives, desk) -> None:
    tag = Tag.objects.get(name="Moscow")
    url = f"/admin/archive/tag/{tag.pk}/change/"
    russia = tag.broader
    assert russia is not None
    above = f"/admin/archive/tag/{russia.pk}/change/"
    refused = desk.post(above, {**form_of(desk, above), "kind": "theme", "broader": ""})
    assert "Move them first" in refused.text
    refused = desk.post(url, {**form_of(desk, url), "kind": "person"})
    assert "is not a person" in refused.text
    form = {**form_of(desk, url), "kind": "person"}
    form.pop("broader")
    assert desk.post(url, form).status_code == 302
    tag.refresh_from_db()
    assert (tag.kind, tag.latitude, tag.notation) == ("person", None, "")
    assert Client().get("/places/moscow/").url == "/people/moscow/"


def test_a_name_of_another_tag_is_said(lives, desk) -> None:
    tag = Tag.objects.get(name="Moscow")
    url = f"/admin/archive/place/{tag.pk}/change/"
    names = {"other_names-TOTAL_FORMS": "1", "other_names-0-name": "PARIS"}
    saved = desk.post(url, {**form_of(desk, url), **names}, follow=True)
    assert "“Paris” bears one of these names too" in saved.text


def test_a_circle_in_the_tree_is_refused(lives, desk) -> None:
    tag = Tag.objects.get(name="Moscow")
    url = f"/admin/archive/place/{tag.broader_id}/change/"
    refused = desk.post(url, {**form_of(desk, url), "broader": str(tag.pk)})
    assert "this would be a circle" in refused.text


def test_chosen_tags_lead_to_the_merge(lives, desk) -> None:
    ids = list(Place.objects.order_by("pk").values_list("pk", flat=True)[:2])
    answer = desk.post("/admin/archive/place/", {"action": "merge_chosen", "_selected_action": ids})
    assert answer.url == f"/admin/tags/merge/?tag={ids[0]}&tag={ids[1]}"


def test_the_form_of_a_place_has_its_map_and_the_tools(lives, desk) -> None:
    tag = Tag.objects.get(name="Moscow")
    page = desk.get(f"/admin/archive/place/{tag.pk}/change/")
    assert f"/admin/tags/{tag.pk}/split/" in page.text
    assert "<svg" in page.text.partition("tag-map")[2]
