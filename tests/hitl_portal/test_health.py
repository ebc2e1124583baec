"""What load balancers ask, without signing in."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.test import Client

from hitl_portal import health
from tests import databases
from tests.processes import children_of

ASKED = """
import sys, django
django.setup()
from django.test import Client
for _ in sys.stdin:
    answer = Client().get("/readyz", headers={"host": "localhost"})
    print(answer.status_code, answer.content.decode(), end="", flush=True)
"""
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)

Ask = Callable[[], str]


@contextmanager
def web(url: str) -> Iterator[Ask]:
    """A web process on that database, which says whether it is ready as often as it is asked."""
    own = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "hitl_portal.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", ASKED],
        cwd=databases.ROOT,
        env=os.environ | own,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    asked, answered = process.stdin, process.stdout
    assert asked is not None
    assert answered is not None

    def ask() -> str:
        print(file=asked, flush=True)
        return answered.readline().rstrip()

    with process:
        yield ask


@contextmanager
def stopped(server: Path) -> Iterator[None]:
    """All processes of the server in that folder stand still: who asks it gets no answer, and no refusal."""
    first = int((server / "postmaster.pid").read_text().splitlines()[0])
    everybody = [first, *children_of(first)]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(everybody):  # the first one buries those who were about to end
            os.kill(pid, signal.SIGCONT)


def connections_to(url: str) -> int:
    with psycopg.connect(url) as connection:
        (count,) = connection.execute(OTHERS).fetchone() or (0,)
    return int(count)


def test_a_process_that_lives_says_so_without_the_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_is_ready_with_a_database_of_this_version(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_done", set())

    assert [client.get("/readyz").status_code for _ in range(2)] == [200, 200]


def test_it_is_not_ready_while_migrations_are_missing(tmp_path: Path) -> None:
    with web(databases.sqlite_url(tmp_path / "new.sqlite3")) as ask:
        assert ask() == "503 the database is not migrated"


def test_it_is_not_ready_without_the_database(tmp_path: Path) -> None:
    with web(databases.sqlite_url(tmp_path)) as ask:  # a folder is none
        assert ask() == "503 the database cannot be reached"


def test_it_is_not_ready_while_the_database_does_not_answer(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # the server runs as somebody else
    url = databases.started_postgres(tmp_path / "postgres")
    with web(url) as ask:
        reached = "503 the database is not migrated"
        assert ask() == reached
        connected = connections_to(url)
        with stopped(tmp_path / "postgres"):
            began = time.monotonic()
            assert [ask() for _ in range(3)] == ["503 the database does not answer"] * 3
            assert time.monotonic() - began < 3 * health.WITHIN + 3

        assert ask() == reached
        assert connections_to(url) == connected
