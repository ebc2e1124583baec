from django.db import migrations, models

from workflows import append_only


def install(apps, schema_editor):
    # SQLite has built the table anew, without its triggers.
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0013_snooze"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="closes",
            field=models.BooleanField(default=True),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
