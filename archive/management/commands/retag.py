"""Tag the stories that are there anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.core.management.base import CommandError
from django.db import transaction
from rich.console import Console
from rich.progress import Progress

from archive.management.reporting import safe
from archive.models import Story
from archive.pipeline import RetagReport, TagResolver, archive_lexicon, retag

#: Stories read at a time; each is tagged in a transaction of its own.
CHUNK = 200


class Command(BaseCommand):
    """Bring suggestions in line with the texts, the vocabulary and what the archive has learnt."""

    help = (
        "Tags stories anew and shows what changes. What a person confirmed, rejected or added "
        "stays. Running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--story", metavar="SLUG", help="only this story")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument(
            "--report",
            nargs="?",
            const="-",
            metavar="FILE.json",
            help="write what changed as JSON, to a file or to standard output",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Tag and print the difference, story by story."""
        stories = Story.objects.order_by("pk")
        if options["story"]:
            stories = stories.filter(slug=options["story"])
            if not stories.exists():
                raise CommandError(f"There is no story with the address “{options['story']}”.")
        console = Console(file=self.stdout._out, highlight=False)  # type: ignore[attr-defined]
        quiet = options["report"] == "-"
        changes = {}
        with Progress(console=console, disable=not console.is_terminal or quiet) as bar:
            task = bar.add_task("Tagging", total=stories.count())
            for story, report in self.retag_all(stories, dry_run=options["dry_run"]):
                bar.advance(task)
                if report.changed:
                    changes[story.slug] = report
                    if not quiet:
                        for line in difference(report):
                            console.print(f"{story.slug}: {safe(line)}", markup=False)
        self.finish(console, changes, options)

    def retag_all(self, stories: Any, *, dry_run: bool) -> Iterator[tuple[Story, RetagReport]]:
        """Tag each story in a transaction of its own, which a dry run takes back."""
        lexicon, resolver = archive_lexicon(), TagResolver()
        for story in stories.iterator(CHUNK):
            with transaction.atomic():
                report = retag(story, lexicon, resolver=resolver)
                if dry_run:
                    transaction.set_rollback(True)
                    resolver = TagResolver()
            yield story, report

    def finish(
        self, console: Console, changes: dict[str, RetagReport], options: dict[str, Any]
    ) -> None:
        """Print the sum, and the report where one was asked for."""
        if options["report"]:
            entries = {
                slug: {"added": r.added, "removed": r.removed, "lost": r.lost}
                for slug, r in changes.items()
            }
            text = json.dumps(entries, ensure_ascii=False, indent=2)
            if options["report"] == "-":
                self.stdout.write(text)
                return
            Path(options["report"]).write_text(f"{text}\n", encoding="utf-8")
        verb = "would change" if options["dry_run"] else "changed"
        console.print(f"{len(changes)} {'story' if len(changes) == 1 else 'stories'} {verb}.")


def difference(report: RetagReport) -> list[str]:
    """The change as lines: + added, - removed, ? words of a decided tag that are gone."""
    return [
        *(f"+ {name}" for name in report.added),
        *(f"- {name}" for name in report.removed),
        *(f"? “{quote}” is no longer in the text" for quote in report.lost),
    ]
