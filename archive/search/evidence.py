"""Why a story is in the list: the sentence that satisfies the question, with its words marked.

Pure functions over text. A sentence is cut out of Markdown, so that marks of emphasis, links and
headings are dropped; what is returned is plain text, but for ``as_html``, which escapes it.
"""

from __future__ import annotations

import dataclasses
import functools
import html
import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils.safestring import SafeString

from archive.rendering.prose import RAW_TAGS
from archive.search.fulltext.query import (
    ACCENTS,
    SIGNS,
    UNSPACED,
    Term,
    alternatives,
    run_pattern,
    runs,
)
from archive.search.fulltext.stem import fold, stem

#: A piece of the evidence, and whether it is marked.
Piece = tuple[str, bool]
#: A stretch of text by its first character and the one behind its last.
Span = tuple[int, int]

#: Longest evidence, in characters.
MAX_CHARS = 300
#: Characters of a long text that are looked through at a time.
_STRETCH = 20_000

_END = re.compile(
    r"[.!?…]+[\"”’»)\]*_]*(?:\[\^[^\]\s]{1,80}\])*(?=\s|$)|[。！？]|(?m:^\s*#{1,6}\s[^\n]*\n)|\n\s*\n|\n(?=\s*(?:[#>*+-]|\d+\.)\s)"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:St|Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Sr|Jr|No|vs|cf|etc|c|ca|e\.g|i\.e|\w)\.$"
)
#: What Markdown writes around words, each alternative with the group that stays, if any.
_SIGN = re.compile(
    r"""
    # Where no sign can begin, nothing else is tried.
    (?=[][\\!<>&'*_~`|=+\#-]|[ \t]\#|(?<![^\n])[ \t\d])(?:
    \\(?P<escaped>[\\`*_{}\[\]()\#+.!|<>~-]) | \\(?=\n)
    | ^[ \t]*(?:>[ \t]?)*(?:[-*_=][ \t]*){3,}$
    | ^[ \t]*\[\^[^\]\n]{1,80}\]:[ \t]*
    | ^[ \t]{0,3}\[[^\]\n]{1,80}\]:[ \t]*\S+[^\n]*$
    | ^[ \t]*(?:>[ \t]?|(?:\#{1,6}|[*+-]|\d{1,3}\.)[ \t]+)+
    | ^[ \t]*(?:`{3,}|~{3,})[^\n]*$
    | [ \t]\#+[ \t]*$
    | ^[ \t]*\|[ \t|:-]*$ | ^[ \t]*\| | \|[ \t]*$
    | \[\^[^\]\s]{1,80}\]
    | !?\[(?=[^\[\]\n]{0,500}\](?:\(|\[))
    | (?<=[^\[\n])\](?:\((?:[^()\n]|\([^()\n]{0,300}\)){0,600}\)|\[[^\]\n]{0,80}\])
    | <(?P<address>https?://[^<>\s]{1,600})>
    | <!--[^>]{0,600}--> | </?(?:TAGS)(?:\s[^<>\n]{0,300})?/?>
    | &(?P<entity>\#\d{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});
    | (?<!\w)[*_~`]+(?=\S) | (?<=\S)[*_~`]+(?!\w) | \*{2,}
    | (?<=[^\W\d_])(?P<apostrophe>')(?=[^\W\d_])
    )""".replace("TAGS", "|".join(sorted(RAW_TAGS))),
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
#: Characters before and behind a stretch of text that are looked at for signs reaching into it.
_REACH = 600
#: Signs over and under letters that are characters of their own.
_MARKS = ACCENTS + "\u0483-\u0487"
_WORD = re.compile(rf"[^\W_{SIGNS}]+(?:[{_MARKS}]+[^\W_{SIGNS}]*)*")
#: Letters of alphabets and their forms: what stands before the signs, ligatures, wide letters.
_LETTERS = (*range(0x2200), *range(0xFB00, 0xFB50), *range(0xFF10, 0xFF5B))


def sentence(text: str, start: int, end: int) -> Span:
    """The sentence of *text* around the characters from *start* to *end*."""
    first, last = 0, len(text)
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[max(0, match.end() - 8) : match.end()]):
            continue
        if match.end() <= start:
            first = match.end()
        elif (
            match.start() >= end - 1 or match.start() <= start
        ):  # behind it, or a heading around it
            last = match.end()
            break
    while first < min(start, last) and text[first].isspace():
        first += 1
    return first, last


