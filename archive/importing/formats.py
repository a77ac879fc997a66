"""Which reader takes which file, and how what it reads becomes a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from archive.importing import archives, books, documents, metadata, plain, records, signatures
from archive.importing.decoding import decode
from archive.importing.markup import Page, declared_encoding, read_page
from archive.importing.metadata import BODY_NAMES, Fields
from archive.importing.repair import clean
from archive.importing.values import Limits, Refusal, RefusedError, SourceFile


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader makes of a file or of one record in it."""

    body: str
    fields: Fields
    encoding: str
    repairs: tuple[str, ...] = ()
    part: str = ""


Outcome = tuple[SourceFile, Document] | Refusal
Reader = Callable[[bytes, Limits], Document]
RecordReader = Callable[[bytes, Limits], records.Records]


def parse(name: str, content: bytes, limits: Limits) -> Iterator[Outcome]:
    """Read one file with the reader for the ending of its name. Never raises."""
    try:
        yield from _parse(name, content, limits)
    except RefusedError as refused:
        yield Refusal(name, str(refused))
    except Exception as error:
        # The readers name what they know to go wrong. Whatever else a file may provoke must not
        # end the import of the twenty thousand others.
        yield Refusal(
            name,
            f"it cannot be read ({type(error).__name__}); save it anew from the program it was "
            "made with, or as .txt.",
        )


def is_archive(name: str) -> bool:
    """Tell whether `name` is that of an archive, to which other limits apply."""
    return _ending(name) == ".zip"


def is_several(name: str) -> bool:
    """Tell whether a file of this name may hold many stories: an archive or records."""
    return is_archive(name) or _ending(name) in RECORDS


def _parse(name: str, content: bytes, limits: Limits) -> Iterator[Outcome]:
    if not content:
        raise RefusedError("it is empty; remove it or add its text.")
    ending = _ending(name)
    if ending == ".zip":
        yield from _parse_archive(name, content, limits)
    elif ending in RECORDS:
        media_type, read = RECORDS[ending]
        yield from _parse_records(SourceFile.of(name, content, media_type), read, limits)
    elif ending in DOCUMENTS:
        media_type, read_document = DOCUMENTS[ending]
        yield SourceFile.of(name, content, media_type), read_document(content, limits)
    else:
        kind = signatures.binary_kind(content)
        is_what = f" (it is {kind})" if kind else ""
        known = ", ".join((*DOCUMENTS, *RECORDS, ".zip"))
        raise RefusedError(f"this kind of file is not read{is_what}; these are: {known}.")


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _parse_archive(name: str, content: bytes, limits: Limits) -> Iterator[Outcome]:
    _expect_zip(content, "a .zip archive")
    kind = signatures.zip_kind(content)
    if kind != "a .zip archive":
        raise RefusedError(f"it is no archive but {signatures.zip_advice(content)}.")
    for member in archives.members(name, content, limits):
        if isinstance(member, Refusal):
            yield member
        else:
            yield from parse(*member, limits)


def _parse_records(source: SourceFile, read: RecordReader, limits: Limits) -> Iterator[Outcome]:
    found = read(source.content, limits)
    empty = True
    for record in found.records:
        empty = False
        try:
            if isinstance(record.fields, RefusedError):
                raise record.fields
            document = _from_record(record.fields, limits)
        except RefusedError as refused:
            yield Refusal(part_name(source.name, record.part), str(refused))
        else:
            yield (
                source,
                replace(
                    document,
                    encoding=found.encoding,
                    repairs=(*found.repairs, *document.repairs),
                    part=record.part,
                ),
            )
    if empty:
        raise RefusedError("there are no records in it; remove it or add some.")


def part_name(name: str, part: str) -> str:
    """Name a part of a file in a report: "lives.csv (row 3)"."""
    return f"{name} ({part})" if part else name


def _from_record(raw: Mapping[str, object], limits: Limits) -> Document:
    """Make a document of a record, whose `body` (or `text`) is Markdown."""
    repairs: list[str] = []
    bodies = [name for name in raw if name.strip().casefold() in BODY_NAMES]
    if len(bodies) > 1:
        raise RefusedError("it has both a 'body' and a 'text'; leave one of them.")
    body = raw[bodies[0]] if bodies else None
    if not isinstance(body, str) or not body.strip():
        raise RefusedError("the field 'body' is missing, or is no text; it must hold the story.")
    cleaned = clean(body)
    repairs += cleaned.repairs
    others = {
        clean(name).text: _clean_value(value) for name, value in raw.items() if name not in bodies
    }
    fields, notes = metadata.check(others, limits)
    return Document(cleaned.text, fields, "", (*repairs, *notes))


def _clean_value(value: object) -> object:
    """Repair the text of a field, which JSON may give as escapes, as the body is repaired."""
    if isinstance(value, str):
        return clean(value).text
    if isinstance(value, list):
        return [clean(item).text if isinstance(item, str) else item for item in value]
    return value


def _most_chars(limits: Limits) -> int:
    return limits.max_body_chars + limits.max_front_matter_bytes


def read_plain(content: bytes, limits: Limits) -> Document:
    """Read a .txt file: plain text, which may have front matter."""
    decoded = decode(content, max_chars=_most_chars(limits))
    raw, text = metadata.split_front_matter(decoded.text, limits)
    fields, notes = metadata.check(raw or {}, limits)
    body, changes = plain.to_markdown(text)
    return Document(body, fields, decoded.encoding, (*decoded.repairs, *notes, *changes))


