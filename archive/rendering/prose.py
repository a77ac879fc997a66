"""Markdown to sanitised HTML, within a budget."""

import html
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import markdown
import nh3
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.tables import TableProcessor
from markdown.inlinepatterns import HTML_RE, HtmlInlineProcessor, SubstituteTagInlineProcessor
from markdown.treeprocessors import Treeprocessor

from .budget import Budget, TooMuchWorkError
from .fences import Fences
from .quotes import quotation_marks

_INLINE = {
    "abbr", "b", "bdi", "cite", "code", "del", "em", "i", "ins", "kbd", "q", "s", "small", "strong",
}  # fmt: skip
_BLOCKS = {"dd", "div", "dl", "dt", "figcaption", "figure", "li", "ol", "p", "pre", "ul"}
_HEADINGS = {f"h{level}" for level in range(1, 7)}
#: Tags that may stand in a text; others are shown as they are written.
RAW_TAGS = (
    _INLINE
    | _BLOCKS
    | _HEADINGS
    | {"a", "blockquote", "br", "hr", "img", "span", "sub", "sup", "u"}
)
_LANGUAGE = {"lang", "dir"}
#: What may be in another language than the text around it.
_SPOKEN = {"p", "span", "div", "blockquote", "bdi", "cite", "em", "i", "li", "q"}
_RAW_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title"},
    **dict.fromkeys(_SPOKEN, _LANGUAGE),
}
_TAGS = RAW_TAGS | {"table", "thead", "tbody", "tr", "th", "td"}
_ATTRIBUTES: dict[str, set[str]] = {
    **_RAW_ATTRIBUTES,
    "a": {"href", "title", "class"},
    "div": _LANGUAGE | {"class"},
    "sup": {"id"},
    "li": _LANGUAGE | {"id"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
}
# What Markdown's own footnotes carry; tags written by hand carry neither class nor id (see
# `_raw_tag`), so that nobody can fake a mark or take the address of another element.
_CLASSES = {"footnote", "footnote-ref", "footnote-backref"}
_FOOTNOTE_ID = re.compile(r"fn(?:ref\d*)?-\d+")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_SCHEMES = {"http", "https", "mailto"}

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(\s[^<>]*|)/?>")
_ATTRIBUTE = re.compile(r"""\s([a-zA-Z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""")
_SCRIPT = r"(?i:<(script|style)\b[^<>]*>(?:(?!<(?:script|style)\b).)*?</\1\s*>)"
# Unpaired surrogates and control characters have no place in HTML.
_UNPRINTABLE = dict.fromkeys([*range(9), 11, *range(14, 32), 127], " ") | dict.fromkeys(
    range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}"
)


def clean_characters(body: str) -> str:
    """Replace, one for one, the characters that HTML cannot carry."""
    return body.translate(_UNPRINTABLE)


class Prose:
    """A Markdown parser for one text; not to be used again after it has raised."""

    def __init__(self, language: str = "en") -> None:
        self.budget = Budget()
        self.parser = _parser(self.budget, quotation_marks(language))

    def to_html(self, body: str) -> str:
        """Render Markdown to sanitised HTML; raises `TooMuchWorkError` for hostile texts."""
        try:
            raw: str = self.parser.reset().convert(body)
        except RecursionError as error:
            raise TooMuchWorkError from error
        if len(raw) > 8 * len(body) + 100_000:
            raise TooMuchWorkError
        return nh3.clean(
            raw,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_check_attribute,
            url_schemes=_SCHEMES,
            link_rel=None,
        )


def _check_attribute(tag: str, name: str, value: str) -> str | None:
    """Let only known classes, ids and languages through."""
    allowed = True
    if name == "class":
        allowed = value in _CLASSES
    elif name == "id":
        allowed = _FOOTNOTE_ID.fullmatch(value) is not None
    elif name == "lang":
        allowed = _LANGUAGE_TAG.fullmatch(value) is not None
    elif name == "dir":
        allowed = value in {"ltr", "rtl", "auto"}
    elif name == "start":
        allowed = value.isascii() and value.isdigit() and len(value) < 8
    return value if allowed else None


def _raw_tag(source: str) -> str:
    """Rebuild a tag written by hand from the few attributes it may have; drop the others."""
    match = _TAG.fullmatch(source)
    if match is None or match[2].lower() not in RAW_TAGS:
        return ""
    name = match[2].lower()
    allowed = _RAW_ATTRIBUTES.get(name, set())
    attributes = "".join(
        f' {key.lower()}="{html.escape(html.unescape(double or single or bare))}"'
        for key, double, single, bare in _ATTRIBUTE.findall("" if match[1] else match[3])
        if key.lower() in allowed
    )
    return f"<{match[1]}{name}{attributes}>"


