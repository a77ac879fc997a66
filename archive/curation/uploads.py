"""Importing at the desk: drop files, see what would happen, confirm; reports; conflicts."""

from __future__ import annotations

import dataclasses
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from archive.curation import restores, staging
from archive.curation.audit import record
from archive.curation.review import desk_page
from archive.importing.drafts import Refusal, StoryDraft, read_bytes
from archive.importing.files import in_megabytes
from archive.models import Collection, Import, ImportedFile, Story
from archive.pipeline import Importer, Outcome, archive_lexicon, current_limits
from archive.pipeline.exported import is_export
from archive.pipeline.preparing import Prepared, prepared

#: Stories that one upload may hold: more would keep the browser waiting. The command has no bound.
MOST_STORIES = 1_000
#: Seconds for which an upload is looked at: proxies give up on an answer after a minute.
MOST_SECONDS = 25
#: Past imports beside the form, and files on a page of a report.
RECENT = 10
FILES_PER_PAGE = 100

#: Outcomes in the words of a report, in its order.
WORDS = {
    Outcome.IMPORTED: gettext_lazy("Imported"),
    Outcome.UPDATED: gettext_lazy("Updated"),
    Outcome.UNCHANGED: gettext_lazy("Unchanged"),
    Outcome.DUPLICATE: gettext_lazy("Duplicate"),
    Outcome.CONFLICT: gettext_lazy("Conflict"),
    Outcome.SKIPPED: gettext_lazy("Skipped"),
    Outcome.REFUSED: gettext_lazy("Refused"),
}
#: The same before anything is kept.
WOULD = {**WORDS, Outcome.IMPORTED: gettext_lazy("New"), Outcome.UPDATED: gettext_lazy("Update")}

