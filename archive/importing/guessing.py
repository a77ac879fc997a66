"""Guessing the encoding of old texts: which reading looks like a language that people write.

charset-normalizer alone reads some French as Czech and some Kazakh not at all. So the encodings of
Latin and Cyrillic scripts are weighed here, each reading against the alphabets it could be
written in; charset-normalizer is asked for the other scripts, where it is good.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from charset_normalizer import from_bytes

# In the order of trust when two readings are equally good. cp1251 comes before its relatives for
# Kazakh and Central Asian letters, which are the same where those letters do not occur.
LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254", "mac_roman", "mac_latin2", "cp850", "cp852")
CYRILLIC = ("cp1251", "koi8_r", "kz1048", "ptcp154", "cp866", "mac_cyrillic", "koi8_u", "iso8859_5")
OTHERS = (
    "shift_jis",
    "euc_jp",
    "gb18030",
    "big5",
    "euc_kr",
    "cp1253",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp874",
    "cp437",
)
MULTIBYTE = frozenset({"shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"})

SAMPLE_BYTES = 60_000
CONFIDENT = 0.9  # of the letters beyond ASCII must fit, after the penalties
_MAX_CHAOS = 0.1  # charset-normalizer's measure of mess

_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_ALPHABETS_LATIN = {
    "French": "àâæçéèêëîïôœùûüÿ",
    "German": "äöüßé",
    "Spanish": "áéíñóúüªº",
    "Portuguese": "ãáâàçéêíóôõúüªº",
    "Italian": "àèéìòùî",
    "Dutch": "äëïöüéèêóá",
    "Nordic": "åäöæøéüáà",
    "Icelandic": "áðéíóúýþæö",
    "Estonian and Finnish": "äõöüšžå",
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýžö",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Romanian": "ăâîşţșț",
    "South Slavic": "čćđšžě",
    "Turkish": "çğıöşüâîûi",
    "Catalan": "àçéèíïóòúü·",
}
_ALPHABETS_CYRILLIC = {
    "Russian": _RUSSIAN,
    "Ukrainian and Belarusian": "абвгґдеёєжзиіїйклмнопрстуўфхцчшщьюяыэ’",
    "Bulgarian": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "Serbian and Macedonian": "абвгдђѓежзѕијкќлљмнњопрстћуфхцчџш",
    "Kazakh": _RUSSIAN + "әғқңөұүһі",
    "Kyrgyz, Mongolian, Tatar": _RUSSIAN + "ңөүәҗһ",
    "Uzbek and Tajik": _RUSSIAN + "ўқғҳӣӯҷ",
}
# The most frequent letters of Cyrillic languages: they tell capitals in one encoding from small
# letters in another.
_FREQUENT = frozenset("аеиотнсрлвкый")
_MARKS = frozenset("–—‘’“”„«»‹›…•·§°©®™№€£¢¥¡¿´½¼¾×±†\xa0\xad−")

_LETTERS = re.compile(r"[^\W\d_]+")
_INSIDE = re.compile(r"(?<=[^\W\d_])[^\w\s'’‘´.,:;!?()/«»\"“”&@+*=<>\[\]–—…-](?=[^\W\d_])")


def guess(content: bytes) -> str | None:
    """Guess the encoding of text that is not UTF-8: a Python codec name, or None if in doubt."""
    sample = _sample(content)
    best, best_score = "", 0.0
    for encoding in (*LATIN, *CYRILLIC):
        text = _try(sample, encoding)
        if text is None:
            continue
        score = _fit(text, encoding in CYRILLIC)
        if score > best_score + 1e-9:
            best, best_score = encoding, score
    if best_score < CONFIDENT or _try(content, best) is None:
        return _guess_others(sample, content)
    if best in CYRILLIC and sample.decode(best, "ignore").isupper():
        # Hebrew, which has no small letters, looks like capitals in KOI8-R.
        other = from_bytes(sample, cp_isolation=["cp1255", best], enable_fallback=False).best()
        if other and other.encoding == "cp1255" and _try(content, "cp1255") is not None:
            return "cp1255"
    return best


def _guess_others(sample: bytes, content: bytes) -> str | None:
    for match in from_bytes(sample, cp_isolation=list(OTHERS), enable_fallback=False):
        if match.encoding not in OTHERS or match.chaos > _MAX_CHAOS:
            continue
        text = _try(sample, match.encoding)
        if text is None or _try(content, match.encoding) is None:
            continue
        if match.encoding in MULTIBYTE or match.coherence > 0:
            return match.encoding if _is_common(text, match.encoding) else None
    return None


def _sample(content: bytes) -> bytes:
    """Take the part where the bytes beyond ASCII begin, cut at spaces or line ends."""
    first = re.search(rb"[\x80-\xff]", content)
    start = max(0, first.start() - 200) if first else 0
    if len(content) - start <= SAMPLE_BYTES:
        return content[start:]
    sample = content[start : start + SAMPLE_BYTES]
    # A double-byte character must not be cut in two; ASCII white space never is part of one.
    return sample[: max(sample.rfind(b" "), sample.rfind(b"\n"), SAMPLE_BYTES // 2)]


def _try(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _fit(text: str, cyrillic: bool) -> float:
    """Measure how well a reading fits the best alphabet: 1 is perfect, below 0 is nonsense."""
    beyond = [char for char in text if char > "\x7f"]
    letters = [char.lower()[0] for char in beyond if char.isalpha()]
    marks = sum(1 for char in beyond if char in _MARKS)
    if not beyond:
        return 0.0
    alphabets = _alphabets(cyrillic)
    known = max(sum(1 for char in letters if char in alphabet) for alphabet in alphabets)
    strange: float = len(beyond) - known - marks
    strange += len(_INSIDE.findall(text))
    strange += _crowded(text, cyrillic)
    score = (known + marks - 2 * strange) / len(beyond)
    if cyrillic and known:
        frequent = sum(1 for char in letters if char in _FREQUENT) / len(letters)
        # About 65 % in every Cyrillic language; shuffled letters reach 40 %. A short text may
        # be unlike its language, so that it is not refused for its letters alone.
        score -= max(0.0, 0.6 - frequent) * (0.5 if len(letters) >= 20 else 0.2)
        # Between two readings that differ in a few letters the Russian one is likelier.
        score -= 0.02 * sum(1 for char in letters if char not in _RUSSIAN) / len(letters)
    return score


@cache
def _alphabets(cyrillic: bool) -> tuple[frozenset[str], ...]:
    table = _ALPHABETS_CYRILLIC if cyrillic else _ALPHABETS_LATIN
    return tuple(frozenset(letters) for letters in table.values())


def _crowded(text: str, cyrillic: bool) -> float:
    """Count words that no language spells so: scripts mixed, or accent upon accent."""
    strange = 0.0
    for word in _LETTERS.findall(text):
        if word.isascii():
            continue
        if not word.isupper():
            strange += 2 * sum(a.islower() and b.isupper() for a, b in pairwise(word))
        beyond = sum(1 for char in word if char > "\x7f")
        if cyrillic:
            strange += min(beyond, len(word) - beyond)
        elif len(word) > 2 and beyond * 2 > len(word):
            strange += beyond - len(word) / 2
    return strange


def _is_common(text: str, encoding: str) -> bool:
    """Check that double bytes make everyday characters, as they do not by accident."""
    beyond = [char for char in text if char > "\x7f"]
    if encoding not in MULTIBYTE:
        return bool(beyond)
    everyday = 0.0
    for char in beyond:
        if (
            "\u3000" <= char <= "\u30ff"
            or "\uff00" <= char <= "\uffef"
            or "\uac00" <= char <= "\ud7a3"
        ):
            everyday += 1
            continue
        try:
            lead = char.encode("big5" if encoding == "big5" else "gb2312", "strict")[0]
        except UnicodeEncodeError:
            # Japanese and Korean forms of the characters are not in that table.
            if encoding in {"shift_jis", "euc_jp", "euc_kr"} and "\u4e00" <= char <= "\u9fff":
                everyday += 0.9
            continue
        everyday += (0xA1 <= lead <= 0xC6) if encoding == "big5" else (0xA1 <= lead <= 0xD7)
    return everyday >= 0.85 * len(beyond)
