"""Documents of word processors: .docx through mammoth, .odt by a small reader of our own."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import mammoth

from archive.importing.markup import Page, read_page
from archive.importing.packages import check_members, open_zip, parse_xml, read_part
from archive.importing.values import Limits, RefusedError
from archive.importing.writing import MarkdownWriter

_GENERIC_TITLE = re.compile(
    r"(?:untitled|document|dokument|документ|без имени|unbenannt|sans titre|index|new page)"
    r"[\s\d.()-]*|.*(?:microsoft word|libreoffice|openoffice|google docs).*"
    r"|.*\.(?:docx?|odt|txt|html?)",
    re.IGNORECASE,
)
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_STYLE_MAP = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => h2:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
"""


def told_title(title: str) -> str:
    """Return the title that a document gives itself, or "" when a program made it up."""
    title = " ".join(title.split())
    return "" if _GENERIC_TITLE.fullmatch(title) else title


def dublin_core(root: Element | None) -> dict[str, str]:
    """Return the first value of each Dublin Core element (title, creator, …) below `root`."""
    found: dict[str, str] = {}
    for element in root.iter() if root is not None else ():
        if isinstance(element.tag, str) and element.tag.startswith(_DUBLIN_CORE) and element.text:
            found.setdefault(element.tag.removeprefix(_DUBLIN_CORE), element.text.strip())
    return found


def read_docx(content: bytes, limits: Limits) -> tuple[Page, dict[str, str]]:
    """Read a .docx document: its page and its Dublin Core. Raises RefusedError."""
    package = open_zip(content, "a .docx document")
    check_members(package, limits)
    if not any(name.startswith("word/") for name in package.namelist()):
        raise RefusedError("it is a ZIP file but no .docx document; what it holds is not known.")
    for name in package.namelist():
        # mammoth parses with the standard library, which would expand entities.
        if name.endswith((".xml", ".rels")):
            _refuse_entities(read_part(package, name, limits), name)
    try:
        result = mammoth.convert_to_html(
            io.BytesIO(content),
            style_map=_STYLE_MAP,
            convert_image=mammoth.images.img_element(lambda image: {"src": ""}),
        )
    except RecursionError as error:
        raise RefusedError(
            "it is nested too deeply; save it anew from a word processor."
        ) from error
    except Exception as error:
        # mammoth raises whatever its reader stumbles over; each means a damaged document.
        raise RefusedError(
            "it is no valid .docx document, or it is damaged; open it in a word "
            "processor and save it anew."
        ) from error
    return read_page(result.value), _core_properties(package, "docProps/core.xml", limits)


def read_odt(content: bytes, limits: Limits) -> tuple[Page, dict[str, str]]:
    """Read an .odt document: its page and its Dublin Core. Raises RefusedError."""
    package = open_zip(content, "an .odt document")
    check_members(package, limits)
    if "content.xml" not in package.namelist():
        raise RefusedError("it is a ZIP file but no .odt document; what it holds is not known.")
    root = parse_xml(read_part(package, "content.xml", limits), "content.xml")
    body = root.find(f".//{_OFFICE}text")
    if body is None:
        raise RefusedError("it is no text document; save its words as .odt or .txt.")
    writer = MarkdownWriter()
    _write_odt(body, _odt_styles(root), writer)
    page = Page(writer.markdown(), "", "", writer.first_heading)
    return page, _core_properties(package, "meta.xml", limits)


def _core_properties(package: zipfile.ZipFile, name: str, limits: Limits) -> dict[str, str]:
    if name not in package.namelist():
        return {}
    return dublin_core(parse_xml(read_part(package, name, limits), name))


def _refuse_entities(content: bytes, name: str) -> None:
    # UTF-16 writes the same letters with NULs between them.
    if b"<!DOCTYPE" in content.replace(b"\x00", b"") or b"<!ENTITY" in content.replace(
        b"\x00", b""
    ):
        raise RefusedError(
            f"its part {name!r} defines entities or a document type, as files do that are made "
            "to do harm."
        )


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_ODT_TAGS = {
    f"{_TEXT}p": "p",
    f"{_TEXT}list": "ul",
    f"{_TEXT}list-item": "li",
    f"{_TEXT}list-header": "p",
    f"{_TABLE}table": "table",
    f"{_TABLE}table-row": "tr",
    f"{_TABLE}table-cell": "td",
    f"{_TEXT}line-break": "br",
    f"{_TEXT}a": "a",
    f"{_TEXT}note-body": "note",
}
_ODT_SKIPPED = frozenset(
    {
        f"{_TEXT}tracked-changes",  # what was deleted stays deleted
        f"{_OFFICE}annotation",
        f"{_TEXT}table-of-content",
        f"{_TEXT}sequence-decls",
        f"{_TEXT}note-citation",
        f"{_SVG}title",
        f"{_SVG}desc",
    }
)


def _odt_styles(root: Element) -> dict[str, tuple[str, ...]]:
    """Return which named styles are bold, italic or numbered, as the tags of HTML for it."""
    styles: dict[str, tuple[str, ...]] = {}
    for style in root.iter(f"{_STYLE}style"):
        properties = style.find(f"{_STYLE}text-properties")
        if properties is None:
            continue
        bold = properties.get(f"{_FO}font-weight", "") in {"bold", "600", "700", "800", "900"}
        italic = properties.get(f"{_FO}font-style", "") in {"italic", "oblique"}
        tags = (("b",) if bold else ()) + (("i",) if italic else ())
        if tags and style.get(f"{_STYLE}family") == "text":
            styles[style.get(f"{_STYLE}name", "")] = tags
    for style in root.iter(f"{_TEXT}list-style"):
        first = next(iter(style), None)
        if first is not None and first.tag == f"{_TEXT}list-level-style-number":
            styles[style.get(f"{_STYLE}name", "")] = ("ol",)
    return styles


def _write_odt(body: Element, styles: dict[str, tuple[str, ...]], writer: MarkdownWriter) -> None:
    """Walk the document with a stack of its own, so that no depth exhausts the interpreter."""
    pending: list[tuple[tuple[str, ...], str, Iterator[Element]]] = [((), "", iter(body))]
    while pending:
        tags, tail, children = pending[-1]
        element = next(children, None)
        if element is None:
            pending.pop()
            for tag in reversed(tags):
                writer.end(tag)
            writer.text(tail)
        elif element.tag in _ODT_SKIPPED:
            writer.text(element.tail or "")
        else:
            tags = _odt_tags(element, styles)
            for tag in tags:
                writer.start(tag, {"href": element.get(f"{_XLINK}href", "")})
            if element.tag == f"{_TEXT}s" or element.tag == f"{_TEXT}tab":
                writer.text(" ")
            writer.text(element.text or "")
            pending.append((tags, element.tail or "", iter(element)))


def _odt_tags(element: Element, styles: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the tags of HTML that say what an element of OpenDocument says."""
    if element.tag == f"{_TEXT}h":
        level = element.get(f"{_TEXT}outline-level", "1")
        return (f"h{level}" if level in set("123456") else "h6",)
    if element.tag == f"{_TEXT}p" and element.get(f"{_TEXT}style-name") in {"Title", "Subtitle"}:
        return ("h1" if element.get(f"{_TEXT}style-name") == "Title" else "h2",)
    if element.tag == f"{_TEXT}span":
        return styles.get(element.get(f"{_TEXT}style-name", ""), ())
    if element.tag == f"{_TEXT}list":
        return styles.get(element.get(f"{_TEXT}style-name", ""), ("ul",))
    tag = _ODT_TAGS.get(element.tag)
    return (tag,) if tag else ()
