"""Taking up what an earlier version has kept: `python -m tests.upgrade.take_up fill NNNN`, then `… go_on`.

`fill` lays out an empty database as it was at that migration, fills in the kept rows, and migrates to this version.
`go_on` approves everything that waits, and prints what came of it as JSON.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command


def main(task: str, *version: str) -> None:
    """Do one of the two."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hitl_portal.settings")
    django.setup()
    if task == "fill":
        fill(*version)
    else:
        go_on()


def fill(version: str) -> None:
    """Make the database of then one of now."""
    call_command("migrate", "auth", verbosity=0)
    call_command("migrate", "workflows", version, verbosity=0)
    _fill((Path(__file__).parent / f"paused_{version}.jsonl").read_text().splitlines())
    call_command("migrate", verbosity=0)


def go_on() -> None:
    """Finish what waits."""
    sys.stdout.write(json.dumps(_went_on()))


def _fill(lines: list[str]) -> None:
    from django.apps import apps
    from django.core.management.color import no_style
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for line in map(json.loads, lines):
            # As text: each database reads numbers, truth, ids and moments from it.
            row = {name: _text(value) for name, value in line["row"].items()}
            names = ", ".join(f'"{name}"' for name in row)
            places = ", ".join(["%s"] * len(row))
            # A group may be there already: the tables' own migrations make some.
            cursor.execute(
                f'INSERT INTO "{line["table"]}" ({names}) VALUES ({places}) ON CONFLICT DO NOTHING',
                list(row.values()),
            )
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            if '"auth_' in statement or '"workflows_runevent"' in statement:
                cursor.execute(statement)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(int(value) if isinstance(value, bool) else value)


def _went_on() -> dict[str, Any]:
    from tests.upgrade.turns import answer, waiting, work
    from workflows import registry
    from workflows.models import WorkflowRun
    from workflows.types import Action

    registry.register()
    found = sorted(f"{one.run.workflow.name} {one.path} {one.key}" for one in waiting())
    work()
    while open_now := waiting():
        for requirement in open_now:
            answer(requirement, Action.approve)
        work()
    runs = WorkflowRun.objects.select_related("workflow", "output")
    return {
        "found": found,
        "ended": {
            run.workflow.name: [run.status, run.output and run.output.plain()["content"]] for run in runs
        },
        "events": {run.workflow.name: [event.type for event in run.events.all()] for run in runs},
        "whole": _is_whole(),
    }


def _is_whole() -> bool:
    from workflows.audit.verifying import Broken, Whole, verify

    try:
        verify(Whole())
    except Broken as broken:
        sys.stderr.write(f"{broken}\n")
        return False
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
