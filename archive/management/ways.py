"""Ways to answer the same question, to be compared: ours, and what one would write first."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from archive.models import Story, Tag, Tagging
from archive.search.index import index
from archive.search.results import search

Way = Callable[[str], object]

#: Who brings a cookie gets a page made anew, not one that is remembered.
BYPASS = {"Cookie": "measured=1"}

KINDS = ("person", "place", "theme")
PER_PAGE = 25
#: Seconds that a server has to open, and to answer.
_PATIENCE = 900


def ours(query: str) -> object:
    """The page in the process, without the template."""
    return search(QueryDict(query))


def ours_first(query: str) -> object:
    """The same as if nobody had asked since the last change: nothing is remembered of it."""
    with index.reading() as state:
        state.memory.forget()
    return search(QueryDict(query))


def orm(query: str) -> object:
    """The same page as one would first write it with the ORM: filters, joins, counts, OFFSET."""
    params = QueryDict(query)
    stories: QuerySet[Story] = Story.objects.published()
    for kind in KINDS:
        for slug in params.getlist(kind):
            tag = Tag.objects.get(kind=kind, slug=slug)
            stories = stories.filter(taggings__tag__in=_family(tag)).distinct()
    if "q" in params:
        stories = stories.filter(Q(title__icontains=params["q"]) | Q(body__icontains=params["q"]))
    page = int(params.get("page", 1))
    chosen = stories.order_by("-published_at", "id").defer("body")
    rows = list(chosen.prefetch_related("tags")[(page - 1) * PER_PAGE : page * PER_PAGE])
    found = stories.order_by().values("pk")
    facets = [
        list(
            Tag.objects.filter(
                kind=kind, taggings__in=Tagging.objects.shown().filter(story__in=found)
            )
            .annotate(stories_found=Count("taggings__story", distinct=True))
            .order_by("-stories_found", "name_key")[:12]
        )
        for kind in KINDS
    ]
    return rows, stories.count(), facets


def _family(tag: Tag) -> list[int]:
    """Ids of *tag* and what lies below, a query for each level."""
    found, level = [tag.pk], [tag.pk]
    while level:
        level = list(Tag.objects.filter(broader__in=level).values_list("pk", flat=True))
        found += level
    return found


_BELOW = (
    "WITH RECURSIVE below(id) AS (SELECT id FROM archive_tag WHERE kind = %s AND slug = %s"
    " UNION SELECT t.id FROM archive_tag t JOIN below b ON t.broader_id = b.id)"
    " SELECT story_id FROM archive_tagging WHERE state <> 'rejected'"
    " AND tag_id IN (SELECT id FROM below)"
)
_WORDS = {
    "sqlite": "SELECT rowid FROM archive_fulltext WHERE archive_fulltext MATCH %s",
    "postgresql": (
        "SELECT story FROM archive_fulltext WHERE words @@ to_tsquery('dastan', dastan_fold(%s))"
    ),
}


def sql(query: str) -> object:
    """The same page by hand: tags through a recursive query, words through the full text."""
    params = QueryDict(query)
    conditions, values = ["status = 'published'"], []
    for kind in KINDS:
        for slug in params.getlist(kind):
            conditions.append(f"id IN ({_BELOW})")
            values += [kind, slug]
    if "q" in params:
        conditions.append(f"id IN ({_WORDS[connection.vendor]})")
        values.append(params["q"])
    where = " AND ".join(conditions)
    first = (int(params.get("page", 1)) - 1) * PER_PAGE
    statements = [
        f"SELECT id, title, published_at FROM archive_story WHERE {where}"  # noqa: S608 - constants
        f" ORDER BY published_at DESC, id LIMIT {PER_PAGE} OFFSET {first}",
        f"SELECT count(*) FROM archive_story WHERE {where}",  # noqa: S608 - the same
    ]
    statements += [
        "SELECT t.id, t.name, count(*) FROM archive_tagging g JOIN archive_tag t ON t.id = g.tag_id"  # noqa: S608 - the same
        f" WHERE t.kind = '{kind}' AND g.state <> 'rejected'"
        f" AND g.story_id IN (SELECT id FROM archive_story WHERE {where})"
        " GROUP BY t.id, t.name ORDER BY 3 DESC, 2 LIMIT 12"
        for kind in KINDS
    ]
    answers = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
            answers.append(cursor.fetchall())
    return answers


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where, and as which process."""

    port: int
    pid: int

    def get(self, path: str, headers: dict[str, str]) -> bytes:
        """What it answers."""
        return _fetch(self.port, path, headers)


@contextlib.contextmanager
def running(workers: int, threads: int) -> Iterator[Server]:
    """Our server on this archive."""
    call_command("collectstatic", interactive=False, verbosity=0)
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:archive.server",
               "archive.wsgi"]  # fmt: skip
    environment = {"PORT": str(port), "DASTAN_WORKERS": str(workers),
                   "DASTAN_THREADS": str(threads)}  # fmt: skip
    with _server(command, port, "/about/", environment) as server:
        yield server


@contextlib.contextmanager
def over_http() -> Iterator[Way]:
    """Our page over HTTP, made anew as a visitor gets it: by a server of its own, one worker."""
    with running(workers=1, threads=1) as server:
        yield lambda query: server.get(f"/stories/?{query}", BYPASS)


