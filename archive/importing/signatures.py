"""What bytes really are, whatever the name of their file says."""

from __future__ import annotations

_PICTURE = "picture; import what is written in it as text"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", f"a PNG {_PICTURE}"),
    (b"\xff\xd8\xff", f"a JPEG {_PICTURE}"),
    (b"GIF87a", f"a GIF {_PICTURE}"),
    (b"GIF89a", f"a GIF {_PICTURE}"),
    (b"II*\x00", f"a TIFF {_PICTURE}"),
    (b"MM\x00*", f"a TIFF {_PICTURE}"),
    (b"%PDF-", "a PDF document; save its text as .txt or .docx"),
    (b"{\\rtf", "a rich text (RTF) document; save it as .docx or .odt"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document; save it as .docx or .odt"),
    (b"\x1f\x8b", "a gzip archive; unpack it or make a .zip of it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it or make a .zip of it"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it or make a .zip of it"),
    (b"BZh", "a bzip2 archive; unpack it or make a .zip of it"),
    (b"\xfd7zXZ\x00", "an xz archive; unpack it or make a .zip of it"),
    (b"SQLite format 3\x00", "a SQLite database; export its texts as .csv or .json"),
    (b"\x7fELF", "a program; leave it out"),
    (b"ID3", "a sound recording; import its transcript instead"),
    (b"OggS", "a recording; import its transcript instead"),
    (b"RIFF", "a sound or film file; import its transcript instead"),
)
#: ZIP archives that are documents, but none of words alone: a name in them, and what to do.
_NO_TEXTS: tuple[tuple[bytes, str], ...] = (
    (b"xl/workbook.xml", "an Excel table (.xlsx); save it as .csv"),
    (b"ppt/presentation.xml", "a presentation (.pptx); save its text as .txt or .docx"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "a table (.ods); save it as .csv"),
    (
        b"mimetypeapplication/vnd.oasis.opendocument.presentation",
        "a presentation (.odp); save its text as .txt or .odt",
    ),
    (b"Index/Document.iwa", "a document of Apple's iWork; export it as .docx"),
)
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def is_zip(content: bytes) -> bool:
    """Tell whether `content` begins like a ZIP archive, as .docx, .odt and .epub do too."""
    return content.startswith(ZIP_SIGNATURES)


def zip_kind(content: bytes) -> str:
    """Name what a ZIP archive holds, by its first members: "an .epub book" or "a .zip archive"."""
    head = content[:4000]
    if b"mimetypeapplication/epub+zip" in head:
        return "an .epub book"
    if b"mimetypeapplication/vnd.oasis.opendocument" in head:
        return "an OpenDocument (.odt) file"
    if b"[Content_Types].xml" in head and (b"word/" in content or b"_rels/" in head):
        return "an Office (.docx) file"
    return "a .zip archive"


def zip_advice(content: bytes) -> str:
    """Name what a ZIP archive holds, and what to do with it under another name."""
    for mark, kind in () if b"word/document.xml" in content else _NO_TEXTS:
        if mark in content:
            return kind
    return f"{zip_kind(content)}; give it that ending"


def binary_kind(content: bytes) -> str | None:
    """Name what `content` is when it is certainly no text, with what to do; else None."""
    if is_zip(content):
        return zip_advice(content)
    for signature, kind in _SIGNATURES:
        sure = len(signature) > 3 or not signature.isascii()  # no text begins like these
        if content.startswith(signature) and (sure or b"\x00" in content[:4096]):
            return kind
    return None
