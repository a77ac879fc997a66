"""What an import says of every file."""

from __future__ import annotations

import dataclasses
import enum
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from archive.importing.drafts import StoryDraft
from archive.models import Import, ImportedFile, Source, Story


class Outcome(enum.StrEnum):
    """What became of a file."""

    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclasses.dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file (or of one record in it), and why."""

    name: str
    outcome: Outcome
    story_id: int | None = None
    slug: str = ""
    title: str = ""
    source_id: int | None = None
    part: str = ""
    encoding: str = ""
    repairs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # "place: Paris"
    reason: str = ""

    @classmethod
    def of(
        cls,
        draft: StoryDraft,
        outcome: Outcome,
        story: Story | None = None,
        *,
        source: Source | None = None,
        tags: tuple[str, ...] = (),
        reason: str = "",
    ) -> FileOutcome:
        """The outcome of *draft*, in words and numbers."""
        return cls(
            name=cls.name_of(draft),
            outcome=outcome,
            story_id=story.pk if story else None,
            slug=story.slug if story else "",
            title=story.title if story else "",
            source_id=source.pk if source else None,
            part=draft.part,
            encoding=draft.encoding,
            repairs=draft.repairs,
            tags=tags,
            reason=reason,
        )

    @staticmethod
    def name_of(draft: StoryDraft) -> str:
        """The file with the part of it, as reports call it: “lives.csv (row 3)”."""
        return f"{draft.source.name} ({draft.part})" if draft.part else draft.source.name

    def without_rows(self, made: Collection[int | None]) -> FileOutcome:
        """The same after a dry run has taken back the stories with the ids *made*."""
        story_id = None if self.story_id in made else self.story_id
        return dataclasses.replace(self, story_id=story_id, source_id=None)

    def as_json(self) -> dict[str, Any]:
        """What ``--report`` writes of one file."""
        return {
            "name": self.name,
            "outcome": self.outcome.value,
            "story": {"id": self.story_id, "slug": self.slug, "title": self.title},
            "encoding": self.encoding,
            "repairs": list(self.repairs),
            "tags": list(self.tags),
            "reason": self.reason,
        }

    def as_row(self, run: Import) -> ImportedFile:
        """The same as it is kept with the import."""
        return ImportedFile(
            run=run,
            name=self.name[:1200],
            outcome=self.outcome.value,
            story_id=self.story_id,
            title=self.title,
            source_id=self.source_id,
            part=self.part,
            encoding=self.encoding,
            repairs=list(self.repairs),
            tags=list(self.tags),
            reason=self.reason,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did with every file."""

    files: tuple[FileOutcome, ...]
    run_id: int | None = None  # None after a dry run

    @property
    def counts(self) -> Mapping[str, int]:
        """How many files had each outcome, those that never occurred included."""
        found = Counter(entry.outcome for entry in self.files)
        return {outcome.value: found[outcome] for outcome in Outcome}
