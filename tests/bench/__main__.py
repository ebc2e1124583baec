"""`make bench`: every part in a process of its own, one after another; prints the table, and writes it where asked."""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import places
from tests.bench.rows import Row, heard, table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
# A busy machine slows floor and product, but not always both alike.
CALM = 1.5
PARTS = (
    "steps",
    "cycle",
    "growth",
    "loop sqlite",
    "loop postgres",
    "payload",
    "fresh",
    "web sqlite",
    "web postgres",
    "telling",
    "evaluator",
)
# These take minutes, and gigabytes.
BIG = ("many sqlite", "many postgres", "crowd sqlite", "crowd postgres")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--big", action="store_true", help="also what takes minutes")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--only", nargs="*", help="these parts alone, by how they begin")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    if load > CALM:
        sys.stderr.write(f"The machine is busy (load {load:.1f}): what comes out is not worth much.\n")
    parts = [*PARTS, *(BIG if given.big or given.only else ())]
    wanted = [part for part in parts if not given.only or part.startswith(tuple(given.only))]
    rows = [row for part in wanted for row in _measured(part)]
    text = f"{table(rows)}\n\n{_said(load)}"
    sys.stdout.write(f"\n{text}\n")
    if given.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}")


def _measured(part: str) -> Iterator[Row]:
    """The rows of a part, as it tells them; a part that fails is said, and the others go on."""
    sys.stderr.write(f"{part}\n")
    module, *arguments = part.split()
    command = [sys.executable, "-m", f"tests.bench.{module}", *arguments]
    environment = os.environ | {places.SERVER: places.started()}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            row = heard(line)
            sys.stderr.write(f"  {row.line()}\n")
            yield row
    if process.returncode:
        sys.stderr.write(f"  {part} failed\n")


def _said(load: float) -> str:
    day = datetime.now(UTC).date().isoformat()
    return (
        f"Measured on {day}: Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {load:.1f} when it began."
    )


if __name__ == "__main__":
    main()
