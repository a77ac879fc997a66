"""A reader's way through the archive in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_from_a_search_to_a_place_to_another_life(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search the stories").fill("pirouette")
    page.keyboard.press("Enter")
    expect(page.locator(".entry")).to_have_count(1)
    expect(page.locator(".entry mark")).to_have_text(["pirouette"])
    page.locator(".entry h2 a", has_text="Romy Baktybekova").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Romy Baktybekova")
    page.locator(".prose .mark-place", has_text="New York City").click()
    expect(page).to_have_url(re.compile("/places/new-york-city/$"))
    page.locator(".told h3 a", has_text="Lily Baktybekova").click()
    expect(page).to_have_url(re.compile(r"/stories/lily-baktybekova/\?in=place%3Dnew-york-city$"))


def test_the_words_behind_a_tag_are_lit(page: Page) -> None:
    page.goto("/stories/thierry-baktybekova/")
    page.locator(".in-story").get_by_role("link", name=re.compile("^Central Asia")).click()
    lit = page.locator(".mark:target")
    expect(lit).to_have_text("Central Asia")
    expect(lit).to_be_in_viewport()


def test_the_repaired_dash_is_read(page: Page) -> None:
    page.goto("/stories/giulia-baktybekova/")
    expect(page.locator(".prose")).to_contain_text("her true calling – contemporary dance")
    expect(page.locator(".prose")).not_to_contain_text("â€")
