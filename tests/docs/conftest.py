"""A folder for each test in which a script runs as it would anywhere: on an SQLite file of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from pytest_django import DjangoDbBlocker

from workflows.db import SqliteDb
from workflows.hop import hop


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Path:
    """Give a database that has its tables, to copy: making them takes longer than most samples."""
    file = tmp_path_factory.mktemp("migrated") / "workflow.db"
    with django_db_blocker.unblock():
        assert SqliteDb(file).runs is not None
        hop(_forget_databases)
    return file


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker, migrated_file: Path
) -> Iterator[Path]:
    """Give an empty working directory, but for `workflow.db`, which has its tables and no runs."""
    shutil.copy(migrated_file, tmp_path / "workflow.db")
    monkeypatch.chdir(tmp_path)
    with django_db_blocker.unblock():
        yield tmp_path
        hop(_forget_databases)


def _forget_databases() -> None:
    """Close what scripts have opened, and forget that they did."""
    for alias in [alias for alias in connections if alias != DEFAULT_DB_ALIAS]:
        connections[alias].close()
        del connections[alias], connections.settings[alias]
