"""Worker processes that tests start beside themselves."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[2]
Process = subprocess.Popen[bytes]


class Hire(Protocol):
    """Starts a worker."""

    def __call__(self, *options: str, **environment: str) -> Process:
        """`manage.py work` with these options; it is gone after the test."""


def kill(process: Process) -> None:
    """End it without a warning."""
    process.kill()
    process.wait()


@contextmanager
def hiring(environment: Mapping[str, str], log: Path) -> Iterator[Hire]:
    """Start workers, who are gone afterwards."""
    hired: list[Process] = []

    def start(*options: str, **more: str) -> Process:
        command = [sys.executable, "manage.py", "work", *options]
        with log.open("ab") as file:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**environment, **more}, stdout=file, stderr=subprocess.STDOUT
            )
        hired.append(process)
        return process

    yield start
    for process in hired:
        kill(process)
