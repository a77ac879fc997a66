"""What people type into the search field, as a small tree. Pure: no database, no Django."""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Iterator

from archive.search.fulltext.stem import completions, fold

#: Longest query read (characters), and most terms taken from it: what follows is left out.
MAX_CHARS = 300
MAX_TERMS = 16
#: A prefix shorter than this would match most of the dictionary; it is taken as a whole word.
MIN_PREFIX = 2

#: Signs of the scripts that are written without spaces: Thai and Lao, Burmese, Khmer, Chinese
#: characters and Japanese kana.
SIGNS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
UNSPACED = re.compile(f"[{SIGNS}]")
#: Accents over and under letters, and the vowel signs of Hebrew and Arabic.
ACCENTS = "\u0300-\u036f\u0591-\u05bd\u064b-\u0655\u0670"
#: What of a term is looked for; what stands between does not matter.
_RUNS = re.compile(rf"(?:[^\W_]|[{SIGNS}])+")

_PIECES = re.compile(
    r"""(?P<minus>-)?(?:["“”„«»](?P<phrase>[^"“”„«»]*)["“”„«»]?|(?P<word>[^\s"“”„«»]+))"""
)


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """A word, a phrase, or the beginning of a word."""

    text: str
    prefix: bool = False


def alternatives(term: Term) -> tuple[Term, ...]:
    """What an index of stems is to be asked instead of *term*: any of these."""
    if not term.prefix:
        return (term,)
    head, beginning = re.fullmatch(r"(.*?)([^\W_]*)", term.text, re.DOTALL).groups()
    return (term, *(Term(head + word) for word in completions(fold(beginning))))


def runs(text: str) -> list[str]:
    """What a term of a script without spaces is made of: runs of signs, letters and digits."""
    return _RUNS.findall(text)


@functools.lru_cache(maxsize=256)
def run_pattern(text: str) -> re.Pattern[str]:
    """The runs of *text* one behind the other, whatever stands between them."""
    return re.compile(r"[\W_]*".join(map(re.escape, runs(text))), re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """What must be there: of every group one term at least, and none of the excluded."""

    groups: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups or self.excluded)

    @property
    def wanted(self) -> tuple[Term, ...]:
        """All terms that a story may match, in the order typed."""
        return tuple(term for group in self.groups for term in group)


def clean(text: str, limit: int = MAX_CHARS) -> str:
    """*text* without control characters and doubled spaces, at most *limit* characters."""
    visible = "".join(
        " " if unicodedata.category(char).startswith("C") else char for char in text[: limit * 2]
    )
    return " ".join(visible.split())[:limit].strip()


def parse(text: str) -> Query:
    """*text* as a query: words, "phrases", -exclusions, OR between alternatives, prefix*.

    Nothing is an error: a quotation mark left open runs to the end, signs without words are
    passed over, an OR without a neighbour is the word "or".
    """
    groups: list[list[Term]] = []
    excluded: list[Term] = []
    alternative = False
    tokens = list(_tokens(unicodedata.normalize("NFC", clean(text))))
    for position, (term, negative, is_or) in enumerate(tokens):
        if len(excluded) + sum(map(len, groups)) >= MAX_TERMS:
            break
        if is_or and groups and position + 1 < len(tokens) and not alternative:
            follower, follower_negative, _ = tokens[position + 1]
            if follower is not None and not follower_negative and not tokens[position - 1][1]:
                alternative = True
                continue
        if term is None:
            continue
        if negative:
            excluded.append(term)
        elif alternative:
            groups[-1].append(term)
        else:
            groups.append([term])
        alternative = False
    return Query(tuple(map(tuple, groups)), tuple(excluded))


def _tokens(text: str) -> Iterator[tuple[Term | None, bool, bool]]:
    """Each term of *text*, whether it is excluded, and whether it is a bare OR."""
    for match in _PIECES.finditer(text):
        phrase, word = match["phrase"], match["word"]
        content = phrase if phrase is not None else word
        if not any(char.isalnum() for char in content):
            continue
        bare = content.strip("* ")
        # In front of the star stands the last of its words; the others are whole.
        beginning = re.split(r"[\W_]", bare)[-1]
        prefix = content.endswith("*") and len(beginning) >= MIN_PREFIX
        yield Term(bare, prefix), bool(match["minus"]), word == "OR" and not match["minus"]
