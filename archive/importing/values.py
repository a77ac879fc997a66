"""The values that importing hands over, and the limits it keeps."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field
from typing import Literal

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it came, with its bytes unchanged.

    `name` is the path inside what was given, with "/" between the parts; a member of an archive
    is "bundle.zip/folder/a.txt". It is always printable text: bytes of a file name that are no
    UTF-8 and control characters are shown escaped.
    """

    name: str
    content: bytes = field(repr=False)
    media_type: str
    size: int  # in bytes
    sha256: str  # of the bytes, in hexadecimal

    @classmethod
    def of(cls, name: str, content: bytes, media_type: str) -> SourceFile:
        """The file *name* with its bytes; thousands of records may share the one value."""
        return cls(name, content, media_type, len(content), hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class StoryDraft:
    """One story, ready to be kept. Text that is absent is "", never None, but for the title."""

    source: SourceFile
    part: str  # "" for a whole file, else "row 3" or "record 3", counted from one
    body: str = field(repr=False)  # Markdown, "\n" line ends, no control or surrogate characters
    title: str | None
    first_words: str
    slug: str
    language: str
    creator: str
    date: str  # as written
    collection: str
    summary: str
    rights: str
    date_earliest: datetime.date | None
    date_latest: datetime.date | None
    status: Literal["", "draft", "published"]
    people: tuple[str, ...]
    places: tuple[str, ...]
    themes: tuple[str, ...]
    encoding: str
    repairs: tuple[str, ...]
    text_sha256: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not taken: what, where, why and what to do.

    `skipped` marks the litter that systems leave in folders (.DS_Store, Thumbs.db, hidden files):
    it is said, but is no failure of the import.
    """

    name: str
    reason: str
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What importing accepts at most. Sizes are bytes, lengths are characters."""

    max_file_bytes: int = 20 * MB
    max_zip_bytes: int = 200 * MB  # a .zip archive as it comes
    max_archive_members: int = 20_000
    max_archive_bytes: int = 500 * MB  # all members unpacked, counted while reading
    max_archive_ratio: int = 200  # unpacked : packed, of one member above 1 MB
    max_document_bytes: int = 10 * MB  # one XML part of a .docx, .odt or .epub, unpacked
    max_front_matter_bytes: int = 64_000
    max_body_chars: int = 5_000_000
    max_records: int = 100_000  # rows of a .csv, records of a .json or .jsonl
    max_list_items: int = 500  # people, places or themes of one story
    max_field_chars: int = 300  # title, creator, date, collection, one person, place or theme
    max_long_field_chars: int = 10_000  # summary, rights


class RefusedError(Exception):
    """Raised inside this package by a reader that cannot take what it was given.

    The message is the reason that people will read.
    """
