"""A decision of review names the stories that it is about, so that their histories can list it."""

from typing import Any

from django.db import migrations, models


def name_known(apps: Any, schema_editor: Any) -> None:
    """Take over the one story that decisions named until now."""
    decision = apps.get_model("archive", "Decision")
    about = decision.stories.through
    known = decision.objects.exclude(story=None).order_by("pk").values_list("pk", "story")
    rows = (about(decision_id=pk, story_id=story) for pk, story in known.iterator())
    about.objects.bulk_create(rows, batch_size=1_000)


class Migration(migrations.Migration):
    dependencies = [("archive", "0010_share_links_and_open_edits")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="stories",
            field=models.ManyToManyField(related_name="decisions", to="archive.story"),
        ),
        migrations.RunPython(name_known, migrations.RunPython.noop),
    ]
