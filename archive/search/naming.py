"""Words that name: stories are found by the names of their tags, whatever their texts say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping

from pyroaring import BitMap

from archive.search.fulltext import Query, Term
from archive.search.names import words_of
from archive.search.state import State
from archive.tagging.names import normalise

#: Tags looked at for one term; of a word that more names share, the most used.
MOST = 1_000


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """What the terms of a query name: visible stories that have a tag so called."""

    query: Query
    stories: Mapping[Term, BitMap]
    tags: frozenset[int]  # of the terms that are wanted

    def any_of(self, terms: Iterable[Term]) -> BitMap:
        """Stories with a tag that one of *terms* names."""
        sets = (self.stories[term] for term in terms if term in self.stories)
        return BitMap.union(BitMap(), *sets)


def named(state: State, query: Query) -> Named:
    """What *query* names: a term names a tag if one of the tag's names holds it as whole words."""
    stories: dict[Term, BitMap] = {}
    tags: set[int] = set()
    for term in dict.fromkeys((*query.wanted, *query.excluded)):
        words = words_of(normalise(term.text))
        found = state.names.holding(words, term.prefix, MOST) if words else []
        sets = [state.direct[tag] for tag in found if tag in state.tags and tag in state.direct]
        if any(sets):
            stories[term] = BitMap.union(*sets)
            if term in query.wanted:
                tags.update(found)
    return Named(query, stories, frozenset(tags))


def matches(ask: Callable[[Query], tuple[BitMap, bool]], what: Named) -> tuple[BitMap, bool]:
    """What the full text, when we *ask* it, finds, and, term by term, what is so named.

    As `fulltext.matches`: true beside the stories says that they must *not* be found.
    """
    query = what.query
    if not what.stories:
        return ask(query)

    def holding(terms: tuple[Term, ...]) -> BitMap:
        return ask(Query(groups=(terms,)))[0] | what.any_of(terms)

    unwanted = holding(query.excluded) if query.excluded else BitMap()
    if not query.groups:
        return unwanted, True
    return BitMap.intersection(*map(holding, query.groups)) - unwanted, False


def lift(
    what: Named, hits: BitMap, titles: BitMap, scores: Mapping[int, float]
) -> dict[int, float]:
    """*scores* in which names and *titles* weigh more than any number of words in a text."""
    most = max(scores.values(), default=1.0) * 1.01
    lifted = {story: scores.get(story, 0.0) for story in hits}
    share = most / len(what.query.groups)
    for group in what.query.groups:
        for story in (what.any_of(group) | titles) & hits:
            lifted[story] += share
    return lifted


def called(what: Named) -> BitMap:
    """Stories whose tags are called all that is wanted."""
    return BitMap.intersection(*map(what.any_of, what.query.groups))
