"""`manage.py up`: one command brings everything, again and again, and takes everything along."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.databases import migrated_sqlite_url, sqlite_url
from tests.e2e.portal import PATIENCE, ROOT, Portal, free_port
from tests.processes import children_of, is_alive
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

COUNTS = (
    "from django.contrib.auth.models import User; from workflows.models import WorkflowRun; "
    "print(User.objects.count(), WorkflowRun.objects.count())"
)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Give a portal that is not started, with tables; whatever runs is gone after the test."""
    url = migrated_sqlite_url(tmp_path / "own.sqlite3")
    made = Portal(directory=tmp_path, database_url=url, port=free_port())
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


@pytest.fixture
def new_portal(portal: Portal) -> Portal:
    """Give the same without any data."""
    portal.database_url = sqlite_url(portal.directory / "new.sqlite3")
    return portal


def children(portal: Portal) -> dict[int, str]:
    assert portal.process is not None
    return children_of(portal.process.pid)


def child(portal: Portal, command: str) -> int:
    """The number of the child that runs this command."""
    return eventually(lambda: next((pid for pid, line in children(portal).items() if command in line), None))


def welcome(portal: Portal) -> str:
    return eventually(lambda: portal.log if "Ctrl-C stops everything" in portal.log else None, "the welcome")


def test_it_says_where_it_is_and_how_to_begin(new_portal: Portal) -> None:
    portal = new_portal
    portal.start()
    said = welcome(portal)

    assert f"HITL Portal is at {portal.url}" in said
    links = re.findall(rf"^  (\w+) +({re.escape(portal.url)}\S+)$", said, re.MULTILINE)
    assert [name for name, _ in links] == ["admin", "reviewer", "requester"]
    assert all(httpx.get(link).status_code == 200 for _, link in links)
    assert "curl" in said
    assert f"{portal.url}/hooks/" in said


def test_it_may_stand_below_a_path_of_a_host(portal: Portal) -> None:
    portal.path = "/approvals"
    portal.start()
    link = re.findall(rf"{re.escape(portal.url)}/accounts/link/\S+", welcome(portal))[0]

    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(link)
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[0]
        inbox = browser.post(link, data={"csrfmiddlewaretoken": token})
        assert str(inbox.url) == f"{portal.url}/"
        addresses = re.findall(r'(?:href|src|action|hx-get|hx-post|data-live)="(/[^"]*)"', inbox.text)
        assert len(addresses) > 10
        assert [address for address in addresses if not address.startswith("/approvals/")] == []
        style = next(address for address in addresses if address.endswith("portal.css"))
        for asked in (style, style.removeprefix("/approvals")):  # as a proxy passes it on, or takes it off
            assert browser.get(f"http://localhost:{portal.port}{asked}").status_code == 200
    assert {cookie.path for cookie in browser.cookies.jar} == {"/approvals"}


def test_starting_it_again_keeps_the_data_and_seeds_nothing(portal: Portal) -> None:
    portal.start()
    welcome(portal)
    portal.stop()
    before = portal.command("shell", "--no-imports", "-c", COUNTS)
    portal.start()

    assert before == portal.command("shell", "--no-imports", "-c", COUNTS)
    assert "0" not in before.split()


def test_ctrl_c_stops_everything(portal: Portal) -> None:
    portal.start()
    welcome(portal)
    pids = children(portal)
    portal.stop()

    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)
    assert portal.process is not None
    assert portal.process.returncode == 0
    assert portal.log.endswith("Stopped.\n")
    assert "Traceback" not in portal.log


@pytest.mark.parametrize("command", ["daphne", "work"])
def test_what_was_killed_comes_back(portal: Portal, command: str) -> None:
    portal.start()
    first = child(portal, command)
    os.kill(first, signal.SIGKILL)

    assert eventually(lambda: not is_alive(first))
    assert child(portal, command) != first
    portal._wait_for_pages(portal.process)  # type: ignore[arg-type]


def test_nothing_outlives_a_supervisor_that_was_killed(portal: Portal) -> None:
    portal.start()
    welcome(portal)
    pids = children(portal)
    assert portal.process is not None
    portal.process.kill()
    portal.process.wait()

    assert len(pids) == 2
    eventually(lambda: not any(is_alive(pid) for pid in pids), "the end of the children")


def test_a_taken_port_is_told_before_anything_is_touched(new_portal: Portal) -> None:
    portal = new_portal
    with socket.socket() as other:
        other.bind(("127.0.0.1", portal.port))
        other.listen()
        done = subprocess.run(
            [sys.executable, "manage.py", "up", "--port", str(portal.port)],
            cwd=ROOT,
            env=portal.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    assert done.returncode == 1
    assert f"Port {portal.port} is taken" in done.stderr
    assert "make run PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (portal.directory / "new.sqlite3").exists()
