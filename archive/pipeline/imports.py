"""Files become stories: a transaction each, nothing twice, nothing lost, no file forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from archive.importing.drafts import Limits, Refusal, StoryDraft
from archive.models import (
    Collection,
    Import,
    Kind,
    OldSlug,
    Source,
    Story,
    Tagging,
    unique_slug,
)
from archive.pipeline.preparing import Prepared, prepare
from archive.pipeline.reports import FileOutcome, ImportReport, Outcome
from archive.pipeline.retagging import archive_lexicon, retag
from archive.pipeline.tags import TagResolver
from archive.rendering import word_count
from archive.tagging.spans import TaggedText


def import_paths(
    paths: Iterable[str | Path],
    *,
    collection: str = "",
    status: str = Story.Status.PUBLISHED,
    user: User | None = None,
    limits: Limits | None = None,
    jobs: int = 1,
    dry_run: bool = False,
    progress: Callable[[FileOutcome], None] | None = None,
) -> ImportReport:
    """Import files and folders, each story in a transaction of its own.

    A file that cannot be read is refused by name; the rest goes on.

    Args:
        paths: files and folders.
        collection: name of the collection for stories whose file names none.
        status: "draft" or "published", for stories whose file says nothing.
        user: who imports, if a person does.
        limits: bounds on sizes; the defaults of ``Limits`` if not given.
        jobs: processes that read and tag; this one writes.
        dry_run: say what would happen and keep nothing.
        progress: called with the outcome of each file.

    Raises:
        FileNotFoundError: a path does not exist; nothing was imported then.
    """
    prepared = prepare(paths, archive_lexicon(), limits or Limits(), jobs)
    return import_prepared(
        prepared,
        Importer(collection=collection, status=status, dry_run=dry_run),
        user=user,
        progress=progress,
    )


def import_prepared(
    prepared: Iterable[Prepared],
    importer: Importer,
    *,
    user: User | None = None,
    progress: Callable[[FileOutcome], None] | None = None,
) -> ImportReport:
    """Import what was read and tagged, and keep the report."""
    run = None
    outcomes: list[FileOutcome] = []
    for entry in prepared:
        if run is None and not importer.dry_run:
            run = importer.run = Import.objects.create(user=user)
        outcomes.append(importer.take(entry))
        if progress:
            progress(outcomes[-1])
    report = ImportReport(tuple(outcomes), run.pk if run else None)
    if run is not None:
        run.finished = timezone.now()
        run.report = report.as_json()
        run.save()
    return report


class Importer:
    """Writes drafts as stories, remembering tags and, in a dry run, what it has seen."""

    def __init__(self, *, collection: str = "", status: str = "draft", dry_run: bool = False):
        self.collection = collection
        self.status = status
        self.dry_run = dry_run
        self.run: Import | None = None
        self._resolver = TagResolver()
        self._seen: dict[str, str] = {}

    def take(self, prepared: Prepared) -> FileOutcome:
        """Import one draft; a second time if another process was faster with the same rows."""
        item = prepared.item
        if isinstance(item, Refusal):
            outcome = Outcome.SKIPPED if item.skipped else Outcome.REFUSED
            return FileOutcome(item.name, outcome, reason=item.reason)
        if self.dry_run and item.text_sha256 in self._seen:
            reason = f"Same text as {self._seen[item.text_sha256]}."
            return FileOutcome.of(item, Outcome.DUPLICATE, reason=reason)
        self._seen[item.text_sha256] = item.source.name
        for _attempt in (1, 2):
            try:
                with transaction.atomic():
                    outcome = self._write(item, prepared.root, prepared.found)
                    if self.dry_run:
                        transaction.set_rollback(True)
            except IntegrityError:
                self._resolver = TagResolver()
            except DataError as error:
                return FileOutcome.of(item, Outcome.REFUSED, reason=f"The database says: {error}")
            else:
                if self.dry_run:
                    self._resolver = TagResolver()
                return outcome
        reason = "Another import is working on the same file; run this one again when it has ended."
        return FileOutcome.of(item, Outcome.REFUSED, reason=reason)

    def _write(self, draft: StoryDraft, root: str, found: TaggedText) -> FileOutcome:
        """Make or update the story of one draft, with source and tags, or leave all as it is."""
        source = Source.objects.filter(sha256=draft.source.sha256).first()
        settled = self._already_there(draft, root, source)
        if settled is not None:
            return settled
        story = _story_of_earlier_file(draft, root)
        if story is not None and story.edited_at is not None:
            reason = "The file has changed, but the story was edited here since; it was left alone."
            return FileOutcome.of(draft, Outcome.CONFLICT, story, reason=reason)
        outcome = Outcome.UPDATED if story else Outcome.IMPORTED
        story = story or Story(status=draft.status or self.status)
        _fill(story, draft, found.subject)
        name = draft.collection or self.collection
        if name:
            story.collection, _ = Collection.objects.get_or_create(name=name)
        story.source = source or self._keep_source(draft, root)
        story.save()
        self._tags_from_file(story, draft)
        retag(story, found=found, resolver=self._resolver)
        taggings = story.taggings.exclude(state=Tagging.State.REJECTED).select_related("tag")
        tags = tuple(f"{tagging.tag.kind}: {tagging.tag.name}" for tagging in taggings)
        return FileOutcome.of(draft, outcome, story, tags=tags)

    def _already_there(
        self, draft: StoryDraft, root: str, source: Source | None
    ) -> FileOutcome | None:
        """The outcome for bytes or words that the archive holds already."""
        if source is not None:
            same = source.stories.filter(source_part=draft.part).first()
            if same is not None:
                if (source.root, source.name) == (root, draft.source.name):
                    return FileOutcome.of(draft, Outcome.UNCHANGED, same)
                reason = f"Same bytes as {source.name}."
                return FileOutcome.of(draft, Outcome.DUPLICATE, same, reason=reason)
        twin = Story.objects.filter(text_sha256=draft.text_sha256).first()
        if twin is None:
            return None
        reason = f"Same text as the story “{twin.title}”."
        return FileOutcome.of(draft, Outcome.DUPLICATE, twin, reason=reason)

    def _keep_source(self, draft: StoryDraft, root: str) -> Source:
        """Keep the file's bytes as they are."""
        return Source.objects.create(
            sha256=draft.source.sha256,
            name=draft.source.name,
            root=root,
            media_type=draft.source.media_type,
            size=len(draft.source.content),
            compressed=Source.compress(draft.source.content),
            encoding=draft.encoding,
            repairs=list(draft.repairs),
            imported_by=self.run,
        )

    def _tags_from_file(self, story: Story, draft: StoryDraft) -> None:
        """Tags that the file itself names: a person wrote them, so they count as confirmed."""
        for kind, names in (
            (Kind.PERSON, draft.people),
            (Kind.PLACE, draft.places),
            (Kind.THEME, draft.themes),
        ):
            for name in names:
                Tagging.objects.get_or_create(
                    story=story,
                    tag=self._resolver.by_name(kind, name),
                    defaults={"state": Tagging.State.CONFIRMED, "origin": Tagging.Origin.FILE},
                )


def _story_of_earlier_file(draft: StoryDraft, root: str) -> Story | None:
    """The story that an earlier state of the same file became. An upload has no earlier state."""
    if not root:
        return None
    return (
        Story.objects.filter(
            source__name=draft.source.name, source__root=root, source_part=draft.part
        )
        .order_by("-pk")
        .first()
    )


def _fill(story: Story, draft: StoryDraft, subject: str | None) -> None:
    """Set the story's fields from the draft. The title: given, else subject, else first words."""
    story.title = (draft.title or subject or draft.first_words)[:300]
    if draft.slug and not story.slug:
        story.slug = unique_slug(draft.slug, Story.objects.all(), "story", OldSlug.objects.all())
    story.body = draft.body
    story.word_count = word_count(draft.body)
    story.text_sha256 = draft.text_sha256
    story.source_part = draft.part
    values: dict[str, Any] = {
        "language": draft.language,
        "creator": draft.creator,
        "date": draft.date,
        "date_earliest": draft.date_earliest,
        "date_latest": draft.date_latest,
        "summary": draft.summary,
        "rights": draft.rights,
    }
    for field, value in values.items():
        if value:
            setattr(story, field, value)