@contextlib.contextmanager
def datasette(program: str | None, patience: float) -> Iterator[Way | None]:
    """Datasette on the same rows, its limits raised to *patience*; none where it is not installed.

    It has no many-to-many facets: its table holds the tags of each story, and what they lie in,
    as arrays. It has no page numbers: what asks for a later page is not measured.
    """
    path = shutil.which(program or "datasette")
    if path is None or connection.vendor != "sqlite":
        yield None
        return
    file = settings.DATA_DIR / "datasette.sqlite3"
    if not file.exists():
        _copy_for_datasette(file)
    port = _free_port()
    limit = round(patience * 1000)
    limits = {"sql_time_limit_ms": limit, "facet_time_limit_ms": limit,
              "facet_suggest_time_limit_ms": 1, "suggest_facets": "off",
              "default_facet_size": 12, "default_page_size": PER_PAGE}  # fmt: skip
    command = [path, "serve", str(file), "--port", str(port)]
    for name, value in limits.items():
        command += ["--setting", name, str(value)]
    with _server(command, port, "/-/versions.json", {}) as server:
        yield lambda query: server.get(f"/datasette/stories?{_in_datasette(query)}", {})


def _in_datasette(query: str) -> str:
    params = QueryDict(query)
    pairs = [("_facet_array", kind) for kind in KINDS] + [("_sort_desc", "published_at")]
    for kind in KINDS:
        pairs += [(f"{kind}__arraycontains", slug) for slug in params.getlist(kind)]
    if "q" in params:
        pairs.append(("_search", params["q"]))
    return urlencode(pairs)


def _copy_for_datasette(file: Path) -> None:
    above = dict(Tag.objects.values_list("pk", "broader"))
    slugs = {pk: (kind, slug) for pk, kind, slug in Tag.objects.values_list("pk", "kind", "slug")}

    def arrays(ids: str) -> list[str]:
        tags: set[int] = set()
        for tag in map(int, ids.split(",")):
            at: int | None = tag
            while at and at not in tags:
                tags.add(at)
                at = above[at]
        return [
            json.dumps([slug for own, slug in map(slugs.__getitem__, sorted(tags)) if own == kind])
            for kind in KINDS
        ]

    with contextlib.closing(sqlite3.connect(file)) as copy, connection.cursor() as cursor:
        copy.execute(
            "CREATE TABLE stories (id INTEGER PRIMARY KEY, title TEXT, published_at TEXT,"
            " body TEXT, person TEXT, place TEXT, theme TEXT)"
        )
        cursor.execute(
            "SELECT s.id, title, s.published_at || '', body, group_concat(g.tag_id)"
            " FROM archive_story s JOIN archive_tagging g ON g.story_id = s.id GROUP BY s.id"
        )
        while rows := cursor.fetchmany(10_000):
            copy.executemany(
                "INSERT INTO stories VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(*row[:4], *arrays(row[4])) for row in rows],
            )
        copy.execute("CREATE INDEX newest ON stories (published_at)")
        copy.execute(
            "CREATE VIRTUAL TABLE stories_fts USING fts5(title, body, content='stories',"
            " content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')"
        )
        copy.execute("INSERT INTO stories_fts(stories_fts) VALUES ('rebuild')")
        copy.execute("ANALYZE")
        copy.commit()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _server(
    command: list[str], port: int, ready: str, environment: dict[str, str]
) -> Iterator[Server]:
    """Run a server while the block runs."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                _fetch(port, ready, {})
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _fetch(port: int, path: str, headers: dict[str, str]) -> bytes:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        client.request("GET", path, headers=headers)
        response = client.getresponse()
        body = response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path} answered {response.status}.")
        return body
    finally:
        client.close()


class GivenUp(Exception):  # noqa: N818 - nothing is wrong
    """A way took longer than it was given."""


def patient(way: Way, seconds: float) -> Way:
    """*way*, whose statements the database gives up when they take longer than *seconds*.

    It then raises `GivenUp`.
    """

    def run(query: str) -> object:
        deadline = time.monotonic() + seconds
        try:
            with _given_up_at(deadline):
                answer = way(query)
        except (OperationalError, RuntimeError):
            if time.monotonic() < deadline:
                raise
            raise GivenUp from None
        if time.monotonic() > deadline:
            raise GivenUp
        return answer

    return run


@contextlib.contextmanager
def _given_up_at(deadline: float) -> Iterator[None]:
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        milliseconds = max(1, round((deadline - time.monotonic()) * 1000))
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{milliseconds}"])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 0")
        return
    connection.connection.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


class _RolledBack(Exception):  # noqa: N818 - nothing is wrong
    pass


def write_costs(rounds: int) -> dict[str, float]:
    """Median ms of writing a tagging with our triggers and without, and of the page after it.

    Nothing is left behind: what is written is rolled back, or taken back.
    """

    def write() -> None:
        Tagging.objects.filter(pk=1).update(state="rejected")
        Tagging.objects.filter(pk=1).update(state="confirmed")

    def timed_writes(bare: bool) -> list[float]:
        times = []
        with contextlib.suppress(_RolledBack), transaction.atomic():
            if bare:
                with connection.cursor() as cursor:
                    for name in ("update", "insert", "delete", "move", "write"):
                        on = " ON archive_tagging" if connection.vendor == "postgresql" else ""
                        cursor.execute(f"DROP TRIGGER IF EXISTS archive_tagging_log_{name}{on}")
            for _ in range(rounds):
                start = time.perf_counter()
                write()
                times.append((time.perf_counter() - start) * 500)  # for one of the two
            raise _RolledBack
        return times

    without, triggered, before, after = timed_writes(True), timed_writes(False), [], []
    for _ in range(rounds):
        for times, change in ((before, False), (after, True)):
            if change:
                write()
            start = time.perf_counter()
            ours("place=place-1")
            times.append((time.perf_counter() - start) * 1000)
    middle = rounds // 2
    return {
        "without_triggers": round(sorted(without)[middle], 3),
        "with_triggers": round(sorted(triggered)[middle], 3),
        "page": round(sorted(before)[middle], 3),
        "page_after_a_write": round(sorted(after)[middle], 3),
    }
