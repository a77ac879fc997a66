"""A book-length life has its themes too."""

from pathlib import Path

from archive.tagging.tagger import tag

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def test_a_long_text_keeps_its_themes() -> None:
    lives = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    book = "\n\n".join(lives * 40)
    assert len(book.split()) > 50_000
    names = {found.name for found in tag(book).themes}
    assert {"Dance", "Family", "Resilience"} <= names
    assert len(names) <= 12
