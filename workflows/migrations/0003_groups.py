from django.db import migrations

from workflows.policy import ADMINS, REVIEWERS


def make(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in (REVIEWERS, ADMINS):
        groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0002_append_only_and_notify"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
