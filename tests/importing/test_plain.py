"""A .txt file reads as its writer meant it, when its body is read as Markdown."""

import html
import re

import markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.importing.plain import to_markdown


def as_read(body):
    """What a reader sees: the words of the rendered page without its white space."""
    page = markdown.markdown(body, extensions=["tables"])
    return "".join(html.unescape(re.sub(r"<[a-z/][^>]*>", "", page)).split())


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("1986. A year to remember.", "1986\\. A year to remember."),
        ("#1 hit of the year", "\\#1 hit of the year"),
        ("She wrote <b> and <3 and a < b.", "She wrote &lt;b> and <3 and a < b."),
        ("Fish &amp; chips, R&B, AT&T", "Fish &amp;amp; chips, R&B, AT&T"),
        ("> not a quotation", "\\> not a quotation"),
        ("- Come in, he said.", "\\- Come in, he said."),
        ("2 * 3 * 4 = 24 and *this*", "2 * 3 * 4 = 24 and \\*this\\*"),
        ("one * alone, snake_case_name", "one * alone, snake_case_name"),
        ("see [1](2) and [note]", "see \\[1\\](2) and \\[note]"),
        ("    indented by a typewriter", "indented by a typewriter"),
        ("\tA tab, as in old letters.", "A tab, as in old letters."),
        # Markdown reads these as they were meant.
        ("* * *", "* * *"),
        ("Before\n\n***\n\nAfter", "Before\n\n***\n\nAfter"),
        ("- milk\n- bread", "- milk\n- bread"),
        ("1. milk\n2. bread", "1. milk\n2. bread"),
        ("My life\n=======\n\nIt began.", "My life\n=======\n\nIt began."),
        # Hard-wrapped lines stay as they are.
        ("She was born in\nKokand – a town.", "She was born in\nKokand – a town."),
    ],
)
def test_only_what_would_be_misread_is_escaped(text, body):
    assert to_markdown(text) == (body, ())


def test_long_lines_without_blank_lines_become_paragraphs():
    first, second = "A long line. " * 20, "Another one. " * 20
    body, notes = to_markdown(f"{first}\n{second}\nEnd.")
    assert body == f"{first}\n\n{second}\n\nEnd."
    assert notes == ("set paragraphs apart: each line of this file is a paragraph",)


@settings(deadline=None)
@given(st.text(alphabet='ab1 .\n*_`#>-+=[]()!\\<&;:/~|\t"', max_size=60))
@example("[a]: b")
@example("a\n---")
@example("~~~\na\n~~~")
@example("\\\\*a*\\")
@example("a\n    - b")
@example("*a_ b* c_")
def test_no_sign_is_lost_in_reading(text):
    body, _ = to_markdown(text)
    # Lines of dashes and stars become lines, and the numbers and bullets of lists are drawn.
    plain = "".join(text.split())
    seen = as_read(body)
    assert re.sub(r"[-*_=+\d.)]", "", seen) == re.sub(r"[-*_=+\d.)]", "", plain)
