"""Old encodings are told apart, or refused; what is UTF-8 is never guessed at."""

import pytest

from archive.importing.decoding import decode
from archive.importing.values import RefusedError
from tests.importing import languages as lang

CYRILLIC = ("cp1251", "koi8_r", "mac_cyrillic", "cp866", "iso8859_5")
WESTERN = ("cp1252", "mac_roman", "cp850")
CENTRAL = ("cp1250", "iso8859_2", "mac_latin2", "cp852")
CASES = [
    *((lang.RUSSIAN, encoding) for encoding in CYRILLIC),
    *((lang.RUSSIAN_SHORT, encoding) for encoding in CYRILLIC),
    *((lang.RUSSIAN_CAPITALS, encoding) for encoding in CYRILLIC),
    *((lang.KAZAKH, encoding) for encoding in ("kz1048", "ptcp154")),
    (lang.UZBEK, "ptcp154"),
    *((lang.UKRAINIAN, encoding) for encoding in ("cp1251", "koi8_u", "mac_cyrillic")),
    *(
        (text, encoding)
        for text in (
            lang.FRENCH,
            lang.FRENCH_SHORT,
            lang.FRENCH_CAPITALS,
            lang.GERMAN,
            lang.SPANISH,
            lang.PORTUGUESE,
            lang.ITALIAN,
            lang.SWEDISH,
        )
        for encoding in WESTERN
    ),
    *(
        (text, encoding)
        for text in (lang.POLISH, lang.CZECH, lang.SLOVAK, lang.HUNGARIAN)
        for encoding in CENTRAL
    ),
    (lang.ROMANIAN, "cp1250"),
    (lang.TURKISH, "cp1254"),
    *((lang.ENGLISH, encoding) for encoding in ("cp1252", "mac_roman")),
    *((lang.JAPANESE, encoding) for encoding in ("shift_jis", "euc_jp")),
    (lang.CHINESE, "gb18030"),
    (lang.CHINESE_TAIWAN, "big5"),
    (lang.KOREAN, "euc_kr"),
    (lang.GREEK, "cp1253"),
    (lang.HEBREW, "cp1255"),
    (lang.ARABIC, "cp1256"),
]


@pytest.mark.parametrize(
    ("content", "text", "repair"),
    [
        (
            "Жизнь ".encode() + "\ud83d\ude00".encode("utf-8", "surrogatepass"),
            "Жизнь 😀",
            "joined 1 split surrogate pair",
        ),
        (b"Born in London \xed\xa0\x80.", "Born in London .", "removed 1 half of a broken"),
    ],
)
def test_halves_of_signs_are_no_letters_of_an_old_encoding(content, text, repair):
    decoded = decode(content)
    assert (decoded.text, decoded.encoding) == (text, "utf-8")
    assert decoded.repairs[0].startswith(repair)


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_paragraphs_in_old_encodings_come_out_right(text, encoding):
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert any(told.startswith("read as ") for told in decoded.repairs)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"],
)
@pytest.mark.parametrize("text", [lang.RUSSIAN, lang.ENGLISH, lang.CZECH])
def test_unicode_is_recognised_with_and_without_a_mark(text, encoding):
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "a JPEG picture; import what is written in it"),
        (b"PK\x03\x04\x14\x00\x00\x00", "a .zip archive; give it that ending"),
        (b"%PDF-1.7\n\x00", "a PDF document"),
        (b"{\\rtf1\\ansi Hello}", "rich text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old Office"),
        (bytes(range(256)) * 20, "control bytes"),
        (bytes(range(128, 256)) * 20, "encoding cannot be told"),
        (b"\xff\xfea\x00b", "damaged at byte"),
        # One broken place in good UTF-8: another encoding would garble all the rest.
        (("жизнь " * 9).encode() + b"\n\xff!", "damaged in line 2"),
        (("жизнь " * 9).encode()[:-2], "damaged in line 1"),
    ],
)
def test_what_is_no_text_is_refused_by_what_it_is(content, reason):
    with pytest.raises(RefusedError, match=reason):
        decode(content)


def test_a_declared_encoding_is_believed_when_it_fits():
    assert decode("Ölüm".encode("cp1254"), "windows-1254").text == "Ölüm"
    assert decode("Ölüm".encode(), "windows-1254").text == "Ölüm"
    assert decode("“Ol”".encode("cp1252"), "iso-8859-1").text == "“Ol”"
    assert decode("caf\xe9".encode("cp1252"), "rot13").text == "café"
