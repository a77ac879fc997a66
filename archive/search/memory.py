"""Answers that stay true until something changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

#: Answers kept; of a million stories, one takes a megabyte at most.
KEPT = 32


class Memory:
    """The answers used last, all of one generation."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._generation = 0

    def recall(self, key: Hashable, generation: int) -> Any:
        """The answer kept under *key*, if nothing changed since; else None."""
        if generation != self._generation or key not in self._answers:
            return None
        self._answers.move_to_end(key)
        return self._answers[key]

    def remember(self, key: Hashable, answer: object, generation: int) -> None:
        """Keep *answer* under *key*; those of another generation are given up."""
        if generation != self._generation:
            self._answers.clear()
            self._generation = generation
        self._answers[key] = answer
        while len(self._answers) > KEPT:
            self._answers.popitem(last=False)

    def forget(self) -> None:
        """Give up every answer, so that each is looked for anew."""
        self._answers.clear()
