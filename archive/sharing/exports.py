"""The whole archive in one .zip file: a backup that people can read without this program.

Each story is a Markdown file with front matter, which any archive imports as a plain story. What
front matter cannot say stands beside it in files of JSON lines, and every original lies there byte
for byte. `archive.pipeline.restoring` makes the same archive of it again.

Rows are read and written one by one. What grows with their number is only the directory that a
.zip file ends with: a few hundred bytes for each file in it.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Model, Prefetch
from django.utils import timezone

from archive.importing.metadata import LISTS
from archive.importing.values import Limits
from archive.models import (
    KINDS,
    Collection,
    NotSame,
    Source,
    StopName,
    Story,
    Tag,
    Tagging,
    ThemeCue,
)

#: What the manifest says; `archive.pipeline.exported` reads it.
FORMAT = "dastan-archive"
VERSION = 1

#: Rows read at a time: of those with long texts or files few, of the others many.
LONG_ROWS = 10
SHORT_ROWS = 500

#: What each file of lines says of its rows, besides what it says of related ones.
COLLECTION = ("name", "slug", "description")
TAG = (
    "kind",
    "slug",
    "name",
    "disambiguation",
    "definition",
    "notation",
    "authority_uri",
    "latitude",
    "longitude",
    "reviewed",
    "created",
    "version",
)
THEME_CUE = ("notation", "phrase", "strength")
STOP_NAME = ("kind", "name", "reason", "created")
SOURCE = ("sha256", "name", "root", "media_type", "size", "encoding", "repairs", "imported")
STORY = (
    "slug",
    "published_at",
    "created",
    "modified",
    "edited_at",
    "submitted_at",
    "version",
    "date_earliest",
    "date_latest",
    "word_count",
    "text_sha256",
    "source_part",
)
TAGGING = ("state", "origin", "role", "confidence")
MENTION = ("start", "end", "quote", "before", "after", "rule", "confidence", "lost")
#: Fields of a story that front matter says in text; names of tags follow.
FRONT_MATTER = ("title", "creator", "date", "language", "summary", "status", "rights", "slug")

_LIMITS = Limits()
#: Signs that YAML takes for line ends, or not at all, where JSON lets them stand.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


def export_archive(
    out: Path, *, force: bool = False, progress: Callable[[str], None] | None = None
) -> dict[str, int]:
    """Write everything to *out*, which appears when it is whole and not before.

    Args:
        out: the .zip file to write.
        force: whether a file of that name may be replaced.
        progress: called with the name of each story and original that was written.

    Returns:
        How many rows of each sort were written.

    Raises:
        FileExistsError: there is such a file, and *force* was not given.
        OSError: it cannot be written; nothing is left behind.
    """
    if out.is_dir():
        raise IsADirectoryError(f"“{out}” is a folder; name a file.")
    if out.exists() and not force:
        raise FileExistsError(f"“{out}” is there already.")
    handle, name = tempfile.mkstemp(prefix=".dastan-", suffix=".part", dir=out.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with _snapshot(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
                counts = _Export(package, progress).write()
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


@contextlib.contextmanager
def _snapshot() -> Iterator[None]:
    """See one state of the archive while the block runs, and let others write meanwhile.

    Django's own `atomic` would do neither: on SQLite it begins as a writer here, on PostgreSQL each
    statement sees what was committed before it. Inside a transaction it is the caller's to decide.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
    with connection.cursor() as cursor:
        cursor.execute(begin[connection.vendor])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


