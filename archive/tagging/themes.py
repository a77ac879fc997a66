"""The vocabulary of life themes, and which of them a text bears out."""

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from archive.tagging.names import normalise
from archive.tagging.wordlists import DATA

SURE, STRONG, WEAK = 3.0, 2.0, 1.0
ENOUGH = 3.0
LONGEST_CUE = 6
_SHARED = 0.3
_REMEMBERED_WORDS = 200_000


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme; a cue is a phrase, with ``~`` for regular forms and ``*`` for any ending."""

    notation: str
    name: str
    definition: str
    broader: str | None = None
    general: bool = False  # true of most lives: gives way to what sets this one apart
    sure: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


def _cues(cell: str) -> tuple[str, ...]:
    return tuple(cue.strip() for cue in cell.split(",") if cue.strip())


@cache
def vocabulary() -> tuple[Theme, ...]:
    """Return every theme of ``data/themes.toml``, in the order of the file."""
    with (DATA / "themes.toml").open("rb") as file:
        data = tomllib.load(file)
    return tuple(
        Theme(
            notation=notation,
            name=entry["name"],
            definition=entry["definition"],
            broader=entry.get("broader"),
            general=entry.get("general", False),
            sure=_cues(entry.get("sure", "")),
            strong=_cues(entry.get("strong", "")),
            weak=_cues(entry.get("weak", "")),
        )
        for notation, entry in data.items()
    )


class Cue(NamedTuple):
    """A compiled cue: the words after the first, and what it says for which theme."""

    tail: tuple[str, ...]
    theme: int
    weight: float
    phrase: str


def forms(word: str) -> list[str]:
    """Return the regular forms of an English word: dance, dances, danced, dancing."""
    found = [word, f"{word}s"]
    if word.endswith("e"):
        return [*found, f"{word}d", f"{word[:-1]}ing"]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return [word, f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing"]
    if word.endswith(("s", "x", "ch", "sh")):
        found.append(f"{word}es")
    return [*found, f"{word}ed", f"{word}ing"]


class Beginning(NamedTuple):
    """The cues that begin with one word."""

    longer: dict[str, list[Cue]]  # by their second word, the longest first
    alone: list[Cue]


class CueTable:
    """All cues by their first word, and by the stems of first words that may end anyhow."""

    def __init__(self, themes: Sequence[Theme]) -> None:
        self.themes = tuple(themes)
        self._exact: dict[str, list[Cue]] = {}
        self._stems: dict[str, list[Cue]] = {}
        self._seen: dict[str, Beginning | None] = {}
        for number, theme in enumerate(self.themes):
            levels = ((SURE, theme.sure), (STRONG, theme.strong), (WEAK, theme.weak))
            for weight, cues in levels:
                for cue in cues:
                    self._add(cue, number, weight)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    def _add(self, phrase: str, theme: int, weight: float) -> None:
        words = normalise(phrase).split(" ")[:LONGEST_CUE]
        first, last = words[0], words[-1]
        if len(words) == 1 and first.endswith("*"):
            self._stems.setdefault(first[:-1], []).append(Cue((), theme, weight, phrase))
            return
        endings = forms(last[:-1]) if last.endswith("~") else [last]
        for ending in endings:
            whole = [*words[:-1], ending]
            cue = Cue(tuple(whole[1:]), theme, weight, phrase)
            self._exact.setdefault(whole[0], []).append(cue)

    def beginnings(self, words: Iterable[str]) -> dict[str, Beginning]:
        """Return for those of *words* that begin cues what these are (remembered)."""
        found = {}
        seen = self._seen
        for word in words:
            beginning = seen[word] if word in seen else self._beginning_with(word)
            if beginning is not None:
                found[word] = beginning
        return found

    def _beginning_with(self, word: str) -> Beginning | None:
        cues = list(self._exact.get(word, ()))
        for length in self._stem_lengths:
            if length > len(word):
                break
            cues.extend(self._stems.get(word[:length], ()))
        beginning = None
        if cues:
            longer: dict[str, list[Cue]] = {}
            for cue in sorted(cues, key=lambda cue: -len(cue.tail)):
                if cue.tail:
                    longer.setdefault(cue.tail[0], []).append(cue)
            beginning = Beginning(longer, [cue for cue in cues if not cue.tail])
        if len(self._seen) < _REMEMBERED_WORDS:
            self._seen[word] = beginning
        return beginning


class Hit(NamedTuple):
    """A cue at a place in the text."""

    start: int
    end: int
    cue: Cue


def find(
    table: CueTable, words: list[str], starts: list[int], avoid: set[int]
) -> dict[int, list[Hit]]:
    """Return the cues found, by theme. ``avoid`` holds starts of words that are names."""
    found: dict[int, list[Hit]] = {}
    until: dict[int, int] = {}  # by theme: a word serves one cue of a theme only
    telling = table.beginnings(set(words))
    for at in [at for at, word in enumerate(words) if word in telling]:
        if starts[at] in avoid:
            continue
        beginning = telling[words[at]]
        longer = beginning.longer.get(words[at + 1], ()) if at + 1 < len(words) else ()
        for cue in (*longer, *beginning.alone):
            after = at + 1 + len(cue.tail)
            if len(cue.tail) > 1 and tuple(words[at + 1 : after]) != cue.tail:
                continue
            if until.get(cue.theme, -1) >= at:
                continue
            until[cue.theme] = after - 1
            end = starts[after - 1] + len(words[after - 1])
            found.setdefault(cue.theme, []).append(Hit(starts[at], end, cue))
    return found


def weigh(hits: list[Hit]) -> float:
    """Return how much the cues say together: the same cue again says half as much each time."""
    times: dict[str, int] = {}
    total = 0.0
    for hit in hits:
        before = times.get(hit.cue.phrase, 0)
        times[hit.cue.phrase] = before + 1
        if before < 4:
            total += hit.cue.weight / 2**before
    return total


def most_themes(words: int) -> int:
    """Return how many themes a text of so many words may bear: few say more than many."""
    return min(12, 3 + words // 60) if words < 400 else min(12, 9 + (words - 400) // 800)


def enough(words: int) -> float:
    """Return the weight a theme needs: a long text must dwell on what it is about.

    It grows with the logarithm of the length, as the number of different words of a text nearly
    does: a book-length memoir must have its themes too.
    """
    return ENOUGH + 1.8 * math.log2(max(words, 350) / 350)


def chosen(
    table: CueTable, found: dict[int, list[Hit]], words: int
) -> list[tuple[int, float, list[Hit]]]:
    """Return the themes worth proposing, the best supported first."""
    needed = enough(words)
    weighed = ((theme, weigh(hits), hits) for theme, hits in found.items())
    # Weak cues may join a stronger one; by themselves they say too little.
    borne_out = (e for e in weighed if e[1] >= needed and any(h.cue.weight > WEAK for h in e[2]))
    kept = sorted(borne_out, key=lambda e: (-e[1], e[0]))
    claimed: set[int] = set()
    ranks: dict[int, float] = {}
    for theme, weight, hits in kept:
        # Words that a better supported theme already rests on say little new.
        own = weigh([hit for hit in hits if hit.start not in claimed])
        rank = own + (weight - own) * _SHARED
        ranks[theme] = rank / 4 if table.themes[theme].general else rank
        claimed.update(hit.start for hit in hits)
    return sorted(kept, key=lambda e: (-ranks[e[0]], e[0]))[: most_themes(words)]


STRENGTHS = ("sure", "strong", "weak")
"""How much a cue says, by the names of the fields of ``Theme``."""


def with_cues(theme: Theme, changes: Mapping[str, str]) -> Theme:
    """Return ``theme`` with cues changed: by phrase, one of ``STRENGTHS``, or "none" for no cue.

    A phrase that the theme has already moves to its new strength.
    """
    changed = {normalise(phrase) for phrase in changes}
    cues = {
        strength: (
            *(cue for cue in getattr(theme, strength) if normalise(cue) not in changed),
            *(phrase for phrase, wanted in changes.items() if wanted == strength),
        )
        for strength in STRENGTHS
    }
    return replace(theme, sure=cues["sure"], strong=cues["strong"], weak=cues["weak"])
