"""A curator's hour at the review queue, from the keyboard; the desk's pages judged by axe."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PAGES = [
    "/admin/",
    "/admin/review/",
    "/admin/review/tags/",
    "/admin/review/decisions/",
    "/admin/coverage/",
    "/admin/tags/alike/",
    "/admin/cues/",
    "/admin/cues/dance/",
    "/admin/archive/story/",
    "/admin/archive/place/",
]
#: Reading style sheets again is refused by the strict policy, and not needed.
OPTIONS = {"resultTypes": ["violations"], "preload": False}
SCREENS = [(1280, "light"), (390, "dark")]


def judge(page: Page) -> list[str]:
    found = Axe().run(page, options=OPTIONS)
    faults = [f"{page.url}\n{found.generate_report()}"] if found.violations_count else []
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return faults + [f"{page.url} scrolls sideways"] * (width[0] > width[1])


def test_the_desk_is_accessible(desk: Page) -> None:
    desk.goto("/admin/archive/place/?q=paris")
    place = desk.locator("#result_list th.field-name a").first.get_attribute("href")
    desk.goto("/admin/archive/place/?q=moscow")
    other = desk.locator("#result_list th.field-name a").first.get_attribute("href")
    assert place and other
    number, second = (url.partition("/change/")[0].rpartition("/")[2] for url in (place, other))
    merging = f"/admin/tags/merge/?tag={number}&tag={second}"
    pages = [*PAGES, place, merging, f"/admin/tags/{number}/split/"]
    faults: list[str] = []
    for width, scheme in SCREENS:
        desk.set_viewport_size({"width": width, "height": 900})
        desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for path in pages:
            desk.goto(path)
            faults += judge(desk)
        desk.goto("/admin/archive/story/")
        desk.locator("#action-toggle").check()
        desk.locator("select[name=action]").select_option("add_tag")
        desk.get_by_role("button", name="Run").or_(desk.locator("button[name=index]")).first.click()
        expect(desk.get_by_label("Name of the tag")).to_be_visible()
        faults += judge(desk)
    assert faults == []


def test_decide_and_undo_from_the_keyboard(desk: Page) -> None:
    desk.goto("/admin/review/")
    cards, said = desk.locator(".card"), desk.locator("#said")
    first = cards.nth(0)
    expect(first).to_be_focused()
    name = first.get_attribute("data-seen")
    second = cards.nth(1).get_attribute("data-seen")
    desk.keyboard.press("c")
    expect(said).to_contain_text("Confirmed")
    expect(cards.nth(0)).to_have_attribute("data-seen", str(second))
    expect(cards.nth(0)).to_be_focused()
    desk.keyboard.press("j")
    expect(cards.nth(1)).to_be_focused()
    third = cards.nth(1).get_attribute("data-seen")
    desk.keyboard.press("x")
    expect(said).to_contain_text("Rejected")
    expect(desk.locator(f'[data-seen="{third}"]')).to_have_count(0)
    # Back, one after the other, to what it was.
    desk.keyboard.press("u")
    expect(desk.locator(f'[data-seen="{third}"]')).to_be_focused()
    desk.keyboard.press("u")
    expect(said).to_contain_text("Undone")
    expect(cards.nth(0)).to_have_attribute("data-seen", str(name))
    # Typing is typing: letters decide nothing in a field.
    desk.keyboard.press("t")
    field = cards.nth(0).get_by_label("The right tag")
    expect(field).to_be_focused()
    desk.keyboard.type("xcu")
    expect(field).to_have_value("xcu")
    desk.keyboard.press("Escape")
    expect(cards.nth(0)).to_be_focused()
    # Switched off, a key does nothing.
    desk.get_by_label("Single keys decide").uncheck()
    cards.nth(0).focus()
    desk.keyboard.press("c")
    expect(cards.nth(0)).to_have_attribute("data-seen", str(name))
    desk.get_by_label("Single keys decide").check()
    # With the mouse it is the same.
    cards.nth(0).get_by_role("button", name="Confirm").click()
    expect(cards.nth(0)).to_have_attribute("data-seen", str(second))
    desk.get_by_role("button", name="Undo").first.click()
    expect(said).to_contain_text("Undone")
    desk.reload()
    expect(cards.nth(0)).to_have_attribute("data-seen", str(name))
