"""A question to the archive in words: “Two stories about Kazakhstan and Paris”."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import get_language_info, ngettext, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from archive.models import KINDS, Kind
from archive.search.filters import Criteria, Selection
from archive.search.fulltext.query import Term, parse
from archive.tagging.names import normalise
from archive.tagging.wordlists import word_class

#: Places that English gives an article: “the United States”.
_WITH_ARTICLE = re.compile(
    r".+ (?:Union|Empire|Republic|Kingdom|States|Emirates|Islands|Isles|Horde|Countries|East)|"
    r"(?:.+ )?(?:Republic|Khanate|Emirate|Horn) of .+|Bahamas|Balkans|Caribbean|Caucasus|Comoros|"
    r"Gambia|Gold Coast|Levant|Maldives|Netherlands|Philippines|Sahara|Sahel|Seychelles"
)
#: Themes that are several: “families themselves”.
_SEVERAL = re.compile(r"^[a-zà-ÿ].*(?: and |[^ius]s$|[^c]ies$)")
#: Names that no list of peoples and languages holds.
_FAITHS = frozenset(
    {
        "islam", "sufism", "christianity", "catholicism", "orthodoxy", "judaism", "buddhism",
        "hinduism", "sikhism", "zoroastrianism", "god", "christmas", "easter", "ramadan", "nowruz",
        "nauryz", "holocaust", "shoah", "gulag", "holodomor",
    }
)  # fmt: skip
_NUMBERS = tuple(
    map(
        lazy,
        ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"),
    )
)

#: The name of a tag, or the slug that was typed if there is none.
Namer = Callable[[str, str], str]


def listing(items: Sequence[str], either: bool = False) -> str:
    """*items* as a list in a sentence: a, b and c, or with *either*: a, b or c."""
    if len(items) < 2:
        return "".join(items)
    parts = {"first": ", ".join(items[:-1]), "last": items[-1]}
    if either:
        return pgettext("end of a list", "%(first)s or %(last)s") % parts
    return pgettext("end of a list", "%(first)s and %(last)s") % parts


def language_name(code: str) -> str:
    """The English name of the language with this code, or the code."""
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code


@functools.lru_cache(maxsize=4096)
def stories(number: int, language: str | None) -> tuple[str, str]:
    """*number* and the word “stories” behind it, as written in the active *language*."""
    return intcomma(number), ngettext("story", "stories", number)


def describe(
    criteria: Criteria, total: int, name: Namer, collection_names: Mapping[str, str]
) -> str:
    """What was asked and how much was found, as a heading."""
    parts = [_about(criteria, name), _not_about(criteria, name)]
    if criteria.collections:
        names = [collection_names.get(slug, slug) for slug in criteria.collections]
        parts.append(_("in the collection %(names)s") % {"names": listing(names, either=True)})
    if criteria.languages:
        languages = [language_name(code) for code in criteria.languages]
        parts.append(_("in %(languages)s") % {"languages": listing(languages, either=True)})
    if criteria.query:
        parts.append(_words(criteria.query))
    asked = ", ".join(part for part in parts if part)
    if not asked:
        return _("All stories") if total else _("No stories yet")
    amount = str(_NUMBERS[total]) if total < len(_NUMBERS) else f"{total:,}"
    return ngettext("%(amount)s story %(asked)s", "%(amount)s stories %(asked)s", total) % {
        "amount": amount,
        "asked": asked,
    }


def _about(criteria: Criteria, name: Namer) -> str:
    groups = []
    for kind, selection in criteria.tags:
        if selection.wanted:
            names = [in_sentence(kind, name(kind, slug)) for slug in selection.wanted]
            groups.append((names, selection))
    if not groups:
        return ""
    if any(selection.any_of and len(names) > 1 for names, selection in groups):
        return _(", and ").join(
            _("about %(names)s") % {"names": _group(names, selection)}
            for names, selection in groups
        )
    together = [
        _itself(value) if selection.exact else value
        for names, selection in groups
        for value in names
    ]
    return _("about %(names)s") % {"names": listing(together)}


def _words(typed: str) -> str:
    """What was typed; alternatives and what is kept out, in words."""
    query = parse(typed)
    if not query.excluded and all(len(group) == 1 for group in query.groups):
        return _with(typed)
    parts = [
        _with(" ".join(_typed(group[0]) for group in groups))
        if single
        else _(" and ").join(_alternatives(group) for group in groups)
        for single, groups in (
            (single, list(some)) for single, some in groupby(query.groups, lambda one: len(one) < 2)
        )
    ]
    wanted = _(" and ").join(parts)
    if not query.excluded:
        return wanted
    quoted = [_("‘%(words)s’") % {"words": _typed(term)} for term in query.excluded]
    unwanted = _("without %(words)s") % {"words": listing(quoted, either=True)}
    return (
        _("%(with)s, %(without)s") % {"with": wanted, "without": unwanted} if wanted else unwanted
    )


def _with(words: str) -> str:
    return _("with ‘%(words)s’") % {"words": words}


def _alternatives(terms: Sequence[Term]) -> str:
    quoted = [_("‘%(words)s’") % {"words": _typed(term)} for term in terms]
    return _("with %(words)s") % {"words": listing(quoted, either=True)}


def _typed(term: Term) -> str:
    """*term* as it is typed; of several words, as a phrase."""
    star = "*" if term.prefix else ""
    return f'"{term.text}{star}"' if " " in term.text else term.text + star


def _itself(name: str) -> str:
    if _SEVERAL.search(name):
        return _("%(name)s themselves") % {"name": name}
    return _("%(name)s itself") % {"name": name}


def _group(names: list[str], selection: Selection) -> str:
    if selection.exact:
        names = [_itself(value) for value in names]
    return listing(names, either=selection.any_of)


def _not_about(criteria: Criteria, name: Namer) -> str:
    names = []
    for kind, selection in criteria.tags:
        group = [in_sentence(kind, name(kind, slug)) for slug in selection.unwanted]
        names += map(_itself, group) if selection.exact else group
    return _("not about %(names)s") % {"names": listing(names, either=True)} if names else ""


def in_sentence(kind: str, name: str) -> str:
    """*name* as it stands within a sentence: themes are common nouns, some places have articles."""
    if KINDS[kind].kind is Kind.THEME and name[1:2].islower() and not _proper(name):
        return name[0].lower() + name[1:]
    if KINDS[kind].kind is Kind.PLACE and _WITH_ARTICLE.fullmatch(name):
        return _("the %(name)s") % {"name": name}
    return name


def _proper(name: str) -> bool:
    """Whether *name* keeps its capital: World War II, Russian music, Islam."""
    first, *others = name.split()
    return (
        any(word[:1].isupper() for word in others)
        or normalise(first.removesuffix("'s").removesuffix("’s")) in _capitalised()
    )


@functools.cache
def _capitalised() -> frozenset[str]:
    return _FAITHS | word_class("demonym") | word_class("calendar")
