"""A curator's day in a real browser, from signing in to seeing the story as a visitor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import Site

pytestmark = pytest.mark.browser

MILL = """---
title: The miller's daughter
status: draft
places: [Old Mill]
---

Nargiza Karimova was born beside the mill in Samarkand. Nargiza learned to bake bred.
"""
SON = """---
title: The miller's son
status: draft
places: [The Old Mill]
---

Timur Karimov left Samarkand for Moscow and came home an old man.
"""


def find_faults(page: Page) -> None:
    """Nothing for axe to find, in either theme; no sideways scroll on a phone."""
    # Axe would copy the style sheets of the preview, against the policy.
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    colours = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    for scheme, rules in (("light", {}), ("dark", colours)):  # the theme changes colours alone
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        results = Axe().run(page, options={**options, **rules})
        assert results.violations_count == 0, results.generate_report()
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.set_viewport_size(size)
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")


def test_a_curators_day(desk: Page, browser: Browser, site: Site, tmp_path: Path) -> None:
    # Two files come in.
    desk.goto("/admin/import/")
    for name, text in (("mill.txt", MILL), ("son.txt", SON)):
        (tmp_path / name).write_text(text)
    desk.locator("#files").set_input_files([tmp_path / "mill.txt", tmp_path / "son.txt"])
    desk.get_by_role("button", name="See what would happen").click()
    desk.get_by_role("button", name="Import 2 stories").click()
    expect(desk.locator("#content")).to_contain_text("The miller's daughter")

    # Their suggestions, in the form: Samarkand is right, and its words light up.
    desk.goto("/admin/archive/story/?q=daughter")
    desk.get_by_role("link", name="The miller's daughter").click()
    row = desk.locator("[data-tagging]", has=desk.get_by_role("group", name="Samarkand"))
    row.focus()
    expect(desk.locator("[data-preview] .mark.is-lit")).to_have_text("Samarkand")
    row.press("c")
    desk.keyboard.press("Control+s")
    expect(desk.locator(".messagelist")).to_contain_text("Saved.")
    expect(row.get_by_label("Confirmed")).to_be_checked()
    find_faults(desk)
    address = desk.url

    # Two places are one.
    desk.goto("/admin/archive/place/?q=old+mill")
    for box in desk.locator(".action-select").all():
        box.check()
    desk.locator("select[name=action]").select_option("merge_chosen")
    desk.get_by_role("button", name="Go").click()
    desk.get_by_role("button", name="Merge 1 tag into").click()

    # A sentence is mended, and the versions compared.
    desk.goto(address)
    text = desk.get_by_label("Text", exact=True)
    text.fill(text.input_value().replace("bake bred", "bake bread"))
    desk.get_by_role("button", name="Save draft").click()
    desk.get_by_role("link", name="History").click()
    find_faults(desk)
    desk.get_by_role("button", name="Compare the two").click()
    expect(desk.locator(".side-by-side del")).to_have_text("bred")
    expect(desk.locator(".side-by-side ins")).to_have_text("bread")
    find_faults(desk)

    # It is published, and a visitor reads it.
    desk.goto(address)
    desk.get_by_role("button", name="Publish", exact=True).click()
    expect(desk.locator(".messagelist")).to_contain_text("Every visitor can read it now")
    visitor = browser.new_page(base_url=site.url)
    visitor.goto("/stories/the-millers-daughter/")
    expect(visitor.locator(".prose")).to_contain_text("bake bread")
    expect(visitor.get_by_role("link", name="Edit this story")).to_have_count(0)
    visitor.close()
    desk.get_by_role("link", name="View as a visitor").click()
    desk.get_by_role("link", name="Edit this story").click()
    assert desk.url == address

    # Away again, for the other tests.
    desk.goto("/admin/archive/story/?q=%22the+miller%27s%22")
    expect(desk.locator(".action-select")).to_have_count(2)
    for box in desk.locator(".action-select").all():
        box.check()
    desk.locator("select[name=action]").select_option("delete")
    desk.get_by_role("button", name="Go").click()
    desk.locator("#content button.danger").click()
    expect(desk.locator(".messagelist")).to_contain_text("Deleted")
