"""Measure a page of results on a made-up archive of any size, beside other ways to get it."""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Count

from archive.management import load
from archive.management import ways as other_ways
from archive.management.made_up import make_archive
from archive.management.plotting import plot, table
from archive.models import Story, Tag
from archive.search.index import index

CASES = {
    "no filter": "",
    "common place": "place=place-1",
    "place and theme": "place=place-1&theme=theme-1",
    "place, theme and word": "place=place-1&theme=theme-1&q=bridge&sort=newest",
    "word in 40 %": "q=river&sort=newest",
    "word in 5 %": "q=bridge&sort=newest",
    "word in 5 %, by relevance": "q=bridge",
    "word in 0.1 %, by relevance": "q=lighthouse",
    "rare person": "person={rare}",
    "page 1,000": "page=1000",
    "place, page 500": "place=place-1&page=500",
}
#: Ways that are measured each round; the others a few times only, for they take seconds.
_QUICK = ("http", "process", "first")
#: Ways whose processor time is told as well: that of this process.
_OURS = ("process", "first")
_SLOW_ROUNDS = 3


class Command(BaseCommand):
    """Fill an empty database with a made-up archive and time pages of results on it."""

    help = (
        "Times pages of results on a made-up archive: ours over HTTP and in the process (asked "
        "for the first time, and again), plain "
        "SQL, the naive query of the ORM, and Datasette where it is installed, taking turns. "
        "Needs a database of its own: set DASTAN_DATA_DIR to an empty folder, then migrate."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the size of the archive and what is measured."""
        parser.add_argument("--stories", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--rounds", type=int, default=15, help="measurements of each case")
        parser.add_argument("--only-ours", action="store_true", help="leave the others out")
        parser.add_argument("--case", action="append", help="measure this case only (repeatable)")
        parser.add_argument(
            "--load", type=float, default=0, help="have many visitors ask for so many seconds"
        )
        parser.add_argument("--visitors", type=int, default=64, help="that ask at once")
        parser.add_argument("--workers", type=int, default=2, help="of the server they ask")
        parser.add_argument(
            "--patience", type=float, default=20, help="seconds that the others have for an answer"
        )
        parser.add_argument("--datasette", help="where Datasette is, if not on the PATH")
        parser.add_argument("--output", type=Path, default=settings.DATA_DIR / "bench.json")
        parser.add_argument(
            "--docs", type=Path, help="folder of documents whose performance.md gets the table"
        )

    def handle(self, **options: Any) -> None:
        """Make the archive if there is none, measure, and write the report."""
        self._fill(options["stories"], options["seed"])
        index.reset()
        busy = time.process_time()
        build, _ = timed(index.warm)
        busy = time.process_time() - busy
        gc.collect()
        gc.freeze()  # as the server does before its workers fork
        self.stdout.write(
            f"The index was built in {build:.2f} s ({busy:.2f} s of processor time); memory of "
            f"this process {memory_mb():.0f} MB."
        )
        report = {
            "stories": options["stories"],
            "database": connection.vendor,
            "python": platform.python_version(),
            "build_seconds": round(build, 3),
            "build_cpu_seconds": round(busy, 3),
            "memory_mb": round(memory_mb()),
            "cases": self._measure(options),
            "write_ms": other_ways.write_costs(options["rounds"]),
        }
        if options["load"]:
            report["load"] = self._load(options)
        options["output"].parent.mkdir(parents=True, exist_ok=True)
        options["output"].write_text(json.dumps(report, indent=1))
        self.stdout.write(f"Written to {options['output']}.")
        if options["docs"]:
            document(options["docs"], report)
            self.stdout.write(f"Table and plot are in {options['docs']}.")

    def _fill(self, stories: int, seed: int) -> None:
        existing = Story.objects.count()
        if existing == 0:
            self.stdout.write(f"Writing {stories:,} stories …")
            seconds, _ = timed(lambda: make_archive(stories, seed))
            connection.close()  # and with it the memory that it kept
            self.stdout.write(f"… in {seconds:.0f} s.")
        elif existing != stories or not Tag.objects.filter(slug="place-1").exists():
            raise CommandError(
                f"This database holds {existing:,} other stories. Set DASTAN_DATA_DIR to an "
                "empty folder and migrate."
            )

    def _load(self, options: dict[str, Any]) -> dict[str, Any]:
        """Measure many visitors at once."""
        connection.close()
        report = load.measure(
            options["load"], options["visitors"], options["workers"], options["seed"]
        )
        for name, row in report["kinds"].items():
            self.stdout.write(f"{name:44}" + " ".join(f"{key} {row[key]}" for key in row))
        self.stdout.write(f"Private memory of each worker in MB: {report['private_mb']}")
        return report

    def _measure(self, options: dict[str, Any]) -> dict[str, Any]:
        """Time every case, the ways taking turns; medians and p95 in ms."""
        by_use = Tag.objects.filter(kind="person").annotate(n=Count("taggings"))
        rare = by_use.filter(n__gt=0).order_by("n", "pk").values_list("slug", flat=True).first()
        cases = {
            name: query.format(rare=rare)
            for name, query in CASES.items()
            if not options["case"] or name in options["case"]
        }
        with contextlib.ExitStack() as servers:
            ways: dict[str, Callable[[str], object]] = {
                "http": servers.enter_context(other_ways.over_http()),
                "first": other_ways.ours_first,
                "process": other_ways.ours,
            }
            if not options["only_ours"]:
                ways |= {"sql": other_ways.sql, "orm": other_ways.orm}
                other = servers.enter_context(
                    other_ways.datasette(options["datasette"], options["patience"])
                )
                if other is None:
                    self.stdout.write("Datasette is not installed here: it is not measured.")
                else:
                    ways["datasette"] = other
            for way in ways.keys() - set(_QUICK):
                ways[way] = other_ways.patient(ways[way], options["patience"])
            times, given_up = self._take_turns(cases, ways, options["rounds"])
        report = {}
        for name, measured in times.items():
            row = {way: summary(values) for way, values in measured.items() if values}
            for way in given_up.get(name, {}):
                row[way] = {**summary([options["patience"] * 1000]), "given_up": True}
            busy = {f"{way}_cpu": row.pop(f"{way}_cpu") for way in _OURS}
            base = row["first"]["median"]
            ratios = {way: round(item["median"] / base, 1) for way, item in row.items()}
            report[name] = {**row, "ratios": ratios, **busy}
            self.stdout.write(
                f"{name:28}"
                + "".join(f" {way} {item['median']:.1f}" for way, item in busy.items())
                + "".join(
                    f" {way} {'>' if 'given_up' in item else ''}{item['median']:9.2f}"
                    f" (p95 {item['p95']:9.2f})"
                    + (f" ×{ratios[way]:.0f}" if way not in _QUICK else "")
                    for way, item in row.items()
                )
            )
        return report

    def _take_turns(
        self, cases: dict[str, str], ways: dict[str, Callable[[str], object]], rounds: int
    ) -> tuple[dict[str, dict[str, list[float]]], dict[str, set[str]]]:
        """The times of each case and way in ms, and the ways that were given up in a case."""
        given_up: dict[str, set[str]] = {}
        times: dict[str, dict[str, list[float]]] = {
            name: {way: [] for way in (*ways, *(f"{way}_cpu" for way in _OURS))} for name in cases
        }
        for query in cases.values():  # once, unmeasured: caches and plans of all are warm
            for way in _QUICK:
                ways[way](query)
        for number, (name, query) in itertools.product(range(rounds), cases.items()):
            for way, run in ways.items():
                if way == "datasette" and "page=" in query:
                    continue  # it has no page numbers
                if way in given_up.get(name, ()):
                    continue
                if way in _QUICK or number < _SLOW_ROUNDS:
                    # On a machine that does other things as well, the processor's time says
                    # what an idle one would take.
                    busy = time.process_time()
                    try:
                        seconds, _ = timed(lambda run=run, query=query: run(query))
                    except other_ways.GivenUp:
                        given_up.setdefault(name, set()).add(way)
                        continue
                    busy = time.process_time() - busy
                    times[name][way].append(seconds * 1000)
                    if way in _OURS:
                        times[name][f"{way}_cpu"].append(busy * 1000)
        return times, given_up


def document(folder: Path, report: dict[str, Any]) -> None:
    """Write the plot, and the table into its place in ``performance.md``."""
    stories = report["stories"]
    suffix = "" if report["database"] == "sqlite" else f"-{report['database']}"
    name = f"bench-{stories}{suffix}"
    (folder / "pictures" / f"{name}.svg").write_text(plot(report))
    path = folder / "performance.md"
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    text = path.read_text()
    if begin not in text:
        text += f"\n## {stories:,} stories{suffix.replace('-', ', ')}\n\n{begin}\n{end}\n"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}\n{table(report, f'pictures/{name}.svg')}\n{end}{after}")


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Run *work*; the seconds it took, and its answer."""
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def summary(values: list[float]) -> dict[str, float]:
    """First, median and 95th percentile of *values*."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {
        "first": round(values[0], 3),
        "median": round(statistics.median(ordered), 3),
        "p95": round(p95, 3),
    }


def memory_mb() -> float:
    """Memory of this process's own in MB, without the database's file, where the system tells."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0.0
    return int(status.partition("RssAnon:")[2].split()[0]) * 1024 / 1e6
