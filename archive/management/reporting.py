"""Reports of imports, for a terminal and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from archive.pipeline import FileOutcome, ImportReport, Outcome

#: Outcomes whose files are listed one by one; of the others the count is enough.
LISTED = (Outcome.DUPLICATE, Outcome.CONFLICT, Outcome.SKIPPED, Outcome.REFUSED)
#: Files listed of each outcome, and repairs; the report in the admin and ``--report`` hold all.
MOST_LISTED = 1_000
#: The closing table: in plain words, in this order.
WORDS: Mapping[Outcome, str] = {
    Outcome.IMPORTED: "imported",
    Outcome.UPDATED: "updated",
    Outcome.UNCHANGED: "unchanged",
    Outcome.DUPLICATE: "duplicates",
    Outcome.CONFLICT: "conflicts",
    Outcome.SKIPPED: "skipped",
    Outcome.REFUSED: "refused",
}


def safe(name: str) -> str:
    """A file name or title that can do a terminal no harm: what is not printable is escaped."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in name
    )


class Summary:
    """What is said at the end of an import; bounded, however many files there were."""

    def __init__(self) -> None:
        self.counts: Counter[Outcome] = Counter()
        self._listed: dict[Outcome, list[str]] = {outcome: [] for outcome in LISTED}
        self._repairs: list[str] = []
        self._repaired = 0

    def add(self, entry: FileOutcome) -> None:
        """Count one file, and remember it if it is to be listed."""
        self.counts[entry.outcome] += 1
        listed = self._listed.get(entry.outcome)
        if listed is not None and len(listed) < MOST_LISTED:
            listed.append(f"{entry.outcome.value}: {safe(entry.name)}: {safe(entry.reason)}")
        for repair in entry.repairs:
            self._repaired += 1
            if len(self._repairs) < MOST_LISTED:
                self._repairs.append(f"{safe(entry.name)}: {safe(repair)}")

    def print(self, console: Console, *, dry_run: bool = False) -> None:
        """Print each repaired, refused or skipped file with the reason, then the counts."""
        self._print_lines(console, self._repairs, self._repaired)
        for outcome, lines in self._listed.items():
            self._print_lines(console, lines, self.counts[outcome])
        if dry_run and self.counts:
            console.print("What would happen (nothing was kept):", markup=False)
        table = Table(show_header=False, box=None)
        table.add_column(justify="right")
        for outcome, words in WORDS.items():
            if self.counts[outcome] or outcome != Outcome.SKIPPED:
                table.add_row(f"{self.counts[outcome]:,}", escape(words))
        if not self.counts:
            table = Table("no files found", show_header=True, box=None)
        console.print(table)

    def _print_lines(self, console: Console, lines: list[str], total: int) -> None:
        for line in lines:
            console.print(line, markup=False, soft_wrap=True)
        if total > len(lines):
            console.print(f"… and {total - len(lines):,} more", markup=False)


def print_report(console: Console, report: ImportReport) -> None:
    """Print a report that is in memory as a whole."""
    summary = Summary()
    for entry in report.files:
        summary.add(entry)
    summary.print(console)


class JsonReport:
    """Writes ``--report`` file by file; what stands under its name is always a whole report."""

    def __init__(self, path: Path) -> None:
        """Open a file beside *path*, at once, so that an import is not done in vain.

        Raises:
            OSError: it cannot be written there.
        """
        self._path = path
        if path.is_dir():
            raise OSError(f"the report cannot be written to {path}: it is a folder.")
        self._beside = path.with_name(f"{path.name}.unfinished")
        try:
            self._file: IO[str] = self._beside.open("w", encoding="utf-8")
        except OSError as error:
            why = f"the report cannot be written to {path}: {error.strerror}."
            raise OSError(why) from error
        self._file.write('{"files": [')
        self._counts: Counter[str] = Counter()

    def __enter__(self) -> JsonReport:
        return self

    def add(self, entry: FileOutcome) -> None:
        """Write one entry."""
        self._file.write("\n" if not self._counts else ",\n")
        json.dump(entry.as_json(), self._file, ensure_ascii=False)
        self._counts[entry.outcome.value] += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the report with the counts, also of an import that was stopped."""
        counts = {outcome.value: self._counts[outcome.value] for outcome in Outcome}
        self._file.write(
            f'\n], "counts": {json.dumps(counts)}, "complete": {json.dumps(kind is None)}}}\n'
        )
        self._file.close()
        self._beside.replace(self._path)
