"""Stories as safe HTML with their names marked, and stories as plain words.

Pure Python: pages, previews, feeds and EPUB all use it. Markdown is read by Python-Markdown within
a budget of work and sanitised by nh3; only then are the marks drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .budget import TooMuchWorkError
from .fallback import paragraphs
from .headings import finish
from .marks import Mark, draw
from .prose import Prose, clean_characters
from .tracing import Tracers, settle
from .words import plain_text, word_count

__all__ = ["MAX_LENGTH", "Mark", "Rendered", "plain_text", "render", "word_count"]

# A body of this many characters is a 500-page book; longer ones are shown as plain paragraphs.
MAX_LENGTH = 1_000_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A story's HTML, and what had to be given up for it."""

    html: str
    left_out: int
    fallback: bool


def render(body: str, marks: Sequence[Mark] = ()) -> Rendered:
    """Render a Markdown body to safe HTML with its marks drawn in.

    Texts that are too long or too tangled come back as escaped paragraphs (`fallback`), with
    their marks. Marks that cannot be drawn safely are counted in `left_out`.
    """
    body = clean_characters(body)
    spans = [(m.start, m.end) if 0 <= m.start < m.end <= len(body) else (0, 0) for m in marks]
    tracers = Tracers(body, spans)
    plain, to_page, fallback = _page(body)
    page = settle(tracers, plain, to_page) if marks else plain
    drawn, left_out = draw(page, tracers, marks)
    return Rendered(finish(drawn), left_out, fallback)


def _page(body: str) -> tuple[str, Callable[[str], str], bool]:
    """Return the page without marks, what made it, and whether that is the fallback."""
    if len(body) <= MAX_LENGTH:
        prose = Prose()
        try:
            plain = prose.to_html(body)
        except TooMuchWorkError:
            pass
        else:
            # Looking for the marks may cost as much again as a page may cost.
            prose.budget.refill()
            return plain, prose.to_html, False
    return paragraphs(body), paragraphs, True
