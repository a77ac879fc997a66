"""Deciding on suggestions: one at a time or many, each with a record by which it is undone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive.curation.audit import record
from archive.curation.ledger import Ledger, take_back
from archive.models import Decision, Mention, StopName, Story, Tag, Tagging
from archive.models.history import keep, one_revision
from archive.models.tag import NAME_LENGTH
from archive.pipeline.retagging import TOLD_APART, anchor_quotes

Action, State, Origin = Decision.Action, Tagging.State, Tagging.Origin

#: Mentions whose texts are held in memory at a time.
_TEXTS = 200


class RefusedError(Exception):
    """A decision that cannot be taken or undone; its words say why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """A suggestion as the curator saw it: the tagging and the tag that it proposed."""

    tagging: int
    tag: int


@transaction.atomic
def confirm(user: User, seen: Sequence[Seen]) -> Decision:
    """Agree with the suggestions *seen*.

    Raises:
        RefusedError: somebody decided on one of them in the meantime.
    """
    rows = _waiting(seen)
    ledger = Ledger()
    _set(ledger, rows, state=State.CONFIRMED, origin=Origin.CURATOR)
    return note(user, Action.CONFIRM, rows, ledger)


@transaction.atomic
def reject(user: User, seen: Sequence[Seen], *, for_good: bool = False) -> Decision:
    """Reject the suggestions *seen*; *for_good*: no machine proposes the names again, anywhere.

    Raises:
        RefusedError: somebody decided on one of them in the meantime.
    """
    rows = _waiting(seen)
    ledger = Ledger()
    _set(ledger, rows, state=State.REJECTED, origin=Origin.CURATOR)
    if for_good:
        tags = {row.tag.pk: (row.tag, row.story) for row in rows}
        stopped = set(StopName.objects.values_list("kind", "name_key"))
        wanted = {
            (tag.kind, tag.name_key): StopName(
                kind=tag.kind,
                name=tag.name,
                name_key=tag.name_key,
                reason=_("Rejected in “%(story)s”") % {"story": story.title[:250]},
            )
            for tag, story in tags.values()
        }
        ledger.create([row for key, row in wanted.items() if key not in stopped])
    return note(user, Action.STOP if for_good else Action.REJECT, rows, ledger)


@transaction.atomic
def change(user: User, seen: Seen, tag: Tag) -> Decision:
    """Say that *tag* is meant instead: it is confirmed, the suggested one rejected.

    Raises:
        RefusedError: somebody decided in the meantime, or *tag* is the suggested one.
    """
    (row,) = _waiting([seen])
    ledger = Ledger()
    exchange(ledger, row, tag)
    return note(user, Action.CHANGE, [row], ledger, _instead(row, tag))


@transaction.atomic
def split(user: User, seen: Seen, apart: str, places: Sequence[int] = ()) -> Decision:
    """Say that the story means somebody or something else of the same name, told apart by *apart*.

    *places* are ids of mentions: if some of the words are left, only those places mean the other
    one, and the suggestion stays for the rest.

    Raises:
        RefusedError: somebody decided in the meantime, or nothing tells the two apart.
    """
    (row,) = _waiting([seen])
    ledger = Ledger()
    tag = namesake(ledger, row.tag, apart)
    words = Mention.objects.filter(tagging=row, lost=False)
    chosen = words.filter(pk__in=places)
    if places and chosen.count() < len(set(places)):
        raise RefusedError(_("The text or its tags changed meanwhile. Look at what is there now."))
    if places and words.exclude(pk__in=places).exists():
        _tell_apart(ledger, row, tag, chosen)
    else:
        exchange(ledger, row, tag)
    return note(user, Action.SPLIT, [row], ledger, _instead(row, tag))


def _tell_apart(ledger: Ledger, row: Tagging, tag: Tag, places: QuerySet[Mention]) -> None:
    """Let the *places* of the story speak for *tag*, now and when the text is read again."""
    there = Tagging.objects.select_for_update().filter(story=row.story_id, tag=tag).first()
    if there is None:
        there = Tagging(
            story_id=row.story_id, tag=tag, state=State.CONFIRMED, origin=Origin.CURATOR
        )
        ledger.create([there])
    else:
        _set(ledger, [there], state=State.CONFIRMED, origin=Origin.CURATOR)
    move_mentions(ledger, row.pk, there.pk, list(places.values_list("pk", flat=True)))
    moved = Mention.objects.filter(tagging=there, lost=False)
    ledger.update(moved, rule=TOLD_APART)


