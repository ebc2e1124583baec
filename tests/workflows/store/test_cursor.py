"""Cursors: statements that a server has prepared outlive what a migration does to their tables."""

from collections.abc import Iterator

import pytest
from django.db import NotSupportedError, connection, transaction

from tests.rows import a_run
from workflows.models import WorkflowRun
from workflows.store import Rows

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite prepares nothing for long"),
]

BY_ID = Rows(WorkflowRun, 'own."id" = %s')
OFTEN = 5  # from then on it is prepared


def typed(type: str) -> None:
    """What a migration does that makes a text longer."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE workflows_workflowrun ALTER COLUMN summary TYPE {type}")


@pytest.fixture
def run() -> Iterator[WorkflowRun]:
    """Give a run that was read so often that the statement is prepared; the table is as before afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    made = a_run(summary="Refund")
    for _ in range(OFTEN):
        BY_ID.one("default", made.id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchall() != [(0,)]
    yield made
    typed("varchar(200)")


def test_a_migration_is_not_noticed(run: WorkflowRun) -> None:
    typed_by_another_process("varchar(300)")

    assert BY_ID.one("default", run.id).summary == "Refund"


def test_a_transaction_is_refused_once(run: WorkflowRun) -> None:
    typed_by_another_process("varchar(300)")

    with pytest.raises(NotSupportedError), transaction.atomic():
        BY_ID.one("default", run.id)
    with transaction.atomic():
        assert BY_ID.one("default", run.id).summary == "Refund"


def typed_by_another_process(type: str) -> None:
    """On a connection of its own: on ours the driver would see it."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"ALTER TABLE workflows_workflowrun ALTER COLUMN summary TYPE {type}")
    finally:
        other.close()
