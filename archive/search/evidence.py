"""Why a story is in the list: the sentence that satisfies the question, with its words marked.

Pure functions over text. A sentence is cut out of Markdown, so that marks of emphasis, links and
headings are dropped; what is returned is plain text, which the template escapes.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from archive.search.fulltext.query import UNSPACED, Term
from archive.search.fulltext.stem import fold, stem

#: A piece of the evidence, and whether it is marked.
Piece = tuple[str, bool]
#: A stretch of text by its first character and the one behind its last.
Span = tuple[int, int]

#: Longest evidence, in characters.
MAX_CHARS = 300

_END = re.compile(
    r"[.!?…]+[\"”’»)\]*_]*(?=\s|$)|[。！？]|(?m:^\s*#{1,6}\s[^\n]*\n)|\n\s*\n|\n(?=\s*(?:[#>*+-]|\d+\.)\s)"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:St|Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Sr|Jr|No|vs|cf|etc|c|ca|e\.g|i\.e|\w)\.$"
)
_LINE_START = re.compile(r"(?m)^\s*(?:#{1,6}|>|[*+-]|\d+\.)\s+")
_LINK_END = re.compile(r"\]\([^)]*\)")
_LINK_START = re.compile(r"!?\[(?=\S)")
_EMPHASIS = re.compile(r"(?<!\w)[*_~`]+(?=\w)|(?<=\S)[*_~`]+(?!\w)|\*{2,}")
_BEFORE_MARK = re.compile(r"(?<!\w)[*_~`]+$")
_AFTER_MARK = re.compile(r"^[*_~`]+(?!\w)")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def sentence(text: str, start: int, end: int) -> Span:
    """The sentence of *text* around the characters from *start* to *end*."""
    first, last = 0, len(text)
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[max(0, match.end() - 8) : match.end()]):
            continue
        if match.end() <= start:
            first = match.end()
        elif match.start() >= end - 1:
            last = match.end()
            break
    while first < start and text[first].isspace():
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


def plain(text: str) -> str:
    """*text* without the signs of Markdown, spaces single, apostrophes as in print."""
    text = _LINE_START.sub(" ", text)
    text = _LINK_START.sub("", _LINK_END.sub("", text))
    text = _EMPHASIS.sub("", text)
    return _APOSTROPHE.sub("’", re.sub(r"\s+", " ", text))


def pieces(text: str, span: Span, marks: Iterable[Span]) -> tuple[Piece, ...]:
    """The characters of *span* as plain pieces, those of *marks* marked."""
    at, last = span
    found: list[Piece] = []
    behind_mark = False

    def unmarked(end: int, before_mark: bool) -> None:
        rest = text[at:end]
        rest = _BEFORE_MARK.sub("", rest) if before_mark else rest
        rest = _AFTER_MARK.sub("", rest) if behind_mark else rest
        found.append((plain(rest), False))

    for start, end in sorted(marks):
        if at <= start < end <= last:
            unmarked(start, before_mark=True)
            found.append((plain(text[start:end]), True))
            at, behind_mark = end, True
    unmarked(last, before_mark=False)
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


def word_spans(text: str, terms: Sequence[Term]) -> list[Span]:
    """Where *text* holds words of *terms*, as the engines compare them: folded and stemmed."""
    words = [(match.span(), fold(match.group())) for match in _WORD.finditer(text)]
    stems = [stem(word) for _, word in words]
    found: set[Span] = set()
    for term in terms:
        if UNSPACED.match(term.text):
            found.update(match.span() for match in re.finditer(re.escape(term.text), text))
            continue
        wanted = [fold(match.group()) for match in _WORD.finditer(term.text)]
        if not wanted:
            continue
        last = len(wanted) - 1
        roots = [stem(word) for word in wanted]
        for at in range(len(words) - last):
            if stems[at : at + last] != roots[:last]:
                continue
            ending = words[at + last][1]
            if stems[at + last] == roots[last] or (term.prefix and ending.startswith(wanted[last])):
                found.add((words[at][0][0], words[at + last][0][1]))
    return sorted(found)


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
