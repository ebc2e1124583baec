from django.core.validators import MinValueValidator
from django.db import migrations, models
from django.db.models import Q

PRIORITIES = [(1, "Low"), (2, "Normal"), (3, "High"), (4, "Urgent")]


class Migration(migrations.Migration):
    dependencies = [("workflows", "0021_agents_and_tools")]

    operations = [
        migrations.RemoveIndex("workflowrun", "run_queue"),
        migrations.AddField(
            "workflow",
            "max_per_key",
            models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[MinValueValidator(1)],
                help_text="How many runs with the same queue key, of this workflow or another, are driven at once"
                " when one of this workflow is taken; empty: no limit.",
            ),
        ),
        migrations.AddField(
            "workflow",
            "max_running",
            models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[MinValueValidator(1)],
                help_text="How many of its runs are driven at once; empty: as many as there are workers for.",
            ),
        ),
        migrations.AddField(
            "workflow",
            "priority",
            models.PositiveSmallIntegerField(
                choices=PRIORITIES,
                default=2,
                help_text="Which runs workers take first, where the start of one says nothing.",
            ),
        ),
        migrations.AddField(
            "workflowrun", "priority", models.PositiveSmallIntegerField(choices=PRIORITIES, default=2)
        ),
        migrations.AddField(
            "workflowrun",
            "queue_key",
            models.CharField(
                blank=True,
                max_length=200,
                help_text="What it shares with other runs, of which only some may use it at once.",
            ),
        ),
        migrations.AddIndex(
            "workflowrun",
            models.Index(
                fields=["priority", "wake_at"], name="run_queue", condition=Q(wake_at__isnull=False)
            ),
        ),
    ]
