"""Running trials in a process of their own, on a database that nobody has used."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
    "HITL_DEMO": "0",
    "HITL_HOLD_SECONDS": "0",
    "HITL_LEASE_SECONDS": "2",
    "HITL_LOG_LEVEL": "ERROR",
    "HITL_POINTS": "tests.trials.fuse.burn",
    "HITL_WORKFLOWS": "tests.trials.flows",
}
# What must not happen, as it is counted.
FORBIDDEN = (
    "lost",
    "gated steps run twice",
    "gated steps run without a decision",
    "questions decided twice",
    "chain broken",
)


def dying(trials: int, database: str, directory: Path, seed: int = 0) -> dict[str, Any]:
    """What was counted in so many trials."""
    command = [sys.executable, "-m", "tests.trials.dying", str(trials), str(seed)]
    own = {"DATABASE_URL": database, "HITL_DATA_DIR": str(directory), "TRIAL_DIR": str(directory)}
    environment = os.environ | ENVIRONMENT | own
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted
