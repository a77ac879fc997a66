"""Files of every format, built in memory: the smallest that programs would accept."""

import io
import zipfile

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    """Pack a dictionary of names and contents, in its order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


def docx(paragraphs, title="", creator="", extra=None):
    """A .docx document. `paragraphs` is the XML of its body, or a list of plain paragraphs."""
    if not isinstance(paragraphs, str):
        paragraphs = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
            'package.relationships+xml"/><Override PartName="/word/document.xml" '
            f'ContentType="{types}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{paragraphs}</w:body>'
            "</w:document>",
            "docProps/core.xml": '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/'
            'package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{title}</dc:title><dc:creator>{creator}</dc:creator></cp:coreProperties>",
            **(extra or {}),
        }
    )


def odt(body, styles="", title="", creator=""):
    """An .odt document. `body` is the XML inside office:text."""
    namespaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("style", "style"),
            ("fo", "xsl-fo-compatible"),
        )
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {namespaces} "
            'xmlns:xlink="http://www.w3.org/1999/xlink"><office:automatic-styles>'
            f"{styles}</office:automatic-styles><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
            "meta.xml": f'<office:document-meta {namespaces} xmlns:dc="http://purl.org/dc/'
            f'elements/1.1/"><office:meta><dc:title>{title}</dc:title><dc:creator>{creator}'
            "</dc:creator></office:meta></office:document-meta>",
        },
        zipfile.ZIP_STORED,
    )


def epub(chapters, title="A life", creator="", spine=None):
    """An .epub book of XHTML chapters, given as a dictionary of file names and bodies."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    order = spine if spine is not None else range(len(chapters))
    references = "".join(f'<itemref idref="c{number}"/>' for number in order)
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
            'container"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type='
            '"application/oebps-package+xml"/></rootfiles></container>',
            "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
            f"<dc:creator>{creator}</dc:creator><dc:language>ru</dc:language></metadata>"
            f"<manifest>{items}</manifest><spine>{references}</spine></package>",
            **{
                f"OEBPS/{name}": '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.'
                f'w3.org/1999/xhtml"><head><title>x</title></head><body>{body}</body></html>'
                for name, body in chapters.items()
            },
        },
        zipfile.ZIP_STORED,
    )
