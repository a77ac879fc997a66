"""E-books: the chapters of an .epub in reading order, as one story."""

from __future__ import annotations

import posixpath
import zipfile
from urllib.parse import unquote, urlsplit

from archive.importing.decoding import decode
from archive.importing.documents import dublin_core
from archive.importing.markup import Page, declared_encoding, read_page
from archive.importing.packages import check_members, open_zip, parse_xml, read_part
from archive.importing.values import Limits, RefusedError

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})


def read_epub(content: bytes, limits: Limits) -> tuple[Page, dict[str, str]]:
    """Read an .epub book: all its chapters as one page, and its Dublin Core. Raises RefusedError.

    Tables of contents are left out; so is what the reading order calls supplementary.
    """
    package = open_zip(content, "an .epub book")
    check_members(package, limits)
    container = "META-INF/container.xml"
    if container not in package.namelist():
        raise RefusedError("it is a ZIP file but no .epub book; what it holds is not known.")
    rootfile = parse_xml(read_part(package, container, limits), container).find(
        f".//{_CONTAINER}rootfile"
    )
    path = rootfile.get("full-path", "") if rootfile is not None else ""
    if path not in package.namelist():
        raise RefusedError("it is damaged: the list of its chapters is missing.")
    book = parse_xml(read_part(package, path, limits), path)
    manifest = {item.get("id", ""): item for item in book.iter(f"{_OPF}item")}
    chapters: list[Page] = []
    size = 0
    for reference in book.iter(f"{_OPF}itemref"):
        item = manifest.get(reference.get("idref", ""))
        if item is None or reference.get("linear") == "no":
            continue
        if item.get("media-type") not in _PAGES or "nav" in item.get("properties", "").split():
            continue
        page = _chapter(package, posixpath.dirname(path), item.get("href", ""), limits)
        chapters.append(page)
        size += len(page.markdown)
        if size > limits.max_body_chars:
            raise RefusedError(
                f"its text has more than the {limits.max_body_chars:,} characters allowed; "
                "split it into parts."
            )
    if not chapters:
        raise RefusedError("it is an .epub book without chapters.")
    markdown = "\n\n".join(page.markdown for page in chapters if page.markdown)
    repairs = tuple(dict.fromkeys(told for page in chapters for told in page.repairs))
    return Page(markdown, "", "", "", repairs=repairs), dublin_core(book)


def _chapter(package: zipfile.ZipFile, folder: str, href: str, limits: Limits) -> Page:
    name = posixpath.normpath(posixpath.join(folder, unquote(urlsplit(href).path)))
    content = read_part(package, name, limits)
    try:
        decoded = decode(content, declared_encoding(content))
        page = read_page(decoded.text)
    except RefusedError as refused:
        raise RefusedError(f"its chapter {name!r} cannot be read: {refused}") from refused
    page.repairs = decoded.repairs
    return page
