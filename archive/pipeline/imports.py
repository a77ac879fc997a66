"""Files become stories: nothing twice, nothing lost, no file forgotten, no half a story.

A batch of files is written in one transaction, with index, mentions and report: waiting for the
disk after each story would take most of the time. If the database refuses anything in a batch, all
of it is written again file by file, so that a bad one harms no other. Whatever stops an import,
each story is there whole or not at all, and the next run brings the rest.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.importing.drafts import Limits, Refusal, StoryDraft
from archive.models import Import, ImportedFile, Story
from archive.pipeline.limits import current_limits
from archive.pipeline.preparing import Prepared, prepare
from archive.pipeline.reports import FileOutcome, ImportReport, Outcome
from archive.pipeline.retagging import archive_lexicon
from archive.pipeline.tags import TagResolver
from archive.pipeline.writing import Batch

#: A batch is written when it has so many files or characters, or is so old (seconds).
BATCH = 100
BATCH_CHARS = 4_000_000
BATCH_SECONDS = 1.0
#: After so many new texts the planner's numbers are brought up to date: the database would else
#: choose its ways as for an empty archive.
MANY = 500
#: How often a file is tried that another process is at work on.
ATTEMPTS = 3
#: What PostgreSQL calls a deadlock, and a transaction that another one overtook.
_OVERTAKEN = {"40P01", "40001"}


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
    """Import files and folders and return the whole report: for what fits in memory.

    Args:
        paths: files and folders.
        collection: name of the collection for stories whose file names none.
        status: "draft" or "published", for stories whose file says nothing.
        user: who imports, if a person does.
        limits: bounds on sizes; those of the settings if not given.
        jobs: processes that read and tag; this one writes.
        dry_run: say what would happen and keep nothing.
        progress: called with the outcome of each file.

    Raises:
        FileNotFoundError: a path does not exist; nothing was imported then.
    """
    importer = Importer(collection=collection, status=status, user=user, dry_run=dry_run)
    outcomes = []
    for outcome in importer.take(
        prepare(paths, archive_lexicon(), limits or current_limits(), jobs)
    ):
        outcomes.append(outcome)
        if progress:
            progress(outcome)
    return ImportReport(tuple(outcomes), importer.run.pk if importer.run else None)


class Importer:
    """Writes drafts as stories, and what became of each file beside them."""

    def __init__(
        self,
        *,
        collection: str = "",
        status: str = Story.Status.DRAFT,
        user: User | None = None,
        dry_run: bool = False,
    ) -> None:
        """Prepare a run; the arguments are those of `import_paths`."""
        self.collection = collection
        self.status = status
        self.user = user
        self.dry_run = dry_run
        self.run: Import | None = None
        self.counts: Counter[str] = Counter()
        self._resolver = TagResolver()
        self._seen: dict[str, str] = {}  # in a dry run, which keeps nothing to find twins by

    def take(self, prepared: Iterable[Prepared]) -> Iterator[FileOutcome]:
        """Import what was read and tagged; yields the outcome of each file once it is kept."""
        for entries in _batches(prepared):
            if self.run is None and not self.dry_run:
                self.run = Import.objects.create(user=self.user)
            for outcome in self._take(entries):
                self.counts[outcome.outcome] += 1
                yield outcome
        if self.run is not None:
            self.run.finished = timezone.now()
            self.run.save(update_fields=["finished"])
        if self.counts[Outcome.IMPORTED] + self.counts[Outcome.UPDATED] >= MANY:
            _count_rows()

    def _take(self, entries: list[Prepared]) -> list[FileOutcome]:
        """Import a batch at once or, if the database refuses something in it, file by file."""
        try:
            return self._write(entries)
        except (IntegrityError, DataError):
            pass
        except OperationalError as error:
            if not _is_overtaken(error):
                raise
        return [self._take_one(entry) for entry in entries]

    def _take_one(self, entry: Prepared) -> FileOutcome:
        """Import one file; once more if another process was faster with the same rows."""
        for _attempt in range(ATTEMPTS):
            try:
                return self._write([entry])[0]
            except IntegrityError:
                pass
            except OperationalError as error:
                if not _is_overtaken(error):
                    raise
            except DataError as error:
                return self._refuse(entry, _("The database says: %s") % error)
        return self._refuse(
            entry,
            _("Another import is working on the same file; run this one again when it has ended."),
        )

    def _refuse(self, entry: Prepared, reason: str) -> FileOutcome:
        name = (
            entry.item.name if isinstance(entry.item, Refusal) else FileOutcome.name_of(entry.item)
        )
        return self._write([Prepared(entry.root, Refusal(name, reason))])[0]

    def _write(self, entries: list[Prepared]) -> list[FileOutcome]:
        """Write a batch and its part of the report in one transaction; a dry run takes it back."""
        drafts = [entry for entry in entries if not self._is_settled(entry)]
        written = False
        try:
            with transaction.atomic():
                batch = Batch(
                    drafts,
                    collection=self.collection,
                    status=self.status,
                    run=self.run,
                    resolver=self._resolver,
                )
                made = iter(batch.write())
                outcomes = [self._settled(entry) or next(made) for entry in entries]
                self._report(outcomes)
                if self.dry_run:
                    transaction.set_rollback(True)
            written = not self.dry_run
        finally:
            if not written:  # it remembers rows that are not there
                self._resolver = TagResolver()
        if self.dry_run:
            for entry in drafts:
                if isinstance(entry.item, StoryDraft):
                    self._seen.setdefault(entry.item.text_sha256, entry.item.source.name)
            made = {o.story_id for o in outcomes if o.outcome == Outcome.IMPORTED}
            outcomes = [outcome.without_rows(made) for outcome in outcomes]
        return outcomes

    def _is_settled(self, entry: Prepared) -> bool:
        """Whether the outcome is known without asking the archive."""
        return self._settled(entry) is not None

    def _settled(self, entry: Prepared) -> FileOutcome | None:
        """The outcome of what was refused, or met before in this dry run."""
        item = entry.item
        if isinstance(item, Refusal):
            outcome = Outcome.SKIPPED if item.skipped else Outcome.REFUSED
            return FileOutcome(item.name, outcome, reason=item.reason)
        if item.text_sha256 in self._seen:
            reason = _("Same text as %(name)s.") % {"name": self._seen[item.text_sha256]}
            return FileOutcome.of(item, Outcome.DUPLICATE, reason=reason)
        return None

    def _report(self, outcomes: list[FileOutcome]) -> None:
        """Keep what became of each file, and the counts so far."""
        if self.run is None:
            return
        ImportedFile.objects.bulk_create(outcome.as_row(self.run) for outcome in outcomes)
        counts = self.counts + Counter(outcome.outcome.value for outcome in outcomes)
        self.run.counts = dict(counts)
        self.run.save(update_fields=["counts"])


def _is_overtaken(error: OperationalError) -> bool:
    """Whether another transaction was in the way, so that the same may well succeed now."""
    return getattr(error.__cause__, "sqlstate", "") in _OVERTAKEN


def _count_rows() -> None:
    """Have the database count its rows anew, from samples: cheap in an archive of any size."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")


def _batches(prepared: Iterable[Prepared]) -> Iterator[list[Prepared]]:
    """*prepared* in batches worth a transaction each."""
    batch: list[Prepared] = []
    chars, started = 0, time.monotonic()
    for entry in prepared:
        batch.append(entry)
        chars += len(entry.item.body) if isinstance(entry.item, StoryDraft) else 0
        old = time.monotonic() - started > BATCH_SECONDS
        if old or len(batch) >= BATCH or chars >= BATCH_CHARS:
            yield batch
            batch = []
            chars, started = 0, time.monotonic()
    if batch:
        yield batch
