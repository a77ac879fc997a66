"""A curator's work in a real browser, under the strict policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import Site

pytestmark = pytest.mark.browser


def test_write_tag_publish_and_read(desk: Page, site: Site) -> None:
    desk.goto("/admin/archive/story/add/")
    desk.get_by_label("Title").fill("Aigul’s kiln")
    text = desk.get_by_label("Text", exact=True)
    text.fill("Aigul Seitova learned pottery in Samarkand.\n\nAigul later lived in Kokand.")
    # The preview follows, drawn by the pages' own renderer.
    expect(desk.locator("[data-preview] .prose")).to_contain_text("pottery in Samarkand")
    expect(desk.locator("[data-words]")).to_contain_text("11 words")
    # A button formats, the browser's undo takes it back.
    text.press("Control+Home")
    text.press("Control+Shift+ArrowRight")
    desk.get_by_role("button", name="Bold").click()
    expect(desk.locator("[data-preview] .prose strong")).to_have_text("Aigul")
    text.press("Control+z")
    expect(desk.locator("[data-preview] .prose strong")).to_have_count(0)
    # A tag by typing: Paris is not in the text, the curator knows better.
    new = desk.locator(".new-tag").first
    new.get_by_label("Name").press_sequentially("pari")
    option = new.locator("datalist option[value=Paris]")
    expect(option).to_have_attribute("label", re.compile("Place"))
    new.get_by_label("Name").fill("Paris")
    expect(new.get_by_label("Kind")).to_have_value("place")
    desk.get_by_role("button", name="Publish").click()
    expect(desk.locator(".messagelist")).to_contain_text("New suggestions")
    # The machine's suggestions beside the text: decided by key, their words lit.
    kokand = desk.locator("[data-tagging]", has=desk.get_by_role("group", name="Kokand"))
    kokand.focus()
    expect(desk.locator("[data-preview] .mark.is-lit")).to_have_text("Kokand")
    kokand.press("c")
    expect(kokand.get_by_label("Confirmed")).to_be_checked()
    # Nothing typed is lost by going away unawares: the browser asks, and offers its copy.
    text.fill(
        "Aigul Seitova learned pottery in Samarkand and Bukhara.\n\nLater she lived in Kokand."
    )
    desk.once("dialog", lambda dialog: dialog.accept())
    desk.reload()
    desk.get_by_role("button", name="Bring it back").click()
    expect(text).to_have_value(re.compile("Bukhara"))
    expect(kokand.get_by_label("Confirmed")).to_be_checked()
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.locator(".messagelist")).to_contain_text("Saved.")
    expect(desk.get_by_role("group", name="Kokand").get_by_label("Confirmed")).to_be_checked()
    expect(desk.locator("[data-kept-offer]")).to_be_hidden()
    desk.goto("/stories/?place=samarkand")
    expect(desk.locator(".entry h2")).to_have_text(["Aigul’s kiln"])
    desk.goto("/stories/aiguls-kiln/")
    expect(desk.locator(".evidence")).to_contain_text("Paris")
    # Away again, for the other tests.
    desk.goto("/admin/archive/story/?q=kiln")
    desk.get_by_role("link", name="Aigul’s kiln").click()
    desk.get_by_role("link", name="Delete").first.click()
    desk.get_by_role("button", name="Yes, I’m sure").click()
    desk.goto("/stories/")
    expect(desk.locator(".entry")).to_have_count(4)


def test_the_original_can_be_downloaded(desk: Page) -> None:
    desk.goto("/admin/archive/story/?q=true+calling")
    desk.get_by_role("link", name="Giulia Baktybekova").click()
    expect(desk.locator(".field-repairs")).to_contain_text("â€“")
    with desk.expect_download() as download:
        desk.locator(".field-original a").click()
    content = download.value.path().read_bytes()
    assert "â€“".encode() in content
