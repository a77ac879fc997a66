"""From text to runs of capitalised words, with what stands around them.

Everything here is linear in the length of the text: each expression is anchored or bounded, and a
run never holds more than ``LONGEST_RUN`` words.
"""

import re
import sys
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache, lru_cache

from archive.tagging.names import normalise
from archive.tagging.wordlists import word_class

LONGEST_RUN = 12
LONGEST_WORD = 60

_MASKED = re.compile(
    r"https?://\S+|(?<!\w)www\.\S+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}"
    r"|`[^`\n]{1,300}`"
    r"|\]\([^)\n]{0,500}\)"
    r"|</?[a-zA-Z][^<>\n]{0,300}>"
)
#: One of these is in whatever `_MASKED` matches.
_MASKED_SIGNS = ("://", "www.", "@", "`", "](", "<")
_ZONE = re.compile(
    r"\"([^\"\n]{1,90})\"|“([^”\n]{1,90})”|«([^»\n]{1,90})»|„([^“\n]{1,90})“"
    r"|(?<![\w*])\*(?![*\s])([^*\n]{1,90})\*(?![\w*])"
    r"|(?<!\w)_(?![_\s])([^_\n]{1,90})_(?!\w)"
)
_YEAR_AFTER = re.compile(r"[?!]? \((?:[^()\n\d]{0,40}, ?)?(?:1[5-9]|20)\d\d\)")


@cache
def _upper() -> str:
    """Return the inside of a character class with every capital letter there is."""
    codes = [c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) in ("Lu", "Lt")]
    parts, first = [], codes[0]
    for here, after in zip(codes, [*codes[1:], 0], strict=True):
        if after != here + 1:
            parts.append(chr(first) if first == here else f"{chr(first)}-{chr(here)}")
            first = after
    return "".join(parts)


@cache
def _word_pattern() -> re.Pattern[str]:
    upper = _upper()
    return re.compile(
        rf"(?<![\w.])(?:[A-Z]\.){{2,}}(?:[A-Z](?!\w))?"
        rf"|(?<!\w)(?:(?:al|el|ul|ad|as|ash|an|ar|at|az|d['’]|l['’])-?(?=[{upper}]))?[{upper}]"
        rf"[^\W_]*(?:['’‘ʻ](?=\w\w)[^\W_]+|-[^\W_]+)*"
    )


@dataclass(slots=True, eq=False)
class Word:
    """A capitalised word; ``key`` is what is looked up."""

    start: int
    end: int
    text: str
    key: str


@dataclass(slots=True, eq=False)
class Run:
    """Capitalised words in a row; ``glue[i]`` stands between word i and word i + 1."""

    words: list[Word]
    glue: list[str] = field(default_factory=list)
    opens: bool = False  # the first words of a sentence
    titled: bool = False  # inside quotation marks or emphasis, like the title of a work
    dated: bool = False  # followed by a year in brackets, like the title of a work

    @property
    def start(self) -> int:
        """Where the first word begins."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Where the last word ends."""
        return self.words[-1].end


@lru_cache(maxsize=50_000)
def key_of(text: str) -> str:
    """Return the normalised form of one word (cached: a text repeats its words)."""
    return normalise(text)


def mask(text: str) -> str:
    """Blank what is not prose (addresses, code, tags), keeping every offset."""
    if not any(sign in text for sign in _MASKED_SIGNS):
        return text
    return _MASKED.sub(lambda found: "|" * len(found.group()), text)


def title_zones(text: str) -> list[tuple[int, int]]:
    """Return the spans in quotation marks or emphasis that look like the title of a work.

    Speech in quotation marks has ordinary lower-case words; a title has only small ones.
    """
    zones = []
    small = word_class("title-small")
    for found in _ZONE.finditer(text):
        start, end = found.span(found.lastindex or 0)
        words = text[start:end].strip(" ,.;:").split()
        if not words or not words[0][:1].isupper() or text[end - 1] in ".?!":
            continue
        telling = [word for word in words if word.lower() not in small]
        capitals = sum(word[:1].isupper() or not word[:1].isalpha() for word in telling)
        if capitals == len(telling) or (len(words) <= 3 and text[end - 1] != ","):
            zones.append((start, end))
    return zones


