"""Take the README's pictures anew from the first collection; ``make pictures`` calls it."""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.serving import FLAGS, ROOT, chromium, serving

FOLDER = ROOT / "docs" / "pictures"
PAGES = {
    "home": "/",
    "list": "/stories/?place=kazakhstan&place=paris",
    "story": "/stories/thierry-baktybekova/",
}
#: Largest file, in bytes.
LIMIT = 150_000


def photograph(page: Page) -> bytes:
    """What *page* shows, as WebP: a third of a PNG (Playwright itself offers none)."""
    session = page.context.new_cdp_session(page)
    options = {"format": "webp", "quality": 85}
    return base64.b64decode(session.send("Page.captureScreenshot", options)["data"])


def main() -> int:
    """Photograph each page in light and dark."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": 1280, "height": 800},
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            for name, path in PAGES.items():
                page.goto(site.url + path, wait_until="networkidle")
                target = FOLDER / f"{name}-{scheme}.webp"
                target.write_bytes(photograph(page))
                size = target.stat().st_size
                print(f"{target.relative_to(ROOT)} {size:,} bytes", flush=True)
                if size > LIMIT:
                    print(f"  larger than {LIMIT:,} bytes", flush=True)
                    return 1
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
