"""Restoring a whole export that was uploaded: administrators, into an empty archive."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from archive.curation.audit import record
from archive.curation.review import desk_page
from archive.curation.staging import Staged
from archive.models import Story
from archive.pipeline import current_limits
from archive.pipeline.exported import Export, RestoreError, is_export
from archive.pipeline.restoring import restore

#: The permission to bring a whole archive in.
MAY_RESTORE = "archive.change_import"
#: Stories that are restored while a browser waits. The command has no bound.
MOST_STORIES = 5_000


def export_in(staged: Staged) -> Path | None:
    """The export of a whole archive that an upload consists of; None if it is something else."""
    files = list(staged.files())
    if len(files) == 1 and files[0][0].lower().endswith(".zip") and is_export(files[0][1]):
        return files[0][1]
    return None


def restore_page(request: HttpRequest, staged: Staged, path: Path) -> HttpResponse:
    """Say what the export at *path* holds; restore it when that is confirmed."""
    error, counts = "", {}
    try:
        with Export(path, current_limits()) as export:
            counts = dict(export.counts)
    except RestoreError as refusal:
        error = str(refusal)
    stories = counts.get("stories", 0)
    too_many = stories > MOST_STORIES
    if request.method == "POST" and not error and not too_many:
        error, run = _restored(request, path)
        if run is not None:
            staged.discard()
            return redirect("admin:import_report", run)
    context = {
        "error": error,
        "name": next(staged.files())[0],
        "counts": [
            (words, counts[name])
            for name, words in (
                ("stories", _("stories")), ("tags", _("tags")), ("sources", _("original files")),
            )
            if counts.get(name)
        ],
        "may_go": not too_many and bool(counts),
        "too_many": too_many,
        "most": MOST_STORIES,
        "there": Story.objects.count(),
    }  # fmt: skip
    status = 400 if error else 200
    title = _("An export of a whole archive")
    return desk_page(request, "admin/archive/import/restore.html", title, context, status)


def _restored(request: HttpRequest, path: Path) -> tuple[str, int | None]:
    """Restore *path*; returns why that was not done, or the number of the import."""
    try:
        report = restore(path, limits=current_limits())
    except RestoreError as refusal:
        return str(refusal), None
    except (DatabaseError, OSError):
        stopped = _("The database or the disk gave up. Restore again to complete what is missing.")
        return stopped, None
    said = _("%(n)d stories of an exported archive") % {"n": len(report.files)}
    record(request.user, "import", said, run=report.run_id, counts=dict(report.counts))
    messages.success(request, _("The archive is restored."))
    return "", report.run_id
