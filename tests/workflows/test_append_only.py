"""Events and decisions can be added, and that is all, whatever code or hand tries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from tests.rows import a_decision, a_person, a_requirement, a_run, an_event
from workflows.models import Decision, RunEvent

pytestmark = pytest.mark.django_db

Change = Callable[[models.QuerySet[Any]], int | tuple[int, dict[str, int]]]
CHANGES: dict[str, Change] = {
    "update": lambda rows: rows.update(actor="somebody else"),
    "delete": lambda rows: rows.delete(),
    "delete in SQL": lambda rows: connection.cursor().execute(f"DELETE FROM {rows.model._meta.db_table}"),
}


@pytest.fixture(params=[RunEvent, Decision], ids=["event", "decision"])
def kept(request: pytest.FixtureRequest) -> models.QuerySet[Any]:
    run = a_run()
    an_event(run)
    a_decision(a_requirement(run), a_person("reviewer"))
    model: type[models.Model] = request.param
    rows: models.QuerySet[Any] = model._default_manager.all()
    return rows


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_row_cannot_be_changed(kept: models.QuerySet[Any], change: Change) -> None:
    before = list(kept.values())

    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        change(kept)

    assert list(kept.values()) == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has INSERT OR REPLACE")
def test_a_row_cannot_be_replaced(kept: models.QuerySet[Any]) -> None:
    before, table = list(kept.values()), kept.model._meta.db_table

    with pytest.raises(IntegrityError, match="is append-only"), connection.cursor() as cursor:
        cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")

    assert list(kept.values()) == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_a_table_cannot_be_truncated(kept: models.QuerySet[Any]) -> None:
    connection.check_constraints()  # else PostgreSQL refuses for another reason: checks that still wait

    with (
        pytest.raises(IntegrityError, match="is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE workflows_runevent, workflows_decision CASCADE")

    assert kept.exists()


@pytest.mark.parametrize("table", ["workflows_runevent", "workflows_decision"])
def test_the_migrated_tables_have_their_triggers(table: str) -> None:
    assert {"UPDATE", "DELETE"} <= triggers_of(table)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no notifications")
def test_listeners_are_told_of_inserted_events_on_postgresql() -> None:
    assert "INSERT" in triggers_of("workflows_runevent")


def triggers_of(table: str) -> set[str]:
    by_vendor = {
        "sqlite": "SELECT upper(substr(name, length(tbl_name) + 5)) FROM sqlite_master "
        "WHERE type = 'trigger' AND tbl_name = %s",
        "postgresql": "SELECT event_manipulation FROM information_schema.triggers "
        "WHERE event_object_table = %s",
    }
    with connection.cursor() as cursor:
        cursor.execute(by_vendor[connection.vendor], [table])
        return {row[0] for row in cursor.fetchall()}
