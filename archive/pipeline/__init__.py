"""The one place where machines write: files become stories, stories get their tags."""

from archive.pipeline.imports import Importer, import_paths
from archive.pipeline.limits import current_limits
from archive.pipeline.preparing import prepare
from archive.pipeline.reports import FileOutcome, ImportReport, Outcome
from archive.pipeline.retagging import RetagReport, archive_lexicon, retag
from archive.pipeline.tags import TagResolver

__all__ = [
    "FileOutcome",
    "ImportReport",
    "Importer",
    "Outcome",
    "RetagReport",
    "TagResolver",
    "archive_lexicon",
    "current_limits",
    "import_paths",
    "prepare",
    "retag",
]
