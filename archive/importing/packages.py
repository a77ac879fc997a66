"""Opening ZIP files from strangers: .zip archives and the documents that are ZIP files inside."""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from archive.importing.files import in_megabytes
from archive.importing.values import Limits, RefusedError

_CHUNK = 1_000_000
_ANEW = "make it anew with the program that it comes from."
_RATIO_MATTERS = 1_000_000  # below this size even pure repetition does no harm


def open_zip(content: bytes, what: str) -> zipfile.ZipFile:
    """Open `content` as a ZIP file; `what` names it when that fails ("a .docx document")."""
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise RefusedError(
            f"it is not {what}, or it is damaged: it cannot be opened as a ZIP file; {_ANEW}"
        ) from error


def read_member(
    package: zipfile.ZipFile, member: zipfile.ZipInfo, max_bytes: int, limits: Limits
) -> bytes:
    """Unpack one member, counting its real size, whatever the archive claims.

    Raises RefusedError if it is encrypted, damaged, larger than `max_bytes`, or packed so tightly
    that it is made to fill the memory.
    """
    if member.flag_bits & 0x1:
        raise RefusedError("it is encrypted; remove the password and import it again.")
    parts: list[bytes] = []
    size = 0
    ceiling = max(_RATIO_MATTERS, member.compress_size * limits.max_archive_ratio)
    try:
        with package.open(member) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > max_bytes:
                    raise RefusedError(f"unpacked it is larger than {in_megabytes(max_bytes)}.")
                if size > ceiling:
                    raise RefusedError(
                        f"it unpacks to more than {limits.max_archive_ratio} times its size, "
                        "as archives do that are made to do harm."
                    )
                parts.append(chunk)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        IndexError,
    ) as error:
        raise RefusedError(f"it cannot be unpacked ({error}); the archive is damaged.") from error
    return b"".join(parts)


def read_part(package: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    """Unpack a part of a document by its name. Raises RefusedError if it is not there."""
    try:
        member = package.getinfo(name)
    except KeyError as error:
        raise RefusedError(f"it is damaged: the part {name!r} is missing; {_ANEW}") from error
    try:
        return read_member(package, member, limits.max_document_bytes, limits)
    except RefusedError as refused:
        raise RefusedError(f"its part {name!r} cannot be read: {refused}") from refused


def parse_xml(content: bytes, name: str) -> Element:
    """Parse XML without document types or entities. Raises RefusedError, naming the part."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
        return root
    except DefusedXmlException as error:
        raise RefusedError(
            f"its part {name!r} defines entities or a document type, as files do that are made "
            "to do harm."
        ) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise RefusedError(f"it is damaged: its part {name!r} is no valid XML; {_ANEW}") from error


def check_members(package: zipfile.ZipFile, limits: Limits) -> None:
    """Refuse a package with too many members, before any is read."""
    if len(package.infolist()) > limits.max_archive_members:
        raise RefusedError(
            f"it has more than {limits.max_archive_members:,} members; split it into parts."
        )
