"""Finding the files: only regular files inside what was given, in an order that never changes."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.importing.values import Refusal, RefusedError

LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx", "icon\r", "ehthumbs.db"})


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file that was found: its printable name and where it lies."""

    name: str
    path: Path


def find(paths: Iterable[str | Path]) -> Iterator[Found | Refusal]:
    """Walk `paths` (files and folders, recursively) and yield every entry in a stable order.

    Links, devices and pipes inside a folder are refused, hidden files and system litter are
    refused as skipped. A path that was named itself may be a link: naming it is a decision.
    Raises FileNotFoundError at once, before anything is yielded, if a path does not exist.
    """
    roots = [Path(path) for path in paths]
    for root in roots:
        if not root.exists():
            raise FileNotFoundError(f"There is no file or folder {printable(str(root))!r}.")
    return _walk(roots)


def load(path: Path, max_bytes: int) -> bytes:
    """Read a regular file. Raises RefusedError if it is too large, gone or unreadable.

    The kind is checked on the open file, without following a link, so that a file which is
    exchanged between walking and reading cannot lead out of the folder or block on a pipe.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise RefusedError("it is no longer a regular file; import it again.")
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise RefusedError(
            f"it cannot be read ({error.strerror}); check its permissions."
        ) from error
    if len(content) > max_bytes:
        raise RefusedError(f"it is larger than {in_megabytes(max_bytes)}; split it into parts.")
    return content


def in_megabytes(size: int) -> str:
    """Write a number of bytes for people: 20 MB, 1.5 MB, 800 bytes."""
    return f"{size / 1_000_000:.3g} MB" if size >= 100_000 else f"{size:,} bytes"


def printable(name: str) -> str:
    """Return `name` with undecodable bytes and control characters shown as escapes."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else char
        for char in text
    )


def is_litter(name: str) -> bool:
    """Tell whether `name`, one part of a path, is hidden or left behind by a system."""
    return name.startswith((".", "~$")) or name.lower() in LITTER


def litter_reason() -> str:
    """Tell why litter is passed over."""
    return "a hidden or system file, not a story."


def _walk(roots: list[Path]) -> Iterator[Found | Refusal]:
    for root in roots:
        if root.is_dir():
            yield from _walk_folder(root)
        elif root.is_file():
            yield Found(printable(root.name), root.resolve())
        else:
            yield Refusal(printable(root.name), "it is a device or a pipe, not a file.")


def _walk_folder(root: Path) -> Iterator[Found | Refusal]:
    """Depth first with an explicit stack, so that no depth of folders exhausts the interpreter."""
    pending: list[Path] = [root]
    while pending:
        path = pending.pop()
        name = printable(path.relative_to(root).as_posix())
        try:
            mode = root.stat().st_mode if path == root else path.lstat().st_mode
            if path != root and is_litter(path.name):
                yield Refusal(name, litter_reason(), skipped=True)
            elif stat.S_ISDIR(mode):
                pending.extend(sorted(path.iterdir(), key=_order, reverse=True))
            elif stat.S_ISREG(mode):
                yield Found(name, path)
            elif stat.S_ISLNK(mode):
                yield Refusal(name, "it is a link; import the file that it points to instead.")
            else:
                yield Refusal(name, "it is a device, a pipe or a socket, not a file.")
        except OSError as error:
            reason = f"it cannot be read ({error.strerror}); check its permissions."
            yield Refusal(name, reason)


def _order(path: Path) -> bytes:
    return os.fsencode(path.name)
