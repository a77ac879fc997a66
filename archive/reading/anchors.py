"""Where a mention stands in its story's page: the anchors that the page gives to its marks."""

from __future__ import annotations

import collections
from collections.abc import Collection, Iterator
from typing import Any

from archive.models import Mention, Tagging


def anchor(number: int) -> str:
    """The anchor of the mark with this *number*, counted from 1 through the page."""
    return f"m-{number}"


def anchored(
    stories: Collection[int], *fields: str, most: int | None = None
) -> Iterator[tuple[str, int, tuple[Any, ...]]]:
    """The mentions in *stories*, tag by tag as a story's page counts its marks. One query.

    Args:
        stories: ids of stories.
        fields: columns of the mentions to read.
        most: mentions that are read at most; all if not given.

    Yields:
        Anchor, story and values of *fields* of each mention.
    """
    if not stories:
        return
    rows = (
        Mention.objects.filter(
            tagging__in=Tagging.objects.shown().filter(story__in=stories), lost=False
        )
        .order_by("tagging__story_id", "tagging_id", "start", "id")
        .values_list("tagging__story_id", *fields)
    )
    numbers: collections.Counter[int] = collections.Counter()
    for story, *values in rows[:most]:
        numbers[story] += 1
        yield anchor(numbers[story]), story, tuple(values)
