"""Running trials in a process of their own, on a database that nobody has used."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
# A soak is of the portal as it is.
PLAIN = {
    "HITL_LEASE_SECONDS": "15",
    "HITL_LOG_FORMAT": "json",
    "HITL_LOG_LEVEL": "WARNING",
    "HITL_POINTS": "",
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
    return _run("dying", [str(trials), str(seed)], database, directory)


def trouble(name: str, database: str, directory: Path) -> dict[str, Any]:
    """What was counted while something was away."""
    return _run("troubles", [name], database, directory)


def dying_side_by_side(trials: int, databases: Sequence[str], directory: Path, seed: int) -> dict[str, Any]:
    """The same, shared between as many portals as there are databases: each waits for leases and holds most of the
    time."""
    counted = Counter[str]()
    with ThreadPoolExecutor(len(databases)) as pool:
        parts = []
        for number, database in enumerate(databases):
            own = directory / f"portal-{number}"
            own.mkdir()
            part = len(range(number, trials, len(databases)))
            parts.append(pool.submit(dying, part, database, own, seed + number))
        for done in parts:
            counted.update(done.result())
    return dict(counted)


def soak(runs: int, minutes: float, database: str, directory: Path) -> dict[str, Any]:
    """What was counted of so many runs in that time."""
    return _run("soak", [str(runs), str(minutes)], database, directory, PLAIN)


@contextmanager
def small_disk(directory: Path) -> Iterator[None]:
    """A file system of some megabytes there. Raises CalledProcessError where one may not mount."""
    options = ["-t", "tmpfs", "-o", "size=60m", "tmpfs", str(directory)]
    subprocess.run(["mount", *options], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


def _run(
    trials: str, options: list[str], database: str, directory: Path, more: Mapping[str, str] = ENVIRONMENT
) -> dict[str, Any]:
    command = [sys.executable, "-m", f"tests.trials.{trials}", *options]
    own = {"DATABASE_URL": database, "HITL_DATA_DIR": str(directory), "TRIAL_DIR": str(directory)}
    environment = os.environ | ENVIRONMENT | dict(more) | own
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted
