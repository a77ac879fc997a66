"""Poems: blocks of short lines keep their breaks, wrapped prose flows.

Markdown joins the lines of a block. People who paste a poem or an address do not know that, and
people who wrap their prose at some column rely on it. The lines tell which is which.
"""

import re
from itertools import pairwise

# The longest line of a verse, in characters (a hexameter has some fifty).
_LONGEST = 60
# Nobody wraps prose this narrow.
_NARROW = 40
_BLOCK = re.compile(r"(?:^[^\S\n]*\S[^\n]*\n)+(?:^[^\S\n]*\S[^\n]*)|\Z", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
# Lines that Markdown reads as something else than a paragraph.
_SYNTAX = re.compile(
    r"[ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\||\[[^\]\n]*\]:|[|:=*_\s-]{3,}$"
    r"|</?(?:div|p|h[1-6]|[uod]l|li|d[td]|blockquote|pre|hr|figure|figcaption)\b)",
    re.IGNORECASE,
)
_TABLE_RULE = re.compile(r"^[ \t|:-]*-[ \t|:-]*$", re.MULTILINE)
_ENDS_BROKEN = ("  ", "\\")
_PAUSES = tuple(",;:.!?…—–")


def verse_breaks(body: str) -> list[int]:
    """Return the offsets of the line ends that a reader should see."""
    breaks: list[int] = []
    in_code = False
    for block in _BLOCK.finditer(body):
        text = block[0]
        if "```" in text or "~~~" in text:
            # A fence may begin in one block and end in another.
            in_code ^= sum(bool(_FENCE.match(line)) for line in text.split("\n")) % 2 == 1
            continue
        if in_code or not text:
            continue
        lines = text.split("\n")
        if _is_verse(lines):
            at = block.start()
            for line in lines[:-1]:
                if not line.rstrip("\r").endswith(_ENDS_BROKEN):
                    breaks.append(at + len(line.rstrip("\r")))
                at += len(line) + 1
    return breaks


def break_lines(body: str, breaks: list[int]) -> str:
    """Return the body with Markdown's own sign for a break at these line ends."""
    if not breaks:
        return body
    pieces: list[str] = []
    done = 0
    for at in breaks:
        pieces += (body[done:at], "  ")
        done = at
    return "".join([*pieces, body[done:]])


def _is_verse(lines: list[str]) -> bool:
    quoted = [bool(_QUOTE.match(line)) for line in lines]
    if any(quoted):
        if not all(quoted):
            return False
        lines = [_QUOTE.sub("", line, count=1) for line in lines]
    lines = [line.strip() for line in lines]
    longest = max(map(len, lines))
    if longest > _LONGEST or not all(lines) or any(_SYNTAX.match(line) for line in lines):
        return False
    if any("|" in line for line in lines) and any(_TABLE_RULE.match(line) for line in lines):
        return False
    capitals = all(_begins_high(line) for line in lines)
    if len(lines) == 2:
        # A name or a heading may stand on two lines; a line that ends a clause was meant to end.
        return capitals and longest <= _NARROW and lines[0].endswith(_PAUSES)
    return capitals or longest <= _NARROW or not _is_filled(lines, longest)


def _begins_high(line: str) -> bool:
    """Whether the first letter is not a small one."""
    first = next((char for char in line if char.isalpha()), "")
    return bool(first) and not first.islower()


def _is_filled(lines: list[str], width: int) -> bool:
    """Whether the next word never had room at the end of a line, as when an editor wraps."""
    return all(
        len(line) + 1 + len(following.split(maxsplit=1)[0]) > width
        for line, following in pairwise(lines)
    )
