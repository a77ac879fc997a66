"""Stories as HTML: what is drawn, what is refused, and what it may cost."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.rendering import MAX_LENGTH, Mark, Rendered, plain_text, render, word_count
from archive.rendering import budget as budget_module

VOID = {"br", "hr", "img"}
ALLOWED = {
    "a": {"href", "title", "class", "id", "rel"},
    "abbr": {"title"},
    "div": {"class", "lang", "dir"},
    **{tag: {"lang", "dir"} for tag in ("bdi", "blockquote", "cite", "em", "i", "p", "q")},
    "span": {"lang", "dir", "class", "id", "title"},
    "img": {"src", "alt", "title", "loading"},
    "sup": {"id"},
    "li": {"id", "lang", "dir"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
ALLOWED_BARE = {
    "b", "br", "code", "dd", "del", "dl", "dt", "figcaption", "figure", "hr",
    "ins", "kbd", "pre", "s", "small", "strong", "sub", "table", "tbody", "thead", "tr", "u",
    "ul",
}  # fmt: skip


class Reader(HTMLParser):
    """Reads a page as a browser would, and complains where a browser would have to guess."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.marks: dict[str, str] = {}
        self.ids: list[str] = []
        self._anchors: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == [], "unclosed tags"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        assert len(attributes) == len(attrs), "an attribute twice"
        assert tag not in self.open or tag != "a", "a link in a link"
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in VOID:
            self.open.append(tag)
            self._anchors.append(attributes.get("id", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "tags that cross"
        self._anchors.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        for anchor in filter(None, self._anchors):
            self.marks[anchor] = self.marks.get(anchor, "") + data

    @property
    def text(self) -> str:
        return "".join(self.words)


def mark(
    body: str,
    words: str,
    kind: str = "place",
    *,
    nth: int = 0,
    url: str = "/places/paris/",
    name: str | None = None,
    suggested: bool = False,
    anchor: str = "m-1",
) -> Mark:
    """Mark the nth time that words occur in a body."""
    start = [match.start() for match in re.finditer(re.escape(words), body)][nth]
    name = words if name is None else name
    return Mark(start, start + len(words), kind, url, name, suggested, anchor)


def page(body: str, *marks: Mark) -> str:
    rendered = render(body, marks)
    assert not rendered.fallback
    Reader(rendered.html)
    return rendered.html


PARIS = '<a class="mark mark-place" href="/places/paris/" id="m-1">Paris</a>'


# --- Markdown ---------------------------------------------------------------------------------

MARKDOWN = {
    "hard-wrapped prose flows": ("one\ntwo", "<p>one\ntwo</p>"),
    "two spaces break a verse": ("one  \ntwo", "<p>one<br>\ntwo</p>"),
    "a backslash breaks a verse": ("one\\\ntwo", "<p>one<br>\ntwo</p>"),
    "an indented first line is prose": ("    Once upon a time.", "<p>Once upon a time.</p>"),
    "headings go down a level": ("# Youth", '<h2 id="h-youth">Youth</h2>'),
    "the first heading may be of any level": ("###### Deep", '<h2 id="h-deep">Deep</h2>'),
    "headings of every script": ("# Жизнь и *время*", '<h2 id="h-жизнь-и-время">'),
    "a heading without words": ("# ***", '<h2 id="h-section">***</h2>'),
    "headings twice": ("# A\n\n# A", '<h2 id="h-a--2">A</h2>'),
    "quotes curl": ('"Yes," she said.', "<p>“Yes,” she said.</p>"),
    "apostrophes curl": ("Anna's '80s", "<p>Anna’s ’80s</p>"),
    "dashes": ("a --- b -- c...", "<p>a — b – c…</p>"),
    "code is left alone": ('`"a" -- b`', '<p><code>"a" -- b</code></p>'),
    "tables": ("a|b\n-|-:\n1|2", '<td align="right">2</td>'),
    "footnotes": ("x[^n]\n\n[^n]: y", '<sup id="fnref-1"><a class="footnote-ref" href="#fn-1">'),
    "footnote, the other end": ("x[^n]\n\n[^n]: y", '<li id="fn-1">'),
    "a footnote used twice": ("x[^n] y[^n]\n\n[^n]: y", 'href="#fnref2-1"'),
    "a footnote within a footnote": ("x[^n]\n\n[^n]: y[^n]", '<li id="fn-1">'),
    "lists of two kinds": ("- a\n\n1. b", "<ol>\n<li>b</li>\n</ol>"),
    "a link out": (
        "[a](https://example.org)",
        '<a rel="nofollow ugc noopener" href="https://example.org">a</a>',
    ),
    "a link to any host": ("[a](//example.org)", 'rel="nofollow ugc noopener"'),
    "a link inside": ("[a](/stories/b/)", '<a href="/stories/b/">a</a>'),
    "a letter": ("<anna@example.org>", '<a href="mailto:anna@example.org">anna@example.org</a>'),
    "a picture": ("![Anna](/a.jpg)", '<img loading="lazy" alt="Anna" src="/a.jpg">'),
    "a picture with a caption": (
        '![Anna](/a.jpg "Anna in 1954")',
        '<figure><img loading="lazy" alt="Anna" src="/a.jpg">'
        "<figcaption>Anna in 1954</figcaption></figure>",
    ),
    "a picture within words has no caption": ('x ![Anna](/a.jpg "y")', 'title="y"'),
    "a picture on another host is a link": (
        "![Anna & co](https://example.org/a.jpg)",
        '<a rel="nofollow ugc noopener" href="https://example.org/a.jpg">Anna &amp; co</a>',
    ),
    "a picture without words is called as its file": (
        "![](//example.org/a.jpg?x)",
        '<a rel="nofollow ugc noopener" href="//example.org/a.jpg?x">a.jpg</a>',
    ),
    "a picture that was not brought along is its words": ("![Anna](a.jpg)", "<p>Anna</p>"),
    "a picture elsewhere within a link": (
        "[![Anna](https://example.org/a.jpg)](/stories/b/)",
        '<a href="/stories/b/">Anna</a>',
    ),
    "short lines are verse": ("my love is like\na red red rose\nin June", "<br>\na red"),
    "verse in stanzas": ("one two\nthree\nfour\n\nfive\nsix\nseven", "five<br>\nsix<br>"),
    "verse in a quotation": ("> one two\n> three\n> four", "<p>one two<br>\nthree<br>\nfour</p>"),
    "two lines with capitals are verse": ("Dear Anna,\nI am well.", "Dear Anna,<br>\nI am"),
    "wrapped prose flows": (
        "It was late when she came home from the theatre and\nnobody had waited for her, not "
        "even the cat that\nslept on the stove as if nothing had happened.",
        "theatre and\nnobody",
    ),
    "lists are no verse": ("- a\n- b\n- c", "<li>a</li>\n<li>b</li>"),
    "a fenced block is code": (
        '```\n"a" -- b\n\n<i>\n```',
        '<pre><code>"a" -- b\n\n&lt;i&gt;\n</code></pre>',
    ),
    "an open fence is no code": ("~~~\n*a*", "<em>a</em>"),
    "right to left": ("سلام\n\nhello", '<p dir="auto">سلام</p>'),
    "right to left in a heading": ("# سلام", '<h2 dir="auto" id="h-سلام">'),
    "a language within emphasis": ('<em lang="ru">да</em>', '<em lang="ru">да</em>'),
    "a language": ('<span lang="fr">oui</span>', '<p><span lang="fr">oui</span></p>'),
    "a block and its direction": ('<div dir="rtl">\n\na\n\n</div>', '<div dir="rtl">\n<p>a</p>'),
    "a paragraph with a language": ('<p lang="ky">Ооба</p>', '<p lang="ky">Ооба</p>'),
    "Markdown inside a block": ("<div>*a*</div>", "<div><em>a</em></div>"),
    "an entity": ("AT&amp;T &eacute;", "<p>AT&amp;T é</p>"),
    "an ampersand": ("a & b < c", "<p>a &amp; b &lt; c</p>"),
    "nothing": ("", ""),
    "only blanks": (" \n\t\n", ""),
    "a lone surrogate": ("a\ud800b", "<p>a\N{REPLACEMENT CHARACTER}b</p>"),
    "Markdown's own signs": ("a\x02wzxhzdk:0\x03b\x00", "<p>a wzxhzdk:0 b </p>"),
}


@pytest.mark.parametrize(("body", "expected"), MARKDOWN.values(), ids=MARKDOWN.keys())
def test_markdown(body: str, expected: str) -> None:
    assert expected in page(body) or expected == page(body)


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en-GB", "“a”"), ("ru", "«a»"), ("kk-KZ", "«a»"), ("de", "„a“"), ("xx", "“a”"), ("", "“a”")],
)
def test_quotation_marks_of_the_language(language: str, expected: str) -> None:
    assert render('"a"', language=language).html == f"<p>{expected}</p>"


def test_a_mark_takes_in_the_quotation_marks_of_the_language() -> None:
    body = 'The "Manas" is sung.'
    rendered = render(body, [mark(body, '"Manas"')], language="ky")
    assert ">«Manas»</a>" in rendered.html


def test_headings_are_listed_as_they_stand() -> None:
    headings = render("# Youth & *war*\n\n## War\n\ntext").headings
    assert [(h.level, h.anchor, h.words) for h in headings] == [
        (2, "h-youth-war", "Youth & war"),
        (3, "h-war", "War"),
    ]


# --- What must not get through ----------------------------------------------------------------

HOSTILE_BODIES = {
    "script": "<script>alert(1)</script>",
    "script over lines": "<script>\nalert(1)\n</script>",
    "script in capitals": "<SCRIPT SRC=//x.example/x.js></SCRIPT>",
    "handler": '<img src=x onerror="alert(1)">',
    "handler without spaces": "<img/src=x/onerror=alert(1)>",
    "svg": "<svg onload=alert(1)><animate onbegin=alert(1)>",
    "math": '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
    "iframe": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "form": '<form action="https://x.example"><input name=password><button>go</button></form>',
    "style": '<p style="position:fixed">x</p><style>*{display:none}</style>',
    "link": "[x](javascript:alert(1))",
    "link in disguise": "[x](JaVa&#x0A;Script:alert(1))",
    "link with a tab": "[x](<java\tscript:alert(1)>)",
    "link with data": "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "reference": "[x][y]\n\n[y]: javascript:alert(1)",
    "autolink": "<javascript://x%0aalert(1)>",
    "raw link": '<a href="javascript:alert(1)">x</a>',
    "raw link, encoded": '<a href="&#106;avascript:alert(1)">x</a>',
    "picture": "![x](javascript:alert(1))",
    "picture's words": '![x" onerror="alert(1)](/a.png)',
    "title": "[x](/y \"z' onmouseover='alert(1)\")",
    "faked mark": '<a class="mark mark-place" id="m-1" href="/evil/">Paris</a>',
    "id without spaces": "<a/id=m-1/class=mark>Paris</a>",
    "clobbered form": '<p id="forms"><a name="body">x</a></p>',
    "footnote's label": 'x[^"><script>]\n\n[^"><script>]: y',
    "heading": '# <a id="h-x" onclick=alert(1)>x</a>',
    "attribute list": "# x {: #main onclick=alert(1) }",
    "comment": "<!--><script>alert(1)</script>-->",
    "instruction": "<?php echo 1 ?>",
    "unclosed": "<script",
    "base": '<base href="https://x.example/"><meta http-equiv=refresh content="0;url=//x">',
    "template": "<template><script>alert(1)</script></template><noscript><p title='</noscript><img src=x onerror=alert(1)>'>",  # noqa: E501
}


def squeezed(address: str) -> str:
    """Return an address as browsers read it: without tabs, line ends and leading blanks."""
    return re.sub(r"[\t\n\r]", "", address.lower()).lstrip("".join(map(chr, range(33))))


def assert_safe(page: str, anchors: frozenset[str] = frozenset()) -> None:
    """Only what is listed, and nothing that runs."""
    reader = Reader(page)
    for tag, attributes in reader.tags:
        assert tag in ALLOWED or (tag in ALLOWED_BARE and not attributes)
        assert set(attributes) <= ALLOWED.get(tag, set()), (tag, attributes)
        for key in ("href", "src"):
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", squeezed(attributes.get(key, "")))
            assert scheme is None or scheme[1] in {"http", "https", "mailto"}
        if "id" in attributes:
            assert attributes["id"] in anchors or re.match(r"h-|fn(ref\d*)?-\d", attributes["id"])
        for name in attributes.get("class", "").split():
            assert name in {"footnote", "footnote-ref", "footnote-backref"} or anchors
    assert len(reader.ids) == len(set(reader.ids))


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES.keys())
def test_hostile_bodies_are_disarmed(body: str) -> None:
    rendered = render(body)
    assert_safe(rendered.html)
    assert "<script" not in rendered.html.lower()


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES.keys())
def test_hostile_bodies_are_disarmed_in_the_fallback(
    body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_module, "STEPS", 0)
    rendered = render(body)
    assert rendered.fallback
    assert_safe(rendered.html)
    assert {tag for tag, _ in Reader(rendered.html).tags} <= {"p"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "/\\evil.example/",
        "https:evil",
        "http://[",
        "",
    ],
)
def test_a_mark_with_a_bad_address_is_no_link(url: str) -> None:
    assert page("in Paris", mark("in Paris", "Paris", url=url)) == (
        '<p>in <span class="mark mark-place" id="m-1">Paris</span></p>'
    )


