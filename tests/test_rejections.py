"""What a person rejected stays rejected, whatever happens to the tag or the text afterwards."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from archive.curation import decisions, merging
from archive.curation.decisions import Seen
from archive.models import Story, Tag, Tagging
from archive.pipeline import retag

STATE = Tagging.State


def rename(user: User, tag: Tag) -> None:
    tag.name, tag.slug = "Shevchenko", ""
    tag.save()


def rename_and_back(user: User, tag: Tag) -> None:
    rename(user, tag)
    tag.name, tag.slug = "Aktau", ""
    tag.save()


def other_name(user: User, tag: Tag) -> None:
    tag.other_names.create(name="Shevchenko")


def change_kind(user: User, tag: Tag) -> None:
    tag.kind, tag.slug, tag.notation = "theme", "", ""
    tag.latitude = tag.longitude = tag.broader = None
    tag.save()


def merge_away(user: User, tag: Tag) -> None:
    merging.merge(user, other(tag), [tag, other(tag)])


def merge_in(user: User, tag: Tag) -> None:
    merging.merge(user, tag, [tag, other(tag)])


def merge_and_undo(user: User, tag: Tag) -> None:
    decision = merging.merge(user, other(tag), [tag, other(tag)])
    retag(Story.objects.get(taggings__tag=decision.tag))
    decisions.undo(user, decision.pk)


def edit(user: User, tag: Tag) -> None:
    story = Story.objects.get(taggings__tag=tag)
    story.body = f"In Aktau it began.\n\n{story.body}"
    story.save()


def other(tag: Tag) -> Tag:
    """A twin that a program suggested for the same story."""
    story = Story.objects.get(taggings__tag=tag)
    twin, _made = Tag.objects.get_or_create(kind=tag.kind, name="Port of Aktau")
    story.taggings.get_or_create(tag=twin, defaults={"state": STATE.SUGGESTED, "origin": "machine"})
    return twin


DEEDS = [
    rename, rename_and_back, other_name, change_kind, merge_away, merge_in, merge_and_undo, edit
]  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_no_program_brings_it_back(lives, curator, deed) -> None:
    story = lives["lily"]
    row = story.taggings.get(tag__kind="place", tag__name="Aktau")
    decisions.reject(curator, [Seen(row.pk, row.tag_id)])
    deed(curator, Tag.objects.get(pk=row.tag_id))
    retag(Story.objects.get(pk=story.pk))
    named = Tagging.objects.filter(story=story, mentions__quote="Aktau")
    rejected = Tagging.objects.filter(story=story, state=STATE.REJECTED)
    assert rejected.count() == 1
    assert set(named.values_list("state", flat=True)) <= {STATE.REJECTED}
