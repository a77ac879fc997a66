"""What was exported comes back through the command that imports."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from archive.models import Collection, Import, Mention, OtherName, Source, Story, Tag, Tagging


def content() -> tuple:
    return (
        list(Story.objects.order_by("slug").values_list("slug", "title", "body", "published_at")),
        list(Tag.objects.order_by("kind", "slug").values_list("kind", "slug", "broader__slug")),
        list(
            Tagging.objects.order_by("story__slug", "tag__kind", "tag__slug").values_list(
                "story__slug", "tag__slug", "state", "origin", "role", "confidence"
            )
        ),
        list(
            Mention.objects.order_by(
                "tagging__story__slug", "start", "end", "tagging__tag__slug"
            ).values_list("quote", "start", "end", "before", "after", "rule")
        ),
        list(OtherName.objects.order_by("name_key").values_list("name", "tag__slug")),
        sorted(bytes(source.content) for source in Source.objects.all()),
    )


def test_an_export_is_restored_into_an_empty_archive(lives, tmp_path) -> None:
    lives["giulia"].taggings.filter(tag__name="Moscow").update(state=Tagging.State.REJECTED)
    before = content()
    out = str(tmp_path / "all.zip")
    call_command("export_archive", out, stdout=StringIO())
    call_command("import_stories", out, stdout=StringIO())
    assert content() == before
    with pytest.raises(CommandError, match="cannot be tried out"):
        call_command("import_stories", out, "--dry-run", stdout=StringIO())
    Story.objects.all().delete()
    for model in (Source, Tag, Collection, Import):
        model.objects.all().delete()
    call_command("import_stories", out, stdout=StringIO())
    assert content() == before
