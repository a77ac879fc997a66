"""The one place where machines write: files become stories, stories get their tags."""

from archive.pipeline.imports import Importer, import_paths, import_prepared
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
    "import_paths",
    "import_prepared",
    "retag",
]
