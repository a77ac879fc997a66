"""Measure how long the related lives of a story take on a made-up archive of any size."""

from __future__ import annotations

import argparse
import random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pyroaring import BitMap

from archive.management.commands.bench import make_archive, summary, timed
from archive.models import Story
from archive.reading.related import nearest, related_lives, weighted
from archive.search.index import index


class Command(BaseCommand):
    """Time related lives on the archive that ``bench`` makes."""

    help = (
        "Times the related lives of stories of a made-up archive, with and without reading their "
        "rows, and compares some with adding everything up. Needs a database of its own, as bench."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the size of the archive and the number of stories looked at."""
        parser.add_argument("--stories", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--sample", type=int, default=200, help="stories measured")

    def handle(self, **options: Any) -> None:
        """Make the archive if there is none; measure; compare."""
        rng = random.Random(options["seed"])  # noqa: S311 - repeatable, not secret
        existing = Story.objects.count()
        if existing == 0:
            make_archive(options["stories"], rng)
        elif existing != options["stories"] or not Story.objects.filter(slug="life-1").exists():
            raise CommandError("This database holds other stories: see the help.")
        index.reset()
        index.warm()
        sample = rng.sample(range(1, options["stories"] + 1), options["sample"])
        stories = Story.objects.in_bulk(sample)
        found, whole = [], []
        for pk in sample:
            seconds, _ = timed(lambda pk=pk: near(pk))
            found.append(seconds * 1000)
            seconds, _ = timed(lambda pk=pk: related_lives(stories[pk]))
            whole.append(seconds * 1000)
        wrong = [pk for pk in sample[:20] if near(pk) != added_up(pk)]
        for name, values in (("in the index", found), ("with their rows", whole)):
            row = summary(values)
            self.stdout.write(
                f"{name:16} median {row['median']:7.2f} ms  p95 {row['p95']:7.2f}"
                f"  worst {max(values):7.2f}"
            )
        self.stdout.write(f"Compared with adding everything up: {len(wrong)} of 20 differ.")


def near(pk: int) -> list[tuple[int, int]]:
    """The nearest of one story, as its page finds them."""
    with index.reading() as state:
        return nearest(weighted(state, state.tags_of(pk)), BitMap([pk]), 6)


def added_up(pk: int) -> list[tuple[int, int]]:
    """The same without any cleverness."""
    sums: dict[int, int] = {}
    with index.reading() as state:
        for weight, members in weighted(state, state.tags_of(pk)):
            for story in members:
                sums[story] = sums.get(story, 0) + weight
    sums.pop(pk, None)
    return sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:6]
