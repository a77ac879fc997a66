"""Many visitors at once: what a server answers in a second, how long they wait, what it takes."""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.management.ways import BYPASS, running

#: Seconds that a visitor waits for an answer.
_PATIENCE = 60
_PLACES, _THEMES, _PAGES = 300, 100, 40
_WORDS = ("river", "bridge", "lighthouse", "river bridge", '"river bridge"', "bridge -river")


def mixed(seed: int) -> Iterator[str]:
    """Addresses of lists as visitors ask for them: with tags, words, later pages, all of these."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    while True:
        pairs = []
        if rng.random() < 0.6:
            pairs.append(f"place=place-{int(_PLACES ** rng.random())}")
        if rng.random() < 0.4:
            pairs.append(f"theme=theme-{int(_THEMES ** rng.random())}")
        if rng.random() < 0.2:
            pairs.append("q=" + rng.choice(_WORDS).replace(" ", "+").replace('"', "%22"))
        if rng.random() < 0.2:
            pairs.append(f"page={rng.randint(2, _PAGES)}")
        yield "/stories/?" + "&".join(pairs)


def measure(seconds: float, visitors: int, workers: int, seed: int) -> dict[str, Any]:
    """Have *visitors* ask a server of *workers* for *seconds* each: the list, lists of all kinds.

    Pages that are sent as they were, for nothing has changed, are told from those made anew.
    """
    kinds = {
        "the list, remembered": (itertools.repeat("/stories/"), {}),
        "the list, made anew": (itertools.repeat("/stories/"), BYPASS),
        "mixed lists, made anew": (mixed(seed), BYPASS),
        "mixed lists, remembered where they can be": (mixed(seed), {}),
    }
    report: dict[str, Any] = {"visitors": visitors, "workers": workers, "seconds": seconds}
    with running(workers=workers, threads=4) as server:
        report["kinds"] = {
            name: asyncio.run(_visit(server.port, addresses, headers, seconds, visitors))
            for name, (addresses, headers) in kinds.items()
        }
        report["private_mb"] = _private_mb(server.pid)
    return report


async def _visit(
    port: int, addresses: Iterator[str], headers: dict[str, str], seconds: float, visitors: int
) -> dict[str, float]:
    waits: list[float] = []
    errors: list[str] = []
    end = time.perf_counter() + seconds
    extra = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def visitor() -> None:
        connection = None
        while (start := time.perf_counter()) < end:
            path = next(addresses)
            try:
                connection = connection or await asyncio.open_connection("127.0.0.1", port)
                async with asyncio.timeout(_PATIENCE):
                    status, stays = await _ask(*connection, path, extra)
            except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
                errors.append(f"{path}: {error!r}")
                connection = None
                continue
            waits.append((time.perf_counter() - start) * 1000)
            if status != b"200":
                errors.append(f"{path}: {status!r}")
            if not stays:
                connection[1].close()
                connection = None
        if connection:
            connection[1].close()

    start = time.perf_counter()
    await asyncio.gather(*(visitor() for _ in range(visitors)))
    taken = time.perf_counter() - start
    ordered = sorted(waits)

    def share(part: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 1)

    return {
        "answers": len(waits),
        "errors": len(errors),
        "per_second": round(len(waits) / taken, 1),
        "median": round(statistics.median(waits), 1),
        "p95": share(0.95),
        "p99": share(0.99),
    }


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, extra: str
) -> tuple[bytes, bool]:
    """Get *path*: the status, and whether the connection stays open."""
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n{extra}\r\n".encode()
    )
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"\r\ncontent-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return head.split(b" ", 2)[1], b"\r\nconnection: close" not in head


def _private_mb(pid: int) -> list[float]:
    """MB of memory that each worker of the server *pid* shares with nobody, where that is told."""
    found = []
    try:
        for worker in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            rollup = Path(f"/proc/{worker}/smaps_rollup").read_text()
            kilobytes = rollup.partition("Private_Dirty:")[2].split()[0]
            found.append(round(int(kilobytes) * 1024 / 1e6, 1))
    except OSError:
        return []
    return found
