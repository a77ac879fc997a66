"""Writing Markdown from the events of a marked-up document: start, end and text of elements.

HTML, .docx, .odt and .epub all end here, so that they read alike. Everything is written in one
pass with bounded nesting; nothing recurses over the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.importing import plain

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "html",
        "legend",
        "main",
        "p",
        "section",
        "summary",
    }
)
STYLES = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "dfn": "*", "var": "*"}
# Machinery and pictures: no words of the story. Navigation is the page's, not the story's.
SKIPPED = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "nav",
        "svg",
        "math",
        "iframe",
        "object",
        "applet",
        "canvas",
        "audio",
        "video",
        "select",
        "button",
        "textarea",
        "rp",
        "rt",
        "colgroup",
        "map",
        "datalist",
    }
)
MAX_NESTING = 12  # of lists, quotations and tables; what is deeper is written at that depth
MAX_URL = 2_000

_SPACE = re.compile(r"[ \t\n\r\f]+")
_SPACES = re.compile(r" {2,}")
_SPECIAL = re.compile(r"[\\*`]|(?<!\w)_|_(?!\w)")
_BREAK_LINE = re.compile(r"[ ]{0,3}(?:=+|(?:[-][ ]*)+)\Z")
_URL = re.compile(r"(?:https?://|mailto:)[^\s\\<>\"]+", re.IGNORECASE)


@dataclass(slots=True)
class _Span:
    text: str
    style: str  # "", "*", "**" or "***"
    link: str


@dataclass(slots=True)
class _Container:
    """A quotation, a list or an item of one."""

    tag: str
    number: int = 0  # of the last item of a list
    fresh: bool = True  # an item without a block yet


@dataclass(slots=True)
class _Table:
    depth: int  # of the containers around it
    rows: list[list[str]] = field(default_factory=list)
    outer: list[_Block] = field(default_factory=list)
    in_cell: bool = False


@dataclass(slots=True)
class _Block:
    text: str
    prefix: str
    item: bool


class MarkdownWriter:
    """Collects a document and gives it as Markdown.

    Call `start`, `end` and `text` in the order of the document; end tags may be missing or too
    many, as in the wild. `markdown` closes what is open.
    """

    def __init__(self) -> None:
        self.first_heading = ""
        self._blocks: list[_Block] = []
        self._spans: list[_Span] = []
        self._containers: list[_Container] = []
        self._tables: list[_Table] = []
        self._styles: dict[str, int] = {"*": 0, "**": 0}
        self._link = ""
        self._heading = 0
        self._preformatted = 0
        self._notes = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element; unknown ones are transparent."""
        if tag in STYLES:
            self._styles[STYLES[tag]] += 1
        elif tag == "a":
            self._link = _safe_url(attributes.get("href", ""))
        elif tag == "br":
            self._add("\n")
        elif tag == "q":
            self._add("“")
        elif tag == "note":
            self._notes += 1
            self._add(" [")
        elif self._notes:
            # A note stands in brackets inside its sentence, whatever it is made of.
            self._add(" " if tag in BLOCKS and not self._spans[-1].text.endswith("[") else "")
        elif tag == "hr":
            self._flush()
            self._emit("* * *")
        elif tag in HEADINGS:
            self._flush()
            self._heading = HEADINGS[tag]
        elif tag == "pre":
            self._flush()
            self._preformatted += 1
        elif tag in {"blockquote", "ul", "ol", "menu", "dir"}:
            self._flush()
            self._open(_Container("ol" if tag == "ol" else "q" if tag == "blockquote" else "ul"))
        elif tag == "li":
            self._flush()
            self._start_item()
        elif tag in {"table", "tr", "td", "th"}:
            self._flush()
            self._start_table_part(tag)
        elif tag in BLOCKS:
            self._flush()

    def end(self, tag: str) -> None:
        """Close an element; one that was not open is ignored."""
        if tag in STYLES:
            mark = STYLES[tag]
            self._styles[mark] = max(0, self._styles[mark] - 1)
        elif tag == "a":
            self._link = ""
        elif tag == "q":
            self._add("”")
        elif tag == "note":
            self._notes -= 1
            self._add("]")
        elif self._notes:
            return
        elif tag in HEADINGS:
            self._flush()
            self._heading = 0
        elif tag == "pre":
            self._flush()
            self._preformatted = max(0, self._preformatted - 1)
        elif tag in {"blockquote", "ul", "ol", "menu", "dir", "li"}:
            self._flush()
            kind = {"blockquote": "q", "menu": "ul", "dir": "ul"}.get(tag, tag)
            self._close(kind)
        elif tag in {"table", "tr", "td", "th"}:
            self._flush()
            self._end_table_part(tag)
        elif tag in BLOCKS:
            self._flush()

    def text(self, text: str) -> None:
        """Add text as it is to be read (entities resolved); white space is collapsed."""
        if not self._preformatted:
            text = _SPACE.sub(" ", text)
        self._add(text)

    def markdown(self) -> str:
        """Close everything that is open and return the document."""
        self._flush()
        while self._tables:
            self._end_table_part("table")
        return _join(self._blocks)

    def _add(self, text: str) -> None:
        if text:
            style = ("**" if self._styles["**"] else "") + ("*" if self._styles["*"] else "")
            last = self._spans[-1] if self._spans else None
            if last and last.style == style and last.link == self._link and len(last.text) < 4096:
                last.text += text
            else:
                self._spans.append(_Span(text, style, self._link))

    def _flush(self) -> None:
        """Write the collected spans as one block."""
        spans, self._spans = self._spans, []
        if not any(span.text.strip() for span in spans):
            return
        text = _write_spans(spans)
        if self._heading:
            line = " ".join(text.split())
            if not self.first_heading:
                self.first_heading = line
            self._emit("#" * self._heading + " " + line)
        else:
            self._emit("  \n".join(_escape_line(line) for line in _lines(text)))

    def _emit(self, text: str) -> None:
        first, rest, item = "", "", False
        for container in self._containers:
            if container.tag == "q":
                first, rest = first + "> ", rest + "> "
            elif container.tag == "li":
                marker = f"{container.number}. " if container.number else "- "
                if container.fresh:
                    first += marker
                    item = True
                    container.fresh = False
                else:
                    first += "    "
                rest += "    "
        lines = text.split("\n")
        lines[1:] = [rest + line for line in lines[1:]]
        self._blocks.append(_Block(first + "\n".join(lines), rest, item))

    def _open(self, container: _Container) -> None:
        if len(self._containers) < MAX_NESTING:
            self._containers.append(container)

    def _close(self, tag: str) -> None:
        """Close the nearest container of that kind and what was left open inside it."""
        floor = self._tables[-1].depth if self._tables else 0
        for index in range(len(self._containers) - 1, floor - 1, -1):
            if self._containers[index].tag == tag:
                del self._containers[index:]
                return
            if tag == "li" and self._containers[index].tag in {"ul", "ol"}:
                return

    def _start_item(self) -> None:
        self._close("li")
        around = self._containers[-1] if self._containers else None
        number = 0
        if around and around.tag == "ol":
            around.number += 1
            number = around.number
        self._open(_Container("li", number))

    def _start_table_part(self, tag: str) -> None:
        if tag == "table":
            if len(self._tables) < MAX_NESTING:
                self._tables.append(_Table(len(self._containers)))
        elif self._tables:
            table = self._tables[-1]
            self._end_cell(table)
            if tag == "tr" or not table.rows:
                table.rows.append([])
            if tag != "tr":
                table.outer, self._blocks = self._blocks, []
                table.in_cell = True

    def _end_table_part(self, tag: str) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        self._end_cell(table)
        if tag == "table":
            self._tables.pop()
            for text in _write_table(table.rows):
                self._emit(text)

    def _end_cell(self, table: _Table) -> None:
        if table.in_cell:
            del self._containers[table.depth :]
            table.rows[-1].append(_join(self._blocks))
            self._blocks, table.outer, table.in_cell = table.outer, [], False


