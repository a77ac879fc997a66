"""Numbers of pages in addresses."""

from __future__ import annotations

#: Digits that are read; beyond is the last page anyway.
_DIGITS = 9


def page_number(text: str) -> int:
    """The number of a page in *text*; 1 if there is none."""
    digits = text.strip()[:_DIGITS]
    return max(1, int(digits)) if digits.isascii() and digits.isdigit() else 1
