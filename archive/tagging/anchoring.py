"""Finding quoted words again after a text was edited."""

from __future__ import annotations

from itertools import takewhile


def reanchor(
    text: str, quote: str, before: str, after: str, expected: int
) -> tuple[int, int] | None:
    """Where *quote* stands now in *text*, or None if it cannot be told.

    Every place where the quote occurs as whole words is judged by how much of the context it had
    (*before*, *after*) still surrounds it, then by its distance from *expected*, the offset
    where an unchanged text would have it. Words that lost all their context are trusted only if
    they occur once. (The idea of quote and context: W3C Web Annotation, TextQuoteSelector.)

    Returns:
        Start and end as offsets in characters.
    """
    places = occurrences(text, quote)
    if not places:
        return None

    def kept(start: int) -> int:
        end = start + len(quote)
        left, right = text[max(0, start - len(before)) : start], text[end : end + len(after)]
        return _shared(left[::-1], before[::-1]) + _shared(right, after)

    best = max(places, key=lambda start: (kept(start), -abs(start - expected)))
    if len(places) > 1 and kept(best) == 0:
        return None
    return best, best + len(quote)


def _shared(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def occurrences(text: str, quote: str) -> list[int]:
    """Return the offsets of *quote* in *text* where no word goes on to its left or right."""
    places = []
    start = text.find(quote)
    while start != -1:
        end = start + len(quote)
        open_left = start == 0 or not (text[start - 1].isalnum() and quote[0].isalnum())
        open_right = end == len(text) or not (text[end].isalnum() and quote[-1].isalnum())
        if open_left and open_right:
            places.append(start)
        start = text.find(quote, start + 1)
    return places
