"""Take the README's pictures anew from the first collection; ``make pictures`` calls it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.serving import FLAGS, ROOT, chromium, serving

FOLDER = ROOT / "docs" / "pictures"
PAGES = {
    "home": "/",
    "list": "/stories/?place=kazakhstan&place=paris",
    "story": "/stories/thierry-baktybekova/",
}
#: Largest file, in bytes.
LIMIT = 150_000


def main() -> int:
    """Photograph each page in light and dark."""
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
                target = FOLDER / f"{name}-{scheme}.png"
                page.screenshot(path=target)
                size = target.stat().st_size
                print(f"{target.relative_to(ROOT)} {size:,} bytes", flush=True)
                if size > LIMIT:
                    print(f"  larger than {LIMIT:,} bytes", flush=True)
                    return 1
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
