"""A concordance: each mention of a tag as a line, keyword in context (KWIC).

The form is Luhn's ("Keyword-in-context index for technical literature", 1960): the words to the
left, the keyword, the words to the right, sorted by story or by the nearest words of either side.
To sort by context all lines must be known, so that only the first ``LINES`` are sorted, those of
the newest stories; the page says so where there are more.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
from collections.abc import Collection, Iterable, Iterator

from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from archive.models import Mention, Story, Tagging
from archive.reading.anchors import anchored
from archive.reading.sentences import in_context
from archive.search.index import index
from archive.search.orders import title_key
from archive.tagging.names import normalise

#: Lines that are sorted and paged, and stories that are looked at for them.
LINES = 2_000
#: Lines of an exported file, and stories that are looked at for them.
EXPORTED = 100_000
PER_PAGE = 50
#: Characters of context on either side.
CONTEXT = 60
SORTS = {"story": _("By story"), "left": _("By the words before"), "right": _("By the words after")}
#: Stories whose mentions are asked for at once.
_BATCH = 250
#: Mentions of so many stories that are read at once: of whole books, the first.
_BATCH_LINES = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A mention in its context."""

    story: int
    title: str
    slug: str
    language: str
    before: str
    words: str
    after: str
    start: int
    id: int
    anchor: str = ""

    @property
    def url(self) -> str:
        """Address of the words in the story."""
        address = Story(slug=self.slug).get_absolute_url()
        return f"{address}#{self.anchor}" if self.anchor else address


@dataclasses.dataclass(frozen=True, slots=True)
class Concordance:
    """A page of lines."""

    lines: tuple[Line, ...]
    total: int  # lines that were sorted
    complete: bool  # whether these are all
    sort: str
    page: int
    pages: int


def concordance(root: int, exact: bool, chosen: BitMap, sort: str, page: int) -> Concordance:
    """A page of the lines of the stories *chosen* that mention the tag *root* or what is below it.

    Args:
        root: the tag.
        exact: whether only the tag itself counts.
        chosen: visible stories with the tag.
        sort: one of ``SORTS``.
        page: number from 1; beyond the end it is the last one.
    """
    lines = list(itertools.islice(read(root, exact, chosen, LINES), LINES + 1))
    complete = len(lines) <= LINES and len(chosen) <= LINES
    lines = sorted(lines[:LINES], key=_KEYS[sort])
    pages = max(1, -(-len(lines) // PER_PAGE))
    page = min(page, pages)
    shown = lines[(page - 1) * PER_PAGE : page * PER_PAGE]
    anchors = _anchors(shown)
    return Concordance(
        tuple(dataclasses.replace(line, anchor=anchors.get(line.id, "")) for line in shown),
        len(lines), complete, sort, page, pages,
    )  # fmt: skip


def read(root: int, exact: bool, chosen: BitMap, most: int) -> Iterator[Line]:
    """The lines, those of the newest stories first, a query for some hundred stories.

    Args:
        root: the tag.
        exact: whether only the tag itself counts.
        chosen: visible stories with the tag.
        most: how many of these stories are looked at.
    """
    with index.reading() as state:
        newest = state.page("newest", chosen & state.visible, 0, most)
    with index.reading() as state:
        family = {root} if exact else state.family(root)
    for first in range(0, len(newest), _BATCH):
        yield from _lines(newest[first : first + _BATCH], family)


def _lines(stories: list[int], tags: Collection[int]) -> Iterator[Line]:
    """The lines of *stories*; their taggings first, as few of the archive's have one of *tags*."""
    place = {pk: at for at, pk in enumerate(stories)}
    rows = Tagging.objects.shown().filter(story__in=stories).order_by()
    taggings = [pk for pk, tag in rows.values_list("id", "tag_id") if tag in tags]
    rows = (
        Mention.objects.filter(tagging__in=taggings, lost=False)
        .order_by("tagging__story_id", "start", "id")
        .select_related("tagging__story")
        .only(
            "start", "quote", "before", "after", "tagging__story__title", "tagging__story__slug",
            "tagging__story__language", "tagging__story_id",
        )
    )  # fmt: skip
    found = sorted(
        rows[:_BATCH_LINES],
        key=lambda mention: (place[mention.tagging.story_id], mention.start, mention.pk),
    )
    for mention in found:
        story = mention.tagging.story
        near = in_context(mention, CONTEXT)
        yield Line(
            story=story.pk, title=story.title, slug=story.slug, language=story.language,
            before=near.before, words=near.words, after=near.after, start=mention.start,
            id=mention.pk,
        )  # fmt: skip


def _story_key(line: Line) -> tuple[object, ...]:
    return title_key(line.title), line.story, line.start, line.id


def _left_key(line: Line) -> tuple[object, ...]:
    return _words(line.before)[::-1], _words(line.words), _story_key(line)


def _right_key(line: Line) -> tuple[object, ...]:
    return _words(line.after), _words(line.words), _story_key(line)


_KEYS = {"story": _story_key, "left": _left_key, "right": _right_key}


def _words(text: str) -> list[str]:
    """What is compared: words without case, accents and signs."""
    kept = "".join(char if char.isalnum() else " " for char in normalise(text))
    return kept.split()


def _anchors(lines: Iterable[Line]) -> dict[int, str]:
    """Where each of *lines* stands in its story's page, numbered as the page numbers its marks."""
    stories = {line.story for line in lines}
    return {pk: place for place, _story, (pk,) in anchored(stories, "id", most=EXPORTED)}


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Hand *text* back."""
        return text


def rows_of_csv(lines: Iterable[Line], site: str) -> Iterator[str]:
    """The lines as a table in CSV; addresses begin with *site*.

    A cell that a spreadsheet would take for a formula begins with an apostrophe instead.
    """
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(["story", "before", "words", "after", "address"])
    for line in itertools.islice(lines, EXPORTED):
        cells = (line.title, line.before.strip(), line.words, line.after.strip(), site + line.url)
        yield writer.writerow([_harmless(cell) for cell in cells])


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