def shorten(text: str, span: Span, around: Span, limit: int = MAX_CHARS) -> Span:
    """*span* cut to *limit* characters at whole words, so that *around* stays inside."""
    first, last = span
    if last - first <= limit:
        return span
    room = max(0, limit - (around[1] - around[0]))
    first = max(first, around[0] - room // 2)
    last = min(last, first + limit)
    first = max(span[0], min(first, last - limit))
    if first > span[0]:
        space = text.find(" ", first, around[0])
        first = space + 1 if space >= 0 else first
    if last < span[1]:
        space = text.rfind(" ", around[1], last)
        last = space if space >= 0 else last
    return first, last


def plain(text: str, start: int = 0, end: int | None = None) -> str:
    """The words of *text* as they are read, without the signs of Markdown, spaces single.

    With *start* and *end* only the characters between them; what stands around them says whether
    a sign is one: a dash begins an item of a list at the start of a line alone.
    """
    end = len(text) if end is None else end
    return _without(_signs(text, start, end), text, start, end)


def _signs(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The signs of Markdown between *start* and *end*, and some that stand before them."""
    line = text.rfind("\n", max(0, start - _REACH), start) + 1
    for match in _SIGN.finditer(text, line or max(0, start - _REACH), end + _REACH):
        if match.start() >= end:
            break
        yield match


def _without(signs: Iterable[re.Match[str]], text: str, start: int, end: int) -> str:
    """The characters of *text* from *start* to *end* without *signs*, spaces single."""
    kept: list[str] = []
    at = start
    for match in signs:
        first, last = match.span()
        if first >= end:
            break
        if last <= at:
            continue
        kept.append(text[at : max(at, first)])
        if first >= start:
            kept.append(_instead(match))
        at = min(last, end)
    kept.append(text[at:end])
    return re.sub(r"\s+", " ", "".join(kept))


def _instead(sign: re.Match[str]) -> str:
    """What is read where *sign* stands."""
    if sign["apostrophe"]:
        return "’"
    if sign["entity"]:
        return html.unescape(sign[0])
    return sign["escaped"] or sign["address"] or ""


def pieces(text: str, span: Span, marks: Iterable[Span]) -> tuple[Piece, ...]:
    """The characters of *span* as plain pieces, those of *marks* marked."""
    at, last = span
    signs = list(_signs(text, at, last))
    found: list[Piece] = []
    for start, end in sorted(marks):
        if at <= start < end <= last:
            found.append((_without(signs, text, at, start), False))
            found.append((_without(signs, text, start, end), True))
            at = end
    found.append((_without(signs, text, at, last), False))
    found = [piece for piece in found if piece[0]]
    if not found:
        return ()
    if not found[0][1]:
        found[0] = (found[0][0].lstrip(), False)
    if not found[-1][1]:
        found[-1] = (found[-1][0].rstrip(), False)
    return tuple(piece for piece in found if piece[0])


@dataclasses.dataclass(frozen=True, slots=True)
class Excerpt:
    """A sentence of a text, or as much of it as is shown."""

    text: str
    span: Span
    whole: Span

    def holds(self, mark: Span) -> bool:
        """Whether the characters of *mark* are shown."""
        return self.span[0] <= mark[0] and mark[1] <= self.span[1]

    def pieces(self, marks: Iterable[Span]) -> tuple[Piece, ...]:
        """What is shown, with *marks*; ellipses stand where the sentence was cut."""
        before = (("… ", False),) if self.span[0] > self.whole[0] else ()
        after = ((" …", False),) if self.span[1] < self.whole[1] else ()
        return (*before, *pieces(self.text, self.span, marks), *after)


def excerpt(text: str, around: Span) -> Excerpt:
    """The sentence of *text* around *around*, cut to what can be shown."""
    whole = sentence(text, *around)
    return Excerpt(text, shorten(text, whole, around), whole)


@functools.lru_cache(maxsize=256)
def opening(text: str) -> tuple[Piece, ...]:
    """The first sentences of *text*, as many as fit."""
    while (match := re.match(r"\s*(?:#[^\n]*(?:\n|$)|[-*_=]{3,}\s*\n)", text)) and match.end():
        text = text[match.end() :]
    start = len(text) - len(text.lstrip())
    end = start
    while end < len(text):
        _, last = sentence(text, end, end + 1)
        if last - start > MAX_CHARS or last <= end:
            break
        end = last
        paragraph = re.match(r"\s*\n\s*\n", text[end:])
        if end - start > MAX_CHARS // 2 or paragraph:
            break
    if end > start:
        return pieces(text, (start, end), ())
    return excerpt(text, (start, min(len(text), start + 1))).pieces(())


def as_html(pieces: Sequence[Piece]) -> SafeString:
    """*pieces*, escaped; marks stand around those that are marked."""
    written = [(html.escape(words), marked) for words, marked in pieces]
    return SafeString(
        "".join(f"<mark>{words}</mark>" if marked else words for words, marked in written)
    )


def marked(text: str, marks: Iterable[Span]) -> tuple[Piece, ...]:
    """*text*, which is not Markdown, as pieces, those of *marks* marked."""
    at = 0
    found: list[Piece] = []
    for start, end in marks:
        if start >= at:
            found += [(text[at:start], False), (text[start:end], True)]
            at = end
    return tuple(piece for piece in (*found, (text[at:], False)) if piece[0])


def word_spans(text: str, terms: Sequence[Term]) -> list[Span]:
    """Where *text* holds words of *terms*, as the engines compare them: folded and stemmed."""
    terms = [way for term in terms for way in alternatives(term)]
    beginnings = [_beginning(term) for term in terms]
    folded = text.lower() if text.isascii() else ""
    if folded and not any(beginning in folded for beginning in beginnings):
        return []  # told much sooner so
    found: set[Span] = set()
    for term in terms:
        if UNSPACED.search(term.text):
            found.update(match.span() for match in run_pattern(term.text).finditer(text))
            continue
        wanted = [fold(match.group()) for match in _WORD.finditer(term.text)]
        if not wanted:
            continue
        # No stem differs from its word in the first letter: only such words are looked at.
        for match in _beginning_with(wanted[0][:1]).finditer(text):
            end = _end_of(wanted, term.prefix, match, text)
            if end:
                found.add((match.start(), end))
    return sorted(found)


def _end_of(wanted: Sequence[str], prefix: bool, first: re.Match[str], text: str) -> int:
    """Where the words *wanted* end that start with the word *first* of *text*; 0 if they do not."""
    word: re.Match[str] | None = first
    for number, root in enumerate(wanted, 1):
        if word is None:
            return 0
        own = fold(word.group())
        last = number == len(wanted)
        if stem(own) != stem(root) and not (last and prefix and _starts(own, root)):
            return 0
        if last:
            return word.end()
        word = _WORD.search(text, word.end())
    return 0


def _starts(word: str, beginning: str) -> bool:
    """Whether an engine finds *word* by *beginning*: of both it knows the stems."""
    return word.startswith(beginning) or stem(word).startswith(stem(beginning))


@functools.lru_cache(maxsize=256)
def _beginning_with(letter: str) -> re.Pattern[str]:
    """Words that begin with *letter*, folded; in scripts of very many letters, all words."""
    forms = "".join(
        char for char in map(chr, _LETTERS) if char.isalnum() and fold(char)[:1] == letter
    )
    # Korean syllables begin with their own first letter, but are not among those.
    syllables = not letter or "\u1100" <= letter <= "\u11ff"
    return (
        re.compile(rf"(?<![^\W_{SIGNS}])(?=[{re.escape(forms)}]){_WORD.pattern}")
        if forms and not syllables
        else _WORD
    )


def first_word_spans(text: str, terms: Sequence[Term]) -> list[Span]:
    """Where the first stretch of *text* that holds words of *terms* holds them."""
    for at in range(0, len(text), _STRETCH - MAX_CHARS):
        stretch = text[at : at + _STRETCH]
        found = [
            (at + start, at + end)
            for start, end in word_spans(stretch, terms)
            # A word that was cut is whole in the stretch before or behind.
            if (start or not at) and (end < len(stretch) or at + end == len(text))
        ]
        if found:
            return found
    return []


def _beginning(term: Term) -> str:
    """Letters that stand, folded, in every text that holds *term*; the more, the sooner told."""
    if UNSPACED.search(term.text):
        return fold(max(runs(term.text), key=len))
    words = [fold(match.group()) for match in _WORD.finditer(term.text)]
    # Of a stem, the last letters may be written otherwise in the text: happi-, happy.
    heads = [stem(word)[: max(1, len(stem(word)) - 3)] for word in words]
    return max(heads, key=len, default="")


def densest(text: str, spans: Sequence[Span]) -> Span:
    """The one of *spans* with the most different words close behind it; the first of equals."""

    def weight(at: int) -> int:
        start = spans[at][0]
        near = {
            text[first:last].casefold()
            for first, last in spans[at : at + 20]
            if last - start <= MAX_CHARS * 2 // 3
        }
        return len(near)

    best = max(range(len(spans)), key=lambda at: (weight(at), -at))
    return spans[best]
