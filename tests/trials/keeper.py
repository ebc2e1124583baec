"""Keeps a web process and workers alive: `python -m tests.trials.keeper PORT WORKERS`, until SIGTERM.

What dies is there again at once: the processes are forked from this one, which has loaded everything already.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import django

from tests.trials import clock
from tests.trials.fuse import ROLE


def main(port: str, workers: str) -> None:
    """Load, then fork again and again."""
    django.setup()
    import hitl_portal.urls  # noqa: F401  what a web process loads with its first request

    roles = ["web", *["worker"] * int(workers)]
    signal.signal(signal.SIGTERM, _leave)
    alive: dict[int, str] = {}
    try:
        while True:
            for role in _missing(roles, list(alive.values())):
                alive[_forked(role, lambda role=role: _become(role, port))] = role  # type: ignore[misc]
            dead, _ = os.wait()
            alive.pop(dead, None)
    finally:
        for process in alive:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _missing(wanted: list[str], alive: list[str]) -> list[str]:
    left = list(wanted)
    for role in alive:
        left.remove(role)
    return left


def _forked(role: str, become: Callable[[], None]) -> int:
    process = os.fork()
    if process:
        return process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ[ROLE] = role
    clock.install()
    try:
        become()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _become(role: str, port: str) -> None:
    if role == "web":
        from daphne.cli import CommandLineInterface  # type: ignore[import-untyped]

        CommandLineInterface().run(["-v", "0", "-b", "127.0.0.1", "-p", port, "hitl_portal.asgi:application"])
    else:
        from django.core.management import call_command

        call_command("work", "--concurrency", "2")


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