def test_hostile_names_and_addresses_are_escaped() -> None:
    hostile = '"><script>alert(1)</script>\U00020000'
    body = "in Paris"
    html = page(body, mark(body, "Paris", url="/x/" + hostile.replace(" ", ""), name=hostile))
    (tag, attributes) = Reader(html).tags[1]
    assert tag == "a"
    assert attributes["title"] == hostile
    assert attributes["href"] == "/x/" + hostile
    assert "<script" not in html


@pytest.mark.parametrize("anchor", ['x" onclick="y', "", "a b", "é", "h-1", "fn-1", "<", "a" * 99])
def test_bad_anchors_are_dropped(anchor: str) -> None:
    assert "id=" not in page("in Paris", mark("in Paris", "Paris", anchor=anchor))


def test_a_hostile_kind_draws_no_class_of_its_own() -> None:
    html = page("in Paris", mark("in Paris", "Paris", kind='x" onclick="y'))
    assert '<a class="mark" href' in html


# --- Marks ------------------------------------------------------------------------------------

PLACED = {
    "plain": ("in Paris.", "Paris", f"<p>in {PARIS}.</p>"),
    "in straight quotes": ('"Paris" she said', "Paris", f"<p>“{PARIS}” she said</p>"),
    "in single quotes": ("'Paris' she said", "Paris", f"<p>‘{PARIS}’ she said</p>"),
    "before a possessive": ("Paris's air", "Paris", f"<p>{PARIS}’s air</p>"),
    "next to dashes": ("a--Paris---b", "Paris", f"<p>a–{PARIS}—b</p>"),
    "emphasised": ("*Paris*", "Paris", f"<p><em>{PARIS}</em></p>"),
    "beside underscores": ("_Paris_", "Paris", f"<p><em>{PARIS}</em></p>"),
    "in a heading": ("# Paris", "Paris", f'<h2 id="h-paris">{PARIS}</h2>'),
    "under a heading line": ("Paris\n---", "Paris", f'<h2 id="h-paris">{PARIS}</h2>'),
    "in a list": ("- Paris", "Paris", f"<ul>\n<li>{PARIS}</li>\n</ul>"),
    "in a quotation": ("> Paris", "Paris", f"<blockquote>\n<p>{PARIS}</p>\n</blockquote>"),
    "in a table": ("a|b\n-|-\nParis|2", "Paris", f"<td>{PARIS}</td>"),
    "in a footnote": ("x[^1]\n\n[^1]: Paris", "Paris", f"<p>{PARIS}"),
    "in a tag": ('<span lang="fr">Paris</span>', "Paris", f'<span lang="fr">{PARIS}</span>'),
    "beside a break": ("Paris  \nb", "Paris", f"<p>{PARIS}<br>\nb</p>"),
    "beside brackets": ("[Paris] (Paris)", "Paris", f"<p>[{PARIS}] (Paris)</p>"),
    "after an escape": (r"\*Paris\*", "Paris", f"<p>*{PARIS}*</p>"),
    "Windows line ends": ("a\r\nParis", "Paris", f"<p>a\n{PARIS}</p>"),
    "in verse": ("a\r\nParis,\r\nb", "Paris", f"<p>a<br>\n{PARIS},<br>\nb</p>"),
    "tabs before": ("a\tParis", "Paris", PARIS),
    "in a link": (
        "[in Paris](/x)",
        "Paris",
        '<a href="/x">in <span class="mark mark-place" id="m-1">Paris</span></a>',
    ),
    "across a whole emphasis": (
        "Ville *de* Paris",
        "Ville *de* Paris",
        ">Ville <em>de</em> Paris</a></p>",
    ),
    "across a line": ("New\nYork", "New\nYork", ">New\nYork</a>"),
    "across half an emphasis": (
        "**Pa**ris",
        "Pa**ris",
        '<strong><a class="mark mark-place" href="/places/paris/" title="Pa**ris" id="m-1">Pa</a></strong>'  # noqa: E501
        '<a class="mark mark-place" href="/places/paris/" title="Pa**ris">ris</a>',
    ),
    "with signs at its ends": ("by (J. M.) there", "(J. M.)", ">(J. M.)</a> there"),
    "with quotes at its ends": ('"Giselle" here', '"Giselle"', ">“Giselle”</a> here"),
    "with an ampersand": ("A & B & C", "A & B &", ">A &amp; B &amp;</a> C"),
    "a year": ("in 1917 there", "1917", ">1917</a> there"),
    "an ordinal": ("the 1st Army", "1st Army", ">1st Army</a>"),
    "one letter": ("at K there", "K", ">K</a> there"),
    "Cyrillic": ("в Париже", "Париже", ">Париже</a>"),
    "Chinese": ("我住在巴黎。", "巴黎", ">巴黎</a>。"),
    "Arabic": ("في باريس", "باريس", ">باريس</a>"),
    "Hindi": ("वह दिल्ली में", "दिल्ली", ">दिल्ली</a> में"),
    "an accent of its own": ("Orle\u0301", "Orle\u0301", ">Orle\u0301</a>"),
    "rare letters of its own": ("\U00020000Paris\U00020001", "Paris", f"\U00020000{PARIS}\U00020001"),  # noqa: E501
    "private letters of its own": ("\ue000Paris\U000f0000", "Paris", f"\ue000{PARIS}\U000f0000"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "outline"),
    [
        ([2, 3, 2], [2, 3, 2]),
        ([1, 2, 1], [2, 3, 2]),
        ([1, 4, 3, 2, 1], [2, 3, 3, 3, 2]),
        ([3, 1, 2], [2, 2, 3]),
        ([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 6]),
    ],
)
def test_the_outline_has_no_gaps(written, outline) -> None:
    body = "\n\n".join("#" * level + " Part" for level in written)
    rendered = render(body, [])
    assert [heading.level for heading in rendered.headings] == outline
    assert re.findall(r"<h(\d) ", rendered.html) == re.findall(r"</h(\d)>", rendered.html)
    assert [int(level) for level in re.findall(r"<h(\d) ", rendered.html)] == outline


