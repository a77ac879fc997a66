"""Drawing marks into a sanitised page that carries rare letters where marks begin and end."""

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

from .prose import clean_characters
from .quotes import DOUBLE
from .tracing import RARE_LETTER, Trace, Tracers


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of the body that belong to a tag; offsets count code points."""

    start: int
    end: int
    kind: str
    url: str
    name: str
    suggested: bool
    anchor: str = ""


# Sanitised pages escape < and > inside attributes.
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
_ID = re.compile(r'\sid="([^"]*)"')
_ANCHOR = re.compile(r"[A-Za-z0-9-]{1,80}")
_KIND = re.compile(r"[a-z]{1,20}")
# Formatting that one link may hold whole; all other inline tags are left outside.
_FORMATTING = {
    "abbr", "b", "bdi", "br", "cite", "del", "em", "i", "ins", "q", "s", "small", "strong", "u",
}  # fmt: skip
_INLINE = _FORMATTING | {"a", "code", "img", "kbd", "span", "sub", "sup"}
_NOT_PROSE = {"code", "kbd", "pre"}
_BARRIERS = {"img", "sup"}
# Smart typography writes these for the body's own.
_CURLED = {"'": "‘’", '"': DOUBLE}
# Marks are names and phrases; the same bound keeps the work on one mark small.
_LONGEST = 5_000


@dataclass(slots=True)
class _Run:
    """A stretch of text between two tags."""

    start: int
    end: int
    block: int
    in_link: bool
    # Where the code or other element around it begins, if names are not drawn there.
    shut: int | None


@dataclass(slots=True)
class _Place:
    """Where a mark's words stand in the page."""

    mark: Mark
    start: int
    end: int
    runs: list[_Run]
    whole: bool


