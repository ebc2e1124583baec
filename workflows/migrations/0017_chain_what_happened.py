from itertools import groupby

from django.db import migrations

from workflows import append_only
from workflows.audit import chain

FACTS = ("id", "run_id", "type", "path", "requirement_id", "actor", "data", "created_at")


def link(apps, schema_editor):
    """Chain the events that are there, as they stand now."""
    connection = schema_editor.connection
    events = apps.get_model("workflows", "RunEvent").objects.using(connection.alias)
    append_only.remove(connection)
    rows = events.order_by("run_id", "sequence").values_list("sequence", *FACTS)
    for run_id, of_run in groupby(rows.iterator(chunk_size=2000), key=lambda row: row[2]):
        _link_run(connection, apps, run_id, list(of_run))
    append_only.install(connection)


def _link_run(connection, apps, run_id, rows):
    linked, head = chain.append(chain.START, [facts for _, *facts in rows])
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE workflows_runevent SET position = %s, previous = %s, digest = %s WHERE sequence = %s",
            [(*links[-3:], row[0]) for row, links in zip(rows, linked)],
        )
    runs = apps.get_model("workflows", "WorkflowRun").objects.using(connection.alias)
    runs.filter(id=run_id).update(chain_head=head.digest, chain_length=head.length)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0016_event_chain")]

    operations = [migrations.RunPython(link, migrations.RunPython.noop)]
