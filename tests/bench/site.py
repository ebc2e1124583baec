"""Site: a portal on a database of its own, its reviewer, and web processes; Django is set up by making it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench import places
from tests.e2e.portal import ROOT, free_port
from tests.processes import memory_of

if TYPE_CHECKING:
    from workflows.models import Requirement

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
    "HITL_DEMO": "0",
    "HITL_HOLD_SECONDS": "0",
    "HITL_LOG_LEVEL": "ERROR",
    "HITL_WORKFLOWS": "tests.bench.flows",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
}
PORTAL = "hitl_portal.asgi:application"
PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """A web process that answers."""

    port: int
    process: int

    @property
    def memory(self) -> int:
        """Its resident bytes."""
        return memory_of(self.process)


class Site:
    """On a new database; `kind` is sqlite or postgres."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.url = _database(kind)
        os.environ.update(SETTINGS | {"DATABASE_URL": self.url, "HITL_DATA_DIR": str(places.directory())})
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from django.contrib.auth.models import Group, User

        from workflows import policy, registry

        registry.register()
        self.group = Group.objects.get_or_create(name=policy.REVIEWERS)[0]
        self.reviewer = User.objects.create_user("reviewer")
        self.reviewer.groups.add(self.group)

    @property
    def name(self) -> str:
        """What tables call the database."""
        return "SQLite" if self.kind == "sqlite" else "PostgreSQL"

    @contextmanager
    def serve(self, application: str = PORTAL, **environment: str) -> Iterator[Server]:
        """Meanwhile a web process runs, as `manage.py up` starts it."""
        port = free_port()
        command = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), application]
        with subprocess.Popen(command, cwd=ROOT, env=os.environ | environment) as process:
            try:
                _wait_for(port)
                yield Server(port=port, process=process.pid)
            finally:
                process.terminate()

    def cookie(self) -> str:
        """A session of the reviewer's."""
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(self.reviewer)
        return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    def open_requirements(self, count: int) -> "list[Requirement]":
        """So many new runs, each of which waits for a person."""
        from workflows import registry, runner, services, store
        from workflows.models import Requirement

        actor, known, runs = services.Actor.of(self.reviewer), registry.known(), []
        for _ in range(count):
            run = services.start_run("bench-asking", "x", actor=actor, source="bench")
            claim: Any = store.claim_run(run.id, "bench")
            runner.advance(claim, known, threading.Event())
            runs.append(run.id)
        found = {one.run_id: one for one in Requirement.objects.filter(status="open", run__in=runs)}
        return [found[run] for run in runs]


def _database(kind: str) -> str:
    if kind == "postgres":
        return places.new_database("portal")
    return f"sqlite:///{places.directory() / 'portal.sqlite3'}"


def _wait_for(port: int) -> None:
    import socket

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing answers on port {port} within {PATIENCE:.0f} s")
