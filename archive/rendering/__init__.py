"""Stories as safe HTML with their names marked, and stories as plain words.

Pure Python: pages, previews, feeds and EPUB all use it. Markdown is read by Python-Markdown within
a budget of work and sanitised by nh3; only then are the marks drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .budget import TooMuchWorkError
from .fallback import paragraphs
from .finishing import finish
from .headings import Heading, name_headings
from .marks import Mark, draw
from .prose import Prose, clean_characters
from .tracing import Tracers, settle
from .verse import break_lines, verse_breaks
from .words import plain_text, word_count

__all__ = ["MAX_LENGTH", "Heading", "Mark", "Rendered", "plain_text", "render", "word_count"]

# A body of this many characters is a 500-page book; longer ones are shown as plain paragraphs.
MAX_LENGTH = 1_000_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A story's HTML, and what had to be given up for it."""

    html: str
    left_out: int
    fallback: bool
    headings: tuple[Heading, ...] = ()


def render(body: str, marks: Sequence[Mark] = (), language: str = "en") -> Rendered:
    """Render a Markdown body to safe HTML with its marks drawn in.

    Straight quotation marks become those of the `language` (a tag such as en or pt-BR).

    Texts that are too long or too tangled come back as escaped paragraphs (`fallback`), with
    their marks. Marks that cannot be drawn safely are counted in `left_out`.
    """
    body = clean_characters(body)
    spans = [(m.start, m.end) if 0 <= m.start < m.end <= len(body) else (0, 0) for m in marks]
    tracers = Tracers(body, spans)
    plain, to_page, fallback = _page(body, language)
    page = settle(tracers, plain, to_page) if marks else plain
    drawn, left_out = draw(page, tracers, marks)
    named, headings = name_headings(drawn)
    return Rendered(finish(named), left_out, fallback, headings)


def _page(body: str, language: str) -> tuple[str, Callable[[str], str], bool]:
    """Return the page without marks, what made it, and whether that is the fallback."""
    if len(body) <= MAX_LENGTH:
        prose = Prose(language)
        # Marks change letters, never line ends: what is verse is decided once.
        breaks = verse_breaks(body)

        def to_page(text: str) -> str:
            return prose.to_html(break_lines(text, breaks))

        try:
            plain = to_page(body)
        except TooMuchWorkError:
            pass
        else:
            # Looking for the marks may cost as much again as a page may cost.
            prose.budget.refill()
            return plain, to_page, False
    return paragraphs(body), paragraphs, True
