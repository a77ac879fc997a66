"""Where the names of places and nodes go, so that they can be read."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

#: Width of a letter of the interface's type, and height of a line, for its size: measured of Inter.
_LETTER = 0.56
_LINE = 1.2

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    """A name beside a mark: where its baseline starts, stands in the middle, or ends."""

    x: float
    y: float
    anchor: str  # start, middle or end, as SVG's text-anchor
    box: Box
    clash: float  # square pixels that it shares with others


def text_width(text: str, size: float) -> float:
    """Width in pixels of *text* in letters of *size* pixels, roughly."""
    wide = sum(1.7 if ord(letter) > 0x2E80 else 1.0 for letter in text)
    return wide * size * _LETTER


def overlap(one: Box, other: Box) -> float:
    """Square pixels that two boxes (left, top, right, bottom) share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def place_label(
    at: tuple[float, float, float],
    text: str,
    size: float,
    frame: tuple[float, float],
    taken: Sequence[Box],
) -> Label:
    """The place for *text* around a mark *at* (x, y, radius) where it shares least with *taken*.

    *frame* is the width and height of the picture; what stands out of it counts as shared.
    """
    candidates = [_candidate(spot, at, text, size) for spot in range(8)]
    best: Label | None = None
    for label in candidates:
        box = label.box
        out = (box[2] - box[0]) * (box[3] - box[1]) - overlap(box, (0, 0, *frame))
        clash = sum(overlap(box, other) for other in taken) + 3 * out
        if best is None or clash < best.clash - 0.5:
            best = dataclasses.replace(label, clash=clash)
    assert best is not None  # noqa: S101 - there are eight candidates
    return best


def _candidate(spot: int, at: tuple[float, float, float], text: str, size: float) -> Label:
    """One of eight places around a mark, the best to read first (Imhof 1962: right above all)."""
    x, y, radius = at
    width, height, gap = text_width(text, size), size * _LINE, radius + 3
    slant = gap * 0.7
    left, middle, anchor = (
        (x - width / 2, y + gap + height / 2, "middle"),
        (x - width / 2, y - gap - height / 2, "middle"),
        (x + gap, y, "start"),
        (x - gap - width, y, "end"),
        (x + slant, y + slant + height / 2, "start"),
        (x + slant, y - slant - height / 2, "start"),
        (x - slant - width, y + slant + height / 2, "end"),
        (x - slant - width, y - slant - height / 2, "end"),
    )[spot]
    start = {"start": left, "middle": left + width / 2, "end": left + width}[anchor]
    box = (left, middle - height / 2, left + width, middle + height / 2)
    return Label(round(start, 1), round(middle + size * 0.35, 1), anchor, box, 0.0)
