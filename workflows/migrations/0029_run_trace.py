from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflows", "0028_runs_by_their_end")]

    operations = [
        migrations.AddField(
            "workflowrun", "trace", models.CharField(blank=True, editable=False, max_length=55, null=True)
        ),
    ]
