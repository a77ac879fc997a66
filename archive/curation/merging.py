"""Merging tags: what moves, what combines, and the record by which it is undone.

Where a story has several of the tags, one tagging stays: confirmed beats rejected, rejected beats
suggested, so that no program's opinion outweighs what a person decided. Its mentions are those of
all. What the kept tag lacks (definition, coordinates, authority, what it lies in) it takes
from the others, in their order; what it has, it keeps. Their names become other names, their
addresses redirect, their codes in gazetteer and vocabulary lead to it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from reversion.models import Version

from archive.curation.audit import record
from archive.curation.decisions import RefusedError, merged_away
from archive.curation.ledger import Ledger
from archive.models import (
    Decision,
    Mention,
    NotSame,
    OldTagSlug,
    OtherName,
    OtherNotation,
    Tag,
    Tagging,
)
from archive.models.history import baseline, keep, one_revision
from archive.models.tag import name_key

#: Tags that are merged at once.
MOST = 20
#: Taggings that change their tag in one merge, and stories that have several of the tags: the
#: record by which it is undone names each of the first and holds the rows of the second.
MOST_MOVED = 200_000
MOST_COMBINED = 20_000
#: Taggings that are combined in memory at a time.
BATCH = 1_000
#: Kilometres between two places from which on the preview warns.
FAR = 50
_STRONGER = [Tagging.State.SUGGESTED, Tagging.State.REJECTED, Tagging.State.CONFIRMED]
_ORIGINS = [Tagging.Origin.MACHINE, Tagging.Origin.FILE, Tagging.Origin.CURATOR]


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do."""

    kept: Tag
    gone: tuple[Tag, ...]
    counts: dict[int, int]  # taggings of each tag, rejected ones too
    moving: int  # taggings that change their tag
    combined: int  # stories that have several of the tags
    names: tuple[str, ...]  # other names that the kept tag gains
    narrower: int  # tags that will lie below the kept one
    taken: tuple[str, ...]  # what the kept tag lacks and gains, in words
    broader: Tag | None
    warnings: tuple[str, ...]
    seen: str  # says whether anything changed between preview and merge


def chosen(ids: Sequence[int]) -> list[Tag]:
    """The tags with these ids, in that order.

    Raises:
        RefusedError: fewer than two are left, too many, or they are of several kinds.
    """
    found = Tag.objects.in_bulk(list(dict.fromkeys(ids))[: MOST + 1])
    tags = [found[pk] for pk in dict.fromkeys(ids) if pk in found]
    if len(tags) > MOST:
        raise RefusedError(_("At most %d tags are merged at once.") % MOST)
    if len({tag.kind for tag in tags}) > 1:
        raise RefusedError(
            _("These are not of one kind. Change the kind of the wrong one first, then merge.")
        )
    if len(tags) < 2:
        raise RefusedError(_("Choose two tags or more."))
    return tags


def best(tags: Sequence[Tag], counts: dict[int, int]) -> Tag:
    """The tag that is offered to be kept: looked at, known to an authority, used most, oldest."""
    return max(
        tags,
        key=lambda t: (t.reviewed, bool(t.notation or t.authority_uri), counts[t.pk], -t.pk),
    )


def usage(tags: Sequence[Tag]) -> dict[int, int]:
    """How many taggings each of *tags* has."""
    rows = Tagging.objects.filter(tag__in=tags).order_by().values("tag").annotate(n=Count("pk"))
    return {**{tag.pk: 0 for tag in tags}, **{row["tag"]: row["n"] for row in rows}}


