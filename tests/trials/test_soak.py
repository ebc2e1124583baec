"""The short form: an even load for some seconds; all of it ends, and nobody logs an error."""

from pathlib import Path

import pytest

from tests.trials.running import FORBIDDEN, soak
from tests.upgrade.conftest import Empty

pytestmark = pytest.mark.database

RUNS, MINUTES = 60, 0.25


def test_everything_ends_and_nobody_logs_an_error(empty: Empty, tmp_path: Path) -> None:
    counted = soak(RUNS, MINUTES, empty("soak"), tmp_path)

    assert {name: counted.get(name, 0) for name in FORBIDDEN} == dict.fromkeys(FORBIDDEN, 0)
    assert counted["runs"] == counted["runs completed"] == RUNS
    assert counted["errors in the logs"] == counted["processes that ended"] == 0
    assert set(counted["memory"]) == {"web", "worker 1", "worker 2"}
