"""Import files and folders of stories."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NoReturn

from django.core.management import BaseCommand, CommandParser
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from archive.curation.audit import record
from archive.importing.drafts import count
from archive.management.reporting import JsonReport, Summary, safe
from archive.models import Story
from archive.pipeline import (
    FileOutcome,
    Importer,
    Outcome,
    archive_lexicon,
    current_limits,
    prepare,
)
from archive.pipeline.exported import RestoreError, is_export
from archive.pipeline.restoring import restore

#: Where nobody watches a bar, a line is printed each time so many files are done.
QUIET_LINES = 1_000
YOU = "You stopped it."


class Command(BaseCommand):
    """Import what is named on the command line."""

    help = (
        "Imports files and folders of stories, or restores an export into an empty archive, and "
        "says what it did with every file. "
        "Exit code 0: all are in; 2: some need attention, the others are in; 1: nothing was done."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """A parser whose complaints end with 1, because nothing was done."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)

        def complain(message: str) -> NoReturn:
            if not self._called_from_command_line:
                raise CommandError(f"Error: {message}")
            parser.print_usage(sys.stderr)
            parser.exit(1, f"{parser.prog}: error: {message}\n")

        parser.error = complain  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare paths and options."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, archives")
        parser.add_argument("--collection", default="", help="collection to put the stories in")
        parser.add_argument(
            "--status",
            choices=Story.Status.values,
            default=Story.Status.DRAFT.value,
            help="for stories whose file does not say (default: draft)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--report", metavar="FILE.json", help="write the report there as well")
        parser.add_argument(
            "--jobs", type=int, default=1, help="processes that read and tag (default: 1)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import with progress on a terminal, then print the report."""
        console = Console(file=self.stdout._out, highlight=False)  # type: ignore[attr-defined]
        if not 1 <= options["jobs"] <= 64:
            raise CommandError("--jobs takes a number from 1 to 64.")
        if len(options["collection"]) > 300:
            raise CommandError("--collection takes a name of at most 300 characters.")
        summary = Summary()
        spare_memory()
        ctrl_c = _CtrlC()
        try:
            with contextlib.ExitStack() as stack:
                stack.enter_context(ctrl_c)
                outcomes = self.outcomes(options)
                if options["report"]:
                    report = stack.enter_context(JsonReport(Path(options["report"])))
                    outcomes = _passing(outcomes, report)
                self.watch(console, ctrl_c.stopping(outcomes), summary, options["paths"])
        except RestoreError as error:
            raise CommandError(f"The export was not restored: {error}") from error
        except (OSError, DatabaseError, BrokenProcessPool) as error:
            if ctrl_c.pressed:
                raise CommandError(_stopped(YOU, summary), returncode=130) from error
            raise CommandError(_stopped(f"{error}{_set_up_first(error)}", summary)) from error
        except KeyboardInterrupt as stop:
            raise CommandError(_stopped(YOU, summary), returncode=130) from stop
        if not options["dry_run"]:
            subject = ", ".join(Path(path).name for path in options["paths"])
            counts = {str(outcome): number for outcome, number in summary.counts.items()}
            record(None, "import", subject, counts=counts)
        summary.print(console, dry_run=options["dry_run"])
        if summary.counts[Outcome.REFUSED] or summary.counts[Outcome.CONFLICT]:
            raise CommandError("Some files need your attention; see above.", returncode=2)

    def outcomes(self, options: dict[str, Any]) -> Iterator[FileOutcome]:
        """Import, or restore, yielding the outcome of each file."""
        paths = options["paths"]
        if len(paths) == 1 and is_export(paths[0]):
            if options["dry_run"]:
                raise CommandError("A whole export cannot be tried out; restore it for real.")
            yield from restore(paths[0], limits=current_limits()).files
            return
        importer = Importer(
            collection=options["collection"], status=options["status"], dry_run=options["dry_run"]
        )
        yield from importer.take(
            prepare(paths, archive_lexicon(), current_limits(), options["jobs"])
        )

    def watch(
        self, console: Console, outcomes: Iterator[FileOutcome], summary: Summary, paths: list[str]
    ) -> None:
        """Go through the import; a bar with rate and time left where somebody watches."""
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[left]}"),
            TextColumn("{task.description}", markup=False),
        )
        watched = console.is_terminal
        total = count(paths) if watched else 0
        with Progress(*columns, console=console, disable=not watched) as bar:
            task = bar.add_task("", total=total, rate="", left="")
            started = time.monotonic()
            for outcome in outcomes:
                summary.add(outcome)
                done = summary.counts.total()
                if watched:
                    words = pace(done, total, time.monotonic() - started)
                    total = max(total, done)  # a file of records holds many
                    name = safe(outcome.name)[-40:]
                    bar.update(task, completed=done, total=total, description=name, **words)
                elif done % QUIET_LINES == 0:
                    console.print(f"{done:,} files …")


def pace(done: int, total: int, seconds: float) -> dict[str, str]:
    """Files a second and time left since the start, in words; files arrive a batch at a time.

    Both are "" in the first second, when they would say nothing.
    """
    if seconds < 1:
        return {"rate": "", "left": ""}
    minutes, rest = divmod(round(max(0, total - done) * seconds / done), 60)
    return {"rate": f"{done / seconds:,.0f} a second", "left": f"{minutes}:{rest:02} left"}


def spare_memory() -> None:
    """Do without a view of SQLite's file, which would count as memory and grow with the archive."""
    if connection.vendor == "sqlite":
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("PRAGMA mmap_size = 0")


class _CtrlC:
    """Remembers that somebody pressed Ctrl-C, wherever the interrupt comes up.

    Python loses one that is raised while an object is cleared away, and a database or a pool of
    processes makes an error of its own of it.
    """

    pressed = False

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._press)

    def __exit__(self, *_error: object) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._before)

    def _press(self, *_signal: object) -> NoReturn:
        self.pressed = True
        raise KeyboardInterrupt

    def stopping(self, outcomes: Iterator[FileOutcome]) -> Iterator[FileOutcome]:
        """*outcomes* until Ctrl-C was pressed."""
        for outcome in outcomes:
            yield outcome
            if self.pressed:
                raise KeyboardInterrupt


def _passing(outcomes: Iterator[FileOutcome], report: JsonReport) -> Iterator[FileOutcome]:
    """*outcomes*, each written to the report on its way."""
    for outcome in outcomes:
        report.add(outcome)
        yield outcome


def _set_up_first(error: Exception) -> str:
    """What to do if the database is there but has no tables yet."""
    if isinstance(error, DatabaseError):
        with contextlib.suppress(DatabaseError):
            if Story._meta.db_table not in connection.introspection.table_names():
                return " (the archive is not set up yet: run “manage.py migrate” first)"
    return ""


def _stopped(why: str, summary: Summary) -> str:
    """What to say of an import that did not come to its end."""
    done = summary.counts.total()
    if not done:
        return f"Nothing was imported: {why}"
    return (
        f"The import stopped after {done:,} files: {why} What was imported before is kept; run "
        "the command again to go on."
    )
