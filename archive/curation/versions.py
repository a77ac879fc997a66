"""Versions of stories and tags: what they held, and how one comes back."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from reversion.models import Version

from archive.curation.comparing import Row, compare
from archive.models import Collection, OldTagSlug, OtherName, Story, Tag, Tagging
from archive.models.history import baseline, catch_up, keep, one_revision
from archive.pipeline import retag
from archive.rendering import word_count

#: What a version brings back, in the order in which it is compared.
STORY_FIELDS = (
    "title", "body", "summary", "creator", "date", "date_earliest", "date_latest", "language",
    "rights", "collection_id",
)  # fmt: skip
TAG_FIELDS = (
    "name", "disambiguation", "definition", "broader_id", "authority_uri", "latitude", "longitude",
    "reviewed",
)  # fmt: skip
#: Where the desk calls a field otherwise than the model does.
LABELS = {"body": gettext_lazy("Text")}
#: Stories whose mentions are found anew when a deleted tag comes back; the others follow when
#: they are next saved or read again.
RETAGGED = 200

State = Tagging.State


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """One field of two versions side by side."""

    label: str
    rows: tuple[Row, ...]
    changed: bool


def content(version: Version) -> dict[str, str]:
    """What *version* held, field by field, as text: the label, and what stood there."""
    model = version._model
    fields = STORY_FIELDS if model is Story else TAG_FIELDS
    values = version.field_dict
    shown = {}
    for name in fields:
        label = LABELS.get(name) or model._meta.get_field(name.removesuffix("_id")).verbose_name
        shown[str(label).capitalize()] = _text(name, values.get(name))
    if model is Story:
        shown[_("Tags")] = "\n".join(sorted(map(_tagging_line, _belonging(version, Tagging))))
    else:
        names = sorted(item["name"] for item in _belonging(version, OtherName))
        shown[_("Other names")] = "\n".join(names)
    return shown


def compare_versions(left: Version, right: Version) -> list[Compared]:
    """All fields of the two versions; those that differ come with their rows."""
    old, new = content(left), content(right)
    result = []
    for label in {**old, **new}:
        before, after = old.get(label, ""), new.get(label, "")
        changed = before != after
        result.append(Compared(label, compare(before, after) if changed else (), changed))
    return result


def current(row: Model) -> Version:
    """A version of *row* as it is now, kept first where it was not."""
    baseline([row])
    return Version.objects.get_for_object_reference(  # type: ignore[no-any-return]
        row._meta.concrete_model, row.pk
    ).first()


def _text(name: str, value: Any) -> str:
    """The value of a field as people read it."""
    if value is None or value == "":
        return ""
    if name == "collection_id":
        return str(Collection.objects.filter(pk=value).first() or _("(a collection now gone)"))
    if name == "broader_id":
        return str(Tag.objects.filter(pk=value).first() or _("(a tag now gone)"))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value).replace("\r\n", "\n")


def _belonging(version: Version, model: type[Model]) -> list[dict[str, Any]]:
    """The rows of *model* that were kept with *version* and belong to its row."""
    owner = "story_id" if model is Tagging else "tag_id"
    others = version.revision.version_set.filter(
        content_type__app_label="archive", content_type__model=model._meta.model_name
    )
    found = (other.field_dict for other in others)
    return [item for item in found if str(item.get(owner)) == version.object_id]


def _tagging_line(item: dict[str, Any]) -> str:
    """A tagging in a word: what, which, and whether it was agreed to."""
    tag = _tag_of(item["tag_id"])
    name = f"{tag.get_kind_display()}: {tag}" if tag else _("(a tag now gone)")
    return f"{name} ({Tagging.State(item['state']).label.lower()})"


def _tag_of(tag_id: int) -> Tag | None:
    """The tag with this id, or the one that took its place in a merge."""
    tag = Tag.objects.filter(pk=tag_id).first()
    if tag is not None:
        return tag
    last = Version.objects.get_for_object_reference(Tag, tag_id).first()
    if last is None:
        return None
    known = {"kind": last.field_dict["kind"], "slug": last.field_dict["slug"]}
    moved = OldTagSlug.objects.filter(**known).select_related("tag").first()
    return moved.tag if moved else Tag.objects.filter(**known).first()


@transaction.atomic
def restore(version: Version, user: Any) -> Model:
    """Make what *version* held the newest version; a deleted row comes back under its old number.

    A story's tags come back with it and their words are found anew; a deleted tag comes back with
    the stories it had. What was published stays published; what was deleted comes back as a draft.

    Raises:
        ValidationError: the row cannot be as it was, for example since its name is taken.
    """
    model = version._model
    row = model._base_manager.select_for_update().filter(pk=version.object_id).first()
    if row is not None:
        catch_up(row)
    with one_revision(user, _restored_comment(version, gone=row is None)):
        if model is Story:
            return _restore_story(version, row)
        return _restore_tag(version, row)


def _restored_comment(version: Version, gone: bool) -> str:
    when = timezone.localtime(version.revision.date_created).strftime("%Y-%m-%d %H:%M")
    if gone:
        return _("Brought back after its deletion, as it was on %(when)s") % {"when": when}
    return _("Restored as it was on %(when)s") % {"when": when}


def _restore_story(version: Version, story: Story | None) -> Story:
    values = version.field_dict
    fresh = story is None
    if story is None:
        story = Story(pk=int(version.object_id), owner_id=values.get("owner_id"))
        if not Story.objects.filter(slug=values["slug"]).exists():
            story.slug = values["slug"]
    for name in STORY_FIELDS:
        setattr(story, name, values.get(name, getattr(story, name)))
    if not Collection.objects.filter(pk=story.collection_id).exists():
        story.collection = None
    story.word_count = word_count(story.body)
    story.version = max(story.version, values.get("version", 0)) + 1
    story.edited_at = timezone.now()
    story.clean_fields(exclude=["owner", "source"])
    story.save(force_insert=fresh)
    _restore_taggings(story, _belonging(version, Tagging))
    retag(story)
    keep([story])
    return story


def _restore_taggings(story: Story, kept: list[dict[str, Any]]) -> None:
    """Give *story* the taggings it had.

    What was rejected since then stays rejected, unless a person had agreed with it before.
    """
    there = {tagging.tag_id: tagging for tagging in story.taggings.all()}
    wanted = set()
    for item in kept:
        tag = _tag_of(item["tag_id"])
        if tag is None or tag.pk in wanted:
            continue
        wanted.add(tag.pk)
        tagging = there.get(tag.pk) or Tagging(story=story, tag=tag)
        if tagging.state == State.REJECTED and item["state"] == State.SUGGESTED:
            continue
        for name in ("state", "origin", "role", "confidence"):
            setattr(tagging, name, item[name])
        tagging.save()
    for tag_id, tagging in there.items():
        if tag_id not in wanted and tagging.state != State.REJECTED:
            tagging.delete()


def _restore_tag(version: Version, tag: Tag | None) -> Tag:
    values = version.field_dict
    fresh = tag is None
    if tag is None:
        tag = Tag(pk=int(version.object_id), kind=values["kind"])
        tag.notation = values.get("notation", "")
        if not Tag.objects.filter(kind=tag.kind, slug=values["slug"]).exists():
            tag.slug = values["slug"]
    for name in TAG_FIELDS:
        setattr(tag, name, values.get(name, getattr(tag, name)))
    if not Tag.objects.filter(pk=tag.broader_id, kind=tag.kind).exists():
        tag.broader = None
    tag.version = max(tag.version, values.get("version", 0)) + 1
    tag.full_clean(exclude=["slug"], validate_unique=False)
    tag.save(force_insert=fresh)
    tag.other_names.all().delete()
    for item in _belonging(version, OtherName):
        OtherName.objects.create(tag=tag, name=item["name"])
    if fresh:
        _restore_its_stories(tag, version)
    keep([tag])
    return tag


def _restore_its_stories(tag: Tag, version: Version) -> None:
    """Tag again the stories that a deleted tag had."""
    versions = version.revision.version_set.filter(
        content_type__app_label="archive", content_type__model="tagging"
    )
    items = {item["story_id"]: item for item in (row.field_dict for row in versions)}
    stories = Story.objects.filter(pk__in=items).order_by("pk")
    for number, story in enumerate(stories.iterator(chunk_size=50)):
        item = items[story.pk]
        if item["tag_id"] != tag.pk:
            continue
        Tagging.objects.get_or_create(
            story=story,
            tag=tag,
            defaults={name: item[name] for name in ("state", "origin", "role", "confidence")},
        )
        if number < RETAGGED:
            retag(story)


def readable(error: ValidationError) -> str:
    """The messages of *error* in one line."""
    return " ".join(error.messages)