def preview(kept: Tag, tags: Sequence[Tag]) -> Preview:
    """What merging *tags* into *kept* would do; reads only.

    Raises:
        RefusedError: it would be too much for one merge.
    """
    gone = tuple(tag for tag in tags if tag.pk != kept.pk)
    counts = usage(tags)
    combined = len(_shared(tags))
    _refuse_too_many(counts, kept, combined)
    taken = _lacking(kept, gone)
    broader = _broader(kept, gone)
    return Preview(
        kept=kept,
        gone=gone,
        counts=counts,
        moving=sum(counts[tag.pk] for tag in gone),
        combined=combined,
        names=tuple(_new_names(kept, gone).values()),
        narrower=Tag.objects.filter(broader__in=gone)
        .exclude(pk__in=[tag.pk for tag in tags])
        .count(),
        taken=tuple(str(Tag._meta.get_field(name).verbose_name) for name in taken),
        broader=Tag.objects.filter(pk=broader).first() if broader else None,
        warnings=tuple(_warnings(tags)),
        seen=_seal(tags, counts),
    )


def _refuse_too_many(counts: dict[int, int], kept: Tag, combined: int) -> None:
    moving = sum(counts.values()) - counts[kept.pk]
    if moving > MOST_MOVED or combined > MOST_COMBINED:
        raise RefusedError(
            _(
                "These are too many stories for one merge: at most %(moved)s change their tag, and "
                "at most %(combined)s have several of the tags. Keep the tag with the most stories."
            )
            % {"moved": f"{MOST_MOVED:,}", "combined": f"{MOST_COMBINED:,}"}
        )


def _seal(tags: Iterable[Tag], counts: dict[int, int]) -> str:
    return "-".join(f"{tag.pk}.{tag.version}.{counts[tag.pk]}" for tag in tags)


def _shared(tags: Sequence[Tag]) -> list[int]:
    """Stories that have several of *tags*."""
    rows = Tagging.objects.filter(tag__in=tags).order_by().values("story").annotate(n=Count("pk"))
    return list(rows.filter(n__gt=1).values_list("story", flat=True))


def _new_names(kept: Tag, gone: Sequence[Tag]) -> dict[str, str]:
    """By key, the names that *kept* does not bear yet."""
    borne = {kept.name_key, *kept.other_names.values_list("name_key", flat=True)}
    names: dict[str, str] = {}
    for tag in gone:
        for name in (tag.name, *tag.other_names.values_list("name", flat=True)):
            if name_key(name) not in borne:
                names.setdefault(name_key(name), name)
    return names


def _lacking(kept: Tag, gone: Sequence[Tag]) -> dict[str, Any]:
    """Columns that *kept* leaves empty, with the first value that another one gives."""
    found: dict[str, Any] = {}
    for tag in gone:
        for name in ("definition", "authority_uri"):
            if not getattr(kept, name) and getattr(tag, name):
                found.setdefault(name, getattr(tag, name))
        if kept.latitude is None and tag.latitude is not None and "latitude" not in found:
            found.update(latitude=tag.latitude, longitude=tag.longitude)
        if not kept.reviewed and tag.reviewed:
            found["reviewed"] = True
    return found


def _broader(kept: Tag, gone: Sequence[Tag]) -> int | None:
    """What *kept* will lie in: never one of *gone*, nor anything that lies below one of them."""
    losing = {tag.pk for tag in gone}
    lines = [kept.lineage()[1:], *(tag.lineage()[1:] for tag in gone)]
    for line in lines:
        for at, pk in enumerate(line):
            if pk not in losing and pk != kept.pk and losing.isdisjoint(line[at:]):
                above = set(line[at:])
                if kept.pk not in above:
                    return pk
    return None


def _warnings(tags: Sequence[Tag]) -> Iterable[str]:
    """What speaks against the merge."""
    places = [tag for tag in tags if tag.latitude is not None]
    apart = max((_distance(a, b) for a in places for b in places), default=0)
    if apart > FAR:
        yield _("Their coordinates are %(km)d km apart.") % {"km": round(apart)}
    if len({tag.authority_uri for tag in tags if tag.authority_uri}) > 1:
        yield _("They are linked to different things in an authority file.")
    if len({tag.disambiguation_key for tag in tags if tag.disambiguation_key}) > 1:
        yield _("They were told apart by hand before.")
    ids = [tag.pk for tag in tags]
    if NotSame.objects.filter(first__in=ids, second__in=ids).exists():
        yield _("A curator has said that these are not the same.")


