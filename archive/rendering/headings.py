"""Headings of a sanitised page: one level down, with addresses to link to."""

import html
import re
from dataclasses import dataclass

_HEADING = re.compile(r"<(/?)h([1-6])>")
_TAG = re.compile(r"<[^>]*>")
_NOT_WORDS = re.compile(r"[\W_]+")
_LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as it stands in the page: its level there (2 to 6), its id, its words."""

    level: int
    anchor: str
    words: str


def name_headings(page: str) -> tuple[str, tuple[Heading, ...]]:
    """Shift headings down, as the page's own title is its h1, and give each an address."""
    taken: dict[str, int] = {}
    headings: list[Heading] = []

    def shift(match: re.Match[str]) -> str:
        level = min(int(match[2]) + 1, 6)
        if match[1]:
            return f"</h{level}>"
        title = page[match.end() : page.find("</h", match.end())]
        words = " ".join(html.unescape(_TAG.sub("", title)).split())
        anchor = _address(words, taken)
        headings.append(Heading(level, anchor, words))
        return f'<h{level} id="{anchor}">'

    return _HEADING.sub(shift, page), tuple(headings)


def _address(words: str, taken: dict[str, int]) -> str:
    slug = _NOT_WORDS.sub("-", words.lower())[:_LONGEST_SLUG].strip("-") or "section"
    taken[slug] = taken.get(slug, 0) + 1
    # Two hyphens, which no slug contains, keep "part", "part" and "part 2" apart.
    return f"h-{slug}" if taken[slug] == 1 else f"h-{slug}--{taken[slug]}"
