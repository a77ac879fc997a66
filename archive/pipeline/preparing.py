"""Reading and tagging files, in this process or in several: all that needs no database."""

from __future__ import annotations

import dataclasses
import gc
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from pathlib import Path

from django.db import connections

from archive.importing import files
from archive.importing.drafts import (
    Limits,
    Refusal,
    StoryDraft,
    is_several,
    load,
    read,
)
from archive.models import Source
from archive.rendering import word_count
from archive.tagging.lexicon import Lexicon
from archive.tagging.spans import TaggedText
from archive.tagging.tagger import tag as find_tags

#: Files handed to a process at a time, and how many such pieces may wait for the database, in
#: number and in bytes: memory stays flat.
CHUNK = 8
HEAVY = 1_000_000
AHEAD = 32
MOST_WAITING = 32_000_000


#: What is found in a file that was refused.
NOTHING = TaggedText()


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """A draft with what the tagger found in it, or a refusal."""

    root: str  # the folder that the file's name is relative to
    item: StoryDraft | Refusal
    found: TaggedText = NOTHING
    words: int = 0
    compressed: bytes = b""  # the file, if all of it is this one story
    follows: int | None = None  # the story that a person says this is a new state of


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
    return _here(given, lexicon, limits)


def _here(given: list[Path], lexicon: Lexicon, limits: Limits) -> Iterator[Prepared]:
    _load()
    for path in given:
        for item in read([path], limits):
            yield prepared(root_of(path), item, lexicon)


@cache
def _load() -> None:
    """Load the gazetteer, once, and keep the garbage collector away from what lives for ever.

    It would look at the same million of objects again and again while stories come and go.
    """
    find_tags("Paris")
    gc.collect()
    gc.freeze()


def root_of(path: Path) -> str:
    """The folder that names of files found under *path* are relative to."""
    return str((path if path.is_dir() else path.parent).resolve())


def prepared(root: str, item: StoryDraft | Refusal, lexicon: Lexicon) -> Prepared:
    """Tag a draft and do whatever else can be done with it outside the database."""
    if isinstance(item, Refusal):
        return Prepared(root, item)
    compressed = b"" if item.part else Source.compress(item.source.content)
    found = find_tags(item.body, lexicon)
    return Prepared(root, item, found, word_count(item.body), compressed)


_shared: tuple[Lexicon, Limits]


def _start(lexicon: Lexicon, limits: Limits) -> None:
    """What each process keeps from its start."""
    global _shared
    _shared = (lexicon, limits)


@dataclasses.dataclass(frozen=True, slots=True)
class _Task:
    """Work for a process: a file to read, or a text to tag."""

    root: str
    file: files.Found | None = None
    body: str = ""
    size: int = 0  # in bytes or characters: what it will cost


_Result = list[Prepared] | tuple[TaggedText, int]


def _work(tasks: list[_Task]) -> list[_Result]:
    """For each task all that is in its file; or what is found in its text, and the words."""
    return [_work_on(task, *_shared) for task in tasks]


def _work_on(task: _Task, lexicon: Lexicon, limits: Limits) -> _Result:
    if task.file is None:
        return find_tags(task.body, lexicon), word_count(task.body)
    read_here = (prepared(task.root, item, lexicon) for item in load(task.file, limits))
    return [dataclasses.replace(entry, item=_light(entry.item)) for entry in read_here]


def _light(item: StoryDraft | Refusal) -> StoryDraft | Refusal:
    """*item* without the file's bytes, which were compressed: less to send."""
    if isinstance(item, Refusal):
        return item
    return dataclasses.replace(item, source=dataclasses.replace(item.source, content=b""))


def _tasks(given: list[Path], limits: Limits) -> Iterator[tuple[Prepared | None, _Task]]:
    """The work, with what is known of it already.

    Files of many stories are taken apart here, so that all processes tag and none has to send
    thousands of stories at once.
    """
    for path in given:
        root = root_of(path)
        for entry in files.find([path]):
            if isinstance(entry, files.Found) and not is_several(entry.name):
                yield None, _Task(root, entry, size=entry.path.lstat().st_size)
                continue
            for item in [entry] if isinstance(entry, Refusal) else load(entry, limits):
                body = "" if isinstance(item, Refusal) else item.body
                yield Prepared(root, item), _Task(root, body=body, size=len(body))


def _chunks(
    work: Iterable[tuple[Prepared | None, _Task]],
) -> Iterator[list[tuple[Prepared | None, _Task]]]:
    """*work* in pieces worth sending to another process, none of them heavy."""
    chunk: list[tuple[Prepared | None, _Task]] = []
    size = 0
    for entry in work:
        chunk.append(entry)
        size += entry[1].size
        if len(chunk) == CHUNK or size > HEAVY:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _in_processes(
    given: list[Path], lexicon: Lexicon, limits: Limits, jobs: int
) -> Iterator[Prepared]:
    """The same with *jobs* processes.

    Raises:
        BrokenProcessPool: one of them was killed.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()  # a forked process had better not inherit one
    _load()  # once: the processes share its memory
    waiting: deque[tuple[list[Prepared | None], Future[list[_Result]], int]] = deque()
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _start, (lexicon, limits))
    try:
        for chunk in _chunks(_tasks(given, limits)):
            tasks = [task for _, task in chunk]
            size = sum(task.size for task in tasks)
            waiting.append(([entry for entry, _ in chunk], pool.submit(_work, tasks), size))
            while len(waiting) > AHEAD or sum(size for _, _, size in waiting) > MOST_WAITING:
                yield from _merged(*waiting.popleft()[:2])
        while waiting:
            yield from _merged(*waiting.popleft()[:2])
    finally:
        pool.shutdown(cancel_futures=True)


def _merged(entries: list[Prepared | None], future: Future[list[_Result]]) -> Iterator[Prepared]:
    """What was known of each task with what its process found out."""
    for entry, result in zip(entries, future.result(), strict=True):
        if isinstance(result, list):
            yield from result
        elif entry is not None:
            found, words = result
            yield dataclasses.replace(entry, found=found, words=words)
