"""A portal in processes of its own, as `make run` starts it, with data of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.processes import children_of, is_alive
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
# A start also makes the tables, and commands start anew: that takes its time beside other tests.
START_PATIENCE = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(kw_only=True)
class Portal:
    """The running processes; `log` is what they have printed so far, `sessions` the cookies of who has signed in."""

    directory: Path
    database_url: str
    port: int
    path: str = ""
    process: subprocess.Popen[bytes] | None = None
    sessions: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}{self.path}"

    @property
    def log(self) -> str:
        path = self.directory / "portal.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
            "DATABASE_URL": self.database_url,
            "HITL_DATA_DIR": str(self.directory),
            "HITL_PUBLIC_URL": self.url,
            # What is decided takes effect at once; the test of undoing asks for a hold.
            "HITL_HOLD_SECONDS": "0",
        }

    def start(self) -> None:
        """Start web and worker and wait until pages are answered."""
        with (self.directory / "portal.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_for_pages(self.process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop as Ctrl-C does; processes that outlive it are killed, and reported as a failure."""
        assert self.process is not None
        children = children_of(self.process.pid)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
        finally:
            orphans = [pid for pid in children if is_alive(pid)]
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
            self.process.kill()
        assert not orphans, f"processes outlived the supervisor\n{self.log}"

    def command(self, *arguments: str) -> str:
        """Run a command of `manage.py` on this portal's data and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            check=False,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=START_PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sign_in_link(self, username: str) -> str:
        return self.command("signin_link", username)

    def printed_link(self, username: str) -> str:
        """The one that the start has printed for this person; empty for others than the demo's. It works once."""
        eventually(lambda: "Ctrl-C stops everything" in self.log, "the welcome")
        found = re.findall(rf"^  {re.escape(username)} +(http\S+)$", self.log, re.MULTILINE)
        return found[-1] if found else ""

    def _wait_for_pages(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while time.monotonic() < deadline:
            assert process.poll() is None, f"the portal ended at its start\n{self.log}"
            try:
                httpx.get(self.url, timeout=PATIENCE)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the portal answered no page in {START_PATIENCE:.0f} s\n{self.log}")