def namesake(ledger: Ledger, tag: Tag, apart: str) -> Tag:
    """The tag of the same kind and name that *apart* tells from *tag*; made if there is none.

    Raises:
        RefusedError: *apart* is empty or the disambiguation of *tag* itself.
    """
    apart = " ".join(apart.split())[:100]
    twin = Tag(kind=tag.kind, name=tag.name[:NAME_LENGTH], disambiguation=apart)
    twin.set_keys()
    if not twin.disambiguation_key or twin.disambiguation_key == tag.disambiguation_key:
        raise RefusedError(_("Write a few words that tell the two apart."))
    known = Tag.objects.named(tag.kind, tag.name).filter(disambiguation_key=twin.disambiguation_key)
    if there := known.first():
        return there
    try:
        twin.full_clean()
    except ValidationError as error:
        raise RefusedError(" ".join(error.messages)) from error
    ledger.create([twin])
    return twin


@transaction.atomic
def undo(user: User, number: int) -> Decision:
    """Take back the decision with the id *number*: every row is again as it was.

    Raises:
        RefusedError: it was undone already, or somebody went on from there.
    """
    decision = Decision.objects.select_for_update().filter(pk=number).first()
    if decision is None:
        raise RefusedError(_("This decision is not there any more."))
    if decision.undone:
        raise RefusedError(_("This was undone already."))
    if decision.action == Action.MERGE:
        _refuse_merged_on(decision)
    changed = take_back(decision.record)
    if changed and decision.action != Action.MERGE:
        raise RefusedError(
            _("Somebody has changed this since, so it was left as it is. Look at the story itself.")
        )
    decision.undone = timezone.now()
    decision.save(update_fields=["undone"])
    if decision.action == Action.MERGE:
        _after_merge(user, decision, changed)
    decision.stories.update(version=F("version") + 1)
    return decision


def merged_away(decision: Decision) -> list[int]:
    """Ids of the tags that a merge took away."""
    return [
        row["id"]
        for entry in decision.record
        if (entry["do"], entry["model"]) == ("delete", "tag")
        for row in entry["rows"]
    ]


def _refuse_merged_on(decision: Decision) -> None:
    """Refuse to take a merge apart whose result was merged on: the later one comes first."""
    kept = {
        row["tag_id"]
        for entry in decision.record
        if (entry["do"], entry["model"]) == ("create", "oldtagslug")
        for row in entry["rows"]
    }
    later = Decision.objects.filter(
        action=Action.MERGE, undone=None, tag=decision.tag_id, pk__gt=decision.pk
    )
    for merge in later.order_by("-pk"):
        if kept & set(_rows(merge, "tag")):
            raise RefusedError(
                _("This went on in a later merge. Undo that one first: %(words)s")
                % {"words": merge.words}
            )


def _rows(decision: Decision, model: str) -> list[int]:
    """Ids of the rows of *model* that *decision* took away."""
    return [
        row["id"]
        for entry in decision.record
        if (entry["do"], entry["model"]) == ("delete", model)
        for row in entry["rows"]
    ]


def _after_merge(user: User, decision: Decision, changed: int) -> None:
    """Note in history and audit log that the tags are apart again."""
    tags = Tag.objects.filter(pk__in=[*_rows(decision, "tag"), decision.tag_id or 0])
    tags.update(version=F("version") + 1)
    with one_revision(user, _("Undone: %(words)s") % {"words": decision.words}):
        keep(tags)
    _follow_texts(_rows(decision, "mention"))
    record(user, "tags.unmerged", decision.words, changed_since=changed)


def _follow_texts(mentions: Sequence[int]) -> None:
    """Let words that came back stand where they are now, if their texts were edited meanwhile."""
    for at in range(0, len(mentions), _TEXTS):
        rows = Mention.objects.filter(pk__in=mentions[at : at + _TEXTS], lost=False)
        rows = rows.select_related("tagging__story").order_by("tagging", "pk")
        moved = {
            row.tagging_id: row.tagging
            for row in rows
            if row.tagging.story.body[row.start : row.end] != row.quote
        }
        for tagging in moved.values():
            anchor_quotes(tagging, tagging.story.body)


