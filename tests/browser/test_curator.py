"""A curator's work in a real browser, under the strict policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(page: Page, site: Site) -> Page:
    page.goto("/admin/")
    page.get_by_label("Username").fill(site.user)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="What would you like to do?")).to_be_visible()
    return page


def test_write_tag_publish_and_read(desk: Page, site: Site) -> None:
    desk.goto("/admin/archive/story/add/")
    desk.get_by_label("Title").fill("Aigul’s kiln")
    desk.get_by_label("Body").fill(
        "Aigul Seitova learned pottery in Samarkand.\n\nAigul later lived in Kokand."
    )
    desk.get_by_label("Status").select_option("published")
    # A tag by typing: Paris is not in the text, the curator knows better.
    desk.locator(".field-tag .select2-selection").first.click()
    desk.locator(".select2-search__field").fill("pari")
    desk.get_by_role("option", name="Paris — place").click()
    desk.get_by_role("button", name="Save and continue editing").first.click()
    expect(desk.locator(".messagelist")).to_contain_text("New suggestions")
    words = desk.locator("#taggings-group")
    expect(words).to_contain_text("Samarkand")
    expect(words).to_contain_text("Kokand")
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
