"""A file that changed and a story that was edited since: a curator takes the new text or not."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from archive.curation.audit import record
from archive.curation.comparing import compare
from archive.curation.review import desk_page
from archive.curation.uploads import conflict_url, file_of
from archive.importing.drafts import StoryDraft, read_bytes
from archive.models import ImportedFile, Story
from archive.models.history import catch_up, one_revision
from archive.pipeline import current_limits, retag
from archive.rendering import word_count

Settled = ImportedFile.Settled


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("archive.change_story", raise_exception=True)
def conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """Both texts side by side, and the two ways to settle it."""
    file = file_of(pk)
    if request.method == "POST" and request.POST.get("decision") in {"take", "keep"}:
        return _settle(request, file)
    story = Story.objects.get(pk=file.story_id)
    draft = draft_of(file)
    context = {
        "file": file,
        "story": story,
        "draft": draft,
        "rows": compare(story.body, draft.body) if draft else (),
        "settled": Settled(file.settled).label if file.settled else "",
    }
    title = _("A file and a story that differ")
    return desk_page(request, "admin/archive/import/conflict.html", title, context)


def draft_of(file: ImportedFile) -> StoryDraft | None:
    """What the kept file says now; None if it can no longer be read."""
    if file.source is None:
        return None
    for item in read_bytes(file.source.name, file.source.content, current_limits()):
        if isinstance(item, StoryDraft) and item.part == file.part:
            return item
    return None


def _settle(request: HttpRequest, file: ImportedFile) -> HttpResponse:
    """Take the file's text, or keep the story, unless something changed under the page."""
    draft = draft_of(file)
    taking = request.POST["decision"] == "take"
    with transaction.atomic():
        story = Story.objects.select_for_update().get(pk=file.story_id)
        stale = str(story.version) != request.POST.get("version") or file.settled
        if stale or (taking and draft is None):
            messages.error(
                request,
                _("Somebody changed the story, or settled this, while you were reading. Look again "
                  "before you decide."),
            )  # fmt: skip
            return redirect(conflict_url(file))
        others = Story.objects.filter(source=file.source_id, source_part=file.part)
        if taking and draft is not None:
            if others.exclude(pk=story.pk).exists():
                messages.error(request, _("Another story came from this very file already."))
                return redirect(conflict_url(file))
            take(request, file, story, draft)
        ImportedFile.objects.filter(
            story=story, source=file.source, part=file.part, outcome=file.outcome
        ).update(settled=Settled.TAKEN if taking else Settled.KEPT)
        action = "import.text_taken" if taking else "import.story_kept"
        record(request.user, action, story.title, file=file.name)
    if taking:
        messages.success(request, _("The story has the file’s text now. Its history has the old."))
    else:
        messages.success(request, _("The story stays as it is, also when the file comes again."))
    return redirect("admin:archive_story_change", story.pk)


def take(request: HttpRequest, file: ImportedFile, story: Story, draft: StoryDraft) -> None:
    """Give *story* the text of the file; what else was edited here stays."""
    catch_up(story)
    with one_revision(request.user, _("Took the new text of %(name)s") % {"name": file.name}):
        story.body = draft.body
        story.word_count = word_count(draft.body)
        story.text_sha256 = draft.text_sha256
        story.source = file.source
        story.source_part = file.part
        story.version += 1
        story.edited_at = timezone.now()
        story.save()
        retag(story)