@pytest.mark.parametrize(("body", "words", "expected"), PLACED.values(), ids=PLACED.keys())
def test_marks_are_placed(body: str, words: str, expected: str) -> None:
    rendered = render(body, [mark(body, words)])
    Reader(rendered.html)
    assert rendered.left_out == 0
    assert expected.replace(f' title="{words}"', "") in rendered.html.replace(
        f' title="{words}"', ""
    )


EMPTY = '<span id="m-1"></span>'
LEFT_OUT = {
    "in code": ("a `Paris` b", "Paris", f"<p>a {EMPTY}<code>Paris</code> b</p>"),
    "in a picture's words": (
        "![Paris](/a.png)",
        "Paris",
        f'<p>{EMPTY}<img loading="lazy" alt="Paris" src="/a.png"></p>',
    ),
    "in an address": ("[a](/Paris/)", "Paris", f'<p>{EMPTY}<a href="/Paris/">a</a></p>'),
    "in a link's title": ('[a](/x "Paris")', "Paris", f'{EMPTY}<a href="/x" title="Paris">'),
    "in an autolink": ("<https://Paris.example/>", "Paris", "https://Paris.example/</a>"),
    "in a tag": ('<span lang="Paris">a</span>', "Paris", '<span lang="Paris">a</span>'),
    "in an entity": ("a &Aacute; b", "Aacute", "<p>a Á b</p>"),
    "in a definition": ("[a][Paris]\n\n[Paris]: /x", "Paris", '<p><a href="/x">a</a></p>'),
    "in a footnote's label": ("a[^Paris]\n\n[^Paris]: b", "Paris", '<sup id="fnref-1">'),
    "over a footnote's number": ("Pa[^1]ris\n\n[^1]: b", "Pa[^1]ris", f"<p>{EMPTY}Pa<sup"),
    "over paragraphs": ("New\n\nYork", "New\n\nYork", f"<p>{EMPTY}New</p>\n<p>York</p>"),
    "over cells": ("a|b\n-|-\nNew|York", "New|York", f"<td>{EMPTY}New</td>"),
    "over list items": ("- New\n- York", "New\n- York", f"<li>{EMPTY}New</li>"),
    "over a picture": ("New ![x](/y) York", "New ![x](/y) York", f"{EMPTY}New <img"),
    "the number of a list": ("7. a", "7", "<li>a</li>"),
    "only signs": ("a -- b", "--", "<p>a – b</p>"),
    "a script": ("<script>Paris</script> b", "Paris", " b</p>"),
}


