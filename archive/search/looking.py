"""A look at the index together with what the full text and the names of tags say of a query."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping

from django.db import DEFAULT_DB_ALIAS, connections
from pyroaring import BitMap

from archive.search import fulltext, naming
from archive.search.frequent import Asking
from archive.search.fulltext import Query
from archive.search.index import index
from archive.search.naming import Named
from archive.search.state import State

#: With more hits than this, relevance means: words in the title or in the names of tags first, then
#: the newest. Scoring every hit of a common word would cost a second per million stories.
RANK_LIMIT = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """What the full text and the names of tags say of a query."""

    hits: BitMap
    negative: bool = False  # the hits are those not wanted
    tags: frozenset[int] = frozenset()  # those that the words wanted name
    scores: Mapping[int, float] | None = None
    titles: BitMap = dataclasses.field(default_factory=BitMap)  # come first where none has a score

    def stories(self, state: State) -> BitMap:
        """The stories that match; drafts may be among them."""
        return state.visible - self.hits if self.negative else self.hits


@contextlib.contextmanager
def looking(query: Query, relevance: bool = False) -> Iterator[tuple[State, Words | None]]:
    """The index, held still while the block runs, and the words of *query*, if it has any.

    With *relevance*, the words know what is needed to put the best first. The full text is asked
    outside of the index's lock, and again only when something has changed.
    """
    key = ("words", query, relevance)
    with index.reading() as state:
        generation = state.generation
        words: Words | None = state.memory.recall(key, generation) if query else None
        if words is not None or not query:
            yield state, words
            return
        what = naming.named(state, query)
        held = state.frequent.of(query)
    del state
    asking = Asking(connections[DEFAULT_DB_ALIAS], held)
    words = _ask(asking, what, relevance)
    with index.reading() as state:
        # If nothing changed since the first look, what was found between the two still holds.
        if state.generation == generation:
            state.memory.remember(key, words, generation)
            state.frequent.keep(asking.learned)
        yield state, words


def _ask(asking: Asking, what: Named, relevance: bool) -> Words:
    connection = connections[DEFAULT_DB_ALIAS]
    query = what.query
    hits, negative = naming.matches(asking.matches, what)
    if negative or not relevance:
        return Words(hits, negative, what.tags)
    if len(hits) <= RANK_LIMIT and fulltext.scored(connection, query):
        scores = fulltext.ranked(connection, query)
        if what.tags:
            titles = fulltext.title_matches(connection, query)
            scores = naming.lift(what, hits, titles, scores)
        return Words(hits, tags=what.tags, scores=scores)
    titles = fulltext.title_matches(connection, query)
    return Words(hits, tags=what.tags, titles=titles | naming.called(what))
