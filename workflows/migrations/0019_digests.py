from django.db import migrations, models

from workflows import append_only


def install(apps, schema_editor):
    # SQLite has built the table of decisions anew, without its triggers; and their words can be erased from now on.
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0018_piece")]

    operations = [
        migrations.AddField("decision", "digest", models.CharField(blank=True, max_length=64)),
        migrations.AddField("decision", "salt", models.CharField(blank=True, editable=False, max_length=32)),
        migrations.AddField(
            "requirement",
            "digest",
            models.CharField(
                blank=True, help_text="Of what is passed on once it is approved.", max_length=64
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