def _distance(one: Tag, other: Tag) -> float:
    """Kilometres between two places (haversine formula, mean radius of the Earth 6,371 km)."""
    places = (one.latitude, one.longitude, other.latitude, other.longitude)
    lat1, lon1, lat2, lon2 = (math.radians(value or 0) for value in places)
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371 * math.asin(min(1.0, math.sqrt(half)))


@transaction.atomic
def merge(user: User, kept: Tag, tags: Sequence[Tag], seen: str = "") -> Decision:
    """Make one tag of *tags*: *kept*; the history of each keeps how it was.

    Args:
        user: who says so.
        kept: the one of *tags* that stays.
        tags: all of them, *kept* among them.
        seen: the seal of the preview that the curator agreed to; empty for no check.

    Raises:
        RefusedError: the tags changed since the preview.
    """
    locked = Tag.objects.select_for_update().in_bulk([tag.pk for tag in tags])
    if len(locked) < len(tags):
        raise RefusedError(_("One of the tags is not there any more."))
    tags = [locked[tag.pk] for tag in tags]
    kept = locked[kept.pk]
    gone = [tag for tag in tags if tag.pk != kept.pk]
    counts = usage(tags)
    if seen and seen != _seal(tags, counts):
        raise RefusedError(_("The tags changed meanwhile. Look at what the merge would do now."))
    _refuse_too_many(counts, kept, len(_shared(tags)))
    baseline(tags)
    ledger = Ledger()
    _combine(ledger, kept, tags)
    ledger.update(Tagging.objects.filter(tag__in=gone), tag_id=kept.pk)
    _move_tree(ledger, kept, gone)
    _move_names(ledger, kept, gone)
    _carry_pairs(ledger, kept, gone)
    ledger.update(Decision.objects.filter(tag__in=gone), tag_id=kept.pk)
    notations = [tag.notation for tag in gone if tag.notation]
    lacking = _lacking(kept, gone)
    ledger.delete(Tag.objects.filter(pk__in=[tag.pk for tag in gone]))
    if notations and not kept.notation:
        lacking["notation"] = notations.pop(0)
    if lacking:
        ledger.update(Tag.objects.filter(pk=kept.pk), **lacking)
    ledger.create([OtherNotation(kind=kept.kind, notation=n, tag=kept) for n in notations])
    Tag.objects.filter(pk=kept.pk).update(version=F("version") + 1)
    words = _("Merged: %(kept)s ← %(gone)s") % {"kept": kept, "gone": ", ".join(map(str, gone))}
    with one_revision(user, words):
        keep(Tag.objects.filter(pk=kept.pk))
    record(user, "tags.merged", f"{kept} ← {', '.join(map(str, gone))}", kind=kept.kind)
    return Decision.objects.create(
        user=user, action=Decision.Action.MERGE, tag=kept, words=words[:600], record=ledger.entries
    )


def merge_that_took(version: Version) -> Decision | None:
    """The merge, not undone since, that took away the tag of *version*; None if it was deleted."""
    if version._model is not Tag:
        return None
    values = version.field_dict
    address = OldTagSlug.objects.filter(kind=values["kind"], slug=values["slug"]).first()
    if address is None:
        return None
    merges = Decision.objects.filter(action=Decision.Action.MERGE, undone=None, tag=address.tag_id)
    for decision in merges.select_related("tag"):
        if int(version.object_id) in merged_away(decision):
            return decision
    return None


def _combine(ledger: Ledger, kept: Tag, tags: Sequence[Tag]) -> None:
    """Make one tagging of several on the same story."""
    stories = _shared(tags)
    for at in range(0, len(stories), BATCH):
        batch = stories[at : at + BATCH]
        rows = Tagging.objects.filter(story__in=batch, tag__in=tags).order_by("pk")
        groups: dict[int, list[Tagging]] = {}
        for row in rows:
            groups.setdefault(row.story_id, []).append(row)
        for group in groups.values():
            group.sort(key=lambda row: (row.tag_id != kept.pk, row.pk))
        _unite_mentions(ledger, list(groups.values()))
        losing = [row.pk for group in groups.values() for row in group[1:]]
        ledger.delete(Mention.objects.filter(tagging__in=losing))
        ledger.delete(Tagging.objects.filter(pk__in=losing))
        for column in ("state", "origin", "role", "confidence"):
            values = {group[0].pk: getattr(_verdict(group), column) for group in groups.values()}
            ledger.set_each(Tagging, column, values)


