"""Events, decisions and checkpoints can be added, and that is all, whatever code or hand tries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from tests.rows import a_decision, a_person, a_requirement, a_run, an_event
from workflows import append_only
from workflows.models import Checkpoint, Decision, RunEvent, SealedHead

pytestmark = pytest.mark.django_db

Change = Callable[[models.QuerySet[Any]], int | tuple[int, dict[str, int]]]
CHANGES: dict[str, Change] = {
    "update": lambda rows: rows.update(digest="another"),
    "delete": lambda rows: rows.delete(),
    "delete in SQL": lambda rows: connection.cursor().execute(f"DELETE FROM {rows.model._meta.db_table}"),
}


@pytest.fixture(params=[RunEvent, Decision, Checkpoint, SealedHead], ids=lambda model: model.__name__)
def kept(request: pytest.FixtureRequest) -> models.QuerySet[Any]:
    run = a_run()
    an_event(run)
    a_decision(a_requirement(run), a_person("reviewer"))
    checkpoint = Checkpoint.objects.create(number=1, heads=1, created_at=run.created_at)
    SealedHead.objects.create(checkpoint=checkpoint, run=run, position=1)
    model: type[models.Model] = request.param
    rows: models.QuerySet[Any] = model._default_manager.all()
    return rows


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_row_cannot_be_changed(kept: models.QuerySet[Any], change: Change) -> None:
    before = list(kept.values())

    with pytest.raises(IntegrityError, match=r"is append-only|protected"), transaction.atomic():
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


ERASED = {"feedback": "", "answer": {"action": "approve"}, "salt": ""}


def test_the_words_of_a_decision_can_be_erased(kept: models.QuerySet[Any]) -> None:
    decisions = Decision.objects.all()
    before = decisions.values().get()

    assert decisions.update(**ERASED) == 1
    assert decisions.values().get() == before | ERASED


@pytest.mark.parametrize(
    "more",
    [{"action": "reject"}, {"actor": "somebody"}, {"answer": {}}, {"feedback": "No"}, {"closes": False}],
)
def test_nothing_else_of_it_is_changed_with_them(kept: models.QuerySet[Any], more: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        Decision.objects.update(**ERASED | more)


@pytest.mark.parametrize("table", append_only.TABLES)
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
