"""The page on which a story is written: its form, its tags, and what stands beside the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from archive.curation.forms import TaggingForm, VersionedForm
from archive.curation.preview import length
from archive.curation.roles import may_publish
from archive.curation.shares import DAYS
from archive.curation.workflow import Step, prepare, standing
from archive.models import StopName, Story, Tag, Tagging
from archive.rendering import word_count

#: Notes between writer and curators that are shown, newest first.
NOTES_SHOWN = 5


class StoryForm(VersionedForm):
    """A story as it is written. Buttons, not a field, say what becomes of it."""

    note = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=_("Comment"),
    )

    #: The button by which the form was sent; the page sets it.
    step: Step = Step.CLOSE

    class Meta:
        labels: ClassVar = {"body": _("Text"), "published_at": _("Publication time")}

    def clean_body(self) -> str:
        """Browsers end lines in their own way; the archive in one."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        """Refuse steps that lack what they need.

        Raises:
            forms.ValidationError: somebody saved the story meanwhile.
        """
        cleaned = super().clean()
        when = cleaned.get("published_at")
        if self.step is Step.SCHEDULE and (when is None or when <= timezone.now()):
            self.add_error("published_at", _("To schedule it, choose a time that is yet to come."))
        if self.step is Step.RETURN and not cleaned.get("note", "").strip():
            self.add_error("note", _("Say in a sentence what the writer should change."))
        return cleaned

    def _post_clean(self) -> None:
        """Let the step act after the fields and before the constraints are checked."""
        if "published_at" in self.cleaned_data:
            self.instance.published_at = self.cleaned_data["published_at"]
        prepare(self.instance, self.step)
        if "published_at" in self.cleaned_data:
            self.cleaned_data["published_at"] = self.instance.published_at
        super()._post_clean()


def save_taggings(request: HttpRequest, story: Story, rows: Sequence[TaggingForm]) -> None:
    """Bring the rows of *story*'s tags in order before they are saved.

    New tags are made; what was added or exchanged is the curator's; names never to be suggested
    again are stopped, by those who may.
    """
    made: dict[tuple[str, str], Tag] = {}
    for row in rows:
        tagging = row.instance
        if row.new_tag is not None:
            tag = row.new_tag
            tag.set_keys()
            key = (tag.kind, tag.name_key + "\n" + tag.disambiguation_key)
            if key not in made:
                tag.save()
                made[key] = tag
            tagging.tag = made[key]
        if not tagging.pk or row.exchanged is not None:
            tagging.origin = Tagging.Origin.CURATOR
            if tagging.state == Tagging.State.SUGGESTED:
                tagging.state = Tagging.State.CONFIRMED
        if row.cleaned_data.get("never_again") and request.user.has_perm("archive.add_stopname"):
            StopName.objects.get_or_create(
                kind=tagging.tag.kind,
                name_key=tagging.tag.name_key,
                defaults={"name": tagging.tag.name, "reason": f"Rejected in “{story}”"[:300]},
            )


def writing_context(request: HttpRequest, story: Story | None) -> dict[str, Any]:
    """What the page shows beside the form's own fields."""
    published = story is not None and story.status == Story.Status.PUBLISHED
    return {
        "story": story,
        "standing": standing(story) if story else _("New"),
        "is_published": published,
        "may_publish": may_publish(request),
        "may_stop_names": request.user.has_perm("archive.add_stopname"),
        "length": length(word_count(story.body) if story else 0),
        "notes": list(story.review_notes.select_related("user")[:NOTES_SHOWN]) if story else [],
        "shares": list(story.share_links.open().select_related("made_by")) if story else [],
        "share_days": DAYS,
    }
