"""What stops an import leaves whole stories, none twice, and the next run brings the rest.

Real processes on a real SQLite file: they are killed, run at the same time, and find no room.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STORIES = 260
PLACES = ("Moscow", "Paris", "Almaty", "Kokand", "Tashkent")


def manage(data: Path, *arguments: str, **options) -> subprocess.Popen[str]:
    """Start a command on an archive of its own."""
    environment = {**os.environ, "DASTAN_DATA_DIR": str(data)}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> tuple[Path, Path]:
    """An empty archive, migrated once, and a folder of stories."""
    data = tmp_path_factory.mktemp("data")
    migrated = manage(data, "migrate", "--verbosity", "0")
    output, _ = migrated.communicate()
    assert migrated.returncode == 0, output
    folder = tmp_path_factory.mktemp("stories")
    for number in range(STORIES):
        place = PLACES[number % len(PLACES)]
        (folder / f"{number:03}.txt").write_text(
            f"Vera Belova {number} was born in {place}. She danced in {place}, and her dance "
            f"school became famous there. " + "She loved music and her family. " * 20
        )
    return data, folder


@pytest.fixture
def archive(prepared, tmp_path) -> Path:
    """A copy of the empty archive."""
    data = tmp_path / "data"
    shutil.copytree(prepared[0], data)
    return data


@pytest.fixture
def folder(prepared) -> Path:
    return prepared[1]


def ask(data: Path, sql: str) -> int:
    with sqlite3.connect(data / "dastan.sqlite3", timeout=20) as connection:
        return connection.execute(sql).fetchone()[0]


def stories(data: Path) -> int:
    return ask(data, "SELECT count(*) FROM archive_story")


def assert_whole(data: Path) -> None:
    """Each story has its file, its tags with their words, its line in the report and the index."""
    total = stories(data)
    assert ask(data, "SELECT count(DISTINCT text_sha256) FROM archive_story") == total
    assert ask(data, "SELECT count(DISTINCT source_id) FROM archive_story") == total
    tagged = "SELECT count(DISTINCT story_id) FROM archive_tagging"
    assert ask(data, tagged) == total
    with_words = (
        "SELECT count(*) FROM archive_tagging WHERE id NOT IN"
        " (SELECT tagging_id FROM archive_mention)"
    )
    assert ask(data, with_words) == 0
    reported = "SELECT count(*) FROM archive_importedfile WHERE outcome = 'imported'"
    assert ask(data, reported) == total
    assert ask(data, "SELECT count(*) FROM archive_source") == total
    checked = manage(data, "check_index")
    output, _ = checked.communicate()
    assert checked.returncode == 0, output


def assert_completes(data: Path, folder: Path) -> None:
    again = manage(data, "import_stories", str(folder))
    output, _ = again.communicate()
    assert again.returncode == 0, output
    assert stories(data) == STORIES
    assert_whole(data)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_half_way(archive, folder, jobs) -> None:
    running = manage(archive, "import_stories", str(folder), "--jobs", jobs, start_new_session=True)
    until = time.monotonic() + 120
    while not stories(archive) and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert 0 < stories(archive) < STORIES
    assert_whole(archive)
    assert_completes(archive, folder)


def test_two_at_once(archive, folder) -> None:
    both = [manage(archive, "import_stories", str(folder)) for _ in range(2)]
    for running in both:
        output, _ = running.communicate()
        assert running.returncode == 0, output
    assert stories(archive) == STORIES
    assert_whole(archive)


def test_a_disk_that_fills_up(archive, folder) -> None:
    """The limit on the size of files stands in for the disk's end: the database meets the same."""
    room = (archive / "dastan.sqlite3").stat().st_size + 1_500_000

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    running = manage(archive, "import_stories", str(folder), preexec_fn=limit)
    output, _ = running.communicate()
    assert running.returncode == 1, output
    assert "run the command again" in output or "Nothing was imported" in output
    assert "Traceback" not in output
    assert stories(archive) < STORIES
    assert_whole(archive)
    assert_completes(archive, folder)
