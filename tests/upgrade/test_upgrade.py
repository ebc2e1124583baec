"""A database with paused runs of an earlier version, migrated to this one: each run goes on where it was."""

from pathlib import Path

import pytest

from tests.upgrade.conftest import Empty, fill, went_on

VERSIONS = sorted(path.stem.removeprefix("paused_") for path in Path(__file__).parent.glob("paused_*.jsonl"))

pytestmark = pytest.mark.database


@pytest.mark.parametrize("version", VERSIONS)
def test_paused_runs_of_an_earlier_version_go_on(version: str, empty: Empty) -> None:
    database = empty("upgraded")
    fill(database, version)
    found = went_on(database)

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
