"""What an import says of every file."""

from __future__ import annotations

import dataclasses
import enum
from collections import Counter
from collections.abc import Mapping
from typing import Any

from archive.importing.drafts import StoryDraft
from archive.models import Story


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
        tags: tuple[str, ...] = (),
        reason: str = "",
    ) -> FileOutcome:
        """The outcome of *draft*, in words and numbers."""
        return cls(
            name=f"{draft.source.name} ({draft.part})" if draft.part else draft.source.name,
            outcome=outcome,
            story_id=story.pk if story else None,
            slug=story.slug if story else "",
            title=story.title if story else "",
            encoding=draft.encoding,
            repairs=draft.repairs,
            tags=tags,
            reason=reason,
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

    def as_json(self) -> dict[str, Any]:
        """The report as it is kept with the import, and as ``--report`` writes it."""
        return {
            "counts": dict(self.counts),
            "files": [dataclasses.asdict(entry) for entry in self.files],
        }
