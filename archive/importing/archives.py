"""The members of a .zip archive, each checked before it is unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from archive.importing.files import in_megabytes, is_litter, litter_reason, printable
from archive.importing.packages import check_members, open_zip, read_member
from archive.importing.values import Limits, Refusal, RefusedError

_CREATED_ON_UNIX = 3


def members(name: str, content: bytes, limits: Limits) -> Iterator[tuple[str, bytes] | Refusal]:
    """Yield the name and the bytes of each file in the archive `name`, or why it was refused.

    Members come in the order of their names, one in memory at a time. Raises RefusedError when
    the archive as a whole cannot be read. Reading stops, and says so, when the members unpacked
    so far exceed `limits.max_archive_bytes`.
    """
    package = open_zip(content, "a .zip archive")
    check_members(package, limits)
    total = 0
    empty = True
    seen: set[str] = set()
    for member in sorted(package.infolist(), key=lambda member: _name(member).encode()):
        if member.is_dir():
            continue
        empty = False
        inner = _name(member)
        shown = f"{name}/{inner}"
        parts = PurePosixPath(inner.replace("\\", "/")).parts
        if any(is_litter(part) for part in parts if part != ".."):
            yield Refusal(shown, litter_reason(), skipped=True)
            continue
        try:
            _check(member, inner, seen)
            rest = limits.max_archive_bytes - total
            _check_size(member, rest, limits)
            unpacked = read_member(package, member, min(limits.max_file_bytes, rest), limits)
        except RefusedError as refused:
            yield Refusal(shown, str(refused))
            continue
        total += len(unpacked)
        yield shown, unpacked
    if empty:
        yield Refusal(name, "the archive is empty.")


def _check_size(member: zipfile.ZipInfo, rest: int, limits: Limits) -> None:
    """Refuse by the size that the archive claims; the real one is counted while unpacking."""
    if member.file_size > limits.max_file_bytes:
        size = in_megabytes(limits.max_file_bytes)
        raise RefusedError(f"unpacked it is larger than {size}; split it into parts.")
    if member.file_size > rest or rest <= 0:
        raise RefusedError(
            f"the archive unpacks to more than {in_megabytes(limits.max_archive_bytes)}; "
            "split it into parts."
        )


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member as text; old archives from Windows in Russia write cp866."""
    name = member.filename
    if not member.flag_bits & 0x800 and not name.isascii():
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "cp866"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return printable(name)


def _check(member: zipfile.ZipInfo, inner: str, seen: set[str]) -> None:
    """Refuse what an archive of texts never holds: ways out of the folder, links, twins."""
    parts = PurePosixPath(inner.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0] == "/" or parts[0].endswith(":"):
        raise RefusedError("its path leads out of the archive; make the archive anew.")
    if inner in seen:
        raise RefusedError("the archive holds two files of this name; rename one.")
    seen.add(inner)
    mode = member.external_attr >> 16
    if member.create_system == _CREATED_ON_UNIX and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise RefusedError("it is a link or a device, not a file; put the file itself in.")
    if inner.lower().endswith(".zip"):
        raise RefusedError("it is an archive inside an archive; unpack it and import it by itself.")
