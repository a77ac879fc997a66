"""A real server, started as ``make run`` starts it, for whatever drives a browser."""

from __future__ import annotations

import contextlib
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


def chromium() -> str:
    """Where the browser is."""
    return os.environ.get("DASTAN_TEST_BROWSER", "/usr/bin/chromium")


@dataclass(frozen=True)
class Site:
    """The running archive and the account that the first start printed."""

    url: str
    user: str
    password: str


@contextlib.contextmanager
def serving(data: Path) -> Iterator[Site]:
    """Keep a fresh archive with the first collection in *data*, and serve it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DASTAN_DATA_DIR": str(data),
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
