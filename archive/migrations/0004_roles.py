"""The four roles as groups."""

from django.db import migrations

from archive.models.roles import make_roles


class Migration(migrations.Migration):

    dependencies = [
        ('archive', '0003_audit_and_workflow'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
