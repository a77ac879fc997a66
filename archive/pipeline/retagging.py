"""Tagging a stored story: rows follow the tagger, but never undo what a person decided."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from archive.models import (
    CONTEXT_CHARS,
    Mention,
    OldTagSlug,
    OtherName,
    StopName,
    Story,
    Tag,
    Tagging,
)
from archive.pipeline.cues import themes_here
from archive.pipeline.tags import TagResolver, tag_key
from archive.tagging import spans
from archive.tagging.anchoring import occurrences, reanchor
from archive.tagging.lexicon import KnownName, Lexicon
from archive.tagging.tagger import tag as find_tags
from archive.tagging.themes import Theme

State, Origin = Tagging.State, Tagging.Origin
#: What makes two mentions of a tagging the same.
TOLD_APART = "curator"  # the rule of mentions whose tag a curator said, place by place
_COMPARED = ("start", "end", "quote", "before", "after", "rule", "confidence", "lost")


@dataclasses.dataclass(frozen=True, slots=True)
class RetagReport:
    """What tagging a story changed: tags as "place: Paris"."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    lost: tuple[str, ...]  # quotes of decided tags that the text no longer holds

    @property
    def changed(self) -> bool:
        """Whether any row was written or deleted."""
        return bool(self.added or self.removed or self.lost)


def archive_lexicon(themes: Sequence[Theme] | None = None) -> Lexicon:
    """What people taught the archive: names they confirmed, names they stopped, cues of themes.

    Args:
        themes: every theme with its cues; as curators have them now if not given.
    """
    confirmed = Tagging.objects.filter(state=State.CONFIRMED)
    known = Tag.objects.filter(Q(pk__in=confirmed.values("tag")) | Q(reviewed=True))
    stop = StopName.objects.values_list("kind", "name")
    others = OtherName.objects.filter(tag__in=known)
    return lexicon_of(known, others, stop, themes_here() if themes is None else themes)


def lexicon_of(
    tags: Iterable[Tag],
    other_names: Iterable[OtherName],
    stop: Iterable[tuple[str, str]] = (),
    themes: Sequence[Theme] | None = None,
) -> Lexicon:
    """A lexicon of *tags* with their *other_names*, without the names in *stop*.

    *themes* are those of the vocabulary if not given.
    """
    others: dict[int, list[str]] = {}
    for other in other_names:
        others.setdefault(other.tag_id, []).append(other.name)
    return Lexicon(
        known=[
            KnownName(
                kind=tag.kind,
                name=tag.name,
                other_names=tuple(others.get(tag.pk, ())),
                notation=tag.notation,
                ref=tag.pk,
            )
            for tag in tags
        ],
        stop=stop,  # type: ignore[arg-type]
        themes=themes,
    )


@transaction.atomic
def retag(
    story: Story,
    lexicon: Lexicon | None = None,
    found: spans.TaggedText | None = None,
    resolver: TagResolver | None = None,
) -> RetagReport:
    """Bring the taggings and mentions of *story* in line with its body.

    Suggestions come and go with the text. What a person confirmed, rejected, added or wrote in the
    file stays as it is; only its mentions are anchored anew. Running it again changes nothing.

    Args:
        story: a saved story.
        lexicon: what the archive knows; read from the database if not given.
        found: the tagger's result, if the caller has it already.
        resolver: remembers tags over many stories.
    """
    if found is None:
        found = find_tags(story.body, lexicon or archive_lexicon())
    resolver = resolver or TagResolver()
    existing = {
        tagging.tag_id: tagging
        for tagging in story.taggings.select_related("tag").prefetch_related("mentions")
    }
    here = {tag_key(tagging.tag) for tagging in existing.values()}
    resolver.look_up(found.tags)
    resolved = [(resolver.resolve(item, story.title, here), item) for item in found.tags]
    resolver.keep()
    wanted: dict[int, tuple[Tag, spans.FoundTag]] = {}
    for tag, item in resolved:
        wanted.setdefault(tag.pk, (tag, item))
    removed, lost = _bring_in_line(existing, wanted, story.body)
    fresh = {tag_id: pair for tag_id, pair in wanted.items() if tag_id not in existing}
    for tag_id in _of_former_kind(existing.values(), fresh):
        del fresh[tag_id]
    _suggest(story, fresh)
    added = tuple(_label(tag) for tag, _ in fresh.values())
    return RetagReport(added, tuple(removed), tuple(lost))


def _bring_in_line(
    existing: dict[int, Tagging], wanted: dict[int, tuple[Tag, spans.FoundTag]], body: str
) -> tuple[list[str], list[str]]:
    """Let the taggings that are there follow the text; returns tags removed and quotes lost."""
    removed: list[str] = []
    lost: list[str] = []
    told_apart = {tag_id for tag_id, tagging in existing.items() if _is_told_apart(tagging)}
    taken: list[Mention] = []
    for tag_id in told_apart:
        lost += anchor_decided(existing[tag_id], body)
        taken += existing[tag_id].mentions.filter(lost=False)
    # What is told apart place by place leaves the other places to its namesake.
    shared = {tag_key(existing[pk].tag)[:2]: wanted[pk] for pk in told_apart if pk in wanted}
    for tag_id, tagging in existing.items():
        if tag_id in told_apart:
            continue
        followed = wanted.get(tag_id) or shared.get(tag_key(tagging.tag)[:2])
        if followed is not None:
            _follow(tagging, followed[1], body, taken)
        elif tagging.decided:
            lost += anchor_decided(tagging, body, taken)
        else:
            removed.append(_label(tagging.tag))
            tagging.delete()
    return removed, lost


