"""The queue of suggestions that wait for a curator: filters, pages by key, sentences."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, Substr
from django.http import QueryDict
from django.utils.translation import gettext as _

from archive.models import KINDS, Collection, Mention, Story, Tag, Tagging
from archive.tagging.spans import RULES

#: Suggestions on a page.
PER_PAGE = 20
#: Lines of a page of batches.
BATCHES_PER_PAGE = 50
#: Counting stops here; beyond, the page says "more than".
COUNT_LIMIT = 1_000
#: Characters on either side of a mention in which its sentence is looked for.
REACH = 240
#: Sentences of one suggestion.
SENTENCES = 3
#: Places that can be told apart one by one.
PLACES = 20
#: How sure the tagger was, by the least confidence of each class (see archive/tagging).
CONFIDENCE = {"high": (0.8, 1.01), "medium": (0.6, 0.8), "low": (0.0, 0.6)}
_ENDS = re.compile(r"[.!?…][”’\"')]*\s|\n")
_LARGEST_ID = 2**63 - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Filters:
    """What part of the queue is looked at."""

    kind: str = ""
    rule: str = ""
    collection: str = ""
    confidence: str = ""
    tag: int = 0
    story: int = 0
    after: tuple[int, int] = (0, 0)

    @classmethod
    def read(cls, params: QueryDict) -> Filters:
        """The filters in *params*; what cannot be read is passed over."""
        kind, rule = params.get("kind", ""), params.get("rule", "")
        confidence = params.get("confidence", "")
        first, _dash, second = params.get("after", "").partition("-")
        return cls(
            kind=kind if kind in KINDS else "",
            rule=rule if rule in RULES else "",
            collection=params.get("collection", "")[:100].replace("\x00", ""),
            confidence=confidence if confidence in CONFIDENCE else "",
            tag=number(params.get("tag", "")),
            story=number(params.get("story", "")),
            after=(number(first), number(second)),
        )

    def query(self, **changes: Any) -> str:
        """These filters with *changes* as a query string, from the first page unless told."""
        state = dataclasses.replace(self, **{"after": (0, 0), **changes})
        pairs = [
            (name, getattr(state, name))
            for name in ("kind", "rule", "collection", "confidence", "tag", "story")
        ]
        if any(state.after):
            pairs.append(("after", f"{state.after[0]}-{state.after[1]}"))
        return urlencode([(name, value) for name, value in pairs if value])


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence of a mention, the words that matter apart, and the rule that found them."""

    before: str
    words: str
    after: str
    rule: str


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """One suggestion as the queue shows it."""

    tagging: Tagging
    sentences: tuple[Sentence, ...]
    places: tuple[tuple[int, Sentence], ...]  # by id of the mention, for telling them apart
    more: int  # further places in the text
    sure: str  # in plain words
    percent: int

    @property
    def separable(self) -> bool:
        """Whether there are several places, and all of them are shown."""
        return len(self.places) > 1 and self.more <= PLACES - SENTENCES


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue."""

    cards: tuple[Card, ...]
    next: tuple[int, int] | None  # where the next page begins


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """Suggestions that have a tag or a story in common."""

    subject: Any
    count: int
    query: str


def number(text: str) -> int:
    """The id in *text*; 0 if there is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return 0
    value = int(text)
    return value if value <= _LARGEST_ID else 0


def waiting(user: User, filters: Filters = Filters()) -> QuerySet[Tagging]:
    """The suggestions that wait for a decision, as far as *user* may see their stories."""
    rows = Tagging.objects.filter(state=Tagging.State.SUGGESTED)
    if not user.has_perm("archive.view_story"):
        rows = rows.filter(story__in=Story.objects.visible_to(user))
    if filters.kind:
        rows = rows.filter(tag__kind=filters.kind)
    if filters.tag:
        rows = rows.filter(tag=filters.tag)
    if filters.story:
        rows = rows.filter(story=filters.story)
    if filters.collection:
        rows = rows.filter(story__collection__slug=filters.collection)
    if filters.confidence:
        least, below = CONFIDENCE[filters.confidence]
        rows = rows.filter(confidence__gte=least, confidence__lt=below)
    if filters.rule:
        mentions = Mention.objects.filter(tagging=OuterRef("pk"), rule=filters.rule)
        rows = rows.filter(Exists(mentions))
    return rows


