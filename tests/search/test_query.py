"""What people type, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.fulltext.query import MAX_TERMS, Query, Term, clean, parse


def words(*groups: str) -> tuple[tuple[Term, ...], ...]:
    return tuple(tuple(Term(word) for word in group.split("|")) for group in groups)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Query()),
        ("   ", Query()),
        ("dance", Query(words("dance"))),
        ("dance paris", Query(words("dance", "paris"))),
        ('"new york" dance', Query(words("new york", "dance"))),
        ("“new york”", Query(words("new york"))),
        ("«Новый год»", Query(words("Новый год"))),
        # A quotation mark left open runs to the end.
        ('dance "new york', Query(words("dance", "new york"))),
        ('""', Query()),
        ('"!!"', Query()),
        ("dance -paris", Query(words("dance"), words("paris")[0])),
        ('-"new york"', Query((), words("new york")[0])),
        # A hyphen inside a word excludes nothing.
        ("cross-cultural", Query(words("cross-cultural"))),
        ("- paris", Query(words("paris"))),
        ("paris OR moscow", Query(words("paris|moscow"))),
        ("a1 OR b1 OR c1 d1", Query(words("a1|b1|c1", "d1"))),
        # Only capitals: "or" is a word too.
        ("paris or moscow", Query(words("paris", "or", "moscow"))),
        ("OR", Query(words("OR"))),
        ("OR paris", Query(words("OR", "paris"))),
        ("paris OR", Query(words("paris", "OR"))),
        ("paris OR -moscow", Query(words("paris", "OR"), words("moscow")[0])),
        ("danc*", Query(((Term("danc", prefix=True),),))),
        ("d*", Query(words("d"))),  # too short to be a prefix
        ("*", Query()),
        ("*ance", Query(words("ance"))),
        ("a:b AND (c NEAR d)", Query(words("a:b", "AND", "(c", "NEAR", "d)"))),
        ("!!! ... ???", Query()),
    ],
)
def test_parse(typed, expected):
    assert parse(typed) == expected


def test_terms_are_bounded():
    query = parse(" ".join(f"word{number}" for number in range(100)))
    assert len(query.groups) == MAX_TERMS


def test_clean():
    assert clean(" a\x00b\n\tc \u202e d ") == "a b c d"
    assert len(clean("x" * 10_000)) == 300


@given(st.text())
def test_anything_can_be_typed(text):
    query = parse(text)
    assert len(query.wanted) + len(query.excluded) <= MAX_TERMS
    assert all(any(char.isalnum() for char in term.text) for term in query.wanted)
