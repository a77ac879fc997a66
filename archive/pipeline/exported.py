"""An export as a file: its manifest, its lines and its stories, each checked as it is read.

Whoever gives us the file may have made or damaged it. Nothing is unpacked to disk, members are
looked up by name, and sizes are counted while reading, whatever the file claims. What is wrong is
said with the member and the line.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
import json
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from archive.importing import metadata, packages
from archive.importing.drafts import Limits
from archive.importing.values import RefusedError

#: What the manifest says; `archive.sharing.exports` writes it.
FORMAT = "dastan-archive"
VERSION = 1

MANIFEST = "dastan.json"
MAX_MANIFEST_BYTES = 64_000
#: Longest line: a tagging with the mentions of several long novels.
MAX_LINE_BYTES = 50_000_000
#: Deflate packs no tighter, so that this is no bound: the sizes themselves are bound here, and an
#: original may well be a page of blanks.
_ANY_RATIO = 1_100

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)

Check = Callable[[Any], Any]


class RestoreError(Exception):
    """An export cannot be restored. The message says why, and where, in a sentence for people."""


def text(value: Any) -> str:
    """Text that every database takes."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("text")
    value.encode()  # halves of surrogate pairs, which JSON can write, raise ValueError
    return value


def whole(value: Any) -> int:
    """A whole number that no database refuses."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("a whole number")
    return value


def number(value: Any) -> float:
    """A number, but neither infinite nor none."""
    if type(value) not in {int, float} or not math.isfinite(value):
        raise ValueError("a number")
    return float(value)


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def moment(value: Any) -> datetime.datetime:
    """A time with its zone."""
    time = datetime.datetime.fromisoformat(text(value))
    if time.tzinfo is None:
        raise ValueError("a time with its zone")
    return time


def day(value: Any) -> datetime.date:
    """A day."""
    return datetime.date.fromisoformat(text(value))


def entries(value: Any) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise ValueError("a list")
    return value


def names(value: Any) -> list[str]:
    """A list of text."""
    return [text(item) for item in entries(value)]


def optional(check: Check) -> Check:
    """What *check* takes, or nothing."""
    return lambda value: None if value is None else check(value)


def one_of(*values: str) -> Check:
    """One of some words."""

    def check(value: Any) -> str:
        if value not in values:
            raise ValueError(" or ".join(values))
        return str(value)

    return check


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A line of a member, or a group of fields in it."""

    where: str  # "tags.jsonl, line 3"
    values: Mapping[str, Any]

    def take(self, columns: Mapping[str, Check]) -> dict[str, Any]:
        """The values of *columns*, checked.

        Raises:
            RestoreError: one is missing or of another type.
        """
        taken = {}
        for name, check in columns.items():
            if name not in self.values:
                raise RestoreError(f"{self.where}: the field “{name}” is missing.")
            try:
                taken[name] = check(self.values[name])
            except (ValueError, TypeError) as error:
                raise RestoreError(
                    f"{self.where}: the field “{name}” is not what it must be ({error})."
                ) from error
        return taken

    def groups(self, name: str) -> Iterator[Line]:
        """Each group of fields in the list *name*."""
        for count, values in enumerate(self.take({name: entries})[name], start=1):
            yield _group(f"{self.where}, “{name}” {count}", values)

    def reference(self, name: str, columns: Mapping[str, Check]) -> tuple[Any, ...] | None:
        """The fields of the one group *name*, which says what another row is known by."""
        value = self.take({name: lambda value: value})[name]
        if value is None:
            return None
        return tuple(_group(f"{self.where}, “{name}”", value).take(columns).values())


def _group(where: str, values: Any) -> Line:
    if not isinstance(values, dict):
        raise RestoreError(f"{where}: this must be a group of fields.")
    return Line(where, values)


class Export:
    """An open export. Memory holds one line or file of it at a time, and its directory."""

    def __init__(self, path: str | Path, limits: Limits) -> None:
        """Open *path*.

        Raises:
            RestoreError: it is no export, or one of a later version.
        """
        try:
            self._package = zipfile.ZipFile(path)
        except (*_DAMAGED, OSError) as error:
            raise RestoreError(f"It cannot be opened as a .zip file: {error}") from error
        self._limits = dataclasses.replace(limits, max_archive_ratio=_ANY_RATIO)
        try:
            manifest = self._manifest()
        except BaseException:
            self._package.close()
            raise
        self.version: int = manifest["version"]
        self.counts: Mapping[str, int] = manifest["counts"]

    def __enter__(self) -> Export:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._package.close()

    def _manifest(self) -> dict[str, Any]:
        line = _group(MANIFEST, _json(MANIFEST, self.read(MANIFEST, MAX_MANIFEST_BYTES)))
        manifest = line.take({"format": one_of(FORMAT), "version": whole, "counts": dict})
        if not all(type(count) is int for count in manifest["counts"].values()):
            raise RestoreError(f"{MANIFEST}: the counts must be whole numbers.")
        return manifest

    def read(self, member: str, max_bytes: int) -> bytes:
        """All of one member.

        Raises:
            RestoreError: it is missing, damaged or too large.
        """
        try:
            info = self._package.getinfo(member)
            return packages.read_member(self._package, info, max_bytes, self._limits)
        except KeyError as error:
            raise RestoreError(f"{member} is missing.") from error
        except RefusedError as refused:
            raise RestoreError(f"{member} cannot be read: {refused}") from refused

    def lines(self, name: str) -> Iterator[Line]:
        """Each line of the member ``name.jsonl``; there must be as many as the manifest says."""
        member, count = f"{name}.jsonl", 0
        try:
            with self._package.open(member) as packed, io.BufferedReader(packed) as file:
                while content := file.readline(MAX_LINE_BYTES + 1):
                    count += 1
                    where = f"{member}, line {count}"
                    if len(content) > MAX_LINE_BYTES:
                        raise RestoreError(f"{where}: it is longer than {MAX_LINE_BYTES:,} bytes.")
                    yield _group(where, _json(where, content))
        except KeyError as error:
            raise RestoreError(f"{member} is missing.") from error
        except _DAMAGED as error:
            raise RestoreError(f"{member} is damaged after line {count}: {error}") from error
        if count != self.counts.get(name):
            said = self.counts.get(name)
            raise RestoreError(f"{member} has {count} lines where {MANIFEST} counts {said}.")

    def story(self, slug: str) -> tuple[dict[str, str], str]:
        """What front matter says of a story, in text, and its body as it was.

        Raises:
            RestoreError: the file is missing, damaged, or has no front matter.
        """
        member = f"stories/{slug}.md"
        most = 4 * self._limits.max_body_chars + 1_000_000  # the front matter is far smaller
        try:
            content = self.read(member, most).decode()
            head, mark, body = content.removeprefix("---\n").partition("\n---\n\n")
            if not mark:
                raise RestoreError(f"{member}: its front matter has no end.")
            fields = metadata.load_yaml(f"{head}\n")
        except (UnicodeDecodeError, RefusedError) as error:
            raise RestoreError(f"{member}: {error}") from error
        checked = Line(member, {"body": body, **fields}).take(
            {name: text for name in ("body", *fields) if name not in metadata.LISTS}
        )
        return checked, checked.pop("body")

    def original(self, member: str) -> bytes:
        """The bytes of an original file."""
        return self.read(member, self._limits.max_file_bytes)


def _json(where: str, content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RestoreError(f"{where}: it is no valid JSON ({error}).") from error


def is_export(path: str | Path) -> bool:
    """Whether *path* is a file that ``export_archive`` wrote."""
    try:
        with Export(path, Limits()):
            return True
    except RestoreError:
        return False
