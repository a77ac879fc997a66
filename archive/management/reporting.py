"""Reports of imports, for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from archive.pipeline import ImportReport, Outcome

#: Outcomes whose files are listed one by one; of the others the count is enough.
LISTED = (Outcome.DUPLICATE, Outcome.CONFLICT, Outcome.SKIPPED, Outcome.REFUSED)


def safe(name: str) -> str:
    """A file name or title that can do a terminal no harm: what is not printable is escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in name
    )


def print_report(console: Console, report: ImportReport, *, dry_run: bool = False) -> None:
    """Print each repaired, refused or skipped file with the reason, then the counts."""
    for entry in report.files:
        for repair in entry.repairs:
            console.print(f"{safe(entry.name)}: {safe(repair)}", markup=False, soft_wrap=True)
    for outcome in LISTED:
        for entry in report.files:
            if entry.outcome == outcome:
                line = f"{outcome.value}: {safe(entry.name)}: {safe(entry.reason)}"
                console.print(line, markup=False, soft_wrap=True)
    table = Table(title="What would happen" if dry_run else None, show_header=False, box=None)
    for outcome, number in report.counts.items():
        if number:
            table.add_row(str(number), escape(outcome))
    if not report.files:
        table.add_row("0", "files found")
    console.print(table)
