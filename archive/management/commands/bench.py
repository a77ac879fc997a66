"""Measure a page of results on a made-up archive of any size."""

from __future__ import annotations

import argparse
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
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from archive.management.made_up import make_archive
from archive.models import Story, Tag, Tagging
from archive.search.index import index
from archive.search.results import search

CASES = {
    "no filter": "",
    "common place": "place=place-1",
    "place and theme": "place=place-1&theme=theme-1",
    "place, theme and word": "place=place-1&theme=theme-1&q=bridge&sort=newest",
    "word in 40 %": "q=river&sort=newest",
    "word in 5 %": "q=bridge&sort=newest",
    "word in 5 %, by relevance": "q=bridge",
    "word in 0.1 %, by relevance": "q=lighthouse",
    "rare person": "person=person-{rare}",
    "page 1,000": "page=1000",
    "place, page 500": "place=place-1&page=500",
}


class Command(BaseCommand):
    """Fill an empty database with a made-up archive and time pages of results on it."""

    help = (
        "Times pages of results on a made-up archive: ours and the naive query of the ORM. "
        "Needs a database of its own: set DASTAN_DATA_DIR to an empty folder, then migrate."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the size of the archive and the number of measurements."""
        parser.add_argument("--stories", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--rounds", type=int, default=15, help="measurements of each case")
        parser.add_argument("--only-ours", action="store_true", help="leave the others out")
        parser.add_argument("--output", type=Path, default=settings.DATA_DIR / "bench.json")

    def handle(self, **options: Any) -> None:
        """Make the archive if there is none, measure, and write the report."""
        stories = options["stories"]
        existing = Story.objects.count()
        if existing == 0:
            self.stdout.write(f"Writing {stories:,} stories …")
            seconds, _ = timed(lambda: make_archive(stories, options["seed"]))
            self.stdout.write(f"… in {seconds:.0f} s.")
        elif existing != stories or not Tag.objects.filter(slug="place-1").exists():
            raise CommandError(
                f"This database holds {existing:,} other stories. Set DASTAN_DATA_DIR to an "
                "empty folder and migrate."
            )
        index.reset()
        build, _ = timed(index.warm)
        self.stdout.write(f"The index was built in {build:.2f} s; memory {memory_mb():.0f} MB.")
        report = {
            "stories": stories,
            "database": connection.vendor,
            "python": platform.python_version(),
            "build_seconds": round(build, 3),
            "memory_mb": round(memory_mb()),
            "cases": self.measure(options["rounds"], options["only_ours"]),
        }
        options["output"].write_text(json.dumps(report, indent=1))
        self.stdout.write(f"Written to {options['output']}.")

    def measure(self, rounds: int, only_ours: bool) -> dict[str, Any]:
        """Time every case *rounds* times, the ways taking turns; medians and p95 in ms."""
        rare = Tag.objects.filter(kind="person").annotate(n=Count("taggings")).filter(n=3).first()
        cases = {
            name: query.format(rare=rare.slug.removeprefix("person-") if rare else 1)
            for name, query in CASES.items()
        }
        ways: dict[str, Callable[[str], object]] = {"ours": ours}
        if not only_ours:
            ways |= {"orm": naive}
        times: dict[str, dict[str, list[float]]] = {
            name: {way: [] for way in ways} for name in cases
        }
        for round_number, (name, query) in itertools.product(range(rounds), cases.items()):
            for way, run in ways.items():
                # The slow ones are measured a few times only.
                if way == "ours" or round_number < 3:
                    seconds, _ = timed(lambda run=run, query=query: run(query))
                    times[name][way].append(seconds * 1000)
        report = {}
        for name, measured in times.items():
            row = {way: summary(values) for way, values in measured.items()}
            ratio = row["orm"]["median"] / row["ours"]["median"] if "orm" in row else 0
            report[name] = {**row, "ratio": round(ratio, 1)}
            self.stdout.write(
                f"{name:28}"
                + "".join(
                    f"  {way} {item['median']:9.2f} (p95 {item['p95']:9.2f}, first"
                    f" {item['first']:8.1f})"
                    for way, item in row.items()
                )
                + (f"  ×{ratio:.0f}" if ratio else "")
            )
        return report


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
    """Resident memory of this process in MB, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e6


def ours(query: str) -> object:
    """The page as visitors get it, without the template."""
    return search(QueryDict(query))


def naive(query: str) -> object:
    """The same page as one would first write it with the ORM: filters, joins, counts, OFFSET."""
    params = QueryDict(query)
    stories: QuerySet[Story] = Story.objects.published()
    for kind in ("person", "place", "theme"):
        for slug in params.getlist(kind):
            tag = Tag.objects.get(kind=kind, slug=slug)
            stories = stories.filter(taggings__tag__in=family(tag)).distinct()
    if "q" in params:
        stories = stories.filter(Q(title__icontains=params["q"]) | Q(body__icontains=params["q"]))
    page = int(params.get("page", 1))
    chosen = stories.order_by("-published_at", "id").defer("body")
    rows = list(chosen.prefetch_related("tags")[(page - 1) * 25 : page * 25])
    found = stories.order_by().values("pk")
    facets = [
        list(
            Tag.objects.filter(
                kind=kind, taggings__in=Tagging.objects.shown().filter(story__in=found)
            )
            .annotate(stories_found=Count("taggings__story", distinct=True))
            .order_by("-stories_found", "name_key")[:12]
        )
        for kind in ("person", "place", "theme")
    ]
    return rows, stories.count(), facets


def family(tag: Tag) -> list[int]:
    """Ids of *tag* and what lies below, a query for each level."""
    found, level = [tag.pk], [tag.pk]
    while level:
        level = list(Tag.objects.filter(broader__in=level).values_list("pk", flat=True))
        found += level
    return found
