"""Two real workers of the web server and an importer beside them: nobody answers from yesterday."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from archive.models import Story, Tag, Tagging
from tests.search.conftest import make_cast

#: Requests, each on a connection of its own, that leave no worker out (in 2 of a million runs one).
ASKED = 20


def environment() -> dict[str, str]:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.search.workers"}


@pytest.fixture
def workers(transactional_db) -> Iterator[int]:
    """The port of a server with two workers over the cast."""
    make_cast()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "python:archive.server", "archive.wsgi"],
        cwd=settings.BASE_DIR,
        env={**environment(), "PORT": str(port), "DASTAN_WORKERS": "2"},
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                get(port, "/suggest/")
                break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()
        connection.close()


def get(port: int, path: str) -> str:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        client.request("GET", path)
        return client.getresponse().read().decode()
    finally:
        client.close()


def test_every_worker_sees_every_change_at_once(workers, tmp_path) -> None:
    def everywhere(path: str, word: str, there: bool) -> None:
        answers = [word in get(workers, path) for _ in range(ASKED)]
        assert answers == [there] * ASKED, (path, word)

    def import_text(name: str, status: str) -> None:
        (tmp_path / f"{name}.txt").write_text(f"{name} Zhumabek was born in Kokand and sang.")
        command = [sys.executable, "manage.py", "import_stories", str(tmp_path / f"{name}.txt")]
        subprocess.run([*command, "--status", status], cwd=settings.BASE_DIR, check=True,
                       env=environment(), capture_output=True)  # fmt: skip

    everywhere("/suggest/?q=zhum", "Zhumabek", False)
    import_text("Amina", "published")
    everywhere("/suggest/?q=zhum", "Amina Zhumabek", True)
    everywhere("/stories/", "Amina Zhumabek", True)  # pages are remembered as well
    import_text("Baurzhan", "draft")
    everywhere("/stories/", "Baurzhan", False)
    everywhere("/suggest/?q=zhum", "Baurzhan", False)
    # A person beside them renames, moves, merges, withdraws and deletes.
    Tag.objects.filter(name="Kokand").update(name="Qo‘qon", name_key="qo'qon")
    everywhere("/suggest/?q=qo", "2 stories", True)
    uzbekistan = Tag.objects.get(name="Uzbekistan")
    Tag.objects.filter(slug="kokand").update(broader=Tag.objects.get(name="Russia"))
    everywhere("/suggest/?q=uzb", uzbekistan.name, False)
    everywhere("/suggest/?q=russia", "3 stories", True)
    Tagging.objects.filter(tag__name="Fame", story__title="Lily").update(
        tag=Tag.objects.get(name="Poverty")
    )
    everywhere("/suggest/?q=fame", "Fame", False)
    Story.objects.filter(title__startswith="Lily").update(status="draft")
    everywhere("/suggest/?q=lily", "Lily", False)
    everywhere("/stories/", "Lily", False)
    Story.objects.filter(title__startswith="Romy").delete()
    everywhere("/suggest/?q=romy", "Romy", False)
    everywhere("/stories/", "Romy", False)