class _RawHtml(HtmlInlineProcessor):  # type: ignore[misc]
    """Tags in the text: kept if harmless, else dropped with their words left in place."""

    def __init__(self, pattern: str, md: Any, budget: Budget) -> None:
        super().__init__(pattern, md)
        self.budget = budget

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # noqa: N802
        """Stash the rebuilt tag where Markdown finds it again."""
        self.budget.count_raw_tag()
        tag = _raw_tag(self.backslash_unescape(self.unescape(m[1])))
        return (self.md.htmlStash.store(tag) if tag else ""), m.start(), m.end()


class _Script(HtmlInlineProcessor):  # type: ignore[misc]
    """Scripts and style sheets, which go with all they contain."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # noqa: N802
        """Leave nothing."""
        return "", m.start(), m.end()


class _Footnotes(FootnoteExtension):  # type: ignore[misc]
    """Footnotes with numbers for ids: labels are free text, and counting repeats was quadratic."""

    def reset(self) -> None:
        """Forget the footnotes of the text before."""
        super().reset()
        self.numbers: dict[str, int] = {}

    def setFootnote(self, id: str, text: str) -> None:  # noqa: A002, N802
        """Number a footnote when it is defined."""
        self.numbers.setdefault(id, len(self.numbers) + 1)
        super().setFootnote(id, text)

    def makeFootnoteId(self, id: str) -> str:  # noqa: A002, N802
        """Return the address of a footnote."""
        return f"fn-{self.numbers[id]}"

    def makeFootnoteRefId(self, id: str, found: bool = False) -> str:  # noqa: A002, N802
        """Return the address of a reference; repeated ones are told apart."""
        first = f"fnref-{self.numbers[id]}"
        if not found:
            return first
        times = self.found_refs.get(first, 0) + 1
        self.found_refs[first] = times
        return first if times == 1 else f"fnref{times}-{self.numbers[id]}"


def _parser(budget: Budget, quotes: dict[str, str]) -> Any:
    """Return a Markdown parser that spends from `budget` and writes these quotation marks."""
    footnotes = _Footnotes(SEPARATOR="-", BACKLINK_TITLE="Back to the text, note {}")
    md = markdown.Markdown(
        extensions=[footnotes, "tables", "sane_lists", "smarty"],
        extension_configs={
            "tables": {"use_align_attribute": True},
            "smarty": {"substitutions": quotes},
        },
    )
    # Blocks of raw HTML go through Python's HTML parser, which is where hostile texts spent
    # their seconds. Tags are handled one by one instead.
    md.preprocessors.deregister("html_block")
    md.preprocessors.register(Fences(md), "fences", 25)
    # Stories indent first lines and verses; nobody means program code by that.
    md.parser.blockprocessors.deregister("code")
    md.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash_br", 185)
    md.inlinePatterns.register(_Script(_SCRIPT, md), "script", 189)
    md.inlinePatterns.register(_RawHtml(HTML_RE, md, budget), "html", 90)
    md.treeprocessors.register(_CountChildren(md, budget), "count_children", 8)
    _skip_plain(md.treeprocessors["inline"], re.compile(r"[`\\\[<&*_]|  \n"))
    _skip_plain(md.treeprocessors["smarty"], re.compile(r"[\"']|--|\.\.\."))
    _meter_blocks(md, budget)
    _meter_inlines(md, footnotes, budget)
    return md


class _CountChildren(Treeprocessor):  # type: ignore[misc]
    """Charges for wide elements: smart typography looks each child up among its siblings."""

    def __init__(self, md: Any, budget: Budget) -> None:
        super().__init__(md)
        self.budget = budget

    def run(self, root: ElementTree.Element) -> None:
        """Look at the tree just before that happens."""
        for element in root.iter():
            self.budget.spend(4 + len(element) ** 2 // 12)


def _skip_plain(processor: Any, syntax: re.Pattern[str]) -> None:
    """Spare texts without any syntax the round through all inline patterns.

    Most texts are plain, and the round is most of what rendering costs. The method is private
    to Python-Markdown: if it is renamed this fails at once and in every test.
    """
    method = "_InlineProcessor__handleInline"
    inner = getattr(processor, method)

    def handle(data: str, index: int = 0) -> str:
        result: str = inner(data, index) if syntax.search(data) else data
        return result

    setattr(processor, method, handle)


def _meter(target: Any, method: str, budget: Budget, cost: Callable[..., int]) -> None:
    """Let a method charge the budget; `cost` sees what it returned and what it was given.

    Python-Markdown has no limits of its own, and its methods are looked up on the instance.
    """
    inner = getattr(target, method)

    def metered(*arguments: Any) -> Any:
        result = inner(*arguments)
        budget.spend(cost(result, *arguments))
        return result

    setattr(target, method, metered)


def _meter_blocks(md: Any, budget: Budget) -> None:
    parse = md.parser.parseBlocks

    def parse_deeper(parent: ElementTree.Element, blocks: list[str]) -> None:
        budget.descend()
        parse(parent, blocks)
        budget.depth -= 1

    md.parser.parseBlocks = parse_deeper
    for processor in md.parser.blockprocessors:
        if isinstance(processor, TableProcessor):
            _meter_table(processor, budget)
        _meter(processor, "test", budget, lambda _, parent, block: 8 + len(block) // 24)
        run = processor.run

        def metered(parent: ElementTree.Element, blocks: list[str], run: Any = run) -> Any:
            # Taking a block from the front moves all the others.
            budget.spend(60 + len(blocks) // 16 + len(blocks[0]) // 4)
            # Every sign of emphasis may have to be weighed against every other.
            budget.spend((blocks[0].count("*") + blocks[0].count("_")) ** 2 // 40)
            return run(parent, blocks)

        processor.run = metered


def _meter_table(processor: Any, budget: Budget) -> None:
    """Charge for the cells to come, and for code in rows, where every tick meets every other."""
    test, run = processor.test, processor.run

    def metered_test(parent: ElementTree.Element, block: str) -> Any:
        rows = block.split("\n", 2)[:2]
        budget.spend(sum(len(row) // 8 + row.count("`") ** 2 // 12 for row in rows))
        return test(parent, block)

    def metered_run(parent: ElementTree.Element, blocks: list[str]) -> Any:
        rows = blocks[0].split("\n")
        # Short rows are filled up to the width of the head.
        budget.spend(60 * len(processor.separator) * len(rows))
        budget.spend(sum(2 * len(row) + row.count("`") ** 2 // 12 for row in rows))
        return run(parent, blocks)

    processor.test, processor.run = metered_test, metered_run


class _MeteredPattern:
    """A compiled pattern whose every search is charged."""

    def __init__(self, pattern: re.Pattern[str], budget: Budget) -> None:
        self.pattern = pattern
        self.budget = budget

    def finditer(self, data: str, start: int = 0) -> Any:
        self.budget.spend(12 + (len(data) - start) // 16)
        return self.pattern.finditer(data, start)


def _meter_inlines(md: Any, footnotes: _Footnotes, budget: Budget) -> None:
    smarty = md.treeprocessors["smarty"].inlinePatterns
    for pattern in [*md.inlinePatterns, *smarty]:
        pattern.compiled_re = _MeteredPattern(pattern.compiled_re, budget)
        # Each match copies the text around it.
        _meter(pattern, "handleMatch", budget, lambda _, m, data: 100 + len(data) // 64)
        if hasattr(pattern, "getText"):
            _meter(pattern, "getText", budget, _cost_of_brackets)
            _meter(pattern, "getLink", budget, _cost_of_target)
        if hasattr(pattern, "makeTag"):
            # One long address may be referred to from everywhere.
            _meter(
                pattern, "makeTag", budget, lambda _, href, title, text: len(href + (title or ""))
            )
    _meter(md.inlinePatterns["backtick"], "find_code_spans", budget, _cost_of_code)
    emphasis = md.inlinePatterns["em_strong"]
    _meter(emphasis, "search", budget, _cost_of_emphasis)
    _meter(
        md.inlinePatterns["footnote"],
        "handleMatch",
        budget,
        lambda _, m, data: len(footnotes.footnotes) // 8,
    )


def _cost_of_brackets(result: tuple[str, int, bool], data: str, start: int) -> int:
    return (result[1] if result[2] else len(data)) - start


def _cost_of_target(result: tuple[str, str | None, int, bool], data: str, start: int) -> int:
    return (result[2] if result[3] else len(data)) - start


def _cost_of_code(result: tuple[int, int | None], start: int, data: str) -> int:
    return (len(data) if result[1] is None else result[1]) - start


def _cost_of_emphasis(result: re.Match[str] | None, data: str, start: int) -> int:
    return (result.start() if result else len(data)) - start
