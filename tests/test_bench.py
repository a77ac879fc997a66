"""The bench compares ways that give the same answer, and writes what it measured into a page."""

from __future__ import annotations

import itertools
import re

import pytest
from django.db import connection, transaction
from django.http import QueryDict

from archive.management import load, ways
from archive.management.commands.bench import CASES, document
from archive.management.made_up import make_archive
from archive.management.plotting import WAYS

TIMES = {"first": 3.0, "median": 2.0, "p95": 3.0}


@pytest.mark.django_db
def test_all_ways_answer_the_same() -> None:
    make_archive(60, seed=1)
    queries = [query.format(rare="person-1") for query in CASES.values() if "page=" not in query]
    for query in queries:
        ours = ways.ours(query)
        rows, count, facets = ways.orm(query)
        assert count == ours.total
        assert ways.sql(query)[1] == [(ours.total,)]
        listed = [entry.story.pk for entry in ours.entries]
        if "sort=newest" in query or "q=" not in query:
            assert [story.pk for story in rows] == listed
        for kind, tags in zip(ways.KINDS, facets, strict=True):
            asked = QueryDict(query).getlist(kind)
            [facet] = [facet for facet in ours.facets if facet.kind == kind]
            if kind == "person" and not asked:  # without a tree, nothing lies below
                assert {tag.slug: tag.stories_found for tag in tags}.items() <= {
                    value.slug: value.count for value in facet.values
                }.items()
        assert ways.ours_first(query).total == ours.total


@pytest.mark.django_db
def test_a_way_that_takes_too_long_is_given_up() -> None:
    make_archive(60, seed=1)

    def endless(query: str) -> object:
        numbers = (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT sum(x) FROM n"
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(numbers)

    with pytest.raises(ways.GivenUp):
        ways.patient(endless, 0.1)("")
    assert ways.patient(ways.orm, 60)("")[1] == 60


def test_visitors_ask_for_the_same_pages_on_the_same_seed() -> None:
    some, same, others = (list(itertools.islice(load.mixed(seed), 50)) for seed in (1, 1, 2))
    assert some == same != others
    assert len(set(some)) > 25


def test_the_page_of_results_is_written(tmp_path) -> None:
    (tmp_path / "pictures").mkdir()
    page = tmp_path / "performance.md"
    page.write_text("# How fast it is\n")
    row = dict.fromkeys(WAYS, TIMES) | {"process_cpu": TIMES, "first_cpu": TIMES}
    visit = {"answers": 9, "errors": 0, "per_second": 3.0, "median": 1.0, "p95": 2.0, "p99": 3.0}
    report = {
        "stories": 60,
        "database": "sqlite",
        "python": "3.11",
        "build_seconds": 1.0,
        "build_cpu_seconds": 1.0,
        "memory_mb": 70,
        "cases": {"no filter": row, "too much": row | {"orm": TIMES | {"given_up": True}}},
        "write_ms": dict.fromkeys(
            ("without_triggers", "with_triggers", "page", "page_after_a_write"), 1.0
        ),
        "load": {"visitors": 64, "workers": 2, "seconds": 60.0, "kinds": {"lists": visit},
                 "private_mb": [30.0, 31.0]},
    }  # fmt: skip
    for _ in range(2):
        document(tmp_path, report)
        assert page.read_text().count("| no filter | 2.0 (3.0) |") == 1
    assert "| given up after 2.0 [> ×1] |" in page.read_text()
    assert "| lists | 3 | 1.0 | 2.0 | 3.0 | 0 of 9 |" in page.read_text()
    assert len(re.findall("<circle", (tmp_path / "pictures/bench-60.svg").read_text())) == 18
