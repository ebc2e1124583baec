"""A database with paused runs of an earlier version, migrated to this one: each run goes on where it was."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests import databases

HERE = Path(__file__).parent
VERSIONS = sorted(path.stem.removeprefix("paused_") for path in HERE.glob("paused_*.jsonl"))
DATABASE = "upgraded"

pytestmark = pytest.mark.database


@pytest.fixture
def empty_database(tmp_path: Path) -> Iterator[str]:
    """Give the address of a database that nobody has used."""
    if not databases.IS_POSTGRES:
        yield databases.sqlite_url(tmp_path / f"{DATABASE}.sqlite3")
        return
    name = f"{DATABASE}_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        yield databases.url_named(quote(name))
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def taken_up(version: str, database: str) -> dict[str, Any]:
    """What `take_up` says."""
    environment = os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
        "HITL_DEMO": "0",
        "HITL_HOLD_SECONDS": "0",
        "HITL_LOG_LEVEL": "ERROR",
        "HITL_WORKFLOWS": "tests.upgrade.flows",
    }
    command = [sys.executable, "-m", "tests.upgrade.take_up", version]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_paused_runs_of_an_earlier_version_go_on(version: str, empty_database: str) -> None:
    found = taken_up(version, empty_database)

    assert found["found"] == [
        "kept-branched both/left before:0",
        "kept-gated send before:0",
        "kept-looped refine/2 review:0",
        "kept-reviewed draft review:1",
    ]
    assert found["ended"] == {
        "kept-gated": ["COMPLETED", "after sent: prepared it"],
        "kept-reviewed": ["COMPLETED", "after a draft"],
        "kept-looped": ["COMPLETED", "after a draft"],
        "kept-branched": ["COMPLETED", "left"],
    }
    assert found["whole"], "the chain of events is broken"
    # What had run before the upgrade has not run again.
    assert {name: events.count("StepStarted") for name, events in found["events"].items()} == {
        "kept-gated": 3,
        "kept-reviewed": 3,
        "kept-looped": 3,
        "kept-branched": 3,
    }
