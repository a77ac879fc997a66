"""An export becomes the archive that it was made from.

The archive must be empty but for what an interrupted restore of the same export left in it, so
that running again completes it. The sign of that is a story with the same address and the same
moment of creation: no import makes two such. Vocabulary goes in as a whole, then originals, then
each story with its tags and mentions in a transaction of its own.

Rows are made in bulk even where there is one: ``save`` would set times and addresses anew.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from archive.importing.drafts import Limits
from archive.models import (
    Collection,
    Import,
    ImportedFile,
    Mention,
    OldSlug,
    Source,
    Story,
    Tagging,
)
from archive.pipeline.exported import (
    VERSION,
    Check,
    Export,
    Line,
    RestoreError,
    day,
    entries,
    flag,
    is_export,
    moment,
    number,
    one_of,
    optional,
    text,
    whole,
)
from archive.pipeline.reports import FileOutcome, ImportReport, Outcome
from archive.pipeline.vocabulary import (
    BATCH,
    OLD_SLUG,
    TAG_KEY,
    batches,
    restore_vocabulary,
    tags_by_key,
    there_are,
)

__all__ = ["RestoreError", "is_export", "restore"]

#: Originals kept in one transaction: waiting for the disk after each would take most of the time.
SOURCES_AT_ONCE = 50

SOURCE: dict[str, Check] = {
    "sha256": text,
    "name": text,
    "root": text,
    "media_type": text,
    "size": whole,
    "encoding": text,
    "repairs": entries,
    "imported": moment,
}
STORY: dict[str, Check] = {
    "slug": text,
    "published_at": optional(moment),
    "created": moment,
    "modified": moment,
    "edited_at": optional(moment),
    "submitted_at": optional(moment),
    "version": whole,
    "date_earliest": optional(day),
    "date_latest": optional(day),
    "word_count": whole,
    "text_sha256": text,
    "source_part": text,
}
TAGGING: dict[str, Check] = {
    "state": one_of(*Tagging.State.values),
    "origin": one_of(*Tagging.Origin.values),
    "role": one_of(*Tagging.Role.values),
    "confidence": number,
}
MENTION: dict[str, Check] = {
    "start": whole,
    "end": whole,
    "quote": text,
    "before": text,
    "after": text,
    "rule": text,
    "confidence": number,
    "lost": flag,
}
#: Text of a story that its front matter says; "" where it does not.
FRONT_MATTER = ("title", "creator", "date", "language", "summary", "status", "rights")


def restore(
    path: str | Path,
    progress: Callable[[FileOutcome], None] | None = None,
    limits: Limits | None = None,
) -> ImportReport:
    """Restore an export into an empty archive, or complete an interrupted restore.

    Args:
        path: a file that ``export_archive`` wrote.
        progress: called with the outcome of each story.
        limits: bounds on sizes; the defaults of ``Limits`` if not given.

    Raises:
        RestoreError: the file is no export or is damaged, or the archive holds other stories.
            Stories restored before that are kept.
    """
    started = timezone.now()
    with Export(path, limits or Limits()) as export:
        if export.version != VERSION:
            raise RestoreError(
                f"It is an export of version {export.version}, and this program reads version "
                f"{VERSION}; use the program that wrote it, or a later one."
            )
        _expect_empty(export)
        try:
            with transaction.atomic():
                restore_vocabulary(export)
            _restore_sources(export)
        except (IntegrityError, DataError) as error:
            raise RestoreError(
                f"The database refuses the vocabulary or a source: {error}"
            ) from error
        outcomes = []
        for outcome in _restore_stories(export):
            outcomes.append(outcome)
            if progress:
                progress(outcome)
    # Kept only now: an unfinished one would have ``setup`` add the first collection.
    with transaction.atomic():
        run = Import.objects.create(finished=timezone.now())
        report = ImportReport(tuple(outcomes), run.pk)
        Import.objects.filter(pk=run.pk).update(started=started, counts=dict(report.counts))
        rows = (outcome.as_row(run) for outcome in outcomes)
        ImportedFile.objects.bulk_create(rows, batch_size=BATCH)
    return report


def _expect_empty(export: Export) -> None:
    """Refuse an archive with stories that this export did not bring; checks every story's line."""
    ours = 0
    for batch in batches(export.lines("stories")):
        created = {row["slug"]: row["created"] for row in (line.take(STORY) for line in batch)}
        there = Story.objects.filter(slug__in=created).values_list("slug", "created")
        ours += sum(created[slug] == time for slug, time in there)
    others = Story.objects.count() - ours
    if others:
        raise RestoreError(
            f"The archive holds {others:,} stories that are not from this export, and only an "
            "empty one can be restored. Set DATABASE_URL or DASTAN_DATA_DIR to a new one, prepare "
            "it with “manage.py migrate”, and run this again; or unpack the file and import its "
            "folder “stories”, which brings texts and confirmed tags into the archive you have."
        )