may_import = permission_required("archive.add_import", raise_exception=True)
may_see = permission_required("archive.view_import", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_import
def upload(request: HttpRequest) -> HttpResponse:
    """The page where files are dropped; it keeps them aside and leads to the preview."""
    error = ""
    if request.method == "POST":
        files = request.FILES.getlist("files")
        error = _too_much([(file.name or "", file.size or 0) for file in files])
        if not error:
            try:
                staged = staging.stage(_user_id(request), files)
            except OSError:
                error = _("The disk of the archive has no room for these files. Nothing was kept.")
            else:
                staged.keep_preview(_would_happen(staged))
                return redirect("admin:import_preview", staged.key)
    limits = current_limits()
    context = {
        "error": error,
        "limits": limits,
        "max_files": settings.MAX_UPLOAD_FILES,
        "max_bytes": settings.MAX_UPLOAD_BYTES,
        "max_total": in_megabytes(settings.MAX_UPLOAD_BYTES),
        "max_file": in_megabytes(limits.max_file_bytes),
        "max_archive": in_megabytes(limits.max_zip_bytes),
        "max_unpacked": in_megabytes(limits.max_archive_bytes),
        "max_stories": MOST_STORIES,
        "waiting": staging.waiting(_user_id(request)),
        "runs": [_run(run) for run in Import.objects.select_related("user")[:RECENT]],
    }
    status = 400 if error else 200
    return desk_page(request, "admin/archive/import/upload.html", _("Import"), context, status)


def _user_id(request: HttpRequest) -> int:
    return int(request.user.pk)  # type: ignore[arg-type]


def _too_much(files: list[tuple[str, int]]) -> str:
    """Why an upload of these names and sizes is not looked at; "" if it is."""
    if not files:
        return _("Choose one or more files first.")
    if len(files) > settings.MAX_UPLOAD_FILES:
        most = settings.MAX_UPLOAD_FILES
        return ngettext(
            "One upload may bring %(n)d file. Put more into a .zip archive.",
            "One upload may bring %(n)d files. Put more into a .zip archive.",
            most,
        ) % {"n": most}
    if sum(size for _name, size in files) > settings.MAX_UPLOAD_BYTES:
        most_bytes = in_megabytes(settings.MAX_UPLOAD_BYTES)
        return _("One upload may bring %(size)s. Bring these in parts.") % {"size": most_bytes}
    return ""


def _drafts(staged: staging.Staged) -> Iterator[StoryDraft | Refusal]:
    """What is in the staged files; a whole export is not for here."""
    limits = current_limits()
    for name, path in staged.files():
        if name.lower().endswith(".zip") and is_export(path):
            yield Refusal(
                name,
                _(
                    "it is an export of a whole archive. An administrator can restore it into an "
                    "empty archive; or unpack it and bring its folder “stories”."
                ),
            )
        else:
            yield from read_bytes(name, path.read_bytes(), limits)


@dataclasses.dataclass(frozen=True, slots=True)
class _LookedAt:
    """What the preview remembers of a draft, whose text may be large."""

    name: str
    part: str
    first_words: str


def _would_happen(staged: staging.Staged) -> list[dict[str, Any]]:
    """The outcome of each file in the words of the preview; nothing is kept.

    Texts pass one batch at a time, so that memory and the database's lock are held for no longer
    than an import holds them. The last entry says so if not everything could be looked at.
    """
    lexicon = archive_lexicon()
    until = time.monotonic() + MOST_SECONDS
    looked_at: list[_LookedAt | None] = []  # None: refused
    cut = ""

    def all_prepared() -> Iterator[Prepared]:
        nonlocal cut
        for draft in _drafts(staged):
            if len(looked_at) == MOST_STORIES:
                cut = "stories"
                return
            if time.monotonic() > until:
                cut = "seconds"
                return
            is_story = isinstance(draft, StoryDraft)
            looked_at.append(
                _LookedAt(draft.source.name, draft.part, draft.first_words) if is_story else None
            )
            yield prepared("", draft, lexicon)

    outcomes = list(Importer(dry_run=True).take(all_prepared()))
    names = {draft.name for draft in looked_at if draft}
    earlier = {
        (story.source.name, story.source_part): {"id": story.pk, "title": story.title}
        for story in Story.objects.filter(source__name__in=names)
        .select_related("source")
        .only("title", "source_part", "source__name")
        .order_by("pk")
        if story.source is not None
    }
    entries = []
    for number, (draft, outcome) in enumerate(zip(looked_at, outcomes, strict=True)):
        entry = {
            "number": number,
            **outcome.as_json(),
            "title": outcome.title,
            "first_words": draft.first_words if draft else "",
            "earlier": None,
        }
        if draft and outcome.outcome == Outcome.IMPORTED:
            entry["earlier"] = earlier.get((draft.name, draft.part))
        entries.append(entry)
    if cut:
        entries.append({"too_many": cut})
    return entries


@require_http_methods(["GET", "HEAD", "POST"])
@may_import
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """What would happen to each file of an upload; here it is confirmed or cancelled."""
    staged = staging.find(_user_id(request), key)
    if staged is None:
        messages.info(request, _("This upload was imported, cancelled or cleared away."))
        return redirect("admin:import")
    may_restore = request.user.has_perm(restores.MAY_RESTORE)
    whole = restores.export_in(staged) if may_restore else None
    if whole is not None and request.method != "POST":
        return restores.restore_page(request, staged, whole)
    entries = staged.preview()
    too_many = entries[-1].get("too_many", "") if entries else ""
    entries = [entry for entry in entries if "too_many" not in entry]
    error = ""
    if request.method == "POST":
        if "cancel" in request.POST:
            staged.discard()
            messages.info(request, _("The upload was cancelled. Nothing was kept."))
            return redirect("admin:import")
        if whole is not None:
            return restores.restore_page(request, staged, whole)
        error = "" if not too_many else _("Nothing was kept.")
        collection = " ".join(request.POST.get("collection", "").replace("\x00", "").split())
        if len(collection) > 300:
            error = _("The name of a collection has at most 300 characters.")
        if not error:
            return _confirm(request, staged, entries, collection)
    counts = Counter(entry["outcome"] for entry in entries)
    context = {
        "staged": staged,
        "entries": [_shown(entry) for entry in entries],
        "counts": [(words, counts[out]) for out, words in WOULD.items() if counts[out]],
        "takes": counts[Outcome.IMPORTED],
        "too_many": too_many,
        "max_stories": MOST_STORIES,
        "error": error,
        "posted": request.POST,
        "collections": Collection.objects.order_by("name")[:200],
        "may_publish": request.user.has_perm("archive.publish_story"),
    }
    title = _("What would happen")
    status = 400 if error else 200
    return desk_page(request, "admin/archive/import/preview.html", title, context, status)


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of the preview with its words, and its tags by kind."""
    tags = [tag.partition(": ")[::2] for tag in entry["tags"]]
    return {**entry, "words": WOULD[Outcome(entry["outcome"])], "tags": tags}


def _confirm(
    request: HttpRequest, staged: staging.Staged, entries: list[dict[str, Any]], collection: str
) -> HttpResponse:
    """Import what was confirmed, through the same pipeline, and lead to the report."""
    left_out = set(request.POST.getlist("leave_out"))
    follows = {
        entry["number"]: entry["earlier"]["id"]
        for entry in entries
        if entry["earlier"] and request.POST.get(f"as-{entry['number']}") == "update"
    }
    published = request.POST.get("status") == "published"
    may_publish = request.user.has_perm("archive.publish_story")
    status = Story.Status.PUBLISHED if published and may_publish else Story.Status.DRAFT
    importer = Importer(collection=collection, status=status, user=request.user)  # type: ignore[arg-type]
    lexicon = archive_lexicon()

    def chosen() -> Iterator[Prepared]:
        for number, draft in enumerate(itertools.islice(_drafts(staged), MOST_STORIES)):
            if str(number) in left_out:
                continue
            if isinstance(draft, StoryDraft) and not may_publish:
                draft = dataclasses.replace(draft, status="draft")
            yield dataclasses.replace(prepared("", draft, lexicon), follows=follows.get(number))

    try:
        for _outcome in importer.take(chosen()):
            pass
    except (DatabaseError, OSError):
        messages.error(
            request,
            _("The import stopped: the database or the disk gave up. What was imported before is "
              "whole and stays; the upload is still here to be confirmed again."),
        )  # fmt: skip
        return redirect("admin:import_preview", staged.key)
    staged.discard()
    if importer.run is None:
        messages.info(request, _("Everything was left out. Nothing was kept."))
        return redirect("admin:import")
    total = importer.counts.total()
    subject = ngettext("%(n)d file", "%(n)d files", total) % {"n": total}
    record(request.user, "import", subject, run=importer.run.pk, counts=dict(importer.counts))
    return redirect("admin:import_report", importer.run.pk)


def _run(run: Import) -> dict[str, Any]:
    """A past import for a list."""
    counts = [(words, run.counts.get(out.value, 0), out.value) for out, words in WORDS.items()]
    return {
        "run": run,
        "counts": [count for count in counts if count[1]],
        "total": sum(count[1] for count in counts),
    }


@require_safe
@may_see
def report(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """What one import did with every file, page by page; or all of it as JSON."""
    run = get_object_or_404(Import.objects.select_related("user"), pk=pk)
    files = run.files.select_related("story", "source").only(
        *(field.attname for field in ImportedFile._meta.concrete_fields),
        "story__title", "story__slug", "source__name", "source__size",
    )  # fmt: skip
    if request.GET.get("format") == "json":
        return _as_json(run, files)
    outcome = request.GET.get("outcome", "")
    if outcome in set(WORDS):
        files = files.filter(outcome=outcome)
    else:
        outcome = ""
    page = Paginator(files.order_by("pk"), FILES_PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "file": file,
            "words": WORDS[Outcome(file.outcome)],
            "tags": [tag.partition(": ")[::2] for tag in file.tags],
        }
        for file in page
    ]
    context = {**_run(run), "page": page, "rows": rows, "outcome": outcome}
    title = _("Report of an import")
    return desk_page(request, "admin/archive/import/report.html", title, context)


def _as_json(run: Import, files: Any) -> StreamingHttpResponse:
    """The report as the command writes it, without holding it in memory."""

    def parts() -> Iterator[str]:
        yield '{"files": ['
        for number, file in enumerate(files.order_by("pk").iterator(500)):
            story = {"id": file.story_id, "title": file.title}
            story["slug"] = file.story.slug if file.story else ""
            entry = {
                "name": file.name, "outcome": file.outcome, "story": story,
                "encoding": file.encoding, "repairs": file.repairs, "tags": file.tags,
                "reason": file.reason,
            }  # fmt: skip
            yield (",\n" if number else "\n") + json.dumps(entry, ensure_ascii=False)
        yield f'\n], "counts": {json.dumps(run.counts)}}}\n'

    response = StreamingHttpResponse(parts(), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}.json"'
    return response


def conflict_url(file: ImportedFile) -> str:
    """Where a conflict is settled."""
    return reverse("admin:import_conflict", args=[file.pk])


def file_of(pk: int) -> ImportedFile:
    """A conflict of an import.

    Raises:
        Http404: it is none, or what it was about is gone.
    """
    conflicts = ImportedFile.objects.filter(outcome=Outcome.CONFLICT.value)
    file = get_object_or_404(conflicts.select_related("source", "run"), pk=pk)
    if file.source is None or file.story_id is None:
        raise Http404("The story or the file is no longer here.")
    return file
