"""Reports of earlier imports, which were one value each, become a row for each file."""

from typing import Any

from django.db import migrations


def move(apps: Any, schema_editor: Any) -> None:
    """Move the files of each report into rows and leave the counts where they are."""
    run_model = apps.get_model("archive", "Import")
    file_model = apps.get_model("archive", "ImportedFile")
    stories = set(apps.get_model("archive", "Story").objects.values_list("pk", flat=True))
    for run in run_model.objects.order_by("pk"):
        if "counts" not in run.counts:
            continue
        file_model.objects.bulk_create(
            (
                file_model(
                    run=run,
                    name=entry["name"][:1200],
                    outcome=entry["outcome"],
                    story_id=entry["story_id"] if entry["story_id"] in stories else None,
                    title=entry["title"][:300],
                    encoding=entry["encoding"][:50],
                    repairs=entry["repairs"],
                    tags=entry["tags"],
                    reason=entry["reason"],
                )
                for entry in run.counts.get("files", [])
            ),
            batch_size=500,
        )
        run.counts = run.counts["counts"]
        run.save(update_fields=["counts"])


class Migration(migrations.Migration):
    dependencies = [("archive", "0005_imported_files")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
