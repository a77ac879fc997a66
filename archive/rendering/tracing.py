"""Following places in a text through Markdown.

Markdown does not say where its words come from, and signs put around a name would change what
stands next to a quotation mark or an asterisk. So the first and the last letter of a name are
swapped for rare letters, each used once: to Markdown a letter is a letter. Where the page with
rare letters differs from the page without, a mark has touched syntax and is given up.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .budget import TooMuchWorkError

# Ideographs outside the basic plane: letters without case that hardly any text contains.
_RARE = range(0x20000, 0x2A6DE)
RARE_LETTER = re.compile("[\U00020000-\U0002a6dd]")
# Tags, autolinks and character references: letters there are not prose.
_SYNTAX = re.compile(r"<[^<>]*>|&#?[A-Za-z0-9]{1,40};")
_LABEL = re.compile(r"\[([^\[\]]*)\]")
# Pages rendered while looking for the marks that touch syntax.
_TRIALS = 16


@dataclass(frozen=True, slots=True)
class Trace:
    """The offsets of the first and the last letter of one mark."""

    first: int
    last: int


class Tracers:
    """Rare letters for the ends of marks in one text."""

    def __init__(self, body: str, spans: Iterable[tuple[int, int]]) -> None:
        self.body = body
        self.rare: dict[int, str] = {}
        used = set(RARE_LETTER.findall(body))
        pool = (chr(code) for code in _RARE if chr(code) not in used)
        self.traces: list[Trace | None] = []
        for start, end in spans:
            trace = _ends(body, start, end)
            for offset in (trace.first, trace.last) if trace else ():
                if offset not in self.rare and (letter := next(pool, None)) is not None:
                    self.rare[offset] = letter
            if trace and not (trace.first in self.rare and trace.last in self.rare):
                trace = None
            self.traces.append(trace)
        self.back = {rare: body[offset] for offset, rare in self.rare.items()}

    def apply(self, traces: Sequence[Trace]) -> str:
        """Return the body with the ends of these marks swapped."""
        offsets = sorted({offset for trace in traces for offset in (trace.first, trace.last)})
        pieces: list[str] = []
        done = 0
        for offset in offsets:
            pieces += (self.body[done:offset], self.rare[offset])
            done = offset + 1
        return "".join([*pieces, self.body[done:]])

    def restore(self, text: str) -> str:
        """Return the text with its own letters."""
        return RARE_LETTER.sub(lambda found: self.back.get(found[0], found[0]), text)


def _ends(body: str, start: int, end: int) -> Trace | None:
    """Find the outermost letters of a span, or digits if it has no letters."""
    span = range(start, end)
    for is_good in (str.isalpha, str.isalnum):
        first = next((at for at in span if is_good(body[at])), None)
        if first is not None:
            last = next(at for at in reversed(span) if is_good(body[at]))
            return Trace(first, last)
    return None


def _fragile(body: str) -> list[tuple[int, int]]:
    """List the stretches where a changed letter would change the meaning of syntax."""
    labels = [(match, match[1].lower()) for match in _LABEL.finditer(body)]
    defined = {label for match, label in labels if body.startswith(":", match.end())}
    stretches = [match.span() for match in _SYNTAX.finditer(body)]
    stretches += [
        match.span()
        for match, label in labels
        if label in defined or label.startswith("^") or body.endswith("]", 0, match.start())
    ]
    return sorted(stretches)


def _outside(traces: Sequence[Trace], stretches: Sequence[tuple[int, int]]) -> list[Trace]:
    """Keep the marks whose ends lie outside all stretches."""
    inside: set[int] = set()
    offsets = sorted({offset for trace in traces for offset in (trace.first, trace.last)})
    at = 0
    for start, end in stretches:
        while at < len(offsets) and offsets[at] < start:
            at += 1
        while at < len(offsets) and offsets[at] < end:
            inside.add(offsets[at])
            at += 1
    return [trace for trace in traces if not {trace.first, trace.last} & inside]


def settle(tracers: Tracers, plain: str, to_html: Callable[[str], str]) -> str:
    """Return the page with as many rare letters in it as leave the page otherwise unchanged.

    `plain` is the page without any. Halves of a failing set are tried in turn; the trials and
    the budget of `to_html` bound the search, and what was not tried is given up.
    """
    traces = [trace for trace in tracers.traces if trace]
    waiting = [_outside(traces, _fragile(tracers.body))]
    good: list[Trace] = []
    page = plain
    for _ in range(_TRIALS):
        if not waiting:
            break
        group = waiting.pop()
        if not group:
            continue
        try:
            trial = to_html(tracers.apply([*good, *group]))
        except TooMuchWorkError:
            break
        if tracers.restore(trial) == plain:
            good += group
            page = trial
        elif len(group) > 1:
            middle = len(group) // 2
            waiting += (group[middle:], group[:middle])
            waiting.sort(key=len)
    return page
