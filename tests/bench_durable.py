"""What durability costs on SQLite: `python -m tests.bench_durable`. Prints ratios; judges nothing.

The floor is a run kept with the least statements through raw `sqlite3`: the same commits and as many rows, in tables
that nobody could ask for more. The second floor is what the product sends to its own tables, with their indexes and
triggers, sent by hand (`bench_replay`). All take turns in one process. Bytes are what it handed to write calls.
"""

import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import uuid4

from tests.bench_replay import Replay
from workflows import Step, StepInput, Workflow
from workflows.db import SqliteDb

STEPS, ROUNDS, MEGABYTE = 10, 40, 1_000_000
TABLES = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
CREATE TABLE run (id TEXT PRIMARY KEY, status TEXT, wake_at TEXT, data TEXT);
CREATE TABLE record (run TEXT, path TEXT, status TEXT, cursor INT, memo TEXT, PRIMARY KEY (run, path));
CREATE TABLE value (id TEXT PRIMARY KEY, run TEXT, path TEXT, slot TEXT, data TEXT);
CREATE TABLE event (sequence INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, type TEXT, path TEXT, data TEXT, at TEXT);
"""


def one(step_input: StepInput) -> str:
    """The trivial step."""
    return "x"


def large(step_input: StepInput) -> str:
    """A megabyte."""
    return "x" * MEGABYTE


class Floor:
    """The rows of a run, written by hand."""

    def __init__(self, file: Path) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.executescript(TABLES)

    def run(self) -> None:
        """Start, save before each step and at the end."""
        execute, run = self.connection.execute, uuid4().hex
        execute("BEGIN IMMEDIATE")
        execute("INSERT INTO run VALUES (?, 'RUNNING', '', '{}')", (run,))
        execute("INSERT INTO value VALUES (?, ?, '', 'inputs', '{}')", (uuid4().hex, run))
        self.events(run, "RunQueued")
        execute("COMMIT")
        for number in range(STEPS + 1):
            self.save(run, number)

    def save(self, run: str, number: int) -> None:
        """What came back, and what starts now."""
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        execute("UPDATE run SET status = 'RUNNING', wake_at = '' WHERE id = ?", (run,))
        records = [(run, "", "pending", number, "{}"), (run, f"s{number}", "running", 0, "{}")]
        if number:
            records.append((run, f"s{number - 1}", "completed", 0, "{}"))
            value = (uuid4().hex, run, f"s{number - 1}", "call", '{"content":"x"}')
            execute("INSERT INTO value VALUES (?, ?, ?, ?, ?)", value)
        self.connection.executemany(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?) ON CONFLICT (run, path) DO UPDATE SET "
            "status = excluded.status, cursor = excluded.cursor, memo = excluded.memo",
            records,
        )
        self.events(run, "StepCompleted", "StepStarted")
        execute("COMMIT")

    def events(self, run: str, *types: str) -> None:
        """What is told."""
        self.connection.executemany(
            "INSERT INTO event (run, type, path, data, at) VALUES (?, ?, '', '{}', '')",
            [(run, type) for type in types],
        )


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as directory:
        db = SqliteDb(Path(directory) / "product.db")
        steps = [Step(f"s{number}", one) for number in range(STEPS)]
        product = Workflow(name="trivial", db=db, steps=steps)
        floor = Floor(Path(directory) / "floor.db")
        product.run("x")
        replay = Replay(db, product)
        raw, sent, kept = _in_turns(floor.run, replay.run, lambda: product.run("x"), between=replay.prepare)
        print(f"{STEPS} trivial steps on SQLite, saved after each ({ROUNDS} rounds, medians)")
        print(f"  raw sqlite3 (floor)              {raw * 1000:8.2f} ms")
        print(f"  the product's statements by hand {sent * 1000:8.2f} ms  {sent / raw:5.1f} x")
        print(
            f"  product                          {kept * 1000:8.2f} ms  {kept / raw:5.1f} x  ({kept / sent:.1f})"
        )
        payload = STEPS * MEGABYTE
        heavy = Workflow(name="heavy", db=db, steps=[Step(f"s{number}", large) for number in range(STEPS)])
        print(f"  bytes written for {STEPS} outputs of 1 MB: {_written(heavy) / payload:.2f} x the payload")


def _in_turns(*ways: Callable[[], object], between: Callable[[], object]) -> list[float]:
    """The median seconds of each way; the first round is not counted."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS + 1):
        between()
        for way, taken in zip(ways, times, strict=True):
            start = perf_counter()
            way()
            taken.append(perf_counter() - start)
    return [median(taken[1:]) for taken in times]


def _written(workflow: Workflow) -> int:
    """Bytes that this process handed to write calls during one run (Linux)."""
    before = _handed_over()
    workflow.run("x")
    return _handed_over() - before


def _handed_over() -> int:
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("wchar:"):
            return int(line.split()[1])
    raise RuntimeError("this system does not count written bytes")


if __name__ == "__main__":
    main()
