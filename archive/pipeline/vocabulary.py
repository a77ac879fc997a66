"""The vocabulary of an export: collections, tags with all that hangs on them, stop names, cues."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.db import models

from archive.models import (
    Collection,
    Kind,
    NotSame,
    OldTagSlug,
    OtherName,
    OtherNotation,
    StopName,
    Tag,
    ThemeCue,
)
from archive.models.tag import name_key
from archive.pipeline.exported import (
    Check,
    Export,
    Line,
    RestoreError,
    day,
    flag,
    moment,
    names,
    number,
    one_of,
    optional,
    text,
    whole,
)

T = TypeVar("T")

#: Lines read, and rows written, at a time.
BATCH = 500

_kind = one_of(*Kind.values)
TAG_KEY: dict[str, Check] = {"kind": _kind, "slug": text}
COLLECTION: dict[str, Check] = {"name": text, "slug": text, "description": text}
TAG: dict[str, Check] = {
    **TAG_KEY,
    "name": text,
    "disambiguation": text,
    "definition": text,
    "notation": text,
    "authority_uri": text,
    "latitude": optional(number),
    "longitude": optional(number),
    "reviewed": flag,
    "created": moment,
    "version": whole,
}
STOP_NAME: dict[str, Check] = {"kind": _kind, "name": text, "reason": text, "created": moment}
OLD_SLUG: dict[str, Check] = {"slug": text, "since": day}
THEME_CUE: dict[str, Check] = {
    "notation": text,
    "phrase": text,
    "strength": one_of(*ThemeCue.Strength.values),
}


def restore_vocabulary(export: Export) -> None:
    """Make all of it, in a transaction that the caller opens.

    Raises:
        RestoreError: a line is not what it must be.
    """
    _restore_collections(export)
    _restore_tags(export)
    _restore_not_same(export)
    _restore_stop_names(export)
    _restore_theme_cues(export)


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """*items* in lists of *size*."""
    rest = iter(items)
    while batch := list(itertools.islice(rest, size)):
        yield batch


def _create(rows: list[Any], times: list[dict[str, Any]]) -> None:
    """Make *rows* of one model with the *times* that the database would else set to now."""
    if not rows:
        return
    manager = type(rows[0])._default_manager
    manager.bulk_create(rows)
    for row, values in zip(rows, times, strict=True):
        for name, value in values.items():
            setattr(row, name, value)
    manager.bulk_update(rows, list(times[0]), batch_size=100)


def _restore_collections(export: Export) -> None:
    for batch in batches(export.lines("collections")):
        rows = [line.take(COLLECTION) for line in batch]
        there = there_are(Collection, "slug", rows)
        Collection.objects.bulk_create(
            Collection(**row) for row in rows if row["slug"] not in there
        )


def there_are(model: type[models.Model], key: str, rows: list[dict[str, Any]]) -> set[str]:
    """Which of *rows* an earlier run restored, by their *key*."""
    wanted = {f"{key}__in": [row[key] for row in rows]}
    return set(model._default_manager.filter(**wanted).values_list(key, flat=True))


def _restore_stop_names(export: Export) -> None:
    there = set(StopName.objects.values_list("kind", "name"))
    for batch in batches(export.lines("stop_names")):
        rows = [line.take(STOP_NAME) for line in batch]
        fresh = [row for row in rows if (row["kind"], row["name"]) not in there]
        _create(
            [StopName(**row, name_key=name_key(row["name"])) for row in fresh],
            [{"created": row["created"]} for row in fresh],
        )


def _restore_tags(export: Export) -> None:
    """Make the tags, then put each below its broader one, which may stand later in the file.

    Tags that are there already came with the vocabulary as a whole and stay as they are now.
    """
    newest = Tag.objects.aggregate(newest=models.Max("pk"))["newest"] or 0
    for batch in batches(export.lines("tags")):
        there = tags_by_key(line.take(TAG_KEY)["slug"] for line in batch)
        tags, times, others, notations, old_slugs = [], [], [], [], []
        for line in batch:
            row = line.take(TAG | {"other_names": names, "other_notations": names})
            if (row["kind"], row["slug"]) in there:
                continue
            for name in row.pop("other_names"):
                others.append((len(tags), name))
            notations += [(len(tags), notation) for notation in row.pop("other_notations")]
            old_slugs += [(len(tags), old.take(OLD_SLUG)) for old in line.groups("old_slugs")]
            tags.append(Tag(**row))
            tags[-1].set_keys()
            times.append({"created": row["created"]})
        _create(tags, times)
        OtherName.objects.bulk_create(
            OtherName(tag=tags[at], name=name, name_key=name_key(name)) for at, name in others
        )
        OtherNotation.objects.bulk_create(
            OtherNotation(tag=tags[at], kind=tags[at].kind, notation=notation)
            for at, notation in notations
        )
        OldTagSlug.objects.bulk_create(
            OldTagSlug(tag=tags[at], kind=tags[at].kind, **old) for at, old in old_slugs
        )
    for batch in batches(export.lines("tags")):
        _restore_broader(batch, newest)
    _expect_no_circle()


def tags_by_key(slugs: Iterable[str]) -> dict[tuple[str, str], Tag]:
    """Tags by kind and slug."""
    return {(tag.kind, tag.slug): tag for tag in Tag.objects.filter(slug__in=list(slugs))}


def _restore_broader(batch: list[Line], newest: int) -> None:
    """Put the tags of *batch* that are newer than *newest* below their broader ones."""
    below = {}
    for line in batch:
        broader = line.reference("broader", TAG_KEY)
        if broader is not None:
            below[tuple(line.take(TAG_KEY).values())] = (line.where, broader)
    tags = tags_by_key({slug for _, slug in (*below, *(key for _, key in below.values()))})
    for key, (where, broader) in below.items():
        if broader not in tags or broader[0] != key[0]:
            raise RestoreError(f"{where}: there is no {key[0]} “{broader[1]}” for it to lie below.")
        tags[key].broader = tags[broader]
    fresh = [tags[key] for key in below if tags[key].pk > newest]
    Tag.objects.bulk_update(fresh, ["broader"], batch_size=100)


def _expect_no_circle() -> None:
    """Refuse tags that lie below themselves."""
    above = dict(Tag.objects.exclude(broader=None).values_list("pk", "broader_id"))
    safe: set[int] = set()
    for start in above:
        path: dict[int, None] = {}
        at: int | None = start
        while at is not None and at not in safe:
            if at in path:
                slug = Tag.objects.values_list("slug", flat=True).get(pk=at)
                raise RestoreError(f"tags.jsonl: the tag “{slug}” lies below itself.")
            path[at] = None
            at = above.get(at)
        safe.update(path)


def _restore_not_same(export: Export) -> None:
    """Keep which tags look alike and are not the same; who said so is no part of an export."""
    known = set(NotSame.objects.values_list("first", "second"))
    for batch in batches(export.lines("not_same")):
        keys = [
            (line.where, [line.reference(side, TAG_KEY) for side in ("first", "second")])
            for line in batch
        ]
        tags = tags_by_key(key[1] for _, pair in keys for key in pair if key)
        rows, times = [], []
        for line, (where, pair) in zip(batch, keys, strict=True):
            if any(key not in tags for key in pair):
                raise RestoreError(f"{where}: one of its tags is not in the export.")
            first, second = sorted((tags[key] for key in pair if key), key=lambda tag: tag.pk)
            if (first.pk, second.pk) not in known:
                rows.append(NotSame(first=first, second=second))
                times.append(line.take({"made": moment}))
        _create(rows, times)


def _restore_theme_cues(export: Export) -> None:
    known = set(ThemeCue.objects.values_list("notation", "phrase_key"))
    for batch in batches(export.lines("theme_cues")):
        for line in batch:
            cue = ThemeCue(**line.take(THEME_CUE))
            cue.set_key()
            if (cue.notation, cue.phrase_key) not in known:
                cue.save()
