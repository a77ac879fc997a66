"""The pictures in a real browser: by keyboard, by mouse, without scripts, at any width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, open_page

pytestmark = pytest.mark.browser


def view_box(page: Page) -> list[float]:
    return [
        float(number) for number in page.locator(".atlas-large").get_attribute("viewBox").split()
    ]


def test_the_map_moves_by_keyboard_and_leads_to_the_stories(page: Page) -> None:
    page.goto("/map/")
    frame = page.locator(".atlas-frame")
    frame.focus()
    whole = view_box(page)
    page.keyboard.press("+")
    page.keyboard.press("+")
    closer = view_box(page)
    assert closer[2] < whole[2] / 2
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    moved = view_box(page)
    assert moved[0] > closer[0] and moved[1] > closer[1]
    expect(page.get_by_role("link", name="Show more detail here")).to_be_visible()
    page.keyboard.press("0")
    assert view_box(page) == whole

    # A circle that Tab reaches comes into view, and Enter opens its stories.
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("Tab")
    expect(page.locator(".atlas-circle").first).to_be_focused()
    left, top, width, height = view_box(page)
    transform = page.locator(".atlas-mark").first.get_attribute("transform")
    x, y = (float(n) for n in transform.split("(")[1].split(")")[0].split())
    assert left <= x <= left + width and top <= y <= top + height
    page.keyboard.press("Enter")
    expect(page).to_have_url("/stories/?place=kazakhstan")
    expect(page.locator(".entry")).to_have_count(3)


def test_dragging_moves_and_clicking_opens(page: Page) -> None:
    page.goto("/map/")
    page.get_by_role("link", name="Closer", exact=True).click()
    before = view_box(page)
    box = page.locator(".atlas-frame").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 250)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 250, steps=4)
    page.mouse.up()
    assert view_box(page)[0] > before[0]
    expect(page).to_have_url("/map/")
    page.get_by_role("link", name="Show more detail here").click()
    page.wait_for_url("**/map/?box=*")
    page.locator(".atlas-circle", has=page.locator("title", has_text="Kokand")).click()
    expect(page).to_have_url("/stories/?place=kokand")


def test_without_scripts_the_buttons_are_links(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/map/?theme=dance")
    page.get_by_role("link", name="Closer", exact=True).click()
    expect(page.get_by_role("link", name="Farther")).to_be_visible()
    page.get_by_role("link", name="Europe", exact=True).click()
    expect(page.locator("table").first).to_contain_text("Paris")
    context.close()


def test_the_network_on_a_phone(browser: Browser, site: Site) -> None:
    for page in open_page(browser, site, 390, "dark"):
        page.goto("/network/?person=romy-baktybekova")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.get_by_role("button", name="Closer").click()
        assert view_box(page)[2] < 1120
        page.locator("#network-ties + table").get_by_role("link", name="1 story").first.click()
        expect(page.locator(".entry")).to_have_count(1)
