"""Suggestions: what a beginning may become, and what a misspelt question may have meant.

Both name only what visitors may see: tags of visible stories, and words that find visible ones.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive.models import OtherName, Story, Tag
from archive.search import fulltext, matching
from archive.search.filters import Criteria
from archive.search.fulltext.query import MAX_CHARS, UNSPACED, Term, clean, parse
from archive.search.fulltext.stem import fold
from archive.search.index import index
from archive.search.looking import looking
from archive.search.names import starts_word
from archive.search.orders import title_key
from archive.search.state import State
from archive.tagging.names import normalise

#: Suggestions while typing, and how many of them are titles if there are tags enough.
SHOWN = 10
TITLES_SHOWN = 4
#: Beginnings shorter than this (letters) are not looked for inside titles.
MIN_INSIDE = 3
#: Names looked at for one beginning, the most used ones.
_LOOKED_AT = 200
#: A question with more hits than this was not misspelt.
FEW_HITS = 2
#: Corrections offered.
CORRECTIONS = 3
#: Words of a question that are looked at, for the sake of time.
MAX_CORRECTED = 3
#: Letters from which a name may be one letter off, and two.
_ONE_OFF, _TWO_OFF = 4, 8
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclasses.dataclass(frozen=True, slots=True)
class Completion:
    """Something that a beginning may become."""

    kind: str  # "story" or a kind of tag
    name: str
    detail: str  # what tells it from others: number of stories, another name, minutes to read
    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class Suggestion:
    """What may have been meant instead."""

    text: str
    url: str
    kind: str  # "query" for other words, or the kind of tag that is meant
    count: int  # stories on the page that the URL leads to


def complete(typed: str) -> tuple[Completion, ...]:
    """What *typed* may become: people, places, themes by any word of any name, and titles."""
    key = normalise(clean(typed, MAX_CHARS))
    if not key:
        return ()
    with index.reading() as state:
        counted = _starting(state, key)
        stories = state.titled(title_key(key), SHOWN)
    if len(stories) < TITLES_SHOWN and (len(key) >= MIN_INSIDE or UNSPACED.search(key)):
        stories += [pk for pk in _inside_titles(key) if pk not in stories]
    rows = Tag.objects.in_bulk([tag for _count, tag in counted])
    names = _other_names(key, rows.values())
    titles = Story.objects.light().public_in_bulk(stories[: SHOWN * 2])
    tags = [
        Completion(rows[tag].kind, str(rows[tag]), _detail(count, names.get(tag, "")),
                   rows[tag].get_absolute_url())
        for count, tag in counted
        if tag in rows
    ]  # fmt: skip
    lives = [
        Completion("story", titles[pk].title, _minutes(titles[pk]), titles[pk].get_absolute_url())
        for pk in stories
        if pk in titles
    ]
    lives = lives[: max(TITLES_SHOWN, SHOWN - len(tags))]
    return (*lives, *tags[: SHOWN - len(lives)])


def _starting(state: State, key: str) -> list[tuple[int, int]]:
    """Count and id of tags in use with a word that starts with *key*, most stories first."""
    found = [
        (len(state.below[tag]), tag)
        for tag in state.names.starting(key, _LOOKED_AT)
        if state.below.get(tag) and tag in state.tags
    ]
    found.sort(key=lambda item: (-item[0], state.tags[item[1]].name_key, item[1]))
    return found[:SHOWN]


def _other_names(key: str, tags: Iterable[Tag]) -> dict[int, str]:
    """The other name by which each of *tags* was found whose own does not show why."""
    unlike = [tag.pk for tag in tags if not starts_word(tag.name_key, key)]
    rows = OtherName.objects.filter(tag__in=unlike)
    return {
        name.tag_id: name.name
        for name in rows.order_by("-name_key", "-pk")
        if starts_word(name.name_key, key)
    }


def _detail(count: int, other_name: str) -> str:
    stories = ngettext("%(count)s story", "%(count)s stories", count) % {"count": f"{count:,}"}
    return f"{other_name} · {stories}" if other_name else stories


def _minutes(story: Story) -> str:
    return _("%(minutes)s min") % {"minutes": story.reading_minutes}


def _inside_titles(key: str) -> list[int]:
    connection = connections[DEFAULT_DB_ALIAS]
    *whole, last = key.split()
    terms = [Term(word) for word in whole] + [Term(last, prefix=True)]
    query = fulltext.Query(groups=tuple((term,) for term in terms))
    return fulltext.some_titles(connection, query, SHOWN)


def did_you_mean(criteria: Criteria, total: int, path: str) -> tuple[Suggestion, ...]:
    """Other words or tags a letter or two off, that find more than the *total* found."""
    query = parse(criteria.query)
    if total > FEW_HITS or not query.wanted:
        return ()
    key = normalise(" ".join(term.text for term in query.wanted))
    words = dict.fromkeys(
        fold(word)
        for term in query.wanted
        if not term.prefix
        for word in _LETTERS.findall(term.text)
    )
    with index.reading() as state:
        tags = _near_tags(state, key, criteria, total) if not query.excluded else []
        candidates = {
            word: state.vocabulary.near(word, distance, CORRECTIONS)
            for word in list(words)[:MAX_CORRECTED]
            if (distance := _distance(word))
        }
    found = [*_tag_suggestions(tags, path), *_word_suggestions(criteria, candidates, total, path)]
    return tuple(found[:CORRECTIONS])


def _distance(word: str) -> int:
    """How many letters a name like *word* may be off."""
    return 2 if len(word) >= _TWO_OFF else 1 if len(word) >= _ONE_OFF else 0


def _near_tags(
    state: State, key: str, criteria: Criteria, total: int
) -> list[tuple[int, Criteria, int]]:
    """Tags that the whole question nearly names; the question that asks for each; its hits."""
    distance = _distance(key)
    if not distance:
        return []
    near = [
        (off, -len(state.below[tag]), tag)
        for tag, off in state.names.near(key, distance)
        if state.below.get(tag) and tag in state.tags
    ]
    found = []
    for _off, _stories, tag in sorted(near)[:CORRECTIONS]:
        row = state.tags[tag]
        selection = criteria.selection(row.kind)
        wanted = tuple(dict.fromkeys((*selection.wanted, row.slug)))
        meant = criteria.with_selection(row.kind, dataclasses.replace(selection, wanted=wanted))
        meant = meant.replace(query="")
        count = len(matching.match(state, meant, None).found)
        if count > total:
            found.append((tag, meant, count))
    return found


def _tag_suggestions(tags: Sequence[tuple[int, Criteria, int]], path: str) -> Iterator[Suggestion]:
    rows = Tag.objects.in_bulk([tag for tag, _meant, _count in tags]) if tags else {}
    for tag, meant, count in tags:
        if tag in rows:
            yield Suggestion(str(rows[tag]), meant.url(path), rows[tag].kind, count)


def _word_suggestions(
    criteria: Criteria, candidates: Mapping[str, Sequence[str]], total: int, path: str
) -> Iterator[Suggestion]:
    """The question with its rarest misspelt words put right, if it then finds more."""
    better = {}
    for word, others in candidates.items():
        hits = {other: _hits(other) for other in (word, *others)}
        best = max(others, key=lambda other: hits[other], default=word)
        if hits[word] <= FEW_HITS and hits[best] > hits[word]:
            better[word] = best
    if not better:
        return

    def put_right(match: re.Match[str]) -> str:
        word = match.group()
        right = better.get(fold(word))
        if right is None:
            return word
        return right.capitalize() if word[:1].isupper() else right

    meant = criteria.replace(query=_LETTERS.sub(put_right, criteria.query))
    with looking(parse(meant.query)) as (state, words):
        hits = words.stories(state) if words else None
        count = len(matching.match(state, meant, hits).found)
    if count > total:
        yield Suggestion(meant.query, meant.url(path), "query", count)


def _hits(word: str) -> int:
    """In how many visible stories *word* occurs."""
    query = fulltext.Query(groups=((Term(word),),))
    with looking(query) as (state, words):
        return state.visible.intersection_cardinality(words.stories(state)) if words else 0
