"""HTML pages to Markdown: words, headings, lists, links and emphasis, and nothing that acts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from archive.importing.values import RefusedError
from archive.importing.writing import SKIPPED, MarkdownWriter

_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,60})")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>=\"']{1,200})(?:\s{0,50}=\s{0,50}(?:([\"'])|([^\s>]*)))?")
_CHARSET = re.compile(
    rb"<meta[^>]{0,500}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{2,40})", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{2,40})")
_VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    }
)
_RAW = frozenset({"script", "style", "title", "textarea", "iframe", "noscript"})
_HEAD_BYTES = 4_096
MAX_TAGS = 1_000_000


@dataclass(slots=True)
class Page:
    """An HTML page as Markdown, with what its head says."""

    markdown: str
    title: str
    language: str
    first_heading: str
    meta: dict[str, str] = field(default_factory=dict)  # names in lower case
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "start", "end" or "text"
    value: str  # the name of a tag in lower case, or text with its entities resolved
    attributes: Mapping[str, str]


def declared_encoding(content: bytes) -> str:
    """Return the encoding that the head of an HTML or XML file names, or ""."""
    head = content[:_HEAD_BYTES]
    match = _CHARSET.search(head) or _XML_ENCODING.search(head)
    return match.group(1).decode("ascii", "ignore") if match else ""


def read_page(text: str) -> Page:
    """Turn an HTML or XHTML page into Markdown.

    Works like a browser: whatever is written is read, end tags may be missing. Scripts, styles,
    navigation, forms and pictures are left out. Raises RefusedError for a script or style that
    never ends, since the rest of the page would be lost in it.
    """
    writer = MarkdownWriter()
    page = Page("", "", "", "")
    skipped: list[str] = []
    titles: list[str] = []
    in_title = False
    for token in _tokens(text):
        if token.kind == "text":
            if in_title:
                titles.append(token.value)
            elif not skipped:
                writer.text(token.value)
        elif token.value == "title" and not skipped:
            in_title = token.kind == "start"
        elif token.value in SKIPPED or skipped:
            _skip(skipped, token)
        elif token.kind == "end":
            writer.end(token.value)
        else:
            _note(page, token)
            writer.start(token.value, token.attributes)
    page.markdown = writer.markdown()
    page.first_heading = writer.first_heading
    page.title = " ".join(titles[0].split()) if titles else ""
    return page


def _skip(skipped: list[str], token: _Token) -> None:
    """Follow elements that are left out until the outermost of them ends."""
    if token.kind == "start" and token.value in SKIPPED and not token.attributes.get("/"):
        skipped.append(token.value)
    elif token.kind == "end" and token.value in skipped:
        while skipped.pop() != token.value:
            pass


def _note(page: Page, token: _Token) -> None:
    attributes = token.attributes
    if token.value == "html":
        page.language = attributes.get("lang") or attributes.get("xml:lang", "")
    elif token.value == "meta" and len(page.meta) < 200:
        name = attributes.get("name") or attributes.get("property", "")
        page.meta.setdefault(name.lower(), " ".join(attributes.get("content", "").split()))


def _tokens(text: str) -> Iterator[_Token]:
    """Cut HTML into tags and text in one pass; every step goes forward, so time is linear."""
    position = 0
    tags = 0
    unending: set[str] = set()  # ends that were looked for in vain need no second search
    while position < len(text):
        opening = text.find("<", position)
        if opening < 0:
            opening = len(text)
        if opening > position:
            yield _text(text[position:opening])
        if opening == len(text):
            return
        match = _TAG.match(text, opening)
        if match:
            tags += 1
            if tags > MAX_TAGS:
                raise RefusedError(f"it has more than {MAX_TAGS:,} tags; split it into parts.")
            name = match.group(2).lower()
            if match.group(1):
                position = _after(text, ">", match.end(), unending)
                yield _Token("end", name, {})
                continue
            attributes, position = _attributes(text, match.end(), unending)
            yield _Token("start", name, attributes)
            if name in _RAW and "/" not in attributes:
                end = _end_of_raw(text, name, position)
                yield _text(text[position:end])
                position = end
            elif "/" in attributes and name not in _VOID:
                yield _Token("end", name, {})
        elif text.startswith("<!--", opening):
            position = _after(text, "-->", opening + 4, unending)
        elif text.startswith(("<!", "<?", "</"), opening):
            position = _after(text, ">", opening + 2, unending)
        else:
            yield _text("<")
            position = opening + 1


def _text(text: str) -> _Token:
    return _Token("text", html.unescape(text) if "&" in text else text, {})


def _after(text: str, mark: str, start: int, unending: set[str]) -> int:
    """Return the position after the next `mark`, or just go on if there is none."""
    found = -1 if mark in unending else text.find(mark, start)
    if found < 0:
        unending.add(mark)
        return start
    return found + len(mark)


def _attributes(text: str, position: int, unending: set[str]) -> tuple[dict[str, str], int]:
    """Read the attributes of a tag; "/" is among them if the tag closes itself."""
    attributes: dict[str, str] = {}
    while True:
        match = _ATTRIBUTE.match(text, position)
        if match is None:
            break
        value = match.group(3) or ""
        position = match.end()
        quote = match.group(2)
        if quote:
            end = _after(text, quote, position, unending)
            value = text[position : end - 1] if end > position else ""
            position = end
        if len(attributes) < 50:
            attributes.setdefault(match.group(1).lower(), html.unescape(value[:4_000]))
    end = _after(text, ">", position, unending)
    if text.startswith("/>", end - 2):
        attributes["/"] = "/"
    return attributes, end


def _end_of_raw(text: str, name: str, start: int) -> int:
    match = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(text, start)
    if match is None:
        line = text.count("\n", 0, start) + 1
        raise RefusedError(
            f"the <{name}> in line {line:,} is never closed, which hides what follows; "
            f"add </{name}> or save the page anew from a browser."
        )
    return match.start()
