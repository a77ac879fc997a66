"""The word lists that steer the recognition, read once from ``data/``."""

from functools import cache
from pathlib import Path

from archive.tagging.names import normalise

DATA = Path(__file__).parent / "data"


def _lines(name: str) -> list[str]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@cache
def given_names() -> frozenset[str]:
    """Return given names, normalised."""
    return frozenset(normalise(name) for line in _lines("given_names.txt") for name in line.split())


@cache
def common_words() -> frozenset[str]:
    """Return everyday words, normalised."""
    return frozenset(word for line in _lines("common_words.txt") for word in line.split())


@cache
def _sections() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    words: set[str] = set()
    for line in _lines("words.txt"):
        if line.startswith("["):
            words = found.setdefault(line[1 : line.index("]")], set())
        else:
            words.update(normalise(word) for word in line.split())
    return {name: frozenset(words) for name, words in found.items()}


@cache
def word_class(name: str) -> frozenset[str]:
    """Return one class of words.txt, normalised. KeyError when there is no such class."""
    return _sections()[name]
