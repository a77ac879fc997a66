"""Word processors, web pages and e-books become the same Markdown."""

import pytest

from archive.importing import Limits, Refusal
from archive.importing.markup import read_page
from tests.importing.builders import docx, epub, odt, zipped
from tests.importing.test_drafts import one


@pytest.mark.parametrize(
    ("page", "markdown"),
    [
        ("<p>One<p>Two &amp; three", "One\n\nTwo & three"),
        ("<h2>A <i>life</i></h2>text", "## A *life*\n\ntext"),
        ("a<b> bold </b>b <em>it</em>alic", "a **bold** b *it*alic"),
        ("<b><i>both</i></b> <b></b>none", "***both*** none"),
        ("one<br>two<br><br>three", "one  \ntwo  \nthree"),
        ("<ul><li>one<li>two<ul><li>in</ul></ul>after", "- one\n- two\n    - in\n\nafter"),
        ("<ol><li>a</li><li><p>b</p><p>c</p></li></ol>", "1. a\n2. b\n\n    c"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc"),
        ('<a href="https://x.org/a(b)">li[n]k</a>', "[li\\[n\\]k](https://x.org/a%28b%29)"),
        ('<a href="javascript:alert(1)">a</a> <a href="b.html">b</a>', "a b"),
        ("<q>a</q> <small>b</small> H<sub>2</sub>O", "“a” b H2O"),
        ("<pre>a\n  b</pre>", "a  \nb"),
        ("a<hr>b", "a\n\n* * *\n\nb"),
        (
            "<table><tr><th>a<th>b|c<tr><td>1<td>2</table>",
            "| a | b\\|c |\n| --- | --- |\n| 1 | 2 |",
        ),
        ("<table><tr><td><p>a</p><p>b</p><td>c</table>", "a\n\nb\n\nc"),
        ("<script>alert('<p>')</script><style>p{}</style>a<!-- b --><nav>c</nav>", "a"),
        ("<svg><title>x</title><text>y</text></svg>a", "a"),
        ("a < b &lt;b&gt; 2*3*4 _x_ &amp;copy;", "a < b &lt;b> 2\\*3\\*4 \\_x\\_ &amp;copy;"),
        (
            "<p>1986. A year<p># no<p>- no<p>===<p>---",
            "1986\\. A year\n\n\\# no\n\n\\- no\n\n&#61;==\n\n\\---",
        ),
        ("<p onclick='x'>a</p></div></b></ul>b", "a\n\nb"),
        ("<p>a <unknown x=1>b</unknown", "a b"),
        ("&#0;&#x80;&nbsp;a&zwj;", "\ufffd€\xa0a\u200d"),
        ("<!-- open", "open"),
        ("a <! b", "a b"),
        ("a </ b", "a b"),
    ],
)
def test_html_becomes_markdown(page, markdown):
    assert read_page(page).markdown.strip() == markdown.strip()


def test_a_page_tells_its_title_creator_date_and_language():
    page = (
        '<html lang="ru"><head><meta charset="windows-1251"><title>Жизнь – Сайт</title>'
        '<meta name="Author" content="А. Петрова"><meta name="date" content="1986-03-12"></head>'
        "<body><h1>Жизнь</h1><p>Она родилась в Коканде, и этого никто не помнит.</p>"
    )
    draft = one("a.html", page.encode("cp1251"))
    assert (draft.title, draft.creator, draft.language) == ("Жизнь", "А. Петрова", "ru")
    assert (draft.date, draft.encoding) == ("1986-03-12", "cp1251")
    assert draft.body == "Она родилась в Коканде, и этого никто не помнит."


def test_what_programs_say_wrongly_is_passed_over():
    draft = one("a.html", '<html lang="english (US)"><meta name=date content="2023-02-30"><p>a b')
    assert (draft.language, draft.date, draft.title) == ("", "", None)


RICH = """
<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>My life</w:t></w:r></w:p>
<w:p><w:r><w:t>She was </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>bold</w:t></w:r>
<w:r><w:t xml:space="preserve"> – жизнь &lt;b&gt;</w:t></w:r></w:p>
<w:p><w:r><w:t>1986. A year</w:t></w:r></w:p>
"""


def test_a_word_document():
    draft = one("a.docx", docx(RICH, title="Microsoft Word - x.doc", creator="Anna"))
    assert (draft.title, draft.creator) == ("My life", "Anna")
    assert draft.body == "She was **bold** – жизнь &lt;b>\n\n1986\\. A year"
    draft = one("a.docx", docx(RICH, title="Her life"))
    assert (draft.title, draft.body[:9]) == ("Her life", "# My life")


def test_an_opendocument_text():
    body = (
        '<text:h text:outline-level="1">My life</text:h>'
        '<text:p>She was <text:span text:style-name="T1">bold</text:span><text:s/>– жизнь'
        "<text:line-break/>next<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>a note</text:p></text:note-body></text:note> end.</text:p>"
        '<text:list text:style-name="L1"><text:list-item><text:p>one</text:p></text:list-item>'
        "<text:list-item><text:p>two</text:p></text:list-item></text:list>"
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:p><text:a xlink:href="https://x.org/">link</text:a></text:p>'
    )
    styles = (
        '<style:style style:name="T1" style:family="text"><style:text-properties '
        'fo:font-weight="bold"/></style:style><text:list-style style:name="L1">'
        '<text:list-level-style-number text:level="1"/></text:list-style>'
    )
    draft = one("a.odt", odt(body, styles, creator="Anna"))
    assert (draft.title, draft.creator) == ("My life", "Anna")
    assert draft.body == (
        "She was **bold** – жизнь  \nnext [a note] end.\n\n1. one\n2. two\n\n[link](https://x.org/)"
    )


def test_a_book_is_one_story_in_reading_order():
    chapters = {"b.xhtml": "<h1>Two</h1><p>End.</p>", "a%20c.xhtml": "<h1>One</h1><p>Begin.</p>"}
    book = epub(chapters, "Her book", "Anna", spine=[1, 0]).replace(b"a%20c.xhtml", b"a%20c.xhtml")
    refusal = one("a.epub", book)
    assert "'OEBPS/a c.xhtml' is missing" in refusal.reason
    book = epub(
        {"b.xhtml": chapters["b.xhtml"], "a.xhtml": chapters["a%20c.xhtml"]},
        "Her book",
        "Anna",
        [1, 0],
    )
    draft = one("a.epub", book)
    assert (draft.title, draft.creator, draft.language) == ("Her book", "Anna", "ru")
    assert draft.body == "# One\n\nBegin.\n\n# Two\n\nEnd."


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<x>&b;</x>"
)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.docx", docx(["a"], extra={"word/styles.xml": BOMB}), "defines entities"),
        ("a.docx", docx(["a"], extra={"word/x.xml": BOMB.encode("utf-16")}), "defines entities"),
        ("a.odt", zipped({"content.xml": BOMB}), "defines entities"),
        ("a.epub", zipped({"META-INF/container.xml": BOMB}), "defines entities"),
        ("a.docx", docx("<w:p>" * 3), "no valid .docx"),
        ("a.odt", zipped({"content.xml": "<a>"}), "no valid XML"),
        ("a.docx", docx("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 200_000), "200 times"),
        ("a.epub", epub({}), "without chapters"),
        ("a.html", "<script>a<p>b", "never closed"),
    ],
)
def test_what_is_made_to_harm_or_damaged_is_refused(name, content, reason):
    refusal = one(name, content)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason


def test_a_part_of_a_document_is_bounded():
    refusal = one("a.docx", docx(["Hello " * 100]), Limits(max_document_bytes=500))
    assert "larger than 500 bytes" in refusal.reason


def test_deep_nesting_is_survived():
    deep = "<text:p>" * 20_000 + "word" + "</text:p>" * 20_000
    assert one("a.odt", odt(deep)).body == "word"
    assert one("a.html", "<blockquote><ul><li>" * 20_000 + "word").body.endswith("word")
    nested = "<w:sdt><w:sdtContent>" * 5_000 + "</w:sdtContent></w:sdt>" * 5_000
    assert isinstance(one("a.docx", docx(nested)), Refusal)