def read_markdown(content: bytes, limits: Limits) -> Document:
    """Read a .md file; its first heading is its title, and leaves the body, if none is given."""
    decoded = decode(content, max_chars=_most_chars(limits))
    raw, body = metadata.split_front_matter(decoded.text, limits)
    fields, notes = metadata.check(raw or {}, limits)
    if not fields.title:
        title, body = take_heading(body, limits)
        fields = replace(fields, title=title)
    return Document(body, fields, decoded.encoding, (*decoded.repairs, *notes))


def read_html(content: bytes, limits: Limits) -> Document:
    """Read an .html page, in the encoding it declares unless it is UTF-8 after all."""
    decoded = decode(content, declared_encoding(content))
    page = read_page(decoded.text)
    said = {
        "title": page.title,
        "creator": page.meta.get("author") or page.meta.get("dc.creator", ""),
        "date": page.meta.get("date") or page.meta.get("dc.date", ""),
        "language": page.language or page.meta.get("dc.language", ""),
        "rights": page.meta.get("copyright") or page.meta.get("dc.rights", ""),
    }
    return _from_page(page, said, decoded.encoding, decoded.repairs, limits)


def read_docx(content: bytes, limits: Limits) -> Document:
    """Read a .docx document of a word processor."""
    _expect_zip(content, "a .docx document")
    return _from_page(*documents.read_docx(content, limits), "utf-8", (), limits)


def read_odt(content: bytes, limits: Limits) -> Document:
    """Read an .odt document of a word processor."""
    _expect_zip(content, "an .odt document")
    return _from_page(*documents.read_odt(content, limits), "utf-8", (), limits)


def read_epub(content: bytes, limits: Limits) -> Document:
    """Read an .epub book, the whole of it as one story."""
    _expect_zip(content, "an .epub book")
    return _from_page(*books.read_epub(content, limits), "utf-8", (), limits)


def _expect_zip(content: bytes, what: str) -> None:
    if not signatures.is_zip(content):
        kind = signatures.binary_kind(content)
        but = f"but {kind}" if kind else "and no ZIP file at all; if it is text, call it .txt"
        raise RefusedError(f"it is not {what} {but}.")


def _from_page(
    page: Page,
    said: Mapping[str, str],
    encoding: str,
    repairs: tuple[str, ...],
    limits: Limits,
) -> Document:
    """Make a document of a page and of what the file says about itself.

    Programs fill such properties with anything, so that a value which cannot be right is passed
    over here, while in front matter, which a person wrote, it is refused.
    """
    cleaned = clean(page.markdown)
    fields = Fields()
    for name in ("title", "creator", "date", "language", "rights"):
        value = clean(said.get(name, "")).text
        try:
            checked, _ = metadata.check({name: value}, limits)
        except RefusedError:
            continue
        changes = {name: getattr(checked, name)}
        if name == "date":
            changes |= {"date_earliest": checked.date_earliest, "date_latest": checked.date_latest}
        fields = replace(fields, **changes)
    title, body = _title(documents.told_title(fields.title), cleaned.text, limits)
    repairs = (*repairs, *page.repairs, *cleaned.repairs)
    return Document(body, replace(fields, title=title), encoding, repairs)


def _title(told: str, body: str, limits: Limits) -> tuple[str, str]:
    """Choose between the title a document tells and the heading above its text."""
    heading, rest = take_heading(body, limits)
    if not told or heading.casefold() == told.casefold():
        return heading, rest
    # Web pages tell "The heading – name of the site".
    if len(heading) > 3 and heading.casefold() in told.casefold():
        return heading, rest
    return told, body


_HEADING = re.compile(
    r"\s*(?:#{1,6}[ \t]+(?P<atx>[^\n]{1,1000})(?:\n|\Z)"
    r"|(?P<setext>[^\n]{1,1000})\n(?:={2,}|-{2,})[ \t]*(?:\n|\Z))"
)
_MARKS = re.compile(r"\]\([^)]*\)|\*+|`+|(?<!\w)_+|_+(?!\w)|\[")


def take_heading(body: str, limits: Limits) -> tuple[str, str]:
    """Split the heading at the head of a Markdown body from the body, as its title.

    A heading stays where it is when nothing would be left, or it is too long for a title.
    """
    match = _HEADING.match(body)
    if match is None:
        return "", body
    title = re.sub(r"[ \t]+#+[ \t]*\Z", "", (match["atx"] or match["setext"]).strip())
    title = " ".join(_unmark(title).split())
    rest = body[match.end() :].lstrip("\n")
    if not title or len(title) > limits.max_field_chars or not rest.strip():
        return "", body
    return title, rest


def _unmark(text: str) -> str:
    """Take the marks of Markdown from a heading; what is escaped stays as a sign."""
    parts = re.split(r"\\([!-/:-@\[-`{-~])", text)
    parts[::2] = [_MARKS.sub("", part) for part in parts[::2]]
    return "".join(parts).replace("&lt;", "<").replace("&amp;", "&")


DOCUMENTS: dict[str, tuple[str, Reader]] = {
    ".txt": ("text/plain", read_plain),
    ".md": ("text/markdown", read_markdown),
    ".markdown": ("text/markdown", read_markdown),
    ".html": ("text/html", read_html),
    ".htm": ("text/html", read_html),
    ".xhtml": ("application/xhtml+xml", read_html),
    ".docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        read_docx,
    ),
    ".odt": ("application/vnd.oasis.opendocument.text", read_odt),
    ".epub": ("application/epub+zip", read_epub),
}
RECORDS: dict[str, tuple[str, RecordReader]] = {
    ".csv": ("text/csv", records.read_csv),
    ".tsv": ("text/tab-separated-values", records.read_csv),
    ".json": ("application/json", records.read_json),
    ".jsonl": ("application/jsonl", records.read_jsonl),
}