@dataclass(slots=True)
class _Drawing:
    """Pieces to write into the page, and what is already taken."""

    pieces: list[tuple[int, int, int, str, str]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


class _Page:
    """The tags and text runs of a sanitised page."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tags = list(_TAG.finditer(source))
        self.tag_starts = [tag.start() for tag in self.tags]
        self.runs: list[_Run] = []
        # A letter that a page shows twice says nothing about where it stands.
        self.letters: dict[str, int | None] = {}
        for found in RARE_LETTER.finditer(source):
            self.letters[found[0]] = None if found[0] in self.letters else found.start()
        self._read()
        self.run_starts = [run.start for run in self.runs]

    def _read(self) -> None:
        block = links = shut_depth = 0
        shut_at = 0
        at = 0
        for tag in self.tags:
            if tag.start() > at:
                shut = shut_at if shut_depth else None
                self.runs.append(_Run(at, tag.start(), block, links > 0, shut))
            at = tag.end()
            step = -1 if tag[1] else 1
            if tag[2] not in _INLINE:
                block += 1
            if tag[2] == "a":
                links += step
            if tag[2] in _NOT_PROSE:
                shut_at = shut_at if shut_depth else tag.start()
                shut_depth += step
        if at < len(self.source):
            shut = shut_at if shut_depth else None
            self.runs.append(_Run(at, len(self.source), block, links > 0, shut))

    def run_at(self, offset: int) -> int | None:
        """Return the index of the text run at an offset, None inside a tag."""
        index = bisect_right(self.run_starts, offset) - 1
        return index if index >= 0 and offset < self.runs[index].end else None

    def tags_between(self, start: int, end: int) -> list[re.Match[str]]:
        """List the tags of a stretch."""
        return self.tags[bisect_left(self.tag_starts, start) : bisect_left(self.tag_starts, end)]

    def safe_offset(self, offset: int) -> int:
        """Return the nearest offset, not after this one, where an empty element may stand."""
        index = self.run_at(offset)
        if index is None:
            return self.tag_starts[bisect_right(self.tag_starts, offset) - 1]
        shut = self.runs[index].shut
        return offset if shut is None else shut


def draw(source: str, tracers: Tracers, marks: Sequence[Mark]) -> tuple[str, int]:
    """Write the marks into a page, restore its letters, and count the marks left out.

    People and places win over themes where marks overlap, longer ones over shorter. What
    loses keeps its class and its address but is no link, as links do not nest.
    """
    page = _Page(source)
    drawing = _Drawing(ids=set(_ID.findall(source)))
    left_out = 0
    places: list[_Place] = []
    for mark, trace in zip(marks, tracers.traces, strict=True):
        place = _locate(page, tracers, mark, trace)
        if place:
            places.append(place)
            continue
        left_out += 1
        anchor = _new_id(mark.anchor, drawing.ids)
        offset = page.letters.get(tracers.rare.get(trace.first, "")) if trace else None
        if anchor and offset is not None:
            at = page.safe_offset(offset)
            drawing.pieces.append((at, at, len(drawing.pieces), f'<span id="{anchor}">', "</span>"))
    for place in sorted(places, key=_precedence):
        _add(drawing, page, place, tracers)
    return _write(source, drawing.pieces, tracers), left_out


def _precedence(place: _Place) -> tuple[bool, int, int]:
    return place.mark.kind == "theme", place.mark.start - place.mark.end, place.mark.start


def _new_id(anchor: str, ids: set[str]) -> str:
    """Return a valid, still unused id, or nothing."""
    if not _ANCHOR.fullmatch(anchor) or anchor.startswith(("h-", "fn")) or anchor in ids:
        return ""
    ids.add(anchor)
    return anchor


def _locate(page: _Page, tracers: Tracers, mark: Mark, trace: Trace | None) -> _Place | None:
    """Find a mark's words in the page; None where they cannot be drawn."""
    if trace is None:
        return None
    start = page.letters.get(tracers.rare[trace.first])
    end = page.letters.get(tracers.rare[trace.last])
    if start is None or end is None or not start <= end < start + _LONGEST:
        return None
    first, last = page.run_at(start), page.run_at(end)
    if first is None or last is None:
        return None
    runs = page.runs[first : last + 1]
    tags = page.tags_between(start, end)
    if any(run.shut is not None or run.block != runs[0].block for run in runs):
        return None
    if any(tag[2] in _BARRIERS or tag[2] not in _INLINE for tag in tags):
        return None
    text = "".join(page.source[max(run.start, start) : min(run.end, end + 1)] for run in runs)
    if not _same_words(tracers.restore(text), tracers.body[trace.first : trace.last + 1]):
        return None
    start = _extend(page.source, tracers.body, start, runs[0].start, trace.first, mark.start, -1)
    end = _extend(page.source, tracers.body, end, runs[-1].end, trace.last, mark.end, 1)
    return _Place(mark, start, end, runs, _balanced(tags))


def _same_words(text: str, words: str) -> bool:
    """Tell whether all letters of the text come, in order, from the words of the body."""
    letters = iter(words)
    return all(char in letters for char in html.unescape(text) if char.isalnum())


def _balanced(tags: Sequence[re.Match[str]]) -> bool:
    """Tell whether a link around these tags would nest properly."""
    open_tags: list[str] = []
    for tag in tags:
        if tag[2] not in _FORMATTING:
            return False
        if tag[2] == "br":
            continue
        if not tag[1]:
            open_tags.append(tag[2])
        elif not open_tags or open_tags.pop() != tag[2]:
            return False
    return not open_tags


def _extend(source: str, body: str, at: int, limit: int, letter: int, edge: int, step: int) -> int:
    """Take in the signs around the outermost letter that belong to the mark: (, ., an accent."""
    at += max(step, 0)
    letter += step if step > 0 else 0
    while letter != edge:
        char = body[letter] if step > 0 else body[letter - 1]
        written = html.escape(char, quote=False)
        next_at = at + step * len(written)
        if not (limit - next_at) * step >= 0:
            break
        found = source[min(at, next_at) : max(at, next_at)]
        if found != written and found not in tuple(_CURLED.get(char, "")):
            break
        if step < 0 and char == ";":
            break  # perhaps the end of a character reference
        at, letter = next_at, letter + step
    return at


def _add(drawing: _Drawing, page: _Page, place: _Place, tracers: Tracers) -> None:
    """Put one mark's pieces on the drawing, around those that are already there."""
    index = bisect_left(drawing.taken, (place.start, place.start))
    before = drawing.taken[index - 1] if index else (0, 0)
    after = drawing.taken[index] if index < len(drawing.taken) else (place.end, place.end)
    loses = before[1] > place.start or after[0] < place.end
    if place.whole and not loses and not place.runs[0].in_link:
        ends = [(place.start, place.end, False)]
    else:
        ends = [
            (start, end, run.in_link)
            for run in place.runs
            for start, end in _cut(
                drawing.cuts, max(run.start, place.start), min(run.end, place.end)
            )
            if page.source[start:end].strip()
        ]
    anchor = _new_id(place.mark.anchor, drawing.ids)
    words = tracers.body[place.mark.start : place.mark.end]
    for start, end, in_link in ends:
        element, opening = _opening(place.mark, words, linked=not (loses or in_link), anchor=anchor)
        drawing.pieces.append((start, end, len(drawing.pieces), opening, f"</{element}>"))
        anchor = ""
    _insert(drawing, place, ends)


def _insert(drawing: _Drawing, place: _Place, ends: Sequence[tuple[int, int, bool]]) -> None:
    """Remember where the pieces end, for the marks that come after."""
    for offset in {offset for start, end, _ in ends for offset in (start, end)}:
        index = bisect_left(drawing.cuts, offset)
        if index == len(drawing.cuts) or drawing.cuts[index] != offset:
            drawing.cuts.insert(index, offset)
    # Overlapping stretches grow together.
    low = bisect_left(drawing.taken, (place.start, place.start))
    if low and drawing.taken[low - 1][1] > place.start:
        low -= 1
    high = low
    start, end = place.start, place.end
    while high < len(drawing.taken) and drawing.taken[high][0] < end:
        start, end = min(start, drawing.taken[high][0]), max(end, drawing.taken[high][1])
        high += 1
    drawing.taken[low:high] = [(start, end)]


def _cut(cuts: Sequence[int], start: int, end: int) -> list[tuple[int, int]]:
    """Split a stretch where earlier pieces begin or end."""
    inner = cuts[bisect_right(cuts, start) : bisect_left(cuts, end)]
    edges = [start, *inner, end]
    return list(pairwise(edges))


def _opening(mark: Mark, words: str, linked: bool, anchor: str) -> tuple[str, str]:
    """Return the element's name and its opening tag."""
    classes = f"mark mark-{mark.kind}" if _KIND.fullmatch(mark.kind) else "mark"
    if mark.suggested:
        classes += " is-suggested"
    url = clean_characters(mark.url)
    linked = linked and _is_address(url)
    attributes = f' class="{classes}"'
    if linked:
        attributes += f' href="{html.escape(url)}"'
    if anchor:
        attributes += f' id="{anchor}"'
    # A title only where it says more than the words do: it is read out with the link.
    name = " ".join(clean_characters(mark.name).split())
    if mark.suggested:
        attributes += f' title="{html.escape(name)} (suggested)"'
    elif _letters(name) != _letters(words):
        attributes += f' title="{html.escape(name)}"'
    element = "a" if linked else "span"
    return element, f"<{element}{attributes}>"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _is_address(url: str) -> bool:
    """Allow addresses of this site and of the web, nothing that runs."""
    if any(char <= " " or char == "\\" for char in url):
        return False
    if url.startswith("/"):
        return not url.startswith("//")
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _write(source: str, pieces: Sequence[tuple[int, int, int, str, str]], tracers: Tracers) -> str:
    """Write all pieces into the page, and give the page its own letters back.

    An earlier piece holds later ones or lies apart from them, so that at one offset the
    latest piece closes first and the earliest opens first.
    """
    events: list[tuple[int, int, int, str]] = []
    for start, end, rank, opening, closing in pieces:
        if start == end:
            events.append((start, 1, rank, opening + closing))
        else:
            events.append((start, 2, rank, opening))
            events.append((end, 0, -rank, closing))
    out: list[str] = []
    done = 0
    for offset, _, _, text in sorted(events):
        out += (tracers.restore(source[done:offset]), text)
        done = offset
    return "".join([*out, tracers.restore(source[done:])])
