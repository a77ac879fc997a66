"""The way from files to drafts: find, read, judge, one file in memory at a time."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from archive.importing import files, formats
from archive.importing.decoding import too_long
from archive.importing.values import Limits, Refusal, RefusedError, SourceFile, StoryDraft

is_several = formats.is_several

__all__ = [
    "Limits",
    "Refusal",
    "SourceFile",
    "StoryDraft",
    "count",
    "is_several",
    "load",
    "read",
    "read_bytes",
]

FIRST_WORDS = 8
FIRST_WORDS_CHARS = 80
DEFAULTS = Limits()


def read(paths: Iterable[str | Path], limits: Limits = DEFAULTS) -> Iterator[StoryDraft | Refusal]:
    """Read files and folders (recursively) and yield what was found, in a stable order.

    Every file that `count` counts yields at least one draft or refusal; a file of records or an
    archive yields one for each record or member. Raises FileNotFoundError at the call, before
    anything is read, when one of `paths` does not exist; nothing else.
    """
    found = files.find(paths)
    return _read(found, limits)


def read_bytes(
    name: str, content: bytes, limits: Limits = DEFAULTS
) -> Iterator[StoryDraft | Refusal]:
    """Read one file that is already in memory, such as an upload. Never raises."""
    name = files.printable(name)
    if len(content) > _max_bytes(name, limits):
        limit = files.in_megabytes(_max_bytes(name, limits))
        yield Refusal(name, f"it is larger than {limit}; split it into parts.")
        return
    for outcome in formats.parse(name, content, limits):
        yield outcome if isinstance(outcome, Refusal) else _draft(*outcome, limits)


def count(paths: Iterable[str | Path]) -> int:
    """How many entries `read` will speak about (an archive counts as one), without reading them."""
    return sum(1 for _ in files.find(paths))


def _read(found: Iterator[files.Found | Refusal], limits: Limits) -> Iterator[StoryDraft | Refusal]:
    for entry in found:
        if isinstance(entry, Refusal):
            yield entry
            continue
        yield from load(entry, limits)


def load(found: files.Found, limits: Limits = DEFAULTS) -> Iterator[StoryDraft | Refusal]:
    """Read one file that was found. Never raises."""
    try:
        content = files.load(found.path, _max_bytes(found.name, limits))
    except RefusedError as refused:
        yield Refusal(found.name, str(refused))
    else:
        yield from read_bytes(found.name, content, limits)


def _max_bytes(name: str, limits: Limits) -> int:
    return limits.max_zip_bytes if formats.is_archive(name) else limits.max_file_bytes


def _draft(source: SourceFile, document: formats.Document, limits: Limits) -> StoryDraft | Refusal:
    body, fields = document.body, document.fields
    name = formats.part_name(source.name, document.part)
    if len(body) > limits.max_body_chars:
        return Refusal(name, too_long(len(body), limits.max_body_chars))
    words = first_words(body)
    if not words:
        return Refusal(name, "there are no words in it; remove it or add its text.")
    return StoryDraft(
        source=source,
        part=document.part,
        body=body,
        title=fields.title or None,
        first_words=words,
        slug=fields.slug,
        language=fields.language,
        creator=fields.creator,
        date=fields.date,
        collection=fields.collection,
        summary=fields.summary,
        rights=fields.rights,
        date_earliest=fields.date_earliest,
        date_latest=fields.date_latest,
        status=fields.status,
        people=fields.people,
        places=fields.places,
        themes=fields.themes,
        encoding=document.encoding,
        repairs=document.repairs,
        text_sha256=text_sha256(body),
    )


def first_words(body: str) -> str:
    """Return the first words of a Markdown body as plain text, at most 80 characters; "" if none.

    A token counts as a word when it holds a letter or a digit in any script.
    """
    tokens = (match.group() for match in re.finditer(r"\S+", body))
    words = (_plain(token) for token in tokens)
    chosen = list(islice((word for word in words if word), FIRST_WORDS + 1))
    text = " ".join(chosen[:FIRST_WORDS])
    if len(text) > FIRST_WORDS_CHARS:
        return text[: FIRST_WORDS_CHARS - 1].rsplit(" ", 1)[0] + "…"
    return text + "…" if len(chosen) > FIRST_WORDS else text


def _plain(token: str) -> str:
    """Strip the marks of Markdown from a token; "" when no letter or digit is in it."""
    if not any(char.isalnum() for char in token):
        return ""
    # Longer than what is shown, so that it is seen to be cut.
    token = re.sub(r"\]\([^)]*\)?", "", token[:200]).lstrip("*_`#>[!").rstrip("*_`]")
    token = re.sub(r"\\(?=[^\w\s])", "", token)
    return token.replace("&lt;", "<").replace("&amp;", "&")


class _WordsOnly(dict[int, int]):
    """A translation table, filled on demand: whatever is no letter, mark or digit is a space."""

    def __missing__(self, code: int) -> int:
        self[code] = code if unicodedata.category(chr(code))[0] in "LMN" else 0x20
        return self[code]


_WORDS_ONLY = _WordsOnly()


def text_sha256(body: str) -> str:
    """Return the SHA-256 (hexadecimal) of the words of a text, for finding duplicates.

    The text is brought to NFKC and case-folded; everything but letters, combining marks and
    digits becomes a space, and runs of spaces become one. So two files with the same words are
    equal whatever their quotation marks, line ends, wrapping or Markdown.
    """
    words = unicodedata.normalize("NFKC", body).casefold().translate(_WORDS_ONLY)
    return hashlib.sha256(" ".join(words.split()).encode("utf-8")).hexdigest()
