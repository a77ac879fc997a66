"""From bytes to text: strictly UTF-8, else a byte order mark, else a guess that is told."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from archive.importing.guessing import guess
from archive.importing.repair import clean
from archive.importing.signatures import binary_kind
from archive.importing.values import RefusedError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 before UTF-16: its little-endian mark starts with the one of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE_AS = "open it where it looks right, save it as UTF-8 and import it again."
_WELL_FORMED = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_PROBE_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """A clean text, the encoding it was found in, and what was guessed or repaired."""

    text: str
    encoding: str
    repairs: tuple[str, ...]


def decode(content: bytes, declared: str = "", max_chars: int | None = None) -> Decoded:
    """Return the text of `content`, cleaned.

    `declared` is an encoding that the file itself names (HTML, XML); it is believed when the
    bytes are no UTF-8 and fit it. Raises RefusedError when the bytes are no text or their
    encoding cannot be told with confidence, or the text has more than `max_chars` characters.
    """
    kind = binary_kind(content)
    if kind:
        raise RefusedError(f"it is no text but {kind}.")
    text, encoding, notes = _decode(content, declared)
    if max_chars is not None and len(text) > max_chars:
        raise RefusedError(too_long(len(text), max_chars))
    cleaned = clean(text)
    return Decoded(cleaned.text, encoding, (*notes, *cleaned.repairs))


def too_long(size: int, max_chars: int) -> str:
    """Say that a text is too long; both numbers are characters."""
    return (
        f"its text has {size:,} characters, more than the {max_chars:,} allowed; split it into "
        "parts."
    )


def _decode(content: bytes, declared: str) -> tuple[str, str, tuple[str, ...]]:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _with_bom(content, encoding), encoding, ()
    wide = _wide_encoding(content)
    if wide:
        return content.decode(wide), wide, (f"read as {_name(wide)}, which has no mark to say so",)
    _refuse_binary(content)
    try:
        return content.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError as error:
        if _only_surrogates_are_wrong(content, error):
            return content.decode("utf-8", "surrogatepass"), "utf-8", ()
        _refuse_broken_utf8(content, error)
    encoding = _believable(declared, content) or guess(content) or ""
    if not encoding:
        raise RefusedError(f"its encoding cannot be told with confidence; {_SAVE_AS}")
    return content.decode(encoding), encoding, (f"read as {_name(encoding)}, not as UTF-8",)


def _with_bom(content: bytes, encoding: str) -> str:
    try:
        # A file that was joined from others may have more than one mark at its head.
        return content.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise RefusedError(
            f"it begins as {_name(encoding)} but is damaged at byte {error.start:,}; {_SAVE_AS}"
        ) from error


def _wide_encoding(content: bytes) -> str | None:
    """Recognise UTF-16 or UTF-32 without a mark by where the NULs of its ASCII are."""
    probe = content[: _PROBE_BYTES - _PROBE_BYTES % 4]
    if len(content) % 2 or b"\x00" not in probe:
        return None
    for encoding, zero, width in (
        ("utf-32-le", 3, 4),
        ("utf-32-be", 0, 4),
        ("utf-16-le", 1, 2),
        ("utf-16-be", 0, 2),
    ):
        units = max(1, len(probe) // width)
        zeros = probe[zero::width].count(0) / units
        filled = 1 - probe[width - 1 - zero :: width].count(0) / units
        if zeros < 0.1 or filled < 0.99:
            continue
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        head = text[:50_000]
        readable = sum(1 for char in head if char.isprintable() or char in "\t\n\r\f")
        if readable >= 0.99 * len(head):
            return encoding
    return None


def _refuse_binary(content: bytes) -> None:
    """Refuse what is full of control bytes: a few in a text are damage, many are no text."""
    probe = content[:_PROBE_BYTES]
    controls = sum(probe.count(byte) for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1b")
    if controls > 20 and controls > len(probe) * 0.05:
        raise RefusedError(
            "it is no text: it is full of control bytes. If it is a document, open it in the "
            "program it belongs to and save it as .docx, .odt or .txt."
        )


def _only_surrogates_are_wrong(content: bytes, error: UnicodeDecodeError) -> bool:
    """Tell whether this is UTF-8 with halves of signs in it, as Java and old databases write.

    Cleaning joins the halves to signs again, and removes and tells those that stand alone.
    """
    if not _SURROGATE.match(content, error.start):
        return False
    try:
        content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_broken_utf8(content: bytes, error: UnicodeDecodeError) -> None:
    """Refuse UTF-8 with a few broken places; another encoding would garble all the rest."""
    probe = content[max(0, error.start - _PROBE_BYTES) : error.start + _PROBE_BYTES]
    good = len(_WELL_FORMED.findall(probe))
    rest = _WELL_FORMED.sub(b"", probe)
    bad = len(rest) - len(rest.translate(None, bytes(range(128, 256))))
    if good >= 3 and good > 4 * bad:
        line = content.count(b"\n", 0, error.start) + 1
        raise RefusedError(
            f"it is UTF-8, but damaged in line {line:,} (byte {error.start + 1:,}); mend that "
            "place by hand, save it and import it again."
        )


def _believable(declared: str, content: bytes) -> str | None:
    try:
        encoding = codecs.lookup(declared.strip()).name
        # Only codecs between bytes and text, of those that leave ASCII as it is.
        if "<p>".encode(encoding) != b"<p>":
            return None
        content.decode(encoding)
    except (LookupError, ValueError, TypeError, AttributeError):
        return None
    # Browsers read "iso-8859-1" as Windows-1252, and so do the people who write it.
    if encoding in {"iso8859-1", "ascii"}:
        encoding = "cp1252"
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            return None
    return encoding


_NAMES = {
    "koi8_r": "KOI8-R",
    "koi8_u": "KOI8-U",
    "mac_roman": "Mac Roman",
    "mac_latin2": "Mac Central European",
    "mac_cyrillic": "Mac Cyrillic",
    "kz1048": "KZ-1048 (Kazakh)",
    "ptcp154": "PTCP154 (Cyrillic of Central Asia)",
    "cp866": "DOS 866",
    "cp850": "DOS 850",
    "cp852": "DOS 852",
    "cp437": "DOS 437",
    "shift_jis": "Shift JIS",
    "euc_jp": "EUC-JP",
    "euc_kr": "EUC-KR",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "cp874": "Windows-874",
}


def _name(encoding: str) -> str:
    """Name an encoding the way people and text editors do."""
    if encoding in _NAMES:
        return _NAMES[encoding]
    if re.fullmatch(r"cp125\d", encoding):
        return f"Windows-{encoding[2:]}"
    return encoding.replace("_", "-").upper().replace("ISO8859", "ISO-8859").removesuffix("-SIG")
