"""`make trials` and `make soak`: the long forms, on both databases; what was counted goes into docs/reliability.md."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import databases
from tests.trials import page
from tests.trials.dying import POINTS
from tests.trials.running import FORBIDDEN, dying_side_by_side, soak

ROOT = Path(__file__).parents[2]
RACES = ("tests/workflows/test_races.py", "tests/workflows/reviewing/test_races.py")
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
# Portals that are tried side by side.
AT_ONCE = 4

Found = dict[str, dict[str, Any]]


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.trials", description=__doc__)
    parser.add_argument("--on", choices=NAMES, help="on this database alone")
    kinds = parser.add_subparsers(dest="kind", required=True)
    trials = kinds.add_parser("trials", help="kill processes at named points, and run races")
    trials.add_argument("--trials", type=int, default=500)
    trials.add_argument("--seed", type=int, default=random.randrange(10_000))
    soaked = kinds.add_parser("soak", help="an even load for long")
    soaked.add_argument("--runs", type=int, default=10_000)
    soaked.add_argument("--minutes", type=float, default=30)
    given = parser.parse_args()
    on = [given.on] if given.on else list(NAMES)
    if given.kind == "soak":
        _soak(on, given.runs, given.minutes)
    else:
        _trials(on, given.trials, given.seed)


def _trials(on: list[str], trials: int, seed: int) -> None:
    died = _each(on, lambda database, where: dying_side_by_side(trials, _several(database), where, seed))
    command = f"make trials TRIALS={trials} SEED={seed}"
    page.put("Processes that die", command, _of_the_dying(died))
    races = {NAMES[kind]: _races(kind, trials) for kind in on}
    page.put("Races", command, RACED.format(races="\n".join(f"- {name}: {races[name]}" for name in races)))


def _soak(on: list[str], runs: int, minutes: float) -> None:
    found = _each(on, lambda database, where: soak(runs, minutes, database, where))
    page.put("Soak", f"make soak RUNS={runs} MINUTES={minutes:g}", _of_the_soak(found))


def _each(on: list[str], count: Callable[[str, Path], dict[str, Any]]) -> Found:
    """What is counted on each database, which nobody has used before."""
    found = {}
    for kind in on:
        with tempfile.TemporaryDirectory() as directory:
            where = Path(directory)
            found[NAMES[kind]] = count(_database(kind, where), where)
        sys.stdout.write(json.dumps({NAMES[kind]: found[NAMES[kind]]}, indent=1) + "\n")
    return found


def _database(kind: str, directory: Path) -> str:
    if kind == "sqlite":
        return databases.sqlite_url(directory / "trials.sqlite3")
    return databases.started_postgres(directory / "postgres")


def _several(database: str) -> list[str]:
    """Databases beside this one."""
    return [databases.beside(database, f"portal_{number}") for number in range(AT_ONCE)]


def _races(kind: str, rounds: int) -> str:
    """How the tests of races end when each is run so often."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", *RACES]
    clean = {name: value for name, value in os.environ.items() if name != "TEST_DIR"}
    environment = clean | {"TRIALS": str(rounds), "TEST_DATABASE": kind}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip().splitlines()[-1]


def _of_the_dying(found: Found) -> str:
    rows = (
        *("trials", "killed", "not reached", "runs", "runs completed", "runs cancelled by silence"),
        "interrupted, asked a person",
    )
    points = [
        _line([role, f"`{point}`", *(each.get(f"{role} {point} killed", 0) for each in found.values())])
        for role, named in POINTS.items()
        for point in named
    ]
    return DIED.format(
        counts=_table(found, (*rows, *FORBIDDEN)),
        points="\n".join([_line(["Process", "Point", *found]), _rule(2 + len(found)), *points]),
    )


def _of_the_soak(found: Found) -> str:
    memory = [
        _line([f"memory of {name}, MB", *(_grown(each["memory"][name]) for each in found.values())])
        for name in ("web", "worker 1", "worker 2")
    ]
    rows = (
        "runs",
        "runs completed",
        "runs under way, at most",
        "seconds from the last post to the last end",
        *FORBIDDEN,
        "processes that ended",
        "errors in the logs",
    )
    return SOAKED.format(counts="\n".join([_table(found, rows), *memory]))


def _grown(thirds: list[float]) -> str:
    """The memory of three thirds, and how much more the last one has than the middle one."""
    sizes = " → ".join(f"{size:.1f}" for size in thirds)
    return f"{sizes} ({100 * (thirds[2] / thirds[1] - 1):+.1f} %)"


def _table(found: Found, rows: tuple[str, ...]) -> str:
    lines = [_line([row, *(each.get(row, 0) for each in found.values())]) for row in rows]
    return "\n".join([_line(["", *found]), _rule(1 + len(found)), *lines])


def _line(cells: list[Any]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _rule(columns: int) -> str:
    return f"|{'---|' * columns}"


DIED = """
A web process and two workers run with leases of two seconds. In each trial a signed webhook posts a run of three steps,
the middle one waits for a person (in one workflow at once, in one with a hold of a second, in one a deadline answers),
and one process is killed with `kill -9` at one named point (`workflows/points.py`), by a debug hook and not by
chance. Sender and reviewer repeat what was not answered; who was killed is started again. A gated step that was cut off
is not run again by itself: a person is asked, who skips it. In the third workflow that question has the deadline of a
second, too: silence about an interrupted step cancels its run.

{counts}

*Not reached*: the run had ended before that process came by that point so often. *Lost*: not ended after three minutes.
Four such portals, each with its own database, are tried side by side.

{points}
"""

RACED = """
Each test in `tests/workflows/test_races.py` and `tests/workflows/reviewing/test_races.py` as many times as there are
trials: two reviewers; reviewer and deadline; decision and cancel; several workers; one webhook three times; undo and
release; votes. One wins, the others are told who, and the chain of events is whole.

{races}
"""

SOAKED = """
A web process and two workers as `manage.py up` starts them. Signed webhooks post the runs at an even pace; each has
three steps, of which the middle one waits for a person, in a third of them with a hold, and in a third a deadline
answers. Two reviewers open each card and approve it. Ten pages are open, others after five seconds. Memory is what is
resident, the median of each third of the time, and how much more that is in the last than in the middle one. *Errors
in the logs*: lines of that level, and all that were not written by the log.

{counts}
"""


if __name__ == "__main__":
    main()
