"""A clock that can be stepped: all processes of a site add what a file says to the time.

The fault is injected where the product asks for the time (`django.utils.timezone.now`): to step the machine's own clock
takes rights that tests do not have.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from tests.trials.fuse import DIRECTORY

NAME = "clock"


def step(directory: Path, by: timedelta) -> None:
    """From now on the clock is ahead by so much."""
    draft = directory / "clock-draft"
    draft.write_text(str(by.total_seconds()))
    draft.rename(directory / NAME)


def install() -> None:
    """Have this process look at it."""
    file, true_now = Path(os.environ[DIRECTORY]) / NAME, timezone.now

    def now() -> datetime:
        try:
            ahead = float(file.read_text())
        except FileNotFoundError:
            ahead = 0.0
        return true_now() + timedelta(seconds=ahead)

    timezone.now = now