@pytest.mark.parametrize(("body", "words", "expected"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_marks_are_left_out_where_they_would_do_harm(body: str, words: str, expected: str) -> None:
    rendered = render(body, [mark(body, words)])
    Reader(rendered.html)
    assert rendered.left_out == 1
    assert expected in rendered.html
    assert 'class="mark' not in rendered.html


def test_a_mark_does_not_begin_inside_an_entity() -> None:
    body = "A&amp;B"
    assert render(body, [mark(body, ";B", name=";B")]).html == (
        '<p>A&amp;<a class="mark mark-place" href="/places/paris/" id="m-1">B</a></p>'
    )


@pytest.mark.parametrize("span", [(-1, 3), (0, 0), (3, 1), (0, 99), (50, 60)])
def test_marks_outside_the_text_are_left_out(span: tuple[int, int]) -> None:
    assert render("in Paris", [Mark(*span, "place", "/x/", "x", False)]) == Rendered(
        "<p>in Paris</p>", 1, False
    )


def test_a_reference_by_its_own_words_is_left_alone_and_its_neighbours_are_not() -> None:
    body = "[Paris] and Rome and Paris\n\n[paris]: /x"
    marks = [
        mark(body, "Paris", anchor="m-1"),
        mark(body, "Rome", anchor="m-2"),
        mark(body, "Paris", nth=1, anchor="m-3"),
    ]
    rendered = render(body, marks)
    assert rendered.left_out == 1
    assert Reader(rendered.html).marks == {"m-2": "Rome", "m-3": "Paris"}


def test_bad_marks_do_not_take_many_good_ones_with_them() -> None:
    words = " ".join(f"Name{number}x" for number in range(60))
    body = f"{words}\n\n7. a\n\nb\n\n8. c\n"
    marks = [mark(body, word, anchor=f"m-{number}") for number, word in enumerate(words.split())]
    bad = [mark(body, "7", nth=-1, anchor="m-x"), mark(body, "8", nth=-1, anchor="m-y")]
    rendered = render(body, [*marks, *bad])
    assert not rendered.fallback
    assert rendered.left_out <= 12


def test_the_right_one_of_many_is_marked() -> None:
    body = "Paris, `Paris`, [x](/Paris), Paris and Paris"
    html = page(body, mark(body, "Paris", nth=3))
    assert html.count('class="mark') == 1
    assert f", {PARIS} and Paris</p>" in html


def test_a_suggestion_says_so() -> None:
    body = "in Paris"
    html = page(body, mark(body, "Paris", suggested=True))
    assert '<a class="mark mark-place is-suggested" href="/places/paris/"' in html
    assert 'title="Paris (suggested)"' in html


def test_a_title_says_what_the_words_do_not() -> None:
    body = "Giulia said"
    html = page(body, mark(body, "Giulia", "person", name="Giulia Baktybekova"))
    assert 'title="Giulia Baktybekova"' in html
    assert "title" not in page(body, mark(body, "Giulia", "person"))


OVERLAPS = {
    "a place within a theme": (
        [("winter in Paris", "theme"), ("Paris", "place")],
        '<span class="mark mark-theme" id="m-0">winter in </span>'
        '<a class="mark mark-place" href="/x/" id="m-1"><span class="mark mark-theme">Paris</span></a>',  # noqa: E501
    ),
    "a theme within a person": (
        [("Anna Winter", "person"), ("Winter", "theme")],
        '<a class="mark mark-person" href="/x/" id="m-0">Anna '
        '<span class="mark mark-theme" id="m-1">Winter</span></a>',
    ),
    "the same words": (
        [("Paris", "theme"), ("Paris", "place")],
        '<a class="mark mark-place" href="/x/" id="m-1">'
        '<span class="mark mark-theme" id="m-0">Paris</span></a>',
    ),
    "the longer of two people": (
        [("Anna", "person"), ("Anna Winter", "person")],
        '<a class="mark mark-person" href="/x/" id="m-1">'
        '<span class="mark mark-person" id="m-0">Anna</span> Winter</a>',
    ),
    "names that cross": (
        [("Anna Winter in", "person"), ("Winter in Paris", "place")],
        '<a class="mark mark-place" href="/x/" id="m-1">'
        '<span class="mark mark-person">Winter in</span> Paris</a>',
    ),
    "three deep": (
        [("Anna Winter", "person"), ("Winter", "person"), ("Winter", "theme")],
        '<span class="mark mark-person" id="m-1">'
        '<span class="mark mark-theme" id="m-2">Winter</span></span></a>',
    ),
}


@pytest.mark.parametrize(("spans", "expected"), OVERLAPS.values(), ids=OVERLAPS.keys())
def test_overlaps(spans: list[tuple[str, str]], expected: str) -> None:
    body = "Anna Winter in Paris, winter in Paris"
    marks = [
        mark(body, words, kind, nth=-1 if "winter" in words or words == "Paris" else 0,
             url="/x/", anchor=f"m-{number}")
        for number, (words, kind) in enumerate(spans)
    ]  # fmt: skip
    rendered = render(body, marks)
    reader = Reader(rendered.html)
    assert rendered.left_out == 0
    assert set(reader.ids) == {m.anchor for m in marks}
    assert expected in re.sub(' title="[^"]*"', "", rendered.html)


def test_an_anchor_is_used_once() -> None:
    body = "Paris and Paris"
    html = page(body, mark(body, "Paris"), mark(body, "Paris", nth=1))
    assert html.count('id="m-1"') == 1
    assert html.count('class="mark') == 2


# --- Bounds -----------------------------------------------------------------------------------


def hostile(size: int) -> dict[str, str]:
    """Texts on which Markdown takes longer than anyone waits, or falls over."""
    half = size // 2
    patterns = (
        "[", "![", "[a](", "[a][", "[a](<", "[a](b(", "[^a]", "*", "*a ", "**a *b ", "_a_",
        "`", "`` `", "> ", ">", ">\n", "- ", "- a\n", "1. a\n\n   ", "<", "<a ", "<a x=\"", "<!--",
        "<![CDATA[", "<?", "<div>", "<b><i>", "</div>", "<p>\n\n", "<script>", "&", "#\n", "# a\n",
        "a\n=\n", "---\n", "|", "a|b\n-|-\n", "a\n\n", "\n", "\\", "\\\n", "\"'", "-", "<a@",
        "[a]: b\n", "[a]:", "[^a]: b\n", "[a](b \"",
        "```\n", "~~~a\n", "![a](//b)\n\n", "Aaa,\nBbb\n\n", "> a\n> b\n\n", "س\n\n",
    )  # fmt: skip
    steps = range(1, 90)
    return {
        **{f"{pattern!r} again and again": (pattern * size)[:size] for pattern in patterns},
        "brackets in brackets": "[" * half + "]" * half,
        "links in links": "[" * (half // 3) + "a" + "](x)" * (half // 3),
        "emphasis in emphasis": "*a **b " * (half // 7) + "c** d* " * (half // 7),
        "steps of quotes": "\n".join(">" * step + " a" for step in steps),
        "steps of lists": "\n".join("    " * step + "- a" for step in steps),
        "ticks of all lengths": " ".join("`" * step for step in range(int(size**0.5))),
        "a long address everywhere": f"[a]: http://{'x' * half}\n\n" + "[a] " * (half // 4),
        "a long title everywhere": f'[a]: x "{"x" * half}"\n\n' + "![a] " * (half // 5),
        "one footnote everywhere": "[^a] " * (half // 5) + "\n\n[^a]: x",
        "many footnotes": "".join(f"[^{n}] \n\n[^{n}]: x\n\n" for n in range(half // 12)),
        "footnotes in footnotes": "[^0]\n\n"
        + "".join(f"[^{n}]: x [^{n + 1}]\n\n    [^{n + 1}]: y\n\n" for n in range(half // 30)),
        "a wide table": "|".join("a" * half) + "\n" + "|".join("-" * half) + "\n" + "|\n" * half,
        "ticks in a table": "|".join("`" * half) + "\n" + "|".join("-" * half),
        "a tall table": "a|b\n-|-\n" + "|\n" * half,
        "tags that never close": "<b><i><u>" * 20 + "\n\n" + "a\n\n" * half,
        "languages that never close": "<span lang=fr>" * 300 + "\n\n" + "a\n\n" * half,
        "hashes": "#" * size + "\\",
        "dashes": "-" * size + "x",
    }


@pytest.fixture
def purses(monkeypatch: pytest.MonkeyPatch) -> list[budget_module.Budget]:
    """All budgets made during a test."""
    made: list[budget_module.Budget] = []

    class Watched(budget_module.Budget):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr("archive.rendering.prose.Budget", Watched)
    return made


@pytest.mark.parametrize("name", hostile(9_000))
def test_hostile_texts_are_bounded(name: str, purses: list[budget_module.Budget]) -> None:
    body = hostile(9_000)[name]
    rendered = render(body)
    assert_safe(rendered.html)
    assert len(rendered.html) < 20 * len(body) + 200_000
    if rendered.fallback:
        assert plain_words(rendered.html) == plain_words(body, escaped=False)
    plain_text(body)
    word_count(body)


def plain_words(text: str, escaped: bool = True) -> list[str]:
    return (Reader(text).text if escaped else text).split()


def test_what_hostile_texts_cost_is_charged(purses: list[budget_module.Budget]) -> None:
    """Twice the text that is refused costs no more; a story costs next to nothing."""
    for size in (9_000, 18_000):
        assert render("[" * size).fallback
        assert purses[-1].steps > -10 * size
    assert not render("Anna *went* to Paris. " * 100).fallback
    assert purses[-1].steps > 0.9 * budget_module.STEPS


def test_deep_nesting_does_not_depend_on_the_stack_of_the_caller() -> None:
    def deeper(levels: int) -> bool:
        return deeper(levels - 1) if levels else render("> " * 45 + "a").fallback

    assert deeper(0)
    assert deeper(200)
    assert not render("> " * 20 + "a").fallback


def test_very_long_texts_are_plain_paragraphs_with_their_marks() -> None:
    body = "*Paris*, a\nb\n\n\n<c> & d\n\n" + "x" * MAX_LENGTH
    rendered = render(body, [mark(body, "Paris")])
    assert rendered.fallback
    assert rendered.left_out == 0
    assert rendered.html.startswith(f"<p>*{PARIS}*, a\nb</p>\n<p>&lt;c&gt; &amp; d</p>\n<p>xxx")


def test_a_long_memoir_is_rendered_with_all_its_marks() -> None:
    paragraph = 'Anna went to *Paris* with "her mother", who had left [Rome](/x) in winter. ' * 5
    body = "\n\n".join([paragraph.strip()] * 200)
    marks = [
        Mark(match.start(), match.end(), "place", "/x/", "x", False, f"m-{number}")
        for number, match in enumerate(re.finditer("Paris|Anna", body))
    ]
    rendered = render(body, marks)
    assert not rendered.fallback
    assert rendered.left_out == 0
    assert rendered.html.count('class="mark') == len(marks) == 2_000


def test_a_failing_parser_does_not_spoil_the_next_text() -> None:
    assert render("[" * 20_000).fallback
    assert render("*a*").html == "<p><em>a</em></p>"


# --- Words ------------------------------------------------------------------------------------

WORDS = {
    "emphasis": ("*a* **b** _c_ snake_case 2 * 3", "a b c snake_case 2 * 3", 6),
    "links": ('[Anna](/x "t") and [Boris][b]\n\n[b]: /y', "Anna and Boris", 3),
    "a link with brackets": ("[a](/x_(y)) b", "a b", 2),
    "pictures": ("a ![Anna](/x.png) b", "a b", 2),
    "headings": ("# Youth\n\nIn Paris\n------", "Youth\nIn Paris", 3),
    "lists and quotes": ("> - a\n> - b\n\n1. c", "a b\nc", 3),
    "a year that opens a sentence": ("1917 was cold.", "1917 was cold.", 3),
    "tables": ("| a | b |\n|---|--:|\n| c | d |", "a b c d", 4),
    "footnotes": ("a[^1]\n\n[^1]: b", "a\nb", 2),
    "tags": ('<span lang="fr">oui</span><br>non <script>x</script>', "ouinon", 1),
    "addresses": ("<https://a.example/b> <a@b.example>", "https://a.example/b a@b.example", 4),
    "entities": ("a &amp; b &lt;", "a & b <", 2),
    "escapes": (r"\*a\* \[b\](c)", "*a* [b](c)", 2),
    "code": ("`a b`", "a b", 2),
    "lines": ("a\nb  \nc\\\nd", "a b c d", 4),
    "apostrophes and hyphens": ("Anna's great-aunt -- 1,000 roubles", None, 4),
    "dashes between words": ("a—b – c", None, 3),
    "Cyrillic": ("Анна жила в Париже.", None, 4),
    "Hindi": ("वह दिल्ली में रहती थी", None, 5),
    "Arabic": ("عاشت في باريس", None, 3),
    "Chinese": ("我住在巴黎。", None, 5),
    "Japanese and English": ("Anna は東京に住む", None, 7),
    "Korean": ("안나는 서울에 살았다", None, 3),
    "Thai": ("แอนนาอาศัยอยู่ในปารีส", None, 5),
    "nothing": (" \n\n* * *\n", "", 0),
}


@pytest.mark.parametrize(("body", "text", "count"), WORDS.values(), ids=WORDS.keys())
def test_words(body: str, text: str | None, count: int) -> None:
    assert text is None or plain_text(body) == text
    assert word_count(body) == count


# --- For any text -----------------------------------------------------------------------------

SYNTAX = st.sampled_from(
    ["*", "**", "_", "`", "[", "]", "(", ")", "![", "](/x)", "<", ">", "<b>", "</b>", "<div>",
     "<a href=/x>", "</a>", "<span lang=fr>", "</span>", "&", "&amp;", "#", "# ", "> ", "- ", "1. ",
     "    ", "\n", "\n\n", "  \n", "\\", "|", "a|b\n-|-\n", "\n---\n", "'", '"', "--", "...",
     "[^1]", "\n\n[^1]: ", "[a]: /x\n", "[a]", "\x02", "\x03", "\x00", "\r", "\ud800", "\u0301",
     "\U00020000", "\ue000", "<script>", "</script>", "<!--", "-->", "<code>", "</code>", "<p>"]
)  # fmt: skip
TEXTS = st.lists(SYNTAX | st.sampled_from(["Anna ", "Paris", "a", "7", "巴黎 "]) | st.text(max_size=4), max_size=25).map("".join)  # fmt: skip  # noqa: E501


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    body = draw(TEXTS)
    marks = []
    for number in range(draw(st.integers(0, 6))):
        start = draw(st.integers(-1, len(body) + 1))
        end = draw(st.integers(start, start + 12))
        kind = draw(st.sampled_from(["person", "place", "theme"]))
        suggested = draw(st.booleans())
        marks.append(Mark(start, end, kind, "/x/", "x", suggested, f"m-{number}"))
    return body, marks


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@settings(deadline=None, max_examples=150)
@given(marked_texts())
def test_any_text_with_any_marks(case: tuple[str, list[Mark]]) -> None:
    body, marks = case
    plain, marked = render(body), render(body, marks)
    assert Reader(marked.html).text == Reader(plain.html).text
    assert_safe(plain.html)
    assert_safe(marked.html, frozenset(m.anchor for m in marks))
    undrawn = re.sub(r'<(a|span) class="mark [^>]*>|<span id="m-\d+">', "<mark>", marked.html)
    assert undrawn.count("<mark>") == len(re.findall(r'class="mark |<span id="m-', marked.html))
    reader = Reader(marked.html)
    for one in marks:
        drawn = reader.marks.get(one.anchor)
        if drawn:
            rest = iter(body[one.start : one.end])
            assert all(char in rest for char in letters(drawn)), (drawn, one)
    assert 0 <= marked.left_out <= len(marks)


@settings(deadline=None, max_examples=80)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_at_all(body: str) -> None:
    assert_safe(render(body).html)
    assert word_count(body) <= len(body)
    assert "\n\n" not in plain_text(body)


WORD = st.from_regex(r"[A-Za-zÀ-žА-я]{1,9}", fullmatch=True)


@settings(deadline=None, max_examples=50)
@given(st.lists(WORD, min_size=1, max_size=30), st.data())
def test_every_word_of_plain_prose_can_be_marked(words: list[str], data: st.DataObject) -> None:
    body = " ".join(words)
    spans = [match.span() for match in re.finditer(r"\S+", body)]
    chosen = data.draw(st.lists(st.sampled_from(spans), unique=True))
    marks = [
        Mark(start, end, "person", "/x/", "x", False, f"m-{number}")
        for number, (start, end) in enumerate(chosen)
    ]
    rendered = render(body, marks)
    assert rendered.left_out == 0
    assert Reader(rendered.html).marks == {m.anchor: body[m.start : m.end] for m in marks}
