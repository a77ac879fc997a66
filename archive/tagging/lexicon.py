"""What the archive already knows: confirmed names, refused names, its themes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.tagging.names import normalise
from archive.tagging.spans import Kind
from archive.tagging.themes import CueTable, Theme, vocabulary


@dataclass(frozen=True, slots=True)
class KnownName:
    """A tag that people of the archive have confirmed. ``ref`` is the archive's own number."""

    kind: Kind
    name: str
    other_names: tuple[str, ...]
    notation: str
    ref: int


class Lexicon:
    """Known names and refused names, built once and looked up by hash for many texts."""

    __slots__ = ("_by_key", "_by_notation", "_longest", "_stop", "cues")

    def __init__(
        self,
        known: Iterable[KnownName] = (),
        stop: Iterable[tuple[Kind, str]] = (),
        themes: Sequence[Theme] | None = None,
    ) -> None:
        by_key: dict[str, tuple[KnownName, ...]] = {}
        by_notation: dict[tuple[str, str], KnownName] = {}
        longest: dict[str, int] = {}
        for entry in known:
            if entry.notation:
                by_notation[entry.kind, entry.notation] = entry
            for key in {normalise(name) for name in (entry.name, *entry.other_names)} - {""}:
                by_key[key] = (*by_key.get(key, ()), entry)
                words = key.split(" ")
                longest[words[0]] = max(longest.get(words[0], 0), len(words))
        self._by_key = by_key
        self._by_notation = by_notation
        self._longest = longest
        self._stop = frozenset((kind, normalise(name)) for kind, name in stop)
        self.cues = CueTable(vocabulary() if themes is None else themes)

    def longest(self, first: str) -> int:
        """Return of how many words a known name that begins with ``first`` may consist."""
        return self._longest.get(first, 0)

    def named(self, key: str) -> tuple[KnownName, ...]:
        """Return everything known under a normalised name."""
        return self._by_key.get(key, ())

    def of_kind(self, kind: Kind, key: str) -> KnownName | None:
        """Return the one known tag of this kind and normalised name; None when two share it."""
        found = [entry for entry in self.named(key) if entry.kind == kind]
        return found[0] if len(found) == 1 else None

    def with_notation(self, kind: Kind, notation: str) -> KnownName | None:
        """Return the known tag with this notation."""
        return self._by_notation.get((kind, notation)) if notation else None

    def is_empty(self) -> bool:
        """Tell whether nothing is known yet."""
        return not self._by_key

    def stopped(self, kind: Kind, *names: str) -> bool:
        """Tell whether a curator has refused any of these names for this kind."""
        return bool(self._stop) and any((kind, normalise(name)) in self._stop for name in names)
