"""The fuse: says at which point which process dies next; whoever burns it is killed at once, as by `kill -9`.

`HITL_POINTS=tests.trials.fuse.burn` makes a process look at each of its points. The fuse is a file in TRIAL_DIR: it
names the process by its role, the point, and how many times the point is passed before.
"""

import os
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROLE = "TRIAL_ROLE"
DIRECTORY = "TRIAL_DIR"

_passed: Counter[str] = Counter()


@dataclass(frozen=True, kw_only=True)
class Fuse:
    """Which process dies where, after it has passed that point so often; `number` tells one fuse from the next."""

    number: int
    role: str
    point: str
    passes: int = 0

    def light(self, directory: Path) -> None:
        """From now on it may burn. It is there as a whole, or not at all."""
        draft = directory / "draft"
        draft.write_text(f"{self.number} {self.role} {self.point} {self.passes}")
        draft.rename(directory / "fuse")


def put_out(directory: Path) -> bool:
    """Take away a fuse that nobody has burnt; whether somebody had."""
    try:
        (directory / "fuse").unlink()
    except FileNotFoundError:
        return True
    return False


def burn(point: str) -> None:
    """This process is at a point: it dies, if the fuse says so."""
    directory = Path(os.environ[DIRECTORY])
    try:
        number, role, wanted, passes = (directory / "fuse").read_text().split()
    except FileNotFoundError:
        return
    if (role, wanted) != (os.environ[ROLE], point):
        return
    _passed[number] += 1
    if _passed[number] > int(passes) and put_out_by_us(directory):
        os.kill(os.getpid(), signal.SIGKILL)


def put_out_by_us(directory: Path) -> bool:
    """Of several processes at the point one dies."""
    try:
        (directory / "fuse").unlink()
    except FileNotFoundError:
        return False
    return True