def _of_former_kind(
    existing: Iterable[Tagging], fresh: dict[int, tuple[Tag, spans.FoundTag]]
) -> list[int]:
    """Those of *fresh* that are a decided tag once more, in the kind that it had before."""
    decided: dict[str, list[Tag]] = {}
    for tagging in existing:
        if tagging.decided:
            decided.setdefault(tagging.tag.name_key, []).append(tagging.tag)
    former = []
    for tag_id, (tag, _found) in fresh.items():
        known = [one for one in decided.get(tag.name_key, ()) if one.kind != tag.kind]
        if known and OldTagSlug.objects.filter(tag__in=known, kind=tag.kind).exists():
            former.append(tag_id)
    return former


def _label(tag: Tag) -> str:
    """The tag with its kind, for reports."""
    return f"{tag.kind}: {tag}"


def _suggest(story: Story, fresh: dict[int, tuple[Tag, spans.FoundTag]]) -> None:
    """Write new suggestions with their mentions: two statements, however many there are."""
    taggings = Tagging.objects.bulk_create(
        Tagging(
            story=story,
            tag=tag,
            state=State.SUGGESTED,
            origin=Origin.MACHINE,
            role=item.role,
            confidence=item.confidence,
        )
        for tag, item in fresh.values()
    )
    Mention.objects.bulk_create(
        _mention(tagging, mention, story.body)
        for tagging, (_, item) in zip(taggings, fresh.values(), strict=True)
        for mention in item.mentions
    )


def _is_told_apart(tagging: Tagging) -> bool:
    """Whether a curator said in which places this tag is meant, and not a namesake."""
    return any(mention.rule == TOLD_APART for mention in tagging.mentions.all())


def _follow(
    tagging: Tagging, item: spans.FoundTag, body: str, taken: Sequence[Mention] = ()
) -> None:
    """Let the mentions, and a suggestion's role and confidence, follow the tagger's opinion."""
    if not tagging.decided and (tagging.role, tagging.confidence) != (item.role, item.confidence):
        tagging.role, tagging.confidence = item.role, item.confidence
        tagging.save(update_fields=["role", "confidence"])
    _write_mentions(tagging, item.mentions, body, taken)


def anchor_decided(tagging: Tagging, body: str, taken: Sequence[Mention] = ()) -> list[str]:
    """Find the words of a decided tag that the tagger itself did not propose.

    First its names in the text, as the tagger reads them or else letter for letter; where none
    stands there, the words it was quoted with before. Where a curator said which places are meant,
    only these are looked for; places *taken* by a namesake in that way are left to it.

    Returns:
        Quotes that are lost now.
    """
    if _is_told_apart(tagging):
        return anchor_quotes(tagging, body)
    tag = tagging.tag
    by_name = find_tags(body, lexicon_of([tag], tag.other_names.all()))
    mentions = [m for item in by_name.tags if item.ref == tag.pk for m in item.mentions]
    if not mentions:
        names = dict.fromkeys([tag.name, *(other.name for other in tag.other_names.all())])
        mentions = [
            spans.Mention(tag.kind, tag.name, at, at + len(name), name, "known-name", 1.0)
            for name in names
            for at in occurrences(body, name)
        ]
    if mentions:
        _write_mentions(tagging, mentions, body, taken)
        return []
    return anchor_quotes(tagging, body)


def anchor_quotes(tagging: Tagging, body: str) -> list[str]:
    """Find the words again that the tag was quoted with; returns those that are lost now."""
    lost = []
    for mention in tagging.mentions.all():
        place = reanchor(body, mention.quote, mention.before, mention.after, mention.start)
        if place is None:
            if not mention.lost:
                lost.append(mention.quote)
                mention.lost = True
                mention.save(update_fields=["lost"])
        elif mention.lost or place != (mention.start, mention.end):
            _place(mention, *place, body)
    return lost


def _place(mention: Mention, start: int, end: int, body: str) -> None:
    """Move *mention* to where its words stand now; of two on one place, one stays."""
    others = Mention.objects.filter(
        tagging=mention.tagging_id, start=start, end=end, lost=False
    ).exclude(pk=mention.pk)
    if others.exists():
        mention.delete()
        return
    mention.start, mention.end, mention.lost = start, end, False
    mention.before, mention.after = context(body, start, end)
    mention.save()


def context(body: str, start: int, end: int) -> tuple[str, str]:
    """The words on both sides, by which a mention is found again after an edit."""
    return body[max(0, start - CONTEXT_CHARS) : start], body[end : end + CONTEXT_CHARS]


def _mention(tagging: Tagging, found: spans.Mention, body: str) -> Mention:
    """The row for a mention that the tagger found."""
    before, after = context(body, found.start, found.end)
    return Mention(
        tagging=tagging,
        start=found.start,
        end=found.end,
        quote=found.quote,
        before=before,
        after=after,
        rule=found.rule,
        confidence=found.confidence,
    )


def _write_mentions(
    tagging: Tagging,
    mentions: Sequence[spans.Mention],
    body: str,
    taken: Sequence[Mention] = (),
) -> None:
    """Replace the mentions of *tagging* by *mentions*, but for those in places that are *taken*.

    Writes nothing if they are the same.
    """
    if taken:
        mentions = [
            found
            for found in mentions
            if not any(found.start < other.end and other.start < found.end for other in taken)
        ]

    def key(row: Mention) -> tuple[object, ...]:
        return tuple(getattr(row, name) for name in _COMPARED)

    wanted = {key(row): row for row in (_mention(tagging, found, body) for found in mentions)}
    stale = []
    for row in tagging.mentions.all():
        if wanted.pop(key(row), None) is None:
            stale.append(row.pk)
    if stale:
        Mention.objects.filter(pk__in=stale).delete()
    Mention.objects.bulk_create(wanted.values())
