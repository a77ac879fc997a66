"""What a page costs on a first visit, and whether it moves while it loads."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.serving import Site

pytestmark = pytest.mark.browser

#: Most bytes transferred with headers, all together, without fonts, and of scripts alone.
ALL, WITHOUT_FONTS, SCRIPTS = 300_000, 60_000, 15_000
#: Most that may move, in the browser's own measure; below it nobody sees it.
SHIFT = 0.001
WATCH = (
    "window.shifted = 0; new PerformanceObserver(list => list.getEntries().forEach(entry =>"
    " { if (!entry.hadRecentInput) shifted += entry.value }))"
    ".observe({type: 'layout-shift', buffered: true})"
)
MEASURE = (
    "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    ".map(entry => [entry.name, entry.transferSize])"
)


@pytest.mark.parametrize("path", ["/", "/stories/", "/stories/thierry-baktybekova/"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_first_visit_is_light_and_still(
    browser: Browser, site: Site, path: str, width: int
) -> None:
    context = browser.new_context(
        base_url=site.url, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(path, wait_until="networkidle")
    page.mouse.wheel(0, 3000)
    page.wait_for_timeout(150)
    sizes = dict(page.evaluate(MEASURE))
    shifted = page.evaluate("shifted")
    context.close()
    assert all(name.startswith(site.url) for name in sizes)
    fonts = sum(size for name, size in sizes.items() if "/fonts/" in name)
    assert sum(sizes.values()) <= ALL
    assert sum(sizes.values()) - fonts <= WITHOUT_FONTS
    assert sum(size for name, size in sizes.items() if name.endswith(".js")) <= SCRIPTS
    assert shifted < SHIFT
