"""The last touches on sanitised HTML: headings one level down, their addresses, links out."""

import html
import re

_HEADING = re.compile(r"<(/?)h([1-6])>")
_TAG = re.compile(r"<[^>]*>")
_LINK_OUT = re.compile(r'<a (?=[^>]*href="(?:https?:)?//)', re.IGNORECASE)
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>\n?")
_NOT_WORDS = re.compile(r"[\W_]+")
_LONGEST_SLUG = 60


def finish(page: str) -> str:
    """Shift and name headings, and mark links that leave the archive.

    The page's own title is its h1. The archive does not vouch for links inside the texts it
    keeps, hence `ugc nofollow`; `noopener` costs nothing.
    """
    taken: dict[str, int] = {}

    def shift(match: re.Match[str]) -> str:
        level = min(int(match[2]) + 1, 6)
        if match[1]:
            return f"</h{level}>"
        title = page[match.end() : page.find("</h", match.end())]
        return f'<h{level} id="{_address(title, taken)}">'

    page = _EMPTY_PARAGRAPH.sub("", page)
    page = _LINK_OUT.sub('<a rel="nofollow ugc noopener" ', page)
    return _HEADING.sub(shift, page)


def _address(title: str, taken: dict[str, int]) -> str:
    words = html.unescape(_TAG.sub("", title)).lower()
    slug = _NOT_WORDS.sub("-", words)[:_LONGEST_SLUG].strip("-") or "section"
    taken[slug] = taken.get(slug, 0) + 1
    # Two hyphens, which no slug contains, keep "part", "part" and "part 2" apart.
    return f"h-{slug}" if taken[slug] == 1 else f"h-{slug}--{taken[slug]}"
