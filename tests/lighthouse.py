"""Measure home, list and story with Lighthouse; ``make lighthouse`` calls it.

Goals: 100 for accessibility, best practices and SEO, 95 or more for performance.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser.serving import FLAGS, ROOT, chromium, serving

PROGRAM = ROOT / "build" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
PAGES = ("/", "/stories/", "/stories/thierry-baktybekova/")
GOALS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
FORMS = {"phone": [], "desktop": ["--preset=desktop"]}


def measure(url: str, form: list[str], report: Path) -> dict[str, int]:
    """The scores of *url* in percent; the whole report is kept in *report*."""
    command = [str(PROGRAM), url, "--quiet", "--output=json", f"--output-path={report}", *form]
    command += [f"--chrome-flags={' '.join(['--headless=new', *FLAGS])}"]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chromium()})
    categories = json.loads(report.read_text())["categories"]
    return {name: round(categories[name]["score"] * 100) for name in GOALS}


def main() -> int:
    """Measure every page on a phone and on a desktop; fail if a goal is missed."""
    missed = False
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as site:
        for path in PAGES:
            for form, options in FORMS.items():
                name = path.strip("/").replace("/", "-") or "home"
                report = ROOT / "build" / f"lighthouse-{name}-{form}.json"
                scores = measure(site.url + path, options, report)
                missed |= any(scores[name] < goal for name, goal in GOALS.items())
                print(f"{path:32} {form:8}", scores, flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
