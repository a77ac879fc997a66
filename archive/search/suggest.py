"""Suggestions while typing: names of tags in use, and titles."""

from __future__ import annotations

import dataclasses

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Q

from archive.models import Story, Tag
from archive.search import fulltext
from archive.search.fulltext.query import MIN_PREFIX, Query, Term, clean
from archive.search.index import index
from archive.tagging.names import normalise

#: Longest beginning read, in characters.
MAX_CHARS = 80
#: Names compared; of these the most frequent are suggested.
_CANDIDATES = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Suggestion:
    """Somewhere to go."""

    kind: str  # a kind of tag, or "story"
    label: str
    url: str


def suggest(prefix: str, limit: int = 8) -> list[Suggestion]:
    """Up to *limit* tags and stories of which a word of the name begins with *prefix*.

    Tags come first, the most frequent before the others; only those that visible stories have.
    """
    text = clean(prefix, MAX_CHARS)
    key = normalise(text)
    if sum(char.isalnum() for char in key) < MIN_PREFIX:
        return []
    named = Q(name_key__startswith=key) | Q(name_key__contains=f" {key}")
    named |= Q(other_names__name_key__startswith=key)
    tags = list(Tag.objects.filter(named).distinct()[:_CANDIDATES])
    titled = fulltext.title_matches(
        connections[DEFAULT_DB_ALIAS], Query(groups=((Term(text, prefix=True),),))
    )
    with index.reading() as state:
        counts = {tag.pk: len(state.below.get(tag.pk, ())) for tag in tags}
        stories = state.page("newest", titled & state.visible, 0, limit)
    used = [tag for tag in tags if counts[tag.pk]]
    used.sort(key=lambda tag: (-counts[tag.pk], tag.name_key, tag.pk))
    found = [Suggestion(tag.kind, str(tag), tag.get_absolute_url()) for tag in used[:limit]]
    rows = Story.objects.published().only("title", "slug").in_bulk(stories[: limit - len(found)])
    found += [
        Suggestion("story", rows[pk].title, rows[pk].get_absolute_url())
        for pk in stories
        if pk in rows
    ]
    return found
