"""What dies is started again; the end takes everybody along, however it comes."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitl_portal import supervisor
from hitl_portal.supervisor import Supervisor
from tests.processes import is_alive
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import os, signal, sys, threading
ended = threading.Event()
if sys.argv[2] == "polite":
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
else:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(sys.argv[1], "a") as pids:
    pids.write(f"{os.getpid()}\\n")
ended.wait()
with open(sys.argv[1] + ".ended", "a") as ends:
    ends.write(f"{os.getpid()}\\n")
"""
PARENT = """
import sys
from hitl_portal.supervisor import Supervisor
supervisor = Supervisor({"child": sys.argv[1:]})
supervisor.start()
supervisor.wait()
"""


class Child:
    """A process that notes when it begins and when it ends of its own accord."""

    def __init__(self, directory: Path, manner: str = "polite") -> None:
        self._notes = directory / "pids"
        self.command = [sys.executable, "-c", CHILD, str(self._notes), manner]

    def pid(self, number: int = 1) -> int:
        """The process number of the first, second ... time that it was started."""
        return eventually(lambda: self._started()[number - 1 : number], "the start of a child")[0]

    @property
    def ended(self) -> list[int]:
        """Those that said goodbye."""
        ends = Path(f"{self._notes}.ended")
        return [int(pid) for pid in ends.read_text().split()] if ends.exists() else []

    def _started(self) -> list[int]:
        return [int(pid) for pid in self._notes.read_text().split()] if self._notes.exists() else []


@pytest.fixture
def child(tmp_path: Path) -> Child:
    return Child(tmp_path)


@pytest.fixture
def keeper(child: Child, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    keeper = Supervisor({"child": child.command})
    keeper.start()
    yield keeper
    keeper.stop()
    keeper.wait()


def gone(pid: int) -> bool:
    return eventually(lambda: not is_alive(pid), "the end of a child")


@pytest.mark.usefixtures("keeper")
def test_a_child_that_was_killed_is_started_again(child: Child) -> None:
    os.kill(child.pid(1), signal.SIGKILL)

    assert is_alive(child.pid(2))


@pytest.mark.usefixtures("keeper")
def test_a_child_that_dies_again_and_again_is_started_ever_more_slowly(
    child: Child, caplog: pytest.LogCaptureFixture
) -> None:
    for number in (1, 2, 3):
        os.kill(child.pid(number), signal.SIGKILL)
    child.pid(4)

    pauses = [record.args[2] for record in caplog.records if isinstance(record.args, tuple)]
    assert pauses == [0.02, 0.04, 0.08]
    assert caplog.records[0].levelno == logging.ERROR


def test_the_end_lets_everybody_finish(child: Child, keeper: Supervisor) -> None:
    pid = child.pid()
    keeper.stop()
    keeper.wait()

    assert child.ended == [pid]
    assert not is_alive(pid)


def test_who_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE", 0.1)
    child = Child(tmp_path, "deaf")
    keeper = Supervisor({"child": child.command})
    keeper.start()
    pid = child.pid()
    keeper.stop()
    keeper.wait()

    assert not is_alive(pid)
    assert child.ended == []


def test_an_end_during_a_pause_starts_nobody_again(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 60)
    keeper = Supervisor({"child": child.command})
    keeper.start()
    os.kill(child.pid(), signal.SIGKILL)
    keeper.stop()
    keeper.wait()

    assert child._started() == [child.pid()]


def test_a_supervisor_that_is_killed_leaves_no_orphan(child: Child) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *child.command], cwd=ROOT)
    pid = child.pid()
    parent.kill()
    parent.wait()

    assert gone(pid)
    assert child.ended == [pid]


def test_a_child_whose_parent_has_gone_already_does_not_begin(child: Child) -> None:
    command = [sys.executable, "-m", "hitl_portal.child", "-1", *child.command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 1
    assert "the parent has gone already" in done.stderr
