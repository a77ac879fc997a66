"""Write the whole archive to one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.core.management.base import CommandError
from django.db import DatabaseError
from rich.console import Console
from rich.progress import Progress

from archive.curation.audit import record
from archive.management.reporting import safe
from archive.models import Source, Story
from archive.sharing.exports import export_archive


class Command(BaseCommand):
    """Export the archive, with progress on a terminal."""

    help = (
        "Writes the whole archive to a .zip file: stories (drafts included: it is a backup for "
        "curators, not a publication), tags and their states, stop names, collections and the "
        "original files. Accounts, sessions, reports of imports and the history of edits are not "
        "part of it. “import_stories OUT.zip” restores it into an empty archive."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the path and the option."""
        parser.add_argument("out", metavar="OUT.zip", type=Path, help="the file to write")
        parser.add_argument(
            "--force", action="store_true", help="replace the file if there is one already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Export and say what was written."""
        out: Path = options["out"]
        console = Console(file=self.stdout._out, highlight=False)  # type: ignore[attr-defined]
        try:
            counts = self.export(console, out, force=options["force"])
        except FileExistsError as error:
            raise CommandError(
                f"{error} Choose another name, or replace it with --force."
            ) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise CommandError(
                f"“{out}” could not be written: {reason}. No half file was left behind."
            ) from error
        except DatabaseError as error:
            raise CommandError(
                f"The archive could not be read: {error} Nothing was kept."
            ) from error
        record(None, "export", out.name, stories=counts["stories"])
        console.print(
            f"{safe(str(out))}: {counts['stories']:,} stories, {counts['tags']:,} tags, "
            f"{counts['taggings']:,} taggings, {counts['sources']:,} original files.",
            markup=False,
            soft_wrap=True,
        )

    def export(self, console: Console, out: Path, *, force: bool) -> dict[str, int]:
        """Export; a bar where somebody watches."""
        with Progress(console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("Exporting", total=Story.objects.count() + Source.objects.count())
            return export_archive(out, force=force, progress=lambda name: bar.advance(task))
