"""The short form: what everybody leans on goes away under load, and comes back."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.trials.running import FORBIDDEN, small_disk, trouble


def nothing_is_lost(counted: dict[str, Any]) -> None:
    assert {name: counted[name] for name in FORBIDDEN} == dict.fromkeys(FORBIDDEN, 0)
    assert counted["runs"] == counted["runs completed"] > 0


def test_clocks_that_jump(tmp_path: Path) -> None:
    nothing_is_lost(trouble("clock-steps", databases.sqlite_url(tmp_path / "site.sqlite3"), tmp_path))


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    try:
        with small_disk(tmp_path):
            nothing_is_lost(trouble("disk-full", databases.sqlite_url(tmp_path / "site.sqlite3"), tmp_path))
    except subprocess.CalledProcessError as refused:
        if "mount" not in refused.cmd:
            raise
        pytest.skip("a small file system cannot be mounted here")


@pytest.mark.parametrize(
    "what", ["postgres-crashes", pytest.param("postgres-restarts", marks=pytest.mark.long)]
)
def test_a_server_that_is_gone_for_a_while(tmp_path: Path, what: str) -> None:
    tmp_path.chmod(0o755)  # the server runs as somebody else
    counted = trouble(what, databases.started_postgres(tmp_path / "postgres"), tmp_path)
    nothing_is_lost(counted)
    assert counted["steps cut off"] == counted["processes that died"] == 0
