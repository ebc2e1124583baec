"""A database in a file for each test, and steps that note when they are called."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.acceptance.acting import WAYS, Log, Way
from tests.acceptance.talking import Desk
from workflows.db import SqliteDb


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Path:
    """Give a database file that needs no migrating, to copy."""
    file = tmp_path_factory.mktemp("acceptance") / "migrated.db"
    with django_db_blocker.unblock():
        handle = SqliteDb(file)
        assert handle.runs is not None
        handle.close()
    return file


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    """Give an empty database's file."""
    return Path(shutil.copy(migrated, tmp_path / "workflow.db"))


@pytest.fixture
def handle(file: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[SqliteDb]:
    """Give the handle of that file."""
    with django_db_blocker.unblock():
        opened = SqliteDb(file)
        yield opened
        opened.close()


@pytest.fixture
def log() -> Log:
    """Give what makes steps, and notes which of them were called."""
    return Log()


@pytest.fixture
def desk() -> Desk:
    """Give what makes agents, and notes what they do."""
    return Desk()


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> Way:
    """Give each of the four ways to run and to continue a workflow."""
    made: Way = request.param
    return made
