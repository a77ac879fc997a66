"""Headings of a sanitised page: an outline below the page's title, with addresses to link to."""

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
    """Give each heading its level in the page's outline, and an address.

    The title of the page is its h1, so that the uppermost headings are h2. People begin with any
    level (the title of a file was often its only h1) and leave levels out: whoever listens to the
    outline meets no gap.
    """
    taken: dict[str, int] = {}
    headings: list[Heading] = []
    within: list[int] = []

    def place(match: re.Match[str]) -> str:
        if match[1]:
            return f"</h{headings[-1].level}>" if headings else match[0]
        written = int(match[2])
        while within and within[-1] >= written:
            within.pop()
        within.append(written)
        level = min(len(within) + 1, 6)
        title = page[match.end() : page.find("</h", match.end())]
        words = " ".join(html.unescape(_TAG.sub("", title)).split())
        anchor = _address(words, taken)
        headings.append(Heading(level, anchor, words))
        return f'<h{level} id="{anchor}">'

    return _HEADING.sub(place, page), tuple(headings)


def _address(words: str, taken: dict[str, int]) -> str:
    slug = _NOT_WORDS.sub("-", words.lower())[:_LONGEST_SLUG].strip("-") or "section"
    taken[slug] = taken.get(slug, 0) + 1
    # Two hyphens, which no slug contains, keep "part", "part" and "part 2" apart.
    return f"h-{slug}" if taken[slug] == 1 else f"h-{slug}--{taken[slug]}"
