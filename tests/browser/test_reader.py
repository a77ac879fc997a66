"""A reader's way through the archive in a real browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/",
    "list": "/stories/",
    "filtered list": "/stories/?place=kazakhstan&place=paris",
    "empty list": "/stories/?place=atlantis",
    "search": "/stories/?q=dance",
    "story": "/stories/thierry-baktybekova/",
    "people": "/people/",
    "places": "/places/",
    "themes": "/themes/",
    "person": "/people/madame-petrova/",
    "place": "/places/new-york-city/",
    "theme": "/themes/mental-health/",
    "about": "/about/",
    "not found": "/nowhere/",
    "sign in": "/admin/login/",
}


@pytest.mark.parametrize("name", PAGES)
def test_accessible_and_within_the_screen(any_page: Page, name: str) -> None:
    any_page.goto(PAGES[name])
    results = Axe().run(any_page)
    assert results.violations_count == 0, results.generate_report()
    width = any_page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], "the page scrolls sideways"


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
    page.locator(".entry h3 a", has_text="Lily Baktybekova").click()
    expect(page).to_have_url(re.compile("/stories/lily-baktybekova/$"))


def test_filters_add_up_and_can_be_taken_back(page: Page) -> None:
    page.goto("/stories/")
    expect(page.locator(".entry")).to_have_count(4)
    page.locator(".facet").get_by_role("link", name=re.compile("^Kazakhstan")).click()
    expect(page.locator(".entry")).to_have_count(3)
    page.locator(".facet").get_by_role("link", name=re.compile("^Paris")).click()
    expect(page.locator(".entry h2")).to_have_text(
        ["Thierry Baktybekova", "Lily Baktybekova"], use_inner_text=True
    )
    expect(page.locator(".chip")).to_contain_text(["Kazakhstan", "Paris", "Clear all"])
    page.locator(".chip", has_text="Kazakhstan").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.go_back()
    expect(page.locator(".entry")).to_have_count(2)


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


def test_without_a_mouse_to_a_story(page: Page) -> None:
    page.goto("/stories/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the text")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".entry h2 a", has_text="Lily Baktybekova").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/stories/lily-baktybekova/$"))
