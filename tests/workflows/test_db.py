"""Handles: which database they mean, and what opening one costs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from tests import databases
from tests.statements import sent
from workflows import Workflow
from workflows.databases import database
from workflows.db import AsyncPostgresDb, AsyncSqliteDb, Db, PostgresDb, SqliteDb
from workflows.hop import hop


def act(step_input: Any) -> str:
    """Do something."""
    return "acted"


@pytest.fixture
def new_handle(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[SqliteDb]:
    """Give the handle of a file that is not there yet."""
    with django_db_blocker.unblock():
        opened = SqliteDb(tmp_path / "own.db")
        yield opened
        opened.close()


@pytest.fixture
def handle(new_handle: SqliteDb, tmp_path: Path) -> SqliteDb:
    """Give the handle of a file that has its tables: to make them takes seconds."""
    databases.migrated_sqlite_url(tmp_path / "own.db")
    return new_handle


def alias_of(handle: Db) -> str:
    """Django's name for its database."""
    alias: str = handle.runs.using  # type: ignore[attr-defined]
    return alias


def test_making_a_handle_touches_nothing(tmp_path: Path) -> None:
    SqliteDb(tmp_path / "never.db")
    assert not list(tmp_path.iterdir())


def test_the_first_use_makes_and_migrates_the_file(new_handle: SqliteDb) -> None:
    assert Workflow(name="w", db=new_handle, steps=[act]).run("x").content == "acted"


def test_a_second_handle_in_the_process_asks_one_question(handle: SqliteDb) -> None:
    alias = alias_of(handle)
    second = SqliteDb(db_url=handle.url)

    def opened() -> list[str]:
        with CaptureQueriesContext(connections[alias]) as captured:
            assert alias_of(second) == alias
        return sent(captured)

    sql = hop(opened)
    assert len([statement for statement in sql if "django_migrations" in statement]) <= 2
    assert len(sql) <= 3, sql


def test_a_run_costs_few_statements(handle: SqliteDb) -> None:
    workflow = Workflow(name="w", db=handle, steps=[act])
    workflow.run("x")
    alias = alias_of(handle)
    hop(lambda: setattr(connections[alias], "force_debug_cursor", True))
    hop(lambda: connections[alias].queries_log.clear())  # noqa: PLW0108  connections belong to threads
    workflow.run("x")
    assert hop(lambda: len(connections[alias].queries_log)) <= 24


def test_closing_forgets_the_connection_and_using_it_again_opens_it(handle: SqliteDb) -> None:
    workflow = Workflow(name="w", db=handle, steps=[act])
    workflow.run("x")
    alias = alias_of(handle)
    handle.close()
    assert alias not in connections.settings
    again = Workflow(name="w", db=handle, steps=[act], session_id=workflow.session_id)
    assert len(again.get_session().runs) == 1  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_a_handle_on_the_projects_own_database_is_its_alias() -> None:
    handle = Db(databases.url_of(connection.settings_dict))
    assert alias_of(handle) == "default"
    handle.close()
    assert "default" in connections.settings


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@h:5/n",
        "postgresql+psycopg://u@h:5/n",
        "postgresql+psycopg2://u@h:5/n",
        "postgres://u@h:5/n",
    ],
)
def test_every_spelling_of_an_address_is_the_same_database(url: str) -> None:
    config = database(url)
    named = {key: config[key] for key in ("ENGINE", "NAME", "HOST", "PORT", "USER")}
    assert named == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "n",
        "HOST": "h",
        "PORT": 5,
        "USER": "u",
    }


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (SqliteDb, {"db_file": "a.db", "session_table": "x"}),
        (AsyncSqliteDb, {"db_url": "sqlite:///a.db"}),
        (PostgresDb, {"db_url": "postgresql://h/n", "approvals_table": "x"}),
        (AsyncPostgresDb, {"db_url": "postgresql://h/n"}),
    ],
)
def test_what_other_handles_take_is_accepted(kind: type[Any], given: dict[str, Any]) -> None:
    assert kind(**given).url