def bounded(rows: QuerySet[Any]) -> int:
    """How many *rows* there are, counted up to one more than the limit."""
    return rows.order_by()[: COUNT_LIMIT + 1].count()


def in_words(count: int) -> str:
    """A bounded count as it is shown: 7, or 1,000+."""
    return f"{COUNT_LIMIT:,}+" if count > COUNT_LIMIT else f"{count:,}"


def page(user: User, filters: Filters, size: int = PER_PAGE) -> Page:
    """The suggestions after the filters' key: story by story, and tag by tag for one tag."""
    rows = waiting(user, filters).select_related("tag", "story")
    rows = rows.defer("story__body", "story__rights", "story__summary").order_by("story_id", "id")
    story, tagging = filters.after
    if story:
        rows = rows.filter(story__gte=story).filter(Q(story__gt=story) | Q(pk__gt=tagging))
    found = list(rows[: size + 1])
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return Page(cards(shown), (last.story_id, last.pk) if last else None)


def cards(rows: Sequence[Tagging]) -> tuple[Card, ...]:
    """*rows* with their sentences: one query, however many there are."""
    mentions: dict[int, list[Any]] = {}
    start = Greatest(F("start") - REACH, 0)
    placed = (
        Mention.objects.filter(tagging__in=[row.pk for row in rows], lost=False)
        .annotate(
            left=Substr("tagging__story__body", start + 1, F("start") - start),
            right=Substr("tagging__story__body", F("end") + 1, REACH),
        )
        .order_by("tagging", "start", "id")
    )
    for mention in placed.iterator():
        mentions.setdefault(mention.tagging_id, []).append(mention)
    return tuple(
        Card(
            tagging=row,
            sentences=tuple(_sentence(m) for m in mentions.get(row.pk, [])[:SENTENCES]),
            places=tuple((m.pk, _sentence(m)) for m in mentions.get(row.pk, [])[:PLACES]),
            more=max(0, len(mentions.get(row.pk, [])) - SENTENCES),
            sure=sure(row.confidence),
            percent=round(row.confidence * 100),
        )
        for row in rows
    )


def sure(confidence: float) -> str:
    """A confidence between 0 and 1 in plain words."""
    if confidence >= CONFIDENCE["high"][0]:
        return _("quite sure")
    return _("fairly sure") if confidence >= CONFIDENCE["medium"][0] else _("not sure")


def _sentence(mention: Any) -> Sentence:
    """The sentence around *mention*, on one line."""
    left, right = mention.left, mention.right
    ends = [match.end() for match in _ENDS.finditer(left)]
    if ends:
        left = left[ends[-1] :]
    elif len(left) == REACH:
        left = f"… {left.partition(' ')[2]}"
    end = _ENDS.search(f"{right}\n" if len(right) < REACH else right)
    right = right[: end.end()] if end else f"{right.rpartition(' ')[0]} …"
    return Sentence(
        " ".join(left.split()) + (" " if left[-1:].isspace() else ""),
        " ".join(mention.quote.split()),
        (" " if right[:1].isspace() else "") + " ".join(right.split()),
        RULES.get(mention.rule, mention.rule),
    )


def batches(user: User, filters: Filters, by: str) -> list[Batch]:
    """The tags or stories (*by*) with the most suggestions in common, those first."""
    rows = (
        waiting(user, filters)
        .order_by()
        .values(by)
        .annotate(count=Count("pk"))
        .order_by("-count", by)[:BATCHES_PER_PAGE]
    )
    counts = {row[by]: row["count"] for row in rows}
    chosen: QuerySet[Any] = Tag.objects.all() if by == "tag" else Story.objects.light()
    subjects = chosen.in_bulk(counts)
    return [
        Batch(subjects[pk], count, filters.query(**{by: pk}))
        for pk, count in counts.items()
        if pk in subjects
    ]


def collections() -> list[tuple[str, str]]:
    """Collections to choose from: address and name, the first hundred by name."""
    return list(Collection.objects.order_by("name").values_list("slug", "name")[:100])
