"""The largest and the most hostile files take seconds, because every step goes forward."""

import time

import pytest

from archive.importing import read_bytes

SECONDS = 20  # generous: what is quadratic here takes hours


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"*a " * 1_000_000),
        ("a.txt", b"[" * 2_000_000 + b"a"),
        ("a.txt", b"\n \t" * 1_000_000 + b"a"),
        ("a.txt", "жизнь".encode("cp1251") * 800_000),
        ("a.txt", "calling â€“ dance ".encode() * 100_000),
        ("a.html", b"<div>" * 400_000 + b"a"),
        ("a.html", b"<!--" * 500_000 + b"a"),
        ("a.html", b'<a href="' * 200_000 + b"a"),
        ("a.html", b"<ul><li>a" * 50_000),
        ("a.html", b"<!" * 500_000 + b"a"),
        ("a.json", b"[" * 1_000_000),
        ("a.csv", b"body\n" + b'"' * 2_000_000),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:12]),
)
def test_nothing_grows_faster_than_the_file(name, content):
    start = time.monotonic()
    assert list(read_bytes(name, content))
    assert time.monotonic() - start < SECONDS
