"""Files dropped on the desk, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import Site

pytestmark = pytest.mark.browser

DROP = """text => {
  const data = new DataTransfer();
  data.items.add(new File([text], "nadia.txt", { type: "text/plain" }));
  data.items.add(new File(["\\x89PNG....."], "picture.png"));
  data.items.add(new File([text], "n".repeat(250) + ".xyz"));
  document.getElementById("upload").dispatchEvent(
    new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def test_drop_look_confirm_and_read_the_report(page: Page, site: Site) -> None:
    page.goto("/admin/login/?next=/admin/import/")
    page.get_by_label("Username").fill(site.user)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    # A page that is left while another one comes would take no drop.
    expect(page.get_by_role("heading", name="Import", exact=True)).to_be_visible()
    page.wait_for_load_state("load")
    page.evaluate(DROP, "Nadia Orlova lived in Tashkent. Nadia Orlova sang in Tashkent for years.")
    expect(page.get_by_role("status")).to_contain_text("3 files chosen: nadia.txt")
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_role("heading", name="Nadia Orlova")).to_be_visible()
    expect(page.locator(".import-refused").first).to_contain_text("picture.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Collection").fill("Letters")
    page.get_by_role("button", name="Import 1 story").click()
    expect(page.get_by_role("heading", name="Report of an import")).to_be_visible()
    page.get_by_role("link", name="Nadia Orlova").click()
    expect(page.get_by_label("Title")).to_have_value("Nadia Orlova")
