"""What to take back from a question that no story answers, and how many would answer then."""

from __future__ import annotations

import dataclasses
from urllib.parse import urlsplit

from django.http import QueryDict

from archive.search import fulltext, matching
from archive.search.filters import read
from archive.search.looking import looking
from archive.search.results import Chip, ResultPage

#: Chips that are tried; a question of more parts is better started anew.
TRIED = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Loosened:
    """A part of the question, and the number of stories found without it."""

    chip: Chip
    total: int


def loosen(results: ResultPage) -> tuple[Loosened, ...]:
    """The parts of the question behind *results* that stand in the way, most freeing first.

    Only those without which stories are found; of a question of one part, none: what is left is
    the whole archive.
    """
    if results.total or len(results.chips) < 2:
        return ()
    tried = [Loosened(chip, _total(chip.url)) for chip in results.chips[:TRIED]]
    return tuple(sorted((one for one in tried if one.total), key=lambda one: -one.total))


def _total(url: str) -> int:
    """The number of stories on the page that *url* leads to."""
    criteria, _ = read(QueryDict(urlsplit(url).query))
    query = fulltext.parse(criteria.query)
    with looking(query) as (state, words):
        hits = None if words is None else words.stories(state)
        return len(matching.match(state, criteria, hits).found)
