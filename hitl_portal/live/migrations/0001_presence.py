import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("workflows", "0023_attendance"),
    ]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("socket", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("is_writing", models.BooleanField(default=False)),
                ("seen_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requirement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presences",
                        to="workflows.requirement",
                    ),
                ),
            ],
            options={"verbose_name": "presence", "ordering": ["socket"]},
        ),
    ]
