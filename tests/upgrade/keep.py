"""Keeping paused runs as a version leaves them: `DATABASE_URL=sqlite:///FILE python -m tests.upgrade.keep`.

Run it with this folder laid into a checkout of that version and `HITL_WORKFLOWS=tests.upgrade.flows`, on an empty
file; what it prints is kept as `paused_NNNN.jsonl`, named after that version's last migration.
"""

import json
import os
import sys

import django
from django.core.management import call_command

TABLES = ("auth_group", "auth_user", "auth_user_groups", "workflows_")
# They tell of processes, and of people who are not there any more.
LEFT_OUT = ("workflows_lead", "workflows_workerbeat")


def main() -> None:
    """Make the runs, and print every row."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hitl_portal.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    _make()
    _print()


def _make() -> None:
    from django.contrib.auth.models import Group, User

    from tests.upgrade.turns import answer, waiting, work
    from workflows import registry, services
    from workflows.types import Action

    registry.register()
    reviewer = User.objects.create_user("reviewer")
    reviewer.groups.add(Group.objects.get_or_create(name="reviewers")[0])
    for name in ("kept-gated", "kept-reviewed", "kept-looped", "kept-branched"):
        services.start_run(name, "it", actor=services.Actor.of(reviewer), source="portal")
    work()
    for requirement in waiting():
        if requirement.kind.endswith("review"):
            answer(requirement, Action.reject)
    work()


def _print() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(TABLES) and table not in LEFT_OUT:
                cursor.execute(f'SELECT * FROM "{table}"')
                names = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    line = {"table": table, "row": dict(zip(names, row, strict=True))}
                    sys.stdout.write(json.dumps(line, default=str) + "\n")


if __name__ == "__main__":
    main()