@cache
def _joins() -> dict[str, bool]:
    """Return the glue that holds a name together; True when only an abbreviation allows it."""
    particles = word_class("particle")
    joins = {" ": False, "\u00a0": False, ". ": True, ".": True, ".\u00a0": True}
    for one in particles:
        joins[f" {one} "] = False
        joins[f". {one} "] = True
        for two in particles:
            joins[f" {one} {two} "] = False
    return joins


def _wrapped(text: str, start: int) -> bool:
    """Tell whether the line break at ``start`` is only where a long line was wrapped."""
    line = text.rfind("\n", max(0, start - 200), start) + 1
    return 50 <= start - line <= 100 and text[start - 1].isalnum()


def _holds(text: str, before: Word, start: int) -> str | None:
    """Return the glue between ``before`` and a word at ``start``, or None when they part."""
    if start - before.end > 14:
        return None
    glue = text[before.end : start]
    if glue == "\n" and _wrapped(text, before.end):
        return " "
    abbreviated = _joins().get(glue)
    if abbreviated is None:
        return None
    if abbreviated and len(before.text) > 1 and before.key not in word_class("abbreviation"):
        return None
    return glue


_OPENERS = " \t\u00a0\"“”„«»'‘’([*_#>-–—•|"


def opens_sentence(text: str, start: int) -> bool:
    """Tell whether a word at ``start`` has its capital only because a sentence begins there."""
    here = start - 1
    lowest = max(0, start - 8)
    while here >= lowest and text[here] in _OPENERS:
        here -= 1
    return here < 0 or text[here] in ".!?…:\n\r\x00" or here < lowest


def _nickname(text: str, run: Run, start: int, end: int) -> bool:
    """Tell whether the words around a quotation mark are one name: Thomas "Tommy" O'Rourke."""
    opening = text[run.end : start]
    if opening in (' "', " “"):
        return text[end : end + 2] in ('" ', "” ") and text[end + 2 : end + 3].isupper()
    last = run.words[-1].start
    return opening in ('" ', "” ") and len(run.words) > 1 and text[last - 2 : last] in (' "', " “")


def runs(text: str, zones: list[tuple[int, int]]) -> list[Run]:
    """Return every run of capitalised words of an already masked text."""
    found: list[Run] = []
    run: Run | None = None
    starts = [start for start, _ in zones]
    for match in _word_pattern().finditer(text):
        start, end = match.span()
        if end - start > LONGEST_WORD:
            run = None
            continue
        word = Word(start, end, match.group(), key_of(match.group()))
        glue = _holds(text, run.words[-1], start) if run else None
        if run and glue is None and _nickname(text, run, start, end):
            glue = " "
        if run and glue is not None and len(run.words) < LONGEST_RUN:
            run.words.append(word)
            run.glue.append(glue)
            continue
        run = Run([word], opens=opens_sentence(text, start))
        place = bisect_right(starts, start) - 1
        run.titled = place >= 0 and start < zones[place][1]
        found.append(run)
    for run in found:
        if text.startswith((" (", "? (", "! ("), run.end):
            run.dated = bool(_YEAR_AFTER.match(text, run.end))
    return found


def words_before(text: str, start: int) -> list[str]:
    """Return up to three words before ``start`` in the same clause, the nearest last."""
    piece = text[max(0, start - 40) : start]
    for stop in ".;:!?\n(":
        cut = piece.rfind(stop)
        if cut >= 0:
            piece = piece[cut + 1 :]
    return piece.split()[-3:]


def words_after(text: str, end: int) -> list[str]:
    """Return up to two words after ``end``."""
    return text[end : end + 40].split()[:2]
