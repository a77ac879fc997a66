"""A real server, started as ``make run`` starts it, and a real browser."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
#: As root (in containers) Chromium has no sandbox; nothing may call home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
#: Seconds until the server must answer.
PATIENCE = 60


@dataclass(frozen=True)
class Site:
    """The running archive and the account that the first start printed."""

    url: str
    user: str
    password: str


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh archive with the first collection, served by gunicorn."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DASTAN_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "PORT": str(port),
    }
    environment.pop("DATABASE_URL", None)
    manage = [sys.executable, "manage.py"]
    collect = [*manage, "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    setup = subprocess.run(
        [*manage, "setup"], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    user = re.search(r"user name +(\S+)", setup.stdout)
    password = re.search(r"password +(\S+)\n", setup.stdout)
    assert user and password, setup.stdout
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "python:archive.server",
        "archive.wsgi",
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url)
        yield Site(url, user[1], password[1])
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0


def wait_for(url: str) -> None:
    """Return when *url* answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = os.environ.get("DASTAN_TEST_BROWSER", "/usr/bin/chromium")
    started = playwright.chromium.launch(executable_path=path, args=FLAGS)
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
