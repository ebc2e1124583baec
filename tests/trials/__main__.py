"""`make trials`: the long form on both databases; writes docs/reliability.md."""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import databases
from tests.trials.dying import POINTS
from tests.trials.running import FORBIDDEN, dying

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
RACES = ("tests/workflows/test_races.py", "tests/workflows/reviewing/test_races.py")


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.trials", description=__doc__)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    given = parser.parse_args()
    found = {"SQLite": _all("sqlite", given.trials, given.seed)}
    found["PostgreSQL"] = _all("postgres", given.trials, given.seed)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    PAGE.write_text(_page(found, given.trials, given.seed))


def _all(kind: str, trials: int, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        where = Path(directory)
        counted = dying(trials, _database(kind, where), where, seed)
    return counted | {"races": _races(kind, trials)}


def _database(kind: str, directory: Path) -> str:
    if kind == "sqlite":
        return databases.sqlite_url(directory / "trials.sqlite3")
    return databases.started_postgres(directory / "postgres")


def _races(kind: str, rounds: int) -> str:
    """How the tests of races end when each is run so often."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", *RACES]
    clean = {name: value for name, value in os.environ.items() if name != "TEST_DIR"}
    environment = clean | {"TRIALS": str(rounds), "TEST_DATABASE": kind}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip().splitlines()[-1]


def _page(found: dict[str, dict[str, Any]], trials: int, seed: int) -> str:
    names = list(found)
    rows = [
        "trials",
        "killed",
        "not reached",
        "runs",
        "runs completed",
        "interrupted, asked a person",
        *FORBIDDEN,
    ]
    lines = [f"| {row} | {' | '.join(str(found[name].get(row, 0)) for name in names)} |" for row in rows]
    points = [
        f"| {role} | `{point}` | {' | '.join(_killed(found[name], role, point) for name in names)} |"
        for role, named in POINTS.items()
        for point in named
    ]
    return TEXT.format(
        command=f"make trials TRIALS={trials} SEED={seed}",
        day=datetime.now(UTC).date(),
        machine=f"Python {platform.python_version()}, {os.cpu_count()} cores",
        heads=" | ".join(names),
        rule="|".join(["---"] * len(names)),
        counts="\n".join(lines),
        points="\n".join(points),
        races="\n".join(f"- {name}: {found[name]['races']}" for name in names),
    )


def _killed(counted: dict[str, Any], role: str, point: str) -> str:
    return str(counted.get(f"{role} {point} killed", 0))


TEXT = """# Reliability

What was promised, and what was counted. Written by `{command}` on {day} ({machine}).

## Processes that die

A web process and two workers run with leases of two seconds. In each trial a signed webhook posts a run of three steps,
the middle one waits for a person (in one workflow at once, in one with a hold of a second, in one a deadline answers),
and one process is killed with `kill -9` at one named point (`workflows/points.py`), by a debug hook and not by
chance. Sender and reviewer repeat what was not answered; who was killed is started again. A gated step that was cut off
is not run again by itself: a person is asked, who skips it.

| | {heads} |
|---|{rule}|
{counts}

*Not reached*: the run had ended before that process came by that point so often. *Lost*: not ended after a minute.

| Process | Point | {heads} |
|---|---|{rule}|
{points}

## Races

Each test in `tests/workflows/test_races.py` and `tests/workflows/reviewing/test_races.py` as many times as there are
trials: two reviewers; reviewer and deadline; decision and cancel; several workers; one webhook three times; undo and
release; votes. One wins, the others are told who, and the chain of events is whole.

{races}
"""


if __name__ == "__main__":
    main()
