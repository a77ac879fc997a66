"""What docs/search.md says of addresses and words is what the code does."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from archive.models import KINDS
from archive.search import facets, looking, suggestions
from archive.search.filters import GROUPINGS, MAX_VALUES, PER_PAGE, SORTS, StoryFilter
from archive.search.fulltext import query
from tests.search.conftest import add_story, ask, titles

TEXT = (settings.BASE_DIR / "docs" / "search.md").read_text()
TABLE = TEXT.partition("## Words")[0]


def test_every_parameter_is_documented_and_every_documented_one_exists() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", TABLE, re.M)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == {*StoryFilter.base_filters, "page"}


def test_choices_and_limits_are_the_documented_ones() -> None:
    def row(name: str) -> set[str]:
        return set(re.findall(r"`(\w+)`", re.search(rf"^\| `{name}` \|(.*)$", TEXT, re.M)[1]))

    assert row("sort") == set(SORTS)
    assert row("per_page") == {str(number) for number in PER_PAGE}
    assert f"Up to {MAX_VALUES} values" in TEXT
    limits = f"Up to {query.MAX_CHARS} characters and {query.MAX_TERMS} words"
    assert limits in " ".join(TEXT.split())
    assert f"more than {looking.RANK_LIMIT:,} hits" in TEXT
    assert (query.MIN_PREFIX, suggestions.SHOWN, facets.SHOWN) == (2, 10, 12)
    for kind in (*KINDS, *GROUPINGS):
        assert f"`{kind}`" in TEXT.partition("## Beside the list")[2]


def test_the_example_is_its_sentence(cast) -> None:
    example = re.search(r"^`/stories/\?(.*)`$", TEXT, re.M)[1]
    asked = ask(example).description
    assert asked == "One story about Kazakhstan and Paris, not about fame, with ‘opera’"
    assert "about Kazakhstan and Paris, not about fame, with ‘opera’" in " ".join(TEXT.split())


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("winter letters", {"both", "apart"}),
        ('"winter letters"', {"both"}),
        ("winter OR spring", {"both", "apart", "spring"}),
        ("winter -letters", set()),
        ("lett*", {"both", "apart", "lettuce"}),
    ],
)
def test_words_find_what_the_table_says(db, typed, expected) -> None:
    assert f"| `{typed}` |" in TEXT
    add_story("both", "Her winter letters.")
    add_story("apart", "Letters in winter.")
    add_story("spring", "One spring.")
    add_story("lettuce", "Lettuce.")
    assert set(titles(f"q={typed}")) == expected