def _waiting(seen: Sequence[Seen]) -> list[Tagging]:
    """The rows *seen*, locked; all of them must still be suggested, and propose the same tag."""
    wanted = {item.tagging: item.tag for item in seen}
    rows = list(
        Tagging.objects.select_for_update(of=("self",))
        .select_related("tag", "story")
        .defer("story__body", "story__rights", "story__summary")
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    for row in rows:
        if row.state != State.SUGGESTED:
            raise RefusedError(
                _("Somebody was faster: “%(tag)s” in “%(story)s” is %(state)s already.")
                % {"tag": row.tag, "story": row.story, "state": row.get_state_display().lower()}
            )
    if not rows or len(rows) < len(wanted) or any(wanted[row.pk] != row.tag_id for row in rows):
        raise RefusedError(_("The text or its tags changed meanwhile. Look at what is there now."))
    return rows


def _set(ledger: Ledger, rows: Sequence[Tagging], **values: str) -> None:
    ledger.update(
        Tagging.objects.filter(pk__in=[row.pk for row in rows]),
        **{name: str(value) for name, value in values.items()},
    )


def exchange(ledger: Ledger, row: Tagging, tag: Tag) -> None:
    """Let the words of *row* speak for *tag*, and bar the tag that it had from coming back."""
    if tag.pk == row.tag_id:
        raise RefusedError(_("This is the suggested tag itself."))
    there = Tagging.objects.select_for_update().filter(story=row.story_id, tag=tag).first()
    if there is None:
        wrong = Tagging(
            story_id=row.story_id,
            tag_id=row.tag_id,
            state=State.REJECTED,
            origin=Origin.CURATOR,
            role=row.role,
            confidence=row.confidence,
        )
        rows = Tagging.objects.filter(pk=row.pk)
        confirmed = {"state": str(State.CONFIRMED), "origin": str(Origin.CURATOR)}
        ledger.update(rows, tag_id=tag.pk, **confirmed)
        ledger.create([wrong])
        return
    move_mentions(ledger, row.pk, there.pk)
    _set(ledger, [there], state=State.CONFIRMED, origin=Origin.CURATOR)
    _set(ledger, [row], state=State.REJECTED, origin=Origin.CURATOR)


def move_mentions(
    ledger: Ledger, source: int, target: int, only: Sequence[int] | None = None
) -> None:
    """Let the mentions of the tagging *source* (*only* these ids) support *target*.

    Those that *target* has already stay where they are.
    """
    held = set(Mention.objects.filter(tagging=target).values_list("start", "end"))
    moving = [
        mention.pk
        for mention in Mention.objects.filter(tagging=source).only("start", "end")
        if (mention.start, mention.end) not in held and (only is None or mention.pk in only)
    ]
    ledger.update(Mention.objects.filter(pk__in=moving), tagging_id=target)


def note(
    user: User, action: str, rows: Sequence[Tagging], ledger: Ledger, words: str = ""
) -> Decision:
    """Write the decision down and let open forms of the stories know that they are stale."""
    stories = {row.story_id for row in rows}
    Story.objects.filter(pk__in=stories).update(version=F("version") + 1)
    tags = {row.tag_id for row in rows}
    decision = Decision.objects.create(
        user=user,
        action=action,
        tag=rows[0].tag if len(tags) == 1 else None,
        story=rows[0].story if len(stories) == 1 else None,
        words=(words or _words(action, rows))[:600],
        record=ledger.entries,
    )
    decision.stories.set(stories)
    return decision


def _instead(row: Tagging, tag: Tag) -> str:
    """That *tag* is meant and not the one that *row* had."""
    words = _("“%(tag)s” in “%(story)s” is “%(other)s”")
    return words % {"tag": row.tag, "story": row.story, "other": tag}


def _words(action: str, rows: Sequence[Tagging]) -> str:
    """What was decided, in a sentence."""
    label = Action(action).label
    tag, story = rows[0].tag, rows[0].story
    if len(rows) == 1:
        return _("%(label)s: “%(tag)s” in “%(story)s”") % {
            "label": label, "tag": tag, "story": story
        }  # fmt: skip
    if len({row.tag_id for row in rows}) == 1:
        return ngettext(
            "%(label)s: “%(tag)s” in %(count)d story",
            "%(label)s: “%(tag)s” in %(count)d stories",
            len(rows),
        ) % {"label": label, "tag": tag, "count": len(rows)}
    return ngettext(
        "%(label)s: %(count)d suggestion", "%(label)s: %(count)d suggestions", len(rows)
    ) % {"label": label, "count": len(rows)}
