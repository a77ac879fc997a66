"""A question to the archive in words: “Two stories about Kazakhstan and Paris”."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import get_language_info

from archive.models import KINDS, Kind
from archive.search.filters import Criteria, Selection

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")

#: The name of a tag, or the slug that was typed if there is none.
Namer = Callable[[str, str], str]


def listing(items: Sequence[str], last: str = "and") -> str:
    """*items* as a list in a sentence: a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def language_name(code: str) -> str:
    """The English name of the language with this code, or the code."""
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code


def describe(
    criteria: Criteria, total: int, name: Namer, collection_names: Mapping[str, str]
) -> str:
    """What was asked and how much was found, as a heading."""
    parts = [_about(criteria, name), _not_about(criteria, name)]
    if criteria.collections:
        names = [collection_names.get(slug, slug) for slug in criteria.collections]
        parts.append(f"in the collection {listing(names, 'or')}")
    if criteria.languages:
        parts.append(f"in {listing([language_name(code) for code in criteria.languages], 'or')}")
    if criteria.query:
        parts.append(f"with ‘{criteria.query}’")
    asked = ", ".join(part for part in parts if part)
    if not asked:
        return "All stories" if total else "No stories yet"
    return f"{_amount(total)} {asked}"


def _amount(total: int) -> str:
    number = _NUMBERS[total] if total < len(_NUMBERS) else f"{total:,}"
    return f"{number} {'story' if total == 1 else 'stories'}"


def _about(criteria: Criteria, name: Namer) -> str:
    groups = []
    for kind, selection in criteria.tags:
        if selection.wanted:
            names = [in_sentence(kind, name(kind, slug)) for slug in selection.wanted]
            groups.append((names, selection))
    if not groups:
        return ""
    if any(selection.any_of and len(names) > 1 for names, selection in groups):
        return ", and ".join(f"about {_group(names, selection)}" for names, selection in groups)
    together = [
        f"{value} itself" if selection.exact else value
        for names, selection in groups
        for value in names
    ]
    return f"about {listing(together)}"


def _group(names: list[str], selection: Selection) -> str:
    if selection.exact:
        names = [f"{value} itself" for value in names]
    return listing(names, "or" if selection.any_of else "and")


def _not_about(criteria: Criteria, name: Namer) -> str:
    names = [
        in_sentence(kind, name(kind, slug))
        for kind, selection in criteria.tags
        for slug in selection.unwanted
    ]
    return f"not about {listing(names, 'or')}" if names else ""


def in_sentence(kind: str, name: str) -> str:
    """*name* as it stands within a sentence: themes are common nouns."""
    if KINDS[kind].kind is Kind.THEME and name[1:2].islower():
        return name[0].lower() + name[1:]
    return name
