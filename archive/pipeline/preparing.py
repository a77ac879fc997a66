"""Reading and tagging files, in this process or in several: all that needs no database."""

from __future__ import annotations

import dataclasses
import multiprocessing
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import connections

from archive.importing import files
from archive.importing.drafts import Limits, Refusal, StoryDraft, read, read_bytes
from archive.importing.values import RefusedError
from archive.tagging.lexicon import Lexicon
from archive.tagging.spans import TaggedText
from archive.tagging.tagger import tag as find_tags

#: Files handed to a process at a time, and how many may wait for the database: memory stays flat.
CHUNK = 8
AHEAD = 64


#: What is found in a file that was refused.
NOTHING = TaggedText()


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """A draft with what the tagger found in it, or a refusal."""

    root: str  # the folder that the file's name is relative to
    item: StoryDraft | Refusal
    found: TaggedText = NOTHING


def prepare(
    paths: Iterable[str | Path], lexicon: Lexicon, limits: Limits, jobs: int = 1
) -> Iterator[Prepared]:
    """Read and tag every file below *paths*, in a stable order.

    Args:
        paths: files and folders.
        lexicon: what the archive knows already.
        limits: bounds on what is read.
        jobs: processes that read and tag; with one it is done here.

    Raises:
        FileNotFoundError: a path does not exist; nothing was read then.
    """
    given = [Path(path) for path in paths]
    for path in given:
        files.find([path])  # says at once what is not there
    if jobs > 1:
        return _in_processes(given, lexicon, limits, jobs)
    return (
        _tagged(root_of(path), item, lexicon) for path in given for item in read([path], limits)
    )


def root_of(path: Path) -> str:
    """The folder that names of files found under *path* are relative to."""
    return str((path if path.is_dir() else path.parent).resolve())


def _tagged(root: str, item: StoryDraft | Refusal, lexicon: Lexicon) -> Prepared:
    if isinstance(item, Refusal):
        return Prepared(root, item)
    return Prepared(root, item, find_tags(item.body, lexicon))


_shared: tuple[Lexicon, Limits]


def _start(lexicon: Lexicon, limits: Limits) -> None:
    """What each process keeps from its start."""
    global _shared
    _shared = (lexicon, limits)


def _read_one(task: tuple[str, files.Found | Refusal]) -> list[Prepared]:
    """All that is in one file."""
    root, entry = task
    lexicon, limits = _shared
    if isinstance(entry, Refusal):
        return [Prepared(root, entry)]
    try:
        content = files.load(entry.path, limits)
    except RefusedError as refused:
        return [Prepared(root, Refusal(entry.name, str(refused)))]
    return [_tagged(root, item, lexicon) for item in read_bytes(entry.name, content, limits)]


def _in_processes(
    given: list[Path], lexicon: Lexicon, limits: Limits, jobs: int
) -> Iterator[Prepared]:
    """The same with *jobs* processes; at most ``AHEAD`` files wait to be written."""
    connections.close_all()  # a forked process must not inherit one
    room = threading.Semaphore(AHEAD)

    def tasks() -> Iterator[tuple[str, files.Found | Refusal]]:
        for path in given:
            for entry in files.find([path]):
                room.acquire()
                yield root_of(path), entry

    context = multiprocessing.get_context("fork")
    with context.Pool(jobs, _start, (lexicon, limits)) as pool:
        for prepared in pool.imap(_read_one, tasks(), CHUNK):
            room.release()
            yield from prepared
