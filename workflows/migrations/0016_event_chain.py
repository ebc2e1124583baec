from django.db import migrations, models

from workflows import append_only


def install(apps, schema_editor):
    # SQLite has built the table of events anew, without its triggers.
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0015_fewer_indexes")]

    operations = [
        migrations.AddField("runevent", "position", models.PositiveIntegerField(default=0)),
        migrations.AddField("runevent", "previous", models.CharField(blank=True, max_length=64)),
        migrations.AddField("runevent", "digest", models.CharField(blank=True, max_length=64)),
        migrations.AddField(
            "workflowrun",
            "chain_head",
            models.CharField(blank=True, help_text="The digest of its last event.", max_length=64),
        ),
        migrations.AddField("workflowrun", "chain_length", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "workflowrun",
            "is_sealed",
            models.BooleanField(default=False, help_text="A checkpoint has the end of its chain."),
        ),
        migrations.AddIndex(
            "workflowrun",
            models.Index(condition=models.Q(("is_sealed", False)), fields=["id"], name="run_unsealed"),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
