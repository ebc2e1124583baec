from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("workflows", "0027_forked_from")]

    operations = [
        migrations.AddIndex(
            "workflowrun",
            models.Index(fields=["-finished_at", "-id"], name="run_ended", condition=Q(finished_at__isnull=False)),
        ),
    ]