def _restore_sources(export: Export) -> None:
    for batch in batches(export.lines("sources"), SOURCES_AT_ONCE):
        rows = [line.take(SOURCE | {"file": text}) for line in batch]
        there = there_are(Source, "sha256", rows)
        with transaction.atomic():
            for line, row in zip(batch, rows, strict=True):
                if row["sha256"] not in there:
                    _restore_source(export, line, row)


def _restore_source(export: Export, line: Line, row: dict[str, Any]) -> None:
    """Keep one original, if its bytes are those that its hash was made of."""
    content = export.original(row.pop("file"))
    if hashlib.sha256(content).hexdigest() != row["sha256"] or len(content) != row["size"]:
        raise RestoreError(f"{line.where}: the original's bytes are not those that were exported.")
    source = Source(**row, compressed=Source.compress(content))
    Source.objects.bulk_create([source])
    Source.objects.filter(pk=source.pk).update(imported=row["imported"])


def _restore_stories(export: Export) -> Iterator[FileOutcome]:
    """Restore the stories, reading their taggings, which come in the same order, beside them."""
    groups = itertools.groupby(
        export.lines("taggings"), key=lambda line: line.take({"story": text})["story"]
    )
    group = next(groups, None)
    for line in export.lines("stories"):
        slug = line.take(STORY)["slug"]
        taggings: Iterable[Line] = ()
        if group is not None and group[0] == slug:
            taggings = list(group[1])
        yield _restore_story(export, line, taggings)
        if taggings:
            group = next(groups, None)
    if group is not None:
        where = next(group[1]).where
        raise RestoreError(
            f"{where}: the story “{group[0]}” is not in stories.jsonl, or not there."
        )


def _restore_story(export: Export, line: Line, taggings: Iterable[Line]) -> FileOutcome:
    """Restore one story, whole or not at all; what is wrong with it does not stop the others."""
    row = line.take(STORY)
    name = f"stories/{row['slug']}.md"
    there = Story.objects.filter(slug=row["slug"], created=row["created"]).first()
    if there is not None:
        return FileOutcome(name, Outcome.UNCHANGED, there.pk, there.slug, there.title)
    try:
        with transaction.atomic():
            story = _write_story(export, line, row)
            tags = _write_taggings(story, taggings)
    except RestoreError as error:
        return FileOutcome(name, Outcome.REFUSED, slug=row["slug"], reason=str(error))
    except (IntegrityError, DataError) as error:
        reason = f"The database says: {error}"
        return FileOutcome(name, Outcome.REFUSED, slug=row["slug"], reason=reason)
    return FileOutcome(name, Outcome.IMPORTED, story.pk, story.slug, story.title, tags=tags)


def _write_story(export: Export, line: Line, row: dict[str, Any]) -> Story:
    fields, body = export.story(row["slug"])
    story = Story(body=body, **row, **{name: fields.get(name, "") for name in FRONT_MATTER})
    if fields.get("collection"):
        story.collection = Collection.objects.filter(name=fields["collection"]).first()
        if story.collection is None:
            raise RestoreError(f"Its collection “{fields['collection']}” is not in the export.")
    sha256 = line.take({"source": optional(text)})["source"]
    if sha256 is not None:
        story.source = Source.objects.defer("compressed").filter(sha256=sha256).first()
        if story.source is None:
            raise RestoreError(f"{line.where}: its source is not in the export.")
    Story.objects.bulk_create([story])
    times = {"created": row["created"], "modified": row["modified"]}
    Story.objects.filter(pk=story.pk).update(**times)
    OldSlug.objects.bulk_create(
        OldSlug(story=story, **old.take(OLD_SLUG)) for old in line.groups("old_slugs")
    )
    return story


def _write_taggings(story: Story, lines: Iterable[Line]) -> tuple[str, ...]:
    """Make the taggings of *story* with their mentions; returns the tags for the report."""
    keys = [(line, line.reference("tag", TAG_KEY)) for line in lines]
    tags = tags_by_key({key[1] for _, key in keys if key})
    rows = []
    for line, key in keys:
        if key not in tags:
            raise RestoreError(f"{line.where}: its tag is not in the export.")
        rows.append(Tagging(story=story, tag=tags[key], **line.take(TAGGING)))
    Tagging.objects.bulk_create(rows)
    Mention.objects.bulk_create(
        (
            Mention(tagging=row, **mention.take(MENTION))
            for row, (line, _) in zip(rows, keys, strict=True)
            for mention in line.groups("mentions")
        ),
        batch_size=BATCH,
    )
    return tuple(f"{row.tag.kind}: {row.tag.name}" for row in rows if row.state != "rejected")
