"""The list with scripts: filters answer at once, and nothing of a plain visit is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

pytestmark = pytest.mark.browser


def facet(page: Page, name: str) -> Locator:
    return page.locator(".facets .value", has_text=re.compile(f"^{name}"))


def test_filters_answer_without_a_new_page(page: Page) -> None:
    page.goto("/stories/")
    page.evaluate("window.same = true")
    facet(page, "Kazakhstan").click()
    expect(page.locator(".entry")).to_have_count(3)
    facet(page, "Paris").click()
    expect(page.locator(".chip")).to_contain_text(["Kazakhstan", "Paris", "Clear all"])
    expect(page).to_have_title(re.compile("^Two stories about Kazakhstan and Paris"))
    page.locator(".menu > summary").click()
    page.get_by_role("link", name="By title").click()
    expect(page).to_have_url(re.compile("place=kazakhstan&place=paris&sort=title$"))
    expect(page.locator(".menu > summary")).to_be_focused()
    page.locator(".chip", has_text="Kazakhstan").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile("place=kazakhstan&place=paris$"))
    expect(page.locator(".menu > summary")).to_have_text("Order: Newest first")
    page.get_by_label("Search the stories").fill("pirouette")
    page.keyboard.press("Enter")
    expect(page.locator(".entry mark")).to_have_text(["pirouette"])
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.evaluate("window.same"), "the page was loaded anew"


def test_quick_choices_add_up_and_failures_do_no_harm(page: Page) -> None:
    held: list[Route] = []
    page.goto("/stories/")
    page.route("**/stories/?place=kazakhstan", lambda route: held.append(route))
    facet(page, "Kazakhstan").click()
    expect(page.locator("[data-list]")).to_have_attribute("aria-busy", "true")
    facet(page, "Paris").click()
    # The page the second choice stands on knows nothing of the first; both hold.
    expect(page).to_have_title(re.compile("^Two stories about Kazakhstan and Paris"))
    expect(page).to_have_url(re.compile(r"\?place=kazakhstan&place=paris$"))
    assert len(held) == 1
    held[0].abort()
    # An answer that is no list: the browser goes there itself.
    page.route(
        "**/stories/?place=paris",
        lambda route: route.fulfill(body="<h1>Elsewhere</h1>", content_type="text/html"),
    )
    page.locator(".chip", has_text="Kazakhstan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Elsewhere")


def test_the_sheet_of_filters_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/stories/")
    page.locator(".filters > summary").click()
    sheet = page.get_by_role("dialog", name="Filters")
    expect(sheet).to_be_visible()
    sheet.locator(".value", has_text="Paris").click()
    expect(sheet.locator(".value.is-selected")).to_be_focused()
    sheet.get_by_role("button", name="Show 2 stories").click()
    expect(sheet).to_be_hidden()
    expect(page.locator(".entry")).to_have_count(2)
    expect(page.locator(".filters > summary")).to_have_text("Filter · 1")
    page.locator(".filters > summary").click()
    expect(sheet.locator(".value.is-selected")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".filters > summary")).to_be_focused()


def test_suggestions_by_key_and_by_finger(page: Page) -> None:
    page.goto("/stories/")
    field = page.get_by_label("Search the stories")
    field.press_sequentially("kaz")
    options = page.get_by_role("option")
    expect(options.filter(has_text="Kazakhstan")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    first = options.first
    expect(first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == first.get_attribute("id")
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("kaz")
    # Nothing chosen: Enter asks for the words themselves.
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=kaz$"))
    field.fill("pari")
    expect(options.first).to_contain_text("Paris")
    field.press("ArrowDown")
    field.press("Enter")
    expect(page).to_have_url(re.compile("/places/paris/$"))
    page.set_viewport_size({"width": 390, "height": 844})
    field.fill("petro")
    options.filter(has_text="Madame Petrova").click()
    expect(page).to_have_url(re.compile("/people/madame-petrova/$"))
    # What a stranger's answer could hold stays words, and leads nowhere else.
    page.route(
        "**/suggest/*",
        lambda route: route.fulfill(
            json={
                "suggestions": [
                    {"kind": "x", "name": "<b>Evil", "detail": "", "url": "//example.org/"}
                ]
            }
        ),
    )
    field.fill("evil")
    expect(options).to_have_text(["<b>Evil "])
    options.click()
    expect(page).to_have_url(re.compile("/people/madame-petrova/$"))
