"""A question to the archive as a set of stories, and what choosing one more tag would leave of it.

The map and the network count with it: a number beside a tag is the number of stories in the list
that its link leads to.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.http import QueryDict
from pyroaring import BitMap

from archive.search import fulltext, matching
from archive.search.filters import PER_PAGE, Criteria, Selection, read
from archive.search.state import State, TagRow

T = TypeVar("T")
#: Questions whose counts are kept.
REMEMBERED = 32


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """What the address asks: the criteria, and what the full text says of its words."""

    criteria: Criteria
    hits: BitMap | None
    negative: bool  # the hits are those not wanted

    def stories(self, state: State, criteria: Criteria | None = None) -> BitMap:
        """Ids of the visible stories that answer; with *criteria*, that answer these instead."""
        words = self.hits
        if words is not None and self.negative:
            words = state.visible - words
        return matching.match(state, criteria or self.criteria, words).found


def ask(params: QueryDict) -> Question:
    """The question in *params*, in search's own grammar; every query string is one."""
    criteria, _form = read(params)
    query = fulltext.parse(criteria.query)
    if not query:
        return Question(criteria, None, False)
    hits, negative = fulltext.matches(connections[DEFAULT_DB_ALIAS], query)
    return Question(criteria, hits, negative)


class Memory(Generic[T]):
    """What was counted for the last questions, until a story, a tag or a tagging changes."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[State, tuple[int, OrderedDict[Criteria, T]]] = (
            WeakKeyDictionary()
        )

    def recall(self, state: State, question: Question, count: Callable[[], T]) -> T:
        """What *count* said of *question*, asked again only if *state* has moved on.

        To be called while the index is held still; *count* must not keep the state.
        """
        criteria = question.criteria.replace(sort="", per_page=PER_PAGE[0])
        generation, answers = self._kept.get(state, (-1, OrderedDict()))
        if generation != state.generation:
            answers = OrderedDict()
            self._kept[state] = (state.generation, answers)
        if criteria not in answers:
            answers[criteria] = count()
            if len(answers) > REMEMBERED:
                answers.popitem(last=False)
        answers.move_to_end(criteria)
        return answers[criteria]


class Narrowing:
    """Counts and addresses of a question with further tags, while the index is held still.

    Where the question asks for any of several values, one more would add stories instead of taking
    some away; there the link asks for the tag instead of these values.
    """

    def __init__(self, state: State, question: Question) -> None:
        self._state, self._question = state, question
        self._rows: dict[int, TagRow] = {}
        self.found = question.stories(state)
        self._grounds: dict[frozenset[str], BitMap] = {}
        self._halves: dict[tuple[int, frozenset[str]], BitMap] = {}

    def sets(self, kind: str) -> Mapping[int, BitMap]:
        """By tag of *kind*, the stories that choosing it asks for."""
        return matching.sets_of(self._state, self._question.criteria.selection(kind))

    def count(self, tag: int) -> int:
        """Stories of the list that ``url`` for *tag* leads to."""
        row = self._row(tag)
        members = self.sets(row.kind).get(tag)
        if not members:
            return 0
        return int(self._ground(self._any_of({row.kind})).intersection_cardinality(members))

    def count_both(self, tag: int, other: int) -> int:
        """Stories of the list that ``url`` for both tags leads to."""
        row, other_row = self._row(tag), self._row(other)
        opened = self._any_of({row.kind, other_row.kind})
        if (tag, opened) not in self._halves:
            members = self.sets(row.kind).get(tag, BitMap())
            self._halves[tag, opened] = self._ground(opened) & members
        members = self.sets(other_row.kind).get(other)
        return int(self._halves[tag, opened].intersection_cardinality(members)) if members else 0

    def url(self, path: str, *tags: int) -> str:
        """The address of the question with *tags*, counted before, chosen as well, below *path*.

        It asks nothing of the index, which may have moved on.
        """
        rows = [self._rows[tag] for tag in tags]
        criteria = self._open({row.kind for row in rows})
        for row in rows:
            selection = criteria.selection(row.kind)
            if row.slug not in selection.wanted:
                wanted = (*selection.wanted, row.slug)
                criteria = criteria.with_selection(
                    row.kind, dataclasses.replace(selection, wanted=wanted)
                )
        return criteria.replace(sort="", per_page=PER_PAGE[0]).url(path)

    def close(self) -> None:
        """Let go of the index: only ``url`` is asked from now on."""
        del self._state, self.found
        self._grounds.clear()
        self._halves.clear()

    def _row(self, tag: int) -> TagRow:
        return self._rows.setdefault(tag, self._state.tags[tag])

    def _any_of(self, kinds: set[str]) -> frozenset[str]:
        """Those of *kinds* of which the question wants any of several values."""
        selections = {kind: self._question.criteria.selection(kind) for kind in kinds}
        return frozenset(kind for kind, one in selections.items() if one.any_of and one.wanted)

    def _ground(self, opened: frozenset[str]) -> BitMap:
        """The stories among which further tags of the *opened* kinds are counted."""
        if not opened:
            return self.found
        if opened not in self._grounds:
            self._grounds[opened] = self._question.stories(self._state, self._open(opened))
        return self._grounds[opened]

    def _open(self, kinds: Iterable[str]) -> Criteria:
        """The question without the values of *kinds* of which it wants any."""
        criteria = self._question.criteria
        for kind in sorted(kinds):
            old = criteria.selection(kind)
            if old.any_of and old.wanted:
                new = Selection(unwanted=old.unwanted, exact=old.exact)
                criteria = criteria.with_selection(kind, new)
        return criteria
