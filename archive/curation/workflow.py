"""From draft to published: the buttons of the story form, and who may press them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.curation.audit import record
from archive.curation.roles import may_publish
from archive.models import ReviewNote, Story


class Step(enum.Enum):
    """A button of the story form; its value is the name under which it is sent."""

    CLOSE = "_save"
    SAVE = "_continue"
    PUBLISH = "_publish"
    SCHEDULE = "_schedule"
    UNPUBLISH = "_unpublish"
    SUBMIT = "_submit"
    RETURN = "_return"


#: What only those may do who decide what visitors see.
DECISIONS = {Step.PUBLISH, Step.SCHEDULE, Step.UNPUBLISH, Step.RETURN}


def pressed(data: Mapping[str, Any]) -> Step:
    """The button by which *data* was sent; plain saving if it is not said."""
    return next((step for step in Step if step.value in data), Step.CLOSE)


def refuse_step(request: HttpRequest) -> None:
    """Check that the account may press the button that it pressed.

    Raises:
        PermissionDenied: it may not.
    """
    if pressed(request.POST) in DECISIONS and not may_publish(request):
        raise PermissionDenied


def prepare(story: Story, step: Step) -> None:
    """Set on *story*, before it is validated, what *step* makes of it."""
    now = timezone.now()
    if step in (Step.PUBLISH, Step.SCHEDULE):
        story.status, story.submitted_at = Story.Status.PUBLISHED, None
        if step is Step.PUBLISH and (story.published_at is None or story.published_at > now):
            story.published_at = now
    elif step in (Step.UNPUBLISH, Step.RETURN):
        story.status, story.submitted_at = Story.Status.DRAFT, None
    elif step is Step.SUBMIT and story.status == Story.Status.DRAFT:
        story.submitted_at = now


def take_step(request: HttpRequest, story: Story, form: Any) -> None:
    """Write down what happened to the saved *story*: the note, and the audit log."""
    step, note = pressed(request.POST), form.cleaned_data.get("note", "").strip()
    if step in (Step.SUBMIT, Step.RETURN):
        kinds = {Step.SUBMIT: "submitted", Step.RETURN: "returned"}
        ReviewNote.objects.create(story=story, user=request.user, step=kinds[step], text=note)
    name = {
        Step.PUBLISH: "published",
        Step.SCHEDULE: "scheduled",
        Step.UNPUBLISH: "unpublished",
        Step.SUBMIT: "submitted",
        Step.RETURN: "returned",
    }.get(step)
    if name:
        record(request.user, f"story.{name}", story, id=story.pk)


def standing(story: Story) -> str:
    """Where *story* stands, in a word."""
    if story.status == Story.Status.PUBLISHED:
        return _("Published") if story.is_public else _("Scheduled")
    return _("Submitted") if story.submitted_at else _("Draft")


def stay(page: Any, request: HttpRequest, story: Story) -> HttpResponse | None:
    """Answer a button other than *close*: say what was done and show the form again."""
    step = pressed(request.POST)
    if step is Step.CLOSE:
        return None
    when = timezone.localtime(story.published_at) if story.published_at else None
    said = {
        Step.SAVE: _("Saved."),
        Step.PUBLISH: _("Published. Every visitor can read it now."),
        Step.SCHEDULE: _("Scheduled: visitors see it from %(when)s on.")
        % {"when": when.strftime("%Y-%m-%d %H:%M") if when else ""},
        Step.UNPUBLISH: _("Taken back: it is a draft again, and visitors do not see it."),
        Step.SUBMIT: _("Handed in. A curator will read it; you can go on writing meanwhile."),
        Step.RETURN: _("Returned to its writer with your comment."),
    }
    page.message_user(request, said[step], messages.SUCCESS)
    if not page.has_view_or_change_permission(request, story):
        return HttpResponseRedirect(reverse("admin:archive_story_changelist"))
    return HttpResponseRedirect(reverse("admin:archive_story_change", args=[story.pk]))
