"""What the command that imports prints, writes, and ends with."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from archive.management.commands.import_stories import pace
from archive.models import Import, Story
from archive.pipeline import Importer

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder as curators have them."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "anna.md").write_text(
        "---\ntitle: Anna's kitchen\npeople: [Anna Serova]\n---\n\nShe lived in Almaty.\n"
    )
    (folder / "dash.txt").write_text("Vera Belova lived in Kazan â€“ and sang. Vera Belova sang.")
    (folder / "copy of dash.txt").write_bytes((folder / "dash.txt").read_bytes())
    (folder / "cyrillic.txt").write_bytes(
        "Иван Петров жил в Ташкенте и пел.\n".encode("cp1251") * 9
    )
    (folder / "bad\x1b[31m name.txt").write_bytes(b"")
    (folder / ".DS_Store").write_bytes(b"\x00\x01")
    return folder


def run(*arguments: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    out = StringIO()
    try:
        call_command("import_stories", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}\n{error}"
    return 0, out.getvalue()


def test_the_report_says_everything_of_every_file(db, folder, tmp_path) -> None:
    file = tmp_path / "report.json"
    code, shown = run(str(folder), "--report", str(file), "--status", "published")
    assert code == 2
    report = json.loads(file.read_text())
    assert report["counts"] == {
        "imported": 3, "updated": 0, "unchanged": 0, "duplicate": 1, "conflict": 0, "skipped": 1,
        "refused": 1,
    }  # fmt: skip
    assert report["complete"] is True
    files = {entry["name"]: entry for entry in report["files"]}
    anna = files["anna.md"]
    story = Story.objects.get(title="Anna's kitchen")
    assert anna["story"] == {"id": story.pk, "slug": "annas-kitchen", "title": story.title}
    assert {"person: Anna Serova", "place: Almaty"} <= set(anna["tags"])
    assert files["dash.txt"]["outcome"] == "duplicate" or files["dash.txt"]["repairs"]
    assert files["cyrillic.txt"]["encoding"] == "cp1251"
    assert "empty" in files[r"bad\x1b[31m name.txt"]["reason"]
    assert "\x1b[31m" not in shown
    for words in ("imported", "updated", "unchanged", "duplicates", "conflicts", "refused"):
        assert words in shown
    assert "skipped: .DS_Store" in shown
    run_row = Import.objects.get()
    assert (run_row.files.count(), run_row.finished is not None) == (6, True)


def test_running_again_ends_well_and_says_so(db, folder) -> None:
    for name in (".DS_Store", "bad\x1b[31m name.txt"):
        (folder / name).unlink()
    assert run(str(folder))[0] == 0
    code, shown = run(str(folder))
    assert code == 0
    assert "unchanged" in shown
    assert Import.objects.latest("pk").counts.keys() <= {"unchanged", "duplicate"}
    assert Story.objects.count() == 3


def test_two_processes_do_the_same(db, folder, tmp_path) -> None:
    reports = []
    for jobs in ("1", "2"):
        file = tmp_path / f"report{jobs}.json"
        run(str(folder), "--dry-run", "--jobs", jobs, "--report", str(file))
        reports.append(json.loads(file.read_text()))
    assert reports[0] == reports[1]
    assert not Story.objects.exists()
    assert not Import.objects.exists()


def test_a_dry_run_changes_nothing_and_names_twins(db, folder, tmp_path) -> None:
    file = tmp_path / "report.json"
    code, shown = run(str(folder), "--dry-run", "--report", str(file))
    assert (code, "What would happen" in shown) == (2, True)
    assert json.loads(file.read_text())["counts"]["duplicate"] == 1
    assert not Story.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["/no/such/folder"],
        [".", "--jobs", "0"],
        [".", "--report", "/no/such/folder/report.json"],
        [".", "--collection", "x" * 301],
    ],
)
def test_where_nothing_can_be_done_the_code_is_1(db, arguments) -> None:
    code, _ = run(*arguments)
    assert code == 1
    assert not Import.objects.exists()


def test_a_report_that_is_a_folder_is_refused_before_anything_is_done(db, folder, tmp_path):
    code, said = run(str(folder), "--report", str(tmp_path))
    assert (code, "it is a folder" in said) == (1, True)
    assert not Story.objects.exists()
    assert not tmp_path.with_name(f"{tmp_path.name}.unfinished").exists()


def test_rate_and_time_left_are_those_since_the_start() -> None:
    assert pace(100, 1_000, 0.001) == {"rate": "", "left": ""}
    assert pace(200, 1_000, 2) == {"rate": "100 a second", "left": "0:08 left"}
    assert pace(10, 5, 2)["left"] == "0:00 left"


@pytest.mark.parametrize("becomes", [None, OperationalError("interrupted")])
def test_ctrl_c_is_never_lost(db, folder, monkeypatch, becomes) -> None:
    def swallowing(importer, prepared):
        for outcome in take(importer, prepared):
            with suppress(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(5)
            if becomes:
                raise becomes
            yield outcome

    take = Importer.take
    monkeypatch.setattr(Importer, "take", swallowing)
    before = signal.getsignal(signal.SIGINT)
    code, said = run(str(folder))
    assert (code, "You stopped it" in said) == (130, True)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_on_a_terminal_keeps_what_is_in_and_ends_with_130(tmp_path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(2_000):
        (folder / f"{number}.txt").write_text(f"Anna number {number} was born in Rome. " * 60)
    environment = {**os.environ, "DASTAN_DATA_DIR": str(tmp_path), "TERM": "xterm"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "manage.py"]
    subprocess.run([*command, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    ours, theirs = pty.openpty()
    imported = subprocess.Popen(
        [*command, "import_stories", str(folder), "--jobs", "2"],
        cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    stopped = False
    while True:
        try:
            shown += os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if b"a second" in shown and not stopped:
            os.killpg(imported.pid, signal.SIGINT)
            stopped = True
    os.close(ours)
    assert imported.wait() == 130, shown[-900:].decode(errors="replace")
    assert b"You stopped it. What was imported before is kept" in shown
    assert b"Traceback" not in shown


def test_a_misspelt_option_is_no_half_import() -> None:
    command = [sys.executable, "manage.py", "import_stories", ".", "--statsu", "draft"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "usage" in done.stderr
    assert "Traceback" not in done.stderr
