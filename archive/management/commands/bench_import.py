"""Measure importing: stories a second on one core and with two processes, and memory."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.models import Model
from rich.console import Console
from rich.table import Table

from archive.importing.drafts import StoryDraft, read
from archive.management.commands.bench_tagging import mixture
from archive.management.commands.import_stories import spare_memory
from archive.models import (
    Import,
    ImportedFile,
    Mention,
    OtherName,
    Source,
    Story,
    Tag,
    Tagging,
)
from archive.pipeline import Importer, Outcome, archive_lexicon, current_limits, prepare
from archive.tagging import gazetteer
from archive.tagging.tagger import tag
from archive.tagging.wordlists import given_names

WORDS = 350
#: Memory is looked at each time so many stories are in; the most is told.
SAMPLE = 500
#: People of a city of this size or more: the places that the stories name.
LARGE = 1_000_000
#: Names of the first collection, which are exchanged for others so that the stories differ.
_FIRST = re.compile(r"\b(?:Giulia|Lily|Thierry|Romy)\b")
_LAST = re.compile(r"\bBaktybekova?\b")
_OTHERS = re.compile(r"\b(?:Anatoly Pokrovsky|Madame Petrova)\b")
_PLACES = re.compile(r"\b(?:Kokand|Moscow|Paris|Aktau|New York City|New York|St\. Petersburg)\b")
_SURNAMES = [
    first + second + last
    for first in ("Kar", "Bel", "Tor", "Mer", "Sul", "Ner", "Gal", "Vas", "Dom", "Zel")
    for second in ("en", "ov", "al", "ir", "um", "os", "ik", "an")
    for last in ("sky", "enko", "ova", "aliev", "ides", "mann", "berg", "zadeh", "wicz", "escu")
]
#: The rows of the floor, in an order in which each finds what it refers to.
_MODELS: tuple[type[Model], ...] = (
    Import, Source, Tag, OtherName, Story, Tagging, Mention, ImportedFile,
)  # fmt: skip


class Command(BaseCommand):
    """Import made-up stories into empty archives, in processes of their own."""

    help = (
        "Measures importing with tagging and search index: made-up stories of 350 words, on one "
        "core and with two processes, beside the floor of the same rows through bulk_create. "
        "Everything happens on SQLite in a temporary folder of the data folder."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the size and the number of rounds."""
        parser.add_argument("--stories", type=int, default=1_000, help="default: 1,000")
        parser.add_argument("--rounds", type=int, default=3, help="of each way (default: 3)")
        parser.add_argument("--output", type=Path, default=settings.DATA_DIR / "bench_import.json")
        parser.add_argument("--child", nargs=2, metavar=("WAY", "FOLDER"), help="used by itself")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure the ways in turn and print medians."""
        if options["child"]:
            way, folder = options["child"]
            self.stdout.write(json.dumps(WAYS[way](Path(folder))))
            return
        # On the disk of the archives: /tmp may be memory, where no writer has to wait.
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix="bench-import-", dir=settings.DATA_DIR)).resolve()
        try:
            half, whole = scratch / "half", scratch / "whole"
            make_stories(half, options["stories"] // 2)
            make_stories(whole, options["stories"])
            (scratch / "empty").mkdir()
            child(scratch / "empty", "migrate", "--verbosity", "0")
            runs: dict[str, list[dict[str, float]]] = {}
            for _ in range(options["rounds"]):
                for name, way, folder in (
                    ("one core", "one", whole),
                    ("two processes", "two", whole),
                    ("one core, half as many", "one", half),
                ):
                    self.keep(runs, name, run(scratch, way, folder))
                    if way == "one" and folder == whole:
                        floor = run(scratch, "floor", scratch / "imported")
                        self.keep(runs, "floor: the rows alone", floor)
            self.show(runs, options)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def keep(
        self, runs: dict[str, list[dict[str, float]]], name: str, measured: dict[str, float]
    ) -> None:
        """Remember one measurement and say it at once: all of them take a while."""
        runs.setdefault(name, []).append(measured)
        self.stdout.write(
            f"{name}, round {len(runs[name])}: {measured['per_second']:,.0f} stories/s, "
            f"{measured['memory_mb']:,.0f} MB"
        )
        self.stdout.flush()

    def show(self, runs: dict[str, list[dict[str, float]]], options: dict[str, Any]) -> None:
        """Print and keep the medians."""
        table = Table("way", "stories/s", "stories/s of processor time", "most memory in MB")
        report: dict[str, Any] = {"stories": options["stories"], "ways": {}}
        for name, measured in runs.items():
            medians = {
                key: round(statistics.median(each[key] for each in measured), 1)
                for key in ("per_second", "per_cpu_second", "memory_mb")
            }
            report["ways"][name] = medians
            table.add_row(name, *(f"{value:,.0f}" for value in medians.values()))
        one, two = (report["ways"][name]["per_second"] for name in ("one core", "two processes"))
        report["gain"] = round(two / one, 2)
        Console(file=self.stdout._out, highlight=False).print(table)  # type: ignore[attr-defined]
        cores = min(2, len(os.sched_getaffinity(0)))
        self.stdout.write(
            f"Two processes: ×{report['gain']} (on {cores} of {os.cpu_count()} cores)."
        )
        half, whole = (
            report["ways"][name]["memory_mb"] for name in ("one core, half as many", "one core")
        )
        report["memory_growth_mb"] = round(whole - half, 1)
        self.stdout.write(
            f"Memory on one core, {options['stories']:,} stories against half as many: "
            f"{report['memory_growth_mb']:+} MB."
        )
        options["output"].parent.mkdir(parents=True, exist_ok=True)
        options["output"].write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def make_stories(folder: Path, stories: int) -> None:
    """Write made-up lives: sentences of the first collection with other people and places."""
    drafts = list(read([settings.BASE_DIR / "seeds"]))
    bodies = [draft.body for draft in drafts if isinstance(draft, StoryDraft)]
    sentences = [s for body in bodies for s in body.replace("\n\n", " ").split(". ")]
    rng = random.Random(1)  # noqa: S311 - a mixture, no secret
    cities = sorted(
        {
            place.name
            for name in gazetteer.index()
            if (place := gazetteer.bearers(name)[0]).sort == "city" and place.population > LARGE
        }
    )
    given = sorted(name.title() for name in given_names() if name.isalpha() and len(name) > 3)

    def somebody() -> str:
        return f"{rng.choice(given)} {rng.choice(_SURNAMES)}"

    for number in range(stories):
        first, last = somebody().split()
        text = f"{first} {last} was born in {rng.choice(cities)}. {mixture(sentences, WORDS, rng)}"
        text = _LAST.sub(last, _FIRST.sub(first, text))
        text = _OTHERS.sub(lambda _match: somebody(), text)
        text = _PLACES.sub(lambda _match: rng.choice(cities), text)
        file = folder / f"{number // 1000:03}" / f"{number:06}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def child(data: Path, *arguments: str) -> str:
    """Run a command on an archive of its own and return what it prints."""
    environment = {**os.environ, "DASTAN_DATA_DIR": str(data)}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout


def run(scratch: Path, way: str, folder: Path) -> dict[str, float]:
    """Measure one way once, on a copy of the empty archive."""
    data = scratch / "data"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(scratch / "empty", data)
    measured: dict[str, float] = json.loads(
        child(data, "bench_import", "--child", way, str(folder))
    )
    if way == "one":
        shutil.rmtree(scratch / "imported", ignore_errors=True)
        data.rename(scratch / "imported")
    return measured


def import_all(folder: Path, jobs: int) -> dict[str, float]:
    """Import *folder* in this process, which has an empty archive."""
    spare_memory()
    tag("Paris")  # the first text loads the gazetteer: part of the start, not of each story
    importer = Importer(status=Story.Status.PUBLISHED)
    files = prepare([folder], archive_lexicon(), current_limits(), jobs)
    most = 0.0

    def work() -> int:
        nonlocal most
        for number, outcome in enumerate(importer.take(files)):
            if outcome.outcome != Outcome.IMPORTED:
                raise CommandError(f"{outcome.name} was not imported: {outcome.reason}")
            if number % SAMPLE == 0:
                most = max(most, _own_memory_mb())
        return importer.counts.total()

    measured = measure(work)
    return {**measured, "memory_mb": max(most, measured["memory_mb"])}


def on_one_core(folder: Path) -> dict[str, float]:
    """Import on one core: reading, tagging and writing."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    return import_all(folder, 1)


