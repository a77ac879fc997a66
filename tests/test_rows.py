"""Loops that are drawn once."""

from __future__ import annotations

from types import SimpleNamespace as Row

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.safestring import SafeString
from django.utils.translation import override

HOSTILE = "<b>&'\"%s {{ x }} {0}"
ESCAPED = "&lt;b&gt;&amp;&#x27;&quot;%s {{ x }} {0}"


def draw(text: str, **context) -> str:
    return Template("{% load i18n rows %}" + text).render(Context(context))


@pytest.mark.parametrize(
    "body",
    [
        "<a href='{{ row.name }}'>{{ row.name }}</a>, 100 % {{ row.number }}{{ outer }}",
        "{% blocktranslate with name=row.name %}not <b>{{ name }}</b>{% endblocktranslate %}",
        "{% if outer %}{{ row.inner.name }}{% endif %}",
        "{% translate 'Search' %} {{ row.method }} {{ row.none }} {{ row.safe }}",
    ],
)
def test_it_draws_what_for_draws(body) -> None:
    def row(name: str, number: int) -> Row:
        return Row(
            name=name,
            number=number,
            inner=Row(name=name[::-1]),
            method=lambda: f"{name}!",
            none=None,
            safe=SafeString("<i>safe</i>"),
        )

    rows = [row(HOSTILE, 1_000), row("", 2), row("\0\0", 3)]
    asked = {"rows": rows, "outer": HOSTILE}
    expected = draw("{% for row in rows %}" + body + "{% endfor %}", **asked)
    assert draw("{% each row in rows %}" + body + "{% endeach %}", **asked) == expected


def test_stored_text_is_escaped() -> None:
    assert draw("{% each row in rows %}{{ row.a }};{% endeach %}", rows=[Row(a=HOSTILE)]) == (
        f"{ESCAPED};"
    )


def test_rows_within_rows() -> None:
    rows = [Row(name="a", tags=[Row(name="<1>"), Row(name="2")]), Row(name="%s", tags=[])]
    body = "{{ row.name }}:{% each tag in row.tags %} {{ tag.name }}{% endeach %};"
    drawn = draw("{% each row in rows %}" + body + "{% endeach %}", rows=rows)
    assert drawn == "a: &lt;1&gt; 2;%s:;"


@pytest.mark.parametrize("rows", [[], (), None, ""])
def test_no_rows(rows) -> None:
    assert draw("({% each row in rows %}{{ row.a }}{% endeach %})", rows=rows) == "()"
    assert draw("({% each row in nowhere %}{{ row.a }}{% endeach %})") == "()"


@pytest.mark.parametrize(
    "text",
    [
        "{% each row in rows %}{{ row.name|upper }}{% endeach %}",
        "{% each row in rows %}{% if row.name %}x{% endif %}{% endeach %}",
        "{% each row in rows %}{% if row.name == 'a' %}x{% else %}y{% endif %}{% endeach %}",
        "{% each row in rows %}{{ row }}{% endeach %}",
        "{% each row in rows %}{% for a in row.tags %}{{ a }}{% endfor %}{% endeach %}",
        "{% each row in rows %}{% each t in row.tags %}{{ row.name }}{% endeach %}{% endeach %}",
        "{% each row rows %}{% endeach %}",
    ],
)
def test_what_cannot_be_drawn_once_is_refused(text) -> None:
    with pytest.raises(TemplateSyntaxError):
        draw(text, rows=[Row(name="a", tags=[Row(name="b")])])


def test_numbers_are_written_as_the_language_writes_them() -> None:
    text = "{% each row in rows %}{{ row.share }}{% endeach %}"
    with override("de"):
        assert draw(text, rows=[Row(share=1.5)]) == "1,5"
