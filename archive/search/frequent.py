"""Frequent words: their stories stay in the index, as those of tags do.

The full text tells the stories of a word one by one. Of a word that 400,000 stories hold, that
takes as long as all the rest of a page, so it is done once; of what changes later, the full text
is asked about the changed stories only.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pyroaring import BitMap

from archive.models import Story
from archive.search import fulltext
from archive.search.fulltext import Query, Term
from archive.search.fulltext.query import UNSPACED

#: A word is frequent if so many stories hold it; to tell fewer takes some milliseconds.
LEAST = 100_000
#: Words kept; of a million stories each takes 125 KB.
KEPT = 48
#: With more changed stories than this, all stories of a word are asked for again.
MOST_CHANGED = 500
#: Stories in which frequent words are looked for when a server starts, and the shares of them
#: between which a word is worth the time: few ask for "the".
SAMPLE, SHARE, LARGEST_SHARE = 300, 0.2, 0.7

_WORD = re.compile(r"[^\W_]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """The stories, drafts among them, that hold a word; what *changed* since may be wrong."""

    stories: BitMap
    changed: BitMap = dataclasses.field(default_factory=BitMap)


class FrequentWords:
    """The frequent words of an index; those asked for last stay."""

    def __init__(self) -> None:
        """Start with none."""
        self._words: OrderedDict[str, Held] = OrderedDict()

    def of(self, query: Query) -> dict[str, Held]:
        """The frequent words among the terms of *query*."""
        words = filter(None, map(_word, query.wanted + query.excluded))
        return {word: self._words[word] for word in words if word in self._words}

    def keep(self, words: Mapping[str, Held]) -> None:
        """Hold *words*, which were true of the index as it is now."""
        for word, held in words.items():
            self._words[word] = held
            self._words.move_to_end(word)
        while len(self._words) > KEPT:
            self._words.popitem(last=False)

    def change(self, stories: Iterable[int]) -> None:
        """Know that *stories* changed."""
        if self._words:
            changed = BitMap(stories)
            for word, held in self._words.items():
                self._words[word] = Held(held.stories, held.changed | changed)

    def prepare(self, using: str, visible: BitMap) -> None:
        """Hold frequent words of the *visible* stories before somebody asks for them."""
        least = max(SHARE, LEAST / max(1, len(visible)))
        if least <= LARGEST_SHARE:
            asking = Asking(connections[using], {})
            for word in _often(_sample(using, visible), least):
                asking.matches(Query(groups=((Term(word),),)))
            self.keep(asking.learned)


def _sample(using: str, visible: BitMap) -> list[str]:
    ids = [visible[place * len(visible) // SAMPLE] for place in range(SAMPLE)]
    rows = Story.objects.using(using).filter(pk__in=ids).values_list("title", "summary", "body")
    return list(map("\n".join, rows))


def _often(texts: Collection[str], share: float) -> list[str]:
    """Words that this *share* of *texts* or more hold, but not nearly all, the rarest first."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(_WORD.findall(text.lower())))
    least, most = share * len(texts), LARGEST_SHARE * len(texts)
    found = [word for word, n in counts.items() if least <= n <= most and _word(Term(word))]
    return sorted(found, key=lambda word: (counts[word], word))[:KEPT]


def _word(term: Term) -> str:
    """The one word, in small letters, that *term* is; empty if it is something else."""
    plain = not term.prefix and term.text.isalnum() and not UNSPACED.search(term.text)
    return term.text.lower() if plain else ""


class Asking:
    """Asks the full text, but for the stories of words that are held already."""

    def __init__(self, connection: BaseDatabaseWrapper, held: Mapping[str, Held]) -> None:
        """Ask *connection*."""
        self._connection = connection
        self._held = dict(held)
        #: Frequent words that were asked for, as they are now.
        self.learned: dict[str, Held] = {}

    def matches(self, query: Query) -> tuple[BitMap, bool]:
        """As `fulltext.matches`; the stories must not be changed."""
        if not query.groups:
            return self.matches(Query(groups=(query.excluded,)))[0], True
        ready = [group for group in query.groups if self._knows(group)]
        rest = tuple(group for group in query.groups if not self._knows(group))
        known = self._knows(query.excluded)
        sets = [self._any_of(group) for group in ready]
        if rest:
            sets.append(self._read(Query(rest, () if known else query.excluded)))
        elif not known:
            sets[0] = sets[0] - self._read(Query(groups=(query.excluded,)))
        found = sets[0] if len(sets) == 1 else BitMap.intersection(*sets)
        return found - self._any_of(query.excluded) if known and query.excluded else found, False

    def _knows(self, terms: tuple[Term, ...]) -> bool:
        return all(_word(term) in self._held for term in terms)

    def _any_of(self, terms: tuple[Term, ...]) -> BitMap:
        sets = [self._stories(term) for term in terms]
        return sets[0] if len(sets) == 1 else BitMap.union(*sets)

    def _stories(self, term: Term) -> BitMap:
        word = _word(term)
        held = self._held[word]
        if held.changed:
            if len(held.changed) > MOST_CHANGED:
                stories = self._read(Query(groups=((term,),)))
            else:
                again = fulltext.matches_among(self._connection, term, held.changed)
                stories = (held.stories - held.changed) | again
            self._held[word] = self.learned[word] = held = Held(stories)
        return held.stories

    def _read(self, query: Query) -> BitMap:
        found, _ = fulltext.matches(self._connection, query)
        terms = query.wanted + query.excluded
        if len(terms) == 1 and len(found) >= LEAST and (word := _word(terms[0])):
            self.learned[word] = Held(found)
        return found
