from django.db import migrations, models
from django.db.models import PROTECT

import workflows.ids
from workflows import append_only


def install(apps, schema_editor):
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0019_digests")]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("root", models.CharField(max_length=64)),
                ("heads", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "key",
                    models.CharField(help_text="The public key, in hexadecimal digits.", max_length=64),
                ),
                ("signature", models.CharField(max_length=128)),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.CreateModel(
            name="SealedHead",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="sealed", to="workflows.checkpoint"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False, on_delete=PROTECT, related_name="+", to="workflows.workflowrun"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["run", "position"], name="sealed_head_of_run")],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=workflows.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField()),
                ("runs", models.PositiveIntegerField()),
                ("events", models.PositiveBigIntegerField()),
                ("checkpoints", models.PositiveIntegerField()),
                ("problem", models.TextField(blank=True)),
            ],
            options={"ordering": ["-started_at"]},
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
