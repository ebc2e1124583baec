import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("workflows", "0026_workflow_input_schema")]

    operations = [
        migrations.AddField(
            "workflowrun",
            "forked_from",
            models.ForeignKey(
                "workflows.workflowrun",
                blank=True,
                db_index=False,
                help_text="The run that it goes on from: what that one had done before `forked_at` is kept.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="forks",
            ),
        ),
        migrations.AddField("workflowrun", "forked_at", models.CharField(blank=True, max_length=1000, default=""), preserve_default=False),
        migrations.AddIndex(
            "workflowrun",
            models.Index(fields=["forked_from"], name="run_forks", condition=Q(forked_from__isnull=False)),
        ),
    ]
