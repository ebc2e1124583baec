"""The short form: at every named point one process dies once."""

from pathlib import Path

import pytest

from tests.trials.dying import POINTS
from tests.trials.running import FORBIDDEN, dying
from tests.upgrade.conftest import Empty
from workflows import points

pytestmark = pytest.mark.database

EACH = sum(len(named) for named in POINTS.values())


def test_no_point_is_left_out() -> None:
    assert {point for named in POINTS.values() for point in named} == set(points.ALL)


def test_whoever_dies_wherever_every_run_ends_and_nothing_runs_twice(empty: Empty, tmp_path: Path) -> None:
    counted = dying(EACH, empty("dying"), tmp_path)

    assert {name: counted.get(name, 0) for name in FORBIDDEN} == dict.fromkeys(FORBIDDEN, 0)
    assert counted["runs"] == counted["runs completed"] == EACH
    assert counted["killed"] >= EACH * 0.8, counted  # which save is the last one differs