def with_two_processes(folder: Path) -> dict[str, float]:
    """Import on two cores: two processes read and tag, and this one writes."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    return import_all(folder, 2)


def rows_alone(folder: Path) -> dict[str, float]:
    """Write the rows of the archive in *folder* through plain bulk_create, and nothing else."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    ours = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(folder / "dastan.sqlite3")
    rows = {model: list(model._default_manager.order_by("pk")) for model in _MODELS}
    connection.close()
    connection.settings_dict["NAME"] = ours

    def write() -> int:
        for model, each in rows.items():
            for start in range(0, len(each), 5_000):
                with transaction.atomic():
                    model._default_manager.bulk_create(each[start : start + 5_000])
        return len(rows[Story])

    return measure(write)


def measure(work: Any) -> dict[str, float]:
    """Time *work*, which returns a number of stories; memory is this process's own at the end."""
    wall, before = time.perf_counter(), _cpu()
    stories = work()
    return {
        "per_second": stories / (time.perf_counter() - wall),
        "per_cpu_second": stories / (_cpu() - before),
        "memory_mb": _own_memory_mb(),
    }


def _cpu() -> float:
    """Seconds of processor time of this process and of those it has waited for."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, who))


def _own_memory_mb() -> float:
    """Memory of this process that is not a view of a file, in MB; 0 where the system is silent."""
    try:
        lines: Iterator[str] = iter(Path("/proc/self/status").read_text().splitlines())
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("RssAnon")), 0.0)


WAYS = {"one": on_one_core, "two": with_two_processes, "floor": rows_alone}
