import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflows", "0017_chain_what_happened")]

    operations = [
        migrations.CreateModel(
            name="Piece",
            fields=[
                ("sequence", models.BigAutoField(primary_key=True, serialize=False)),
                ("path", models.CharField(max_length=1000)),
                ("text", models.TextField()),
                ("said_at", models.DateTimeField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="workflows.workflowrun",
                    ),
                ),
            ],
            options={"ordering": ["sequence"]},
        ),
    ]