def _join(blocks: list[_Block]) -> str:
    """Set blocks apart: items of a list closely, paragraphs of a quotation inside it."""
    parts: list[str] = []
    for index, block in enumerate(blocks):
        if index:
            before = blocks[index - 1]
            inside = ">" in block.prefix and before.prefix.startswith(block.prefix)
            tight = block.item and before.item
            parts.append("\n" if tight else f"\n{block.prefix.rstrip()}\n" if inside else "\n\n")
        parts.append(block.text)
    return "".join(parts)


def _lines(text: str) -> list[str]:
    lines = (_SPACES.sub(" ", line).strip(" \t\r\f") for line in text.strip().split("\n"))
    return [line for line in lines if line]


def _escape_line(line: str) -> str:
    if _BREAK_LINE.match(line):
        # "=" cannot be escaped with a backslash everywhere.
        return "&#61;" + line[1:] if line.startswith("=") else "\\" + line
    return plain.escape_line(line)


def _write_spans(spans: list[_Span]) -> str:
    parts: list[str] = []
    link = ""
    for span in spans:
        if span.link != link:
            parts.append(f"]({link})" if link else "")
            link = span.link
            parts.append("[" if link else "")
        parts.append(_write_span(span))
    parts.append(f"]({link})" if link else "")
    return "".join(parts)


def _write_span(span: _Span) -> str:
    core = span.text.strip()
    if not core:
        return span.text
    escaped = _SPECIAL.sub(r"\\\g<0>", plain.escape_signs(core))
    if span.link:
        escaped = escaped.replace("[", "\\[").replace("]", "\\]").replace("\n", " ")
    if span.style:
        # Emphasis must touch its words and cannot run over a line break.
        lines = (line.strip() for line in escaped.split("\n"))
        escaped = "\n".join(f"{span.style}{line}{span.style}" for line in lines if line)
    start = span.text.index(core[0])
    return span.text[:start] + escaped + span.text[start + len(core) :]


def _safe_url(url: str) -> str:
    """Return an address that leads somewhere from anywhere; relative and odd ones are dropped."""
    url = url.strip()
    if len(url) > MAX_URL or not _URL.fullmatch(url):
        return ""
    return url.replace("(", "%28").replace(")", "%29").replace("[", "%5B").replace("]", "%5D")


def _write_table(rows: list[list[str]]) -> list[str]:
    """Write a table of data as one; a table that only lays out a page as its cells in order."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    width = max((len(row) for row in rows), default=0)
    cells = [cell for row in rows for cell in row]
    if len(rows) < 2 or width < 2 or any("\n" in cell or len(cell) > 300 for cell in cells):
        return [cell for cell in cells if cell.strip()]
    lines = []
    for number, row in enumerate(rows):
        padded = [cell.replace("|", "\\|") for cell in row] + [""] * (width - len(row))
        lines.append("| " + " | ".join(padded) + " |")
        if number == 0:
            lines.append("|" + " --- |" * width)
    return ["\n".join(lines)]
