"""Supervisor: keeps a few processes alive beside each other, and takes all of them along when it goes."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

CHILD = (sys.executable, "-m", "hitl_portal.child")
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
STEADY = 30.0  # a process that lived this long starts with a short pause again
GRACE = 20.0  # what calls in flight get before they are cut off; docs/operate.md says it


class Supervisor:
    """Start the commands, start again what dies (after a growing pause), stop all of them cleanly."""

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._stop = threading.Event()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._threads = [
            threading.Thread(target=self._keep, args=(name, command), name=name)
            for name, command in commands.items()
        ]

    def start(self) -> None:
        """Start everything."""
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Block until `stop` was called and everything has ended."""
        self._stop.wait()
        for process in list(self._processes.values()):
            process.terminate()
        deadline = time.monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for process in list(self._processes.values()):
            process.kill()
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Ask for the end; may be called from a signal handler."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """The end was asked for."""
        return self._stop.is_set()

    def _keep(self, name: str, command: Sequence[str]) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            began = time.monotonic()
            # A session of its own: Ctrl-C reaches the supervisor alone, which then stops the others in order.
            child = [*CHILD, str(os.getpid()), *command]
            process = subprocess.Popen(child, start_new_session=True)  # noqa: S603  our own commands
            self._processes[name] = process
            if self._stop.is_set():
                process.terminate()
            code = process.wait()
            if self._stop.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - began > STEADY else min(pause * 2, LONGEST_PAUSE)
            log.error("%s ended with %s, starting it again in %.1f s", name, code, pause)
            self._stop.wait(pause)
