"""Import files and folders of stories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.core.management.base import CommandError
from django.db import DatabaseError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.importing.drafts import count
from archive.management.reporting import print_report, safe
from archive.models import Story
from archive.pipeline import FileOutcome, ImportReport, Outcome, import_paths
from archive.pipeline.exported import RestoreError, is_export
from archive.pipeline.restoring import restore


class Command(BaseCommand):
    """Import what is named on the command line."""

    help = (
        "Imports files and folders of stories, or restores an export into an empty archive, and "
        "says what it did with every file. "
        "Exit code 0: all are in; 2: some need attention, the others are in; 1: nothing was done."
    )

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
        try:
            report = self.run_import(console, options)
        except RestoreError as error:
            raise CommandError(f"The export was not restored: {error}") from error
        except (OSError, DatabaseError) as error:
            raise CommandError(
                f"The import stopped: {error} What was imported before is kept; "
                "run the command again to go on."
            ) from error
        if options["report"]:
            text = json.dumps(report.as_json(), ensure_ascii=False, indent=2)
            Path(options["report"]).write_text(text, encoding="utf-8")
        print_report(console, report, dry_run=options["dry_run"])
        if report.counts[Outcome.REFUSED] or report.counts[Outcome.CONFLICT]:
            raise CommandError("Some files need your attention; see above.", returncode=2)

    def run_import(self, console: Console, options: dict[str, Any]) -> ImportReport:
        """Import; a bar with rate and time left where somebody watches."""
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False),
        )
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("", total=count(options["paths"]), rate="")

            def advance(outcome: FileOutcome) -> None:
                speed = bar.tasks[0].speed
                rate = f"{speed:.0f} a second" if speed else ""
                bar.update(task, advance=1, description=safe(outcome.name)[-40:], rate=rate)

            if len(options["paths"]) == 1 and is_export(options["paths"][0]):
                if options["dry_run"]:
                    raise CommandError("A whole export cannot be tried out; restore it for real.")
                return restore(options["paths"][0], progress=advance)
            return import_paths(
                options["paths"],
                collection=options["collection"],
                status=options["status"],
                jobs=options["jobs"],
                dry_run=options["dry_run"],
                progress=advance,
            )
