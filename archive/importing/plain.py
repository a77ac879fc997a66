"""Plain text as Markdown: whatever a reader of Markdown would misread is escaped, nothing else.

What is done to a .txt file, and why:

- A mark that would start a heading, a quotation or a code block where the writer only wrote a
  sign is escaped with a backslash; an indent that would make a code block is dropped.
- "<" before a letter becomes "&lt;", and "&" before something like an entity becomes "&amp;".
- Stars, underscores, backticks and brackets are escaped only where they would pair up and vanish.
- A list stays a list, a line of stars or dashes stays a break, an underlined title stays a title:
  Markdown reads those as the writer meant them.
- Files of the kind that word processors save, one long line for each paragraph and no blank lines
  between them, get the blank lines that Markdown needs (and the report says so).
"""

from __future__ import annotations

import re
from itertools import pairwise

_BLANK_LINES = re.compile(r"(\n[ \t]*(?:\n[ \t]*)+)")
_INDENT = re.compile(r"\A[ \t]+")
_BREAK = re.compile(r"[ ]{0,3}(?:(?:\*[ ]*){3,}|(?:-[ ]*){3,}|(?:_[ ]*){3,})\Z")
_BULLET = re.compile(r"([ ]{0,3})([*+-])(?=[ \t]|\Z)")
_NUMBER = re.compile(r"([ ]{0,3})(\d{1,9})([.)])(?=[ \t]|\Z)")
_LINE_MARK = re.compile(r"([ ]{0,3})([#>])")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#\d|#[xX][0-9A-Fa-f]|[A-Za-z][A-Za-z0-9]{1,31};)")
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~\\]|\n|\Z)")
_LINKS = re.compile(r"\](?=[ ]?\n?[(\[]|:)")
_FENCE = re.compile(r"^[ ]{0,3}~{3,}", re.MULTILINE)
_UNDERLINE = re.compile(r"\n[ ]{0,3}(-+)(?=[ ]*(?:\n|\Z))")

LONG_LINE = 120  # nobody wraps lines by hand at this width: a longer line is a paragraph
UNDERLINED_TITLE = 80


def to_markdown(text: str) -> tuple[str, tuple[str, ...]]:
    """Plain text (cleaned, with newline line ends) as Markdown, and what was done to it."""
    notes: tuple[str, ...] = ()
    if _one_line_paragraphs(text):
        text = re.sub(r"\n+", "\n\n", text)
        notes = ("set paragraphs apart: each line of this file is a paragraph",)
    parts = _BLANK_LINES.split(text)
    # Odd parts are the blank lines between the blocks.
    parts[::2] = [_escape_block(block) for block in parts[::2]]
    return "".join(parts), notes


def _one_line_paragraphs(text: str) -> bool:
    """Tell whether each line is a paragraph: half of the single breaks follow long lines."""
    lines = text.strip("\n").split("\n")
    if len(lines) < 2:
        return False
    breaks = [before for before, after in pairwise(lines) if before and after]
    long = sum(1 for line in breaks if len(line) > LONG_LINE)
    return bool(breaks) and long * 2 >= len(breaks)


def _escape_block(block: str) -> str:
    if not block or _BREAK.match(block):
        return block
    block = _INDENT.sub(_small_indent, block)
    if not _needs_care(block):
        return block
    block = _escape_inline(block)
    lines = block.split("\n")
    if _is_list(lines):
        return block
    return "\n".join(_escape_break(line, number) for number, line in enumerate(lines))


def _small_indent(match: re.Match[str]) -> str:
    indent = match.group()
    return indent if len(indent) < 4 and "\t" not in indent else ""


def _needs_care(block: str) -> bool:
    return re.search(r"[\\`*_\[<&#>~]|^[ ]*(?:[+-]|\d+[.)])", block, re.MULTILINE) is not None


def _is_list(lines: list[str]) -> bool:
    """Recognise two or more lines that all start with the same bullet, or are numbered 1, 2, 3."""
    if len(lines) < 2:
        return False
    bullets = [_BULLET.match(line) for line in lines]
    if all(bullets):
        return len({match.group(2) for match in bullets if match}) == 1
    numbers = [_NUMBER.match(line) for line in lines]
    return [match and int(match.group(2)) for match in numbers] == list(range(1, len(lines) + 1))


def _escape_break(line: str, number: int) -> str:
    if _BREAK.match(line):
        # Dashes below a line of text would make a heading of it.
        return line if number == 0 or "-" not in line else line.replace("-", "\\-", 1)
    return escape_line(line)


def escape_line(line: str) -> str:
    """Escape the sign at the head of a line that would start a heading, quotation or list."""
    line = _LINE_MARK.sub(r"\1\\\2", line, count=1) if _LINE_MARK.match(line) else line
    if _BULLET.match(line):
        return _BULLET.sub(r"\1\\\2", line, count=1)
    if _NUMBER.match(line):
        return _NUMBER.sub(r"\1\2\\\3", line, count=1)
    return line


def _escape_inline(block: str) -> str:
    block = escape_signs(_BACKSLASH.sub(r"\\\\", block))
    if block.count("`") > 1:
        block = block.replace("`", "\\`")
    if _LINKS.search(block):
        block = _LINKS.sub(r"\\]", block).replace("[", "\\[")
    for mark in "*_":
        block = _escape_pairs(block, mark)
    # A tilde cannot be escaped with a backslash everywhere.
    return _FENCE.sub(lambda match: match.group().replace("~", "&#126;", 1), block)


def escape_signs(text: str) -> str:
    """Escape what would be read as an HTML tag or entity."""
    return _TAG.sub("&lt;", _ENTITY.sub("&amp;", text))


def _escape_pairs(block: str, mark: str) -> str:
    """Escape stars or underscores that touch a word, where there are two or more of them."""
    if block.count(mark) < 2:
        return block
    inner = re.escape(mark)
    if mark == "_":
        # Inside a word an underscore never starts emphasis.
        pattern = rf"(?<![\w\\]){inner}(?=\S)|(?<=\S)(?<!\\){inner}(?!\w)"
    else:
        pattern = rf"(?<!\\){inner}(?=\S)|(?<=\S)(?<!\\){inner}"
    return re.sub(pattern, "\\\\" + mark, block)
