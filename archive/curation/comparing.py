"""Two texts side by side, word by word. Pure: it knows nothing of stories."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

#: Work that a comparison may cost: lines of one text times lines of the other, likewise words of
#: all stretches that differ. Beyond it a stretch is shown as exchanged whole. (At the limit about a
#: second for texts made to be slow, hundredths for real ones.)
MAX_LINES_SQUARED = 4_000_000
MAX_WORDS_SQUARED = 500_000
#: Unchanged lines that are shown on either side of a change.
CONTEXT_LINES = 1
#: A word with the space after it, or a single sign.
_WORD = re.compile(r"\w+[^\S\n]*|[^\w\n][^\S\n]*|\n")


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one text, and whether it is not in the other."""

    text: str
    changed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side; a row with ``skipped`` stands for that many equal lines."""

    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()
    skipped: int = 0

    @property
    def changed(self) -> bool:
        """Whether the two sides differ."""
        return any(piece.changed for piece in (*self.left, *self.right))


def compare(left: str, right: str) -> tuple[Row, ...]:
    """*left* and *right* in rows: changed lines word by word, equal ones folded away."""
    a, b = left.split("\n"), right.split("\n")
    rows: list[Row] = []
    budget = MAX_WORDS_SQUARED
    for tag, a1, a2, b1, b2 in _opcodes(a, b, MAX_LINES_SQUARED):
        if tag == "equal":
            rows += _equal(a[a1:a2], first=not rows, last=a2 == len(a))
        else:
            row, cost = _words("\n".join(a[a1:a2]), "\n".join(b[b1:b2]), budget)
            rows.append(row)
            budget -= cost
    return tuple(rows)


def _opcodes(
    a: Sequence[str], b: Sequence[str], limit: int
) -> Iterator[tuple[str, int, int, int, int]]:
    """The edits from *a* to *b*; what both begin and end with costs nothing."""
    low = 0
    while low < min(len(a), len(b)) and a[low] == b[low]:
        low += 1
    end = 0
    while end < min(len(a), len(b)) - low and a[-1 - end] == b[-1 - end]:
        end += 1
    if low:
        yield "equal", 0, low, 0, low
    inner_a, inner_b = a[low : len(a) - end], b[low : len(b) - end]
    if not inner_a or not inner_b or len(inner_a) * len(inner_b) > limit:
        if inner_a or inner_b:
            yield "replace", low, len(a) - end, low, len(b) - end
    else:
        matcher = SequenceMatcher(None, inner_a, inner_b, autojunk=False)
        for tag, a1, a2, b1, b2 in matcher.get_opcodes():
            yield tag, low + a1, low + a2, low + b1, low + b2
    if end:
        yield "equal", len(a) - end, len(a), len(b) - end, len(b)


def _equal(lines: Sequence[str], first: bool, last: bool) -> Iterator[Row]:
    """Equal lines: those next to a change, and one row for all the others."""
    before = 0 if first else CONTEXT_LINES
    after = 0 if last else CONTEXT_LINES
    skipped = len(lines) - before - after
    if skipped <= 1:
        before, after, skipped = len(lines), 0, 0
    for line in lines[:before]:
        yield Row((Piece(line, False),), (Piece(line, False),))
    if skipped:
        yield Row(skipped=skipped)
    for line in lines[len(lines) - after :] if after else ():
        yield Row((Piece(line, False),), (Piece(line, False),))


def _words(left: str, right: str, budget: int) -> tuple[Row, int]:
    """One stretch that differs, word by word, and what it cost."""
    a, b = _WORD.findall(left), _WORD.findall(right)
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    # The space after a word makes no other word of it.
    keys = [[word.rstrip(" \t") for word in words] for words in (a, b)]
    for tag, a1, a2, b1, b2 in _opcodes(keys[0], keys[1], budget):
        for side, words in zip(sides, (a[a1:a2], b[b1:b2]), strict=True):
            if words:
                side.append(Piece("".join(words), tag != "equal"))
    cost = len(a) * len(b)
    return Row(tuple(sides[0]), tuple(sides[1])), cost if cost <= budget else 0
