"""A loop that is drawn once for all its rows: what they hold is put into what was drawn.

A list names hundreds of tags, each with half a dozen values. A ``for`` asks every node of its body
anew for each row, which took most of the time of a page.
"""

from __future__ import annotations

import dataclasses
import html
import re
import secrets
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, TokenType
from django.template.context import Context
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

register = template.Library()

#: Stands around the places of values. Nobody outside of this process can know it, so that no
#: stored text is taken for a place.
_EDGE = f"\0{secrets.token_hex(16)}\0"
#: Tags that do nothing with a value but write it.
_WRITING = ("blocktranslate", "each")


@dataclasses.dataclass(frozen=True, slots=True)
class _Pattern:
    """A body as it was drawn, with places for the values of a row."""

    text: str  # %s at each place
    values: tuple[tuple[Callable[[Any], Any], Callable[[Any], str]], ...]  # to get, to write

    def fill(self, rows: Iterable[Any]) -> str:
        """The body once for each of *rows*."""
        return "".join(
            [self.text % tuple([write(get(row)) for get, write in self.values]) for row in rows]
        )


class _Place(SafeString):
    """Where a value of a row will stand; its own values have places too."""

    path: str
    inner: dict[str, _Pattern]  # of the loops over values of the row, by path

    @classmethod
    def of(cls, path: str, inner: dict[str, _Pattern]) -> _Place:
        place = cls(f"{_EDGE}{path}{_EDGE}")
        place.path, place.inner = path, inner
        return place

    def __getitem__(self, name: Any) -> Any:
        return self.of(f"{self.path}.{name}", self.inner)

    def __bool__(self) -> bool:
        raise template.TemplateSyntaxError(f"Within each, nothing can depend on {self.path}.")


class EachNode(Node):
    """``{% each … in … %}``."""

    child_nodelists = ("body",)

    def __init__(self, name: str, rows: FilterExpression, body: NodeList) -> None:
        self.name, self.rows, self.body = name, rows, body

    def render(self, context: Context) -> SafeString:
        """Draw the body, and fill it with each row."""
        rows = self.rows.resolve(context, ignore_failures=True)
        if not isinstance(rows, _Place):
            return SafeString(self._pattern(context).fill(rows) if rows else "")
        path = f"{rows.path}.{self.name}"
        rows.inner[path] = self._pattern(context)
        return SafeString(f"{_EDGE}{path}{_EDGE}")

    def _pattern(self, context: Context) -> _Pattern:
        inner: dict[str, _Pattern] = {}
        with context.push(**{self.name: _Place.of(self.name, inner)}):
            texts = self.body.render(context).split(_EDGE)
        values = []
        for path in texts[1::2]:
            name, _, attribute = path.partition(".")
            write = _written
            if path in inner:
                write, attribute = inner[path].fill, attribute.rpartition(".")[0]
            if name != self.name or not attribute:
                raise template.TemplateSyntaxError(f"Each row has a {self.name}, not a {path}.")
            values.append((attrgetter(attribute), write))
        return _Pattern("%s".join(text.replace("%", "%%") for text in texts[::2]), tuple(values))


def _written(value: Any) -> str:
    """*value* as a template writes it, escaped."""
    if type(value) is str:
        return html.escape(value)
    return conditional_escape(localize(value() if callable(value) else value))


@register.tag
def each(parser: Parser, token: Token) -> EachNode:
    """``{% each value in part.values %}<li>{{ value.name }}</li>{% endeach %}``.

    As ``for``, but the body is drawn once: it may write attributes of the row, pass them to
    ``blocktranslate`` and go through them with another ``each``. Filters and conditions upon them
    are refused, and what is no attribute, such as the entry of a dictionary, is not found.
    """
    match token.split_contents():
        case [_, name, "in", rows]:
            pass
        case _:
            raise template.TemplateSyntaxError("It is written: each NAME in ROWS.")
    expression = parser.compile_filter(rows)
    body = parser.parse(("endeach",))
    parser.delete_first_token()
    _refuse_questions(name, body)
    return EachNode(name, expression, body)


def _refuse_questions(name: str, body: NodeList) -> None:
    """Refuse what cannot be drawn once for all rows.

    Raises:
        TemplateSyntaxError: something in *body* depends on a value of *name*.
    """
    mention = re.compile(rf"(?<![\w.]){re.escape(name)}[.|]")
    for node in body.get_nodes_by_type(Node):
        token = node.token
        if token.token_type is TokenType.TEXT or not mention.search(token.contents):
            continue
        asking = token.token_type is TokenType.BLOCK and token.contents.split()[0] not in _WRITING
        if asking or "|" in token.contents:
            raise template.TemplateSyntaxError(f"Not within each: {token.contents}")
