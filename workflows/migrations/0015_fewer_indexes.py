from django.db import migrations, models
from django.db.models import CASCADE, PROTECT

# Django's own, of keys with which another index or constraint begins, or which are mostly null.
REDUNDANT = {
    "workflows_value_run_id_055d4e03": "workflows_value (run_id)",
    "workflows_steprecord_run_id_d64302d8": "workflows_steprecord (run_id)",
    "workflows_requirement_run_id_ea538fbe": "workflows_requirement (run_id)",
    "workflows_runevent_run_id_73b2add6": "workflows_runevent (run_id)",
    "workflows_runevent_requirement_id_00c2b326": "workflows_runevent (requirement_id)",
}


def key(to, name, **options):
    return models.ForeignKey(db_index=False, related_name=name, to=f"workflows.{to}", **options)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0014_decision_closes")]

    operations = [
        # SQLite would build these tables anew, and their triggers would be gone.
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(f'DROP INDEX "{index}"', f'CREATE INDEX "{index}" ON {columns}')
                for index, columns in REDUNDANT.items()
            ],
            [
                migrations.AlterField(
                    "value", "run", key("workflowrun", "values", on_delete=CASCADE)
                ),
                migrations.AlterField(
                    "steprecord",
                    "run",
                    key("workflowrun", "records", on_delete=CASCADE),
                ),
                migrations.AlterField(
                    "requirement",
                    "run",
                    key("workflowrun", "requirements", on_delete=CASCADE),
                ),
                migrations.AlterField(
                    "runevent", "run", key("workflowrun", "events", on_delete=PROTECT)
                ),
                migrations.AlterField(
                    "runevent",
                    "requirement",
                    key(
                        "requirement",
                        "events",
                        blank=True,
                        null=True,
                        on_delete=PROTECT,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "runevent",
            models.Index(
                fields=["requirement"],
                name="event_of_requirement",
                condition=models.Q(requirement__isnull=False),
            ),
        ),
    ]