def _verdict(group: Sequence[Tagging]) -> Tagging:
    """What the taggings of one story say together."""
    state = max((row.state for row in group), key=lambda s: _STRONGER.index(Tagging.State(s)))
    agreed = [row for row in group if row.state == state]
    subject = any(row.role == Tagging.Role.SUBJECT for row in agreed)
    return Tagging(
        state=str(state),
        origin=str(
            max((r.origin for r in agreed), key=lambda o: _ORIGINS.index(Tagging.Origin(o)))
        ),
        role=str(Tagging.Role.SUBJECT if subject else Tagging.Role.MENTIONED),
        confidence=max(row.confidence for row in agreed),
    )


def _unite_mentions(ledger: Ledger, groups: Sequence[Sequence[Tagging]]) -> None:
    """Give the first tagging of each group the mentions of the others that it lacks."""
    into = {row.pk: group[0].pk for group in groups for row in group}
    places: dict[int, set[tuple[int, int]]] = {}
    moves: dict[int, int] = {}
    mentions = Mention.objects.filter(tagging__in=list(into)).order_by("pk")
    for mention in sorted(mentions, key=lambda m: (into[m.tagging_id] != m.tagging_id, m.pk)):
        target = into[mention.tagging_id]
        held = places.setdefault(target, set())
        if target != mention.tagging_id and (mention.start, mention.end) not in held:
            moves[mention.pk] = target
        held.add((mention.start, mention.end))
    ledger.set_each(Mention, "tagging_id", moves)


def _move_tree(ledger: Ledger, kept: Tag, gone: Sequence[Tag]) -> None:
    broader = _broader(kept, gone)
    below = Tag.objects.filter(broader__in=gone).exclude(pk=kept.pk)
    ledger.update(Tag.objects.filter(pk=kept.pk), broader_id=broader)
    ledger.update(below.exclude(pk__in=[tag.pk for tag in gone]), broader_id=kept.pk)
    ledger.update(Tag.objects.filter(pk__in=[tag.pk for tag in gone]), broader_id=None)


def _move_names(ledger: Ledger, kept: Tag, gone: Sequence[Tag]) -> None:
    """Names become other names, addresses redirect."""
    names = _new_names(kept, gone)
    ledger.delete(OtherName.objects.filter(tag__in=gone))
    ledger.create([OtherName(tag=kept, name=n, name_key=key) for key, n in names.items()])
    ledger.update(OldTagSlug.objects.filter(tag__in=gone), tag_id=kept.pk)
    ledger.update(OtherNotation.objects.filter(tag__in=gone), tag_id=kept.pk)
    addresses = Q(pk__in=[])
    for tag in gone:
        addresses |= Q(kind=tag.kind, slug=tag.slug)
    ledger.delete(OldTagSlug.objects.filter(addresses))
    ledger.create([OldTagSlug(kind=tag.kind, slug=tag.slug, tag=kept) for tag in gone])


def _carry_pairs(ledger: Ledger, kept: Tag, gone: Sequence[Tag]) -> None:
    """What is not the same as one of *gone* is not the same as *kept*."""
    ids = {kept.pk, *(tag.pk for tag in gone)}
    pairs = NotSame.objects.filter(Q(first__in=gone) | Q(second__in=gone))
    others = {pk for pair in pairs for pk in (pair.first_id, pair.second_id)} - ids
    known = NotSame.objects.filter(Q(first=kept) | Q(second=kept))
    told = {pk for pair in known for pk in (pair.first_id, pair.second_id)}
    ledger.delete(pairs)
    ledger.create(
        [
            NotSame(first_id=min(kept.pk, pk), second_id=max(kept.pk, pk))
            for pk in sorted(others - told)
        ]
    )
