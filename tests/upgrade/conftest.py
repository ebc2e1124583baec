"""A database that nobody has used, and the commands of `take_up` on it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests import databases

# Makes an empty database of that name, and gives its address.
Empty = Callable[[str], str]

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
    "HITL_DEMO": "0",
    "HITL_HOLD_SECONDS": "0",
    "HITL_LOG_LEVEL": "ERROR",
    "HITL_WORKFLOWS": "tests.upgrade.flows",
}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Empty]:
    """Make databases beside the one of this run."""
    if not databases.IS_POSTGRES:
        yield lambda name: databases.sqlite_url(tmp_path / f"{name}.sqlite3")
        return
    made = []
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:

        def make(name: str) -> str:
            made.append(f"{name}_{os.getpid()}")
            server.execute(f"CREATE DATABASE {made[-1]}".encode())
            return databases.url_named(quote(made[-1]))

        yield make
        for name in made:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def fill(database: str, version: str) -> None:
    """A database of that version's, migrated to this one."""
    _take_up(database, "fill", version)


def went_on(database: str) -> dict[str, Any]:
    """What came of it when everything was approved."""
    found: dict[str, Any] = json.loads(_take_up(database, "go_on"))
    return found


def _take_up(database: str, *task: str) -> str:
    command = [sys.executable, "-m", "tests.upgrade.take_up", *task]
    environment = os.environ | ENVIRONMENT | {"DATABASE_URL": database}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
