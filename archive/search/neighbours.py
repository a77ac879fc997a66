"""Where a story stands in a result: what comes before it, what comes after."""

from __future__ import annotations

import dataclasses

from django.http import QueryDict
from pyroaring import BitMap

from archive.search import fulltext, matching
from archive.search.filters import Criteria, read
from archive.search.looking import Words, looking
from archive.search.state import State


@dataclasses.dataclass(frozen=True, slots=True)
class Neighbours:
    """A story's place in a result; ids of visible stories."""

    previous: int | None
    next: int | None
    place: int  # from 1
    total: int
    url: str  # the page of the result that shows the story
    filtered: bool  # whether the result is less than the whole archive


def neighbours(story: int, params: QueryDict, path: str = "/stories/") -> Neighbours | None:
    """The place of the story with the id *story* in the result of *params*; None if not in it.

    Works on sets like a page of results does, never on rows, however many stories were found.
    """
    criteria, _form = read(params)
    query = fulltext.parse(criteria.query)
    with looking(query, criteria.order == "relevance") as (state, words):
        hits = None if words is None else words.stories(state)
        found = matching.match(state, criteria, hits).found
        if story not in found:
            return None
        before, after, place = _around(state, criteria, found, words, story)
        filtered = len(found) < len(state.visible)
    page = place // criteria.per_page + 1
    url = criteria.replace(page=page).url(path)
    return Neighbours(before, after, place + 1, len(found), url, filtered)


def _around(
    state: State, criteria: Criteria, found: BitMap, words: Words | None, story: int
) -> tuple[int | None, int | None, int]:
    """What `results` would list before and after *story*."""
    if criteria.order != "relevance" or words is None:
        return state.around(criteria.order, found, story)
    if words.scores is not None:
        scores = words.scores
        ids = sorted(found, key=lambda one: (-scores.get(one, 0.0), one))
        at = ids.index(story)
        return (
            ids[at - 1] if at else None,
            ids[at + 1] if at + 1 < len(ids) else None,
            at,
        )
    first = found & words.titles
    if story in first:
        before, after, place = state.around("newest", first, story)
        rest = found - words.titles
        return before, after or next(iter(state.page("newest", rest, 0, 1)), None), place
    before, after, place = state.around("newest", found - words.titles, story)
    last = state.page("newest", first, len(first) - 1, len(first)) if first else []
    return before or next(iter(last), None), after, len(first) + place