class _Export:
    """Writes one part of the archive after the other; the manifest, with the counts, last."""

    def __init__(self, package: zipfile.ZipFile, progress: Callable[[str], None] | None) -> None:
        self._package = package
        self._progress = progress or (lambda name: None)
        self._time = timezone.now()
        self._date = self._time.timetuple()[:6]
        self._counts: Counter[str] = Counter()

    def write(self) -> dict[str, int]:
        """Write everything and return the counts."""
        self._lines("collections", (_row(row, COLLECTION) for row in _all(Collection)))
        self._lines("tags", _tags())
        self._lines("not_same", _not_same())
        self._lines("stop_names", (_row(row, STOP_NAME) for row in _all(StopName)))
        self._lines("theme_cues", (_row(row, THEME_CUE) for row in _all(ThemeCue)))
        self._originals()
        self._lines("sources", _sources())
        self._stories()
        self._lines("stories", _stories())
        self._lines("taggings", _taggings())
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "created": self._time.isoformat(),
            "counts": dict(self._counts),
        }
        self._file("dastan.json", json.dumps(manifest, indent=2).encode())
        return dict(self._counts)

    def _info(self, name: str) -> zipfile.ZipInfo:
        """The head of a member; all bear the time of the export."""
        info = zipfile.ZipInfo(name, self._date)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info

    def _file(self, name: str, content: bytes) -> None:
        self._package.writestr(self._info(name), content)

    def _lines(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write a member of JSON lines, one for each row."""
        self._counts[name] = 0
        with self._package.open(self._info(f"{name}.jsonl"), "w", force_zip64=True) as file:
            for row in rows:
                text = json.dumps(row, ensure_ascii=False, default=_iso)
                file.write(text.encode() + b"\n")
                self._counts[name] += 1

    def _originals(self) -> None:
        for source in _all(Source).iterator(LONG_ROWS):
            self._file(original_name(source), source.content)
            self._progress(source.name)

    def _stories(self) -> None:
        confirmed = Tagging.objects.filter(state=Tagging.State.CONFIRMED)
        stories = (
            _all(Story)
            .select_related("collection")
            .prefetch_related(
                Prefetch("taggings", confirmed.select_related("tag").order_by("pk"), "confirmed")
            )
        )
        for story in stories.iterator(LONG_ROWS):
            self._file(f"stories/{story.slug}.md", markdown_of(story).encode())
            self._progress(story.title)


def original_name(source: Source) -> str:
    """Where the bytes of *source* lie in the file; safe to unpack on every system."""
    name = source.name.rsplit("/", 1)[-1]
    name = _UNSAFE_IN_NAMES.sub("_", name).strip(". ")[-100:]
    return f"originals/{source.sha256}/{name or 'original'}"


def markdown_of(story: Story) -> str:
    """*story* as a Markdown file with front matter, as importing takes it.

    Confirmed tags are named there, but for a story with more of them than front matter may hold.

    Args:
        story: has its confirmed taggings in ``confirmed``.
    """
    fields: dict[str, Any] = {name: getattr(story, name) for name in FRONT_MATTER}
    fields["collection"] = story.collection.name if story.collection else ""
    names: dict[str, list[str]] = {info.plural: [] for info in KINDS.values()}
    for tagging in story.confirmed:  # type: ignore[attr-defined]
        names[tagging.tag.info.plural].append(tagging.tag.name)
    lists = {
        name: list(dict.fromkeys(values))[: _LIMITS.max_list_items]
        for name, values in names.items()
        if name in LISTS
    }
    head = _front_matter(fields | lists)
    if len(head.encode()) > _LIMITS.max_front_matter_bytes:
        head = _front_matter(fields)
    return f"---\n{head}---\n\n{story.body}"


def _front_matter(fields: dict[str, Any]) -> str:
    """The fields that say something, a line each; JSON is YAML on one line, whatever is in it."""
    text = "".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in fields.items()
        if value
    )
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _all(model: type[Model]) -> Any:
    """Every row in the order in which it was made, which the restored ones then have too."""
    return model._default_manager.order_by("pk")


def _row(row: Model, columns: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns}


def _iso(value: object) -> str:
    """Times and days in JSON."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in an export.")


def _tags() -> Iterator[dict[str, Any]]:
    tags = (
        _all(Tag)
        .select_related("broader")
        .prefetch_related("other_names", "other_notations", "old_slugs")
    )
    for tag in tags.iterator(SHORT_ROWS):
        broader = tag.broader
        yield _row(tag, TAG) | {
            "broader": {"kind": broader.kind, "slug": broader.slug} if broader else None,
            "other_names": [
                other.name for other in sorted(tag.other_names.all(), key=lambda other: other.pk)
            ],
            "other_notations": sorted(other.notation for other in tag.other_notations.all()),
            "old_slugs": [
                {"slug": old.slug, "since": old.since}
                for old in sorted(tag.old_slugs.all(), key=lambda old: old.pk)
            ],
        }


def _not_same() -> Iterator[dict[str, Any]]:
    for pair in _all(NotSame).select_related("first", "second").iterator(SHORT_ROWS):
        yield {
            side: {"kind": tag.kind, "slug": tag.slug}
            for side, tag in (("first", pair.first), ("second", pair.second))
        } | {"made": pair.made}


def _sources() -> Iterator[dict[str, Any]]:
    for source in _all(Source).defer("compressed").iterator(SHORT_ROWS):
        yield _row(source, SOURCE) | {"file": original_name(source)}


def _stories() -> Iterator[dict[str, Any]]:
    stories = _all(Story).only(*STORY, "source__sha256").select_related("source")
    for story in stories.prefetch_related("old_slugs").iterator(SHORT_ROWS):
        yield _row(story, STORY) | {
            "source": story.source.sha256 if story.source else None,
            "old_slugs": [
                {"slug": old.slug, "since": old.since}
                for old in sorted(story.old_slugs.all(), key=lambda old: old.pk)
            ],
        }


def _taggings() -> Iterator[dict[str, Any]]:
    """Taggings in the order of the stories, so that both files can be read side by side."""
    taggings = (
        Tagging.objects.select_related("story", "tag")
        .only(*TAGGING, "story__slug", "tag__kind", "tag__slug")
        .prefetch_related("mentions")
        .order_by("story_id", "pk")
    )
    for tagging in taggings.iterator(SHORT_ROWS):
        mentions = sorted(tagging.mentions.all(), key=lambda mention: mention.pk)
        yield {
            "story": tagging.story.slug,
            "tag": {"kind": tagging.tag.kind, "slug": tagging.tag.slug},
            **_row(tagging, TAGGING),
            "mentions": [_row(mention, MENTION) for mention in mentions],
        }
