"""A real server and a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser.serving import FLAGS, Site, chromium, serving


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh archive with the first collection, served by gunicorn."""
    with serving(tmp_path_factory.mktemp("data")) as started:
        yield started


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield started
    started.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page on a desktop; what the console complains of fails the test."""
    yield from open_page(browser, site, 1280, "light")


def open_page(browser: Browser, site: Site, width: int, scheme: str) -> Iterator[Page]:
    """Open a page; afterwards no error, no refused resource, no other host may have been met."""
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else 0)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda r: None if r.url.startswith((site.url, "data:")) else complaints.append(r.url),
    )
    yield page
    context.close()
    # A page that is not there is meant to answer 404, and Chromium says so.
    assert [text for text in complaints if "404 (Not Found)" not in text] == []


@pytest.fixture
def desk(page: Page, site: Site) -> Page:
    """A page of the curator whom the first start made, signed in."""
    page.goto("/admin/")
    page.get_by_label("Username").fill(site.user)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Curators’ desk")).to_be_visible()
    return page
