from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("workflows", "0022_queue")]

    operations = [
        migrations.CreateModel(
            "WorkerBeat",
            [
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False, help_text="host:process")),
                ("transport", models.CharField(max_length=30)),
                ("workflows", models.JSONField(default=list, help_text="The names of those whose code it has.")),
                ("concurrency", models.PositiveIntegerField(default=1)),
                ("started_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
            ],
            {"ordering": ["name"]},
        ),
        migrations.CreateModel(
            "Lead",
            [
                ("duty", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("owner", models.CharField(max_length=200)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            "requirement",
            models.Index(
                fields=["release_at"],
                name="releases",
                condition=Q(status="decided", release_at__isnull=False),
            ),
        ),
    ]
