"""A question to the archive as a set of stories, and what choosing one more tag would leave of it.

The map and the network count with it: a number beside a tag is the number of stories in the list
that its link leads to.
"""

from __future__ import annotations

import dataclasses
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from django.http import QueryDict
from pyroaring import BitMap

from archive.search import fulltext, matching
from archive.search.filters import PER_PAGE, Criteria, Selection, read
from archive.search.index import index
from archive.search.looking import looking
from archive.search.state import State, TagRow

T = TypeVar("T")
#: Questions whose counts are kept.
REMEMBERED = 32


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """What the address asks: the criteria, and what the full text says of its words."""

    criteria: Criteria
    hits: BitMap | None = None
    negative: bool = False  # the hits are those not wanted

    def any_of(self, *kinds: str) -> bool:
        """Whether it asks for any of several values of one of *kinds*."""
        selections = [self.criteria.selection(kind) for kind in kinds]
        return any(one.any_of and len(one.wanted) > 1 for one in selections)

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
        return Question(criteria)
    with looking(query) as (_state, words):
        return Question(criteria, words.hits, words.negative) if words else Question(criteria)


class Memory(Generic[T]):
    """What was counted for the last questions, until a story, a tag or a tagging changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: WeakKeyDictionary[State, tuple[int, OrderedDict[Criteria, T]]] = (
            WeakKeyDictionary()
        )

    def answer(self, question: Question, gather: Callable[[State], Callable[[], T]]) -> T:
        """What was counted for *question*, counted again only if the index has moved on.

        *gather* takes from the index, while it is held still, what the counting needs; what it
        returns counts afterwards, while others read the index, and must not keep the state.
        """
        criteria = question.criteria.replace(sort="", per_page=PER_PAGE[0])
        with index.reading() as state:
            generation, whose = state.generation, weakref.ref(state)
            with self._lock:
                known = self._answers(state, generation)
                if known is not None and criteria in known:
                    known.move_to_end(criteria)
                    return known[criteria]
            count = gather(state)
        del state
        counted = count()
        owner = whose()
        with self._lock:
            answers = self._answers(owner, generation) if owner is not None else None
            if answers is not None:
                answers[criteria] = counted
                answers.move_to_end(criteria)
                if len(answers) > REMEMBERED:
                    answers.popitem(last=False)
        return counted

    def _answers(self, state: State, generation: int) -> OrderedDict[Criteria, T] | None:
        """What is kept of *generation*; None if a later one has come."""
        kept = self._kept.get(state)
        if kept is None or kept[0] < generation:
            kept = self._kept[state] = (generation, OrderedDict())
        return kept[1] if kept[0] == generation else None


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

    def pairs(self, tags: Sequence[int]) -> Callable[[int, int], int]:
        """What counts the stories of the list that ``url`` for two of *tags* leads to.

        It has sets of its own and asks nothing of the index, which may move on.
        """
        rows = {tag: self._row(tag) for tag in tags}
        kinds = {row.kind for row in rows.values()}
        opened = {(one, other): self._any_of({one, other}) for one in kinds for other in kinds}
        halves = {
            (tag, ground): self._ground(ground) & self.sets(row.kind).get(tag, BitMap())
            for tag, row in rows.items()
            for ground in {opened[row.kind, other] for other in kinds}
        }

        def count(one: int, other: int) -> int:
            ground = opened[rows[one].kind, rows[other].kind]
            return int(halves[one, ground].intersection_cardinality(halves[other, ground]))

        return count

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
