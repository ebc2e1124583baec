"""manage.py up: the whole portal with one command: migrated, seeded, web and worker running."""

import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from hitl_portal.accounts.links import sign_in_url
from hitl_portal.hooks.demo import curl_command, demo_source
from hitl_portal.supervisor import Supervisor
from workflows import registry
from workflows.management.options import between

READY_WITHIN = 30.0
MOST = 100  # worker processes


class Command(BaseCommand):
    """Prepare the database, start web and worker, and keep both alive until Ctrl-C."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument("--port", type=between(1, 65535), default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--workers", type=between(0, MOST), default=1, help="How many worker processes (default: 1)."
        )

    def handle(self, *, host: str, port: int, workers: int, **options: Any) -> None:
        """Run until a signal."""
        del options
        _refuse_taken(host, port)
        if "HITL_PUBLIC_URL" not in os.environ:
            settings.HITL_PUBLIC_URL = os.environ["HITL_PUBLIC_URL"] = f"http://localhost:{port}"
        call_command("migrate", verbosity=0, interactive=False)
        registry.register()
        supervisor = Supervisor(_commands(host, port, workers))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.stop())
        welcome = self._welcome()
        supervisor.start()
        if _answers(host, port, supervisor):
            self.stdout.write(welcome)
            self.stdout.flush()
        elif not supervisor.stopping:
            self.stderr.write(f"The web process does not answer on port {port} yet; its log says why.")
        supervisor.wait()
        self.stdout.write("Stopped.")

    def _welcome(self) -> str:
        lines = ["", f"HITL Portal is at {settings.HITL_PUBLIC_URL}", ""]
        if settings.HITL_DEMO:
            lines += self._seeded()
        return "\n".join([*lines, "Ctrl-C stops everything; the data stays.", ""])

    def _seeded(self) -> list[str]:
        from workflows.demo import seed

        people = seed.people()
        seed.runs(next(person for person in people if person.username == "requester"))
        links = [f"  {person.username:<10} {sign_in_url(person)}" for person in people]
        post = curl_command(demo_source("refund"), seed.WEBHOOK_PAYLOAD)
        return [
            "Sign in with a link (each works once; open them in different browser profiles):",
            *links,
            "",
            "Post a run through the signed webhook, as a machine would:",
            f"  {post}",
            "",
        ]


def _commands(host: str, port: int, workers: int) -> dict[str, list[str]]:
    python, manage = sys.executable, str(settings.BASE_DIR / "manage.py")
    web = [python, "-m", "daphne", "-v", "0", "-b", host, "-p", str(port), "hitl_portal.asgi:application"]
    work = {f"worker {number}": [python, manage, "work"] for number in range(1, workers + 1)}
    return {"web": web, **work}


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise CommandError(f"Port {port} is taken ({taken.strerror}); use: make run PORT=8001") from taken


def _answers(host: str, port: int, supervisor: Supervisor) -> bool:
    """Wait until the web process accepts connections; False when the end was asked for first."""
    deadline = time.monotonic() + READY_WITHIN
    while not supervisor.stopping and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return True
        time.sleep(0.05)
    return False
