"""The heartbeat: every run that this process drives keeps its lease, and one thread sees to all of them."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from workflows.errors import LeaseLost
from workflows.store.heartbeat import kept_alive

PATIENCE = 10


@pytest.fixture(autouse=True)
def short_leases(settings: Any) -> None:
    settings.HITL_LEASE_SECONDS = 0.03


class Run:
    """A run whose beats can be waited for."""

    def __init__(self, beating: Callable[[], object] = lambda: None) -> None:
        self.beating, self.beats = beating, threading.Semaphore(0)
        self.threads: set[int] = set()

    def beat(self) -> None:
        """Note it."""
        self.threads.add(threading.get_ident())
        self.beats.release()
        self.beating()

    def beaten(self, times: int) -> bool:
        """Whether it gets so many beats."""
        return all(self.beats.acquire(timeout=PATIENCE) for _ in range(times))


def lost() -> None:
    raise LeaseLost("somebody else drives it")


def broken() -> None:
    raise KeyError("a mistake")


def test_a_run_gets_beats_for_as_long_as_it_is_driven() -> None:
    run = Run()
    with kept_alive(run):
        assert run.beaten(3)


def test_one_thread_sees_to_several_runs() -> None:
    first, second = Run(), Run()
    with kept_alive(first), kept_alive(second):
        assert first.beaten(2)
        assert second.beaten(2)
    assert len(first.threads | second.threads) == 1


def test_a_run_that_is_done_gets_no_more() -> None:
    done, other = Run(), Run()
    with kept_alive(other):
        with kept_alive(done):
            assert done.beaten(1)
        while done.beats.acquire(blocking=False):
            pass
        assert other.beaten(3)
    assert not done.beats.acquire(blocking=False)


def test_a_beat_that_is_under_way_is_waited_for() -> None:
    go_on, finished = threading.Event(), threading.Event()

    def slow() -> None:
        go_on.wait(PATIENCE)
        finished.set()

    run = Run(slow)
    with kept_alive(run):
        assert run.beaten(1)
        threading.Timer(0.01, go_on.set).start()
    assert finished.is_set()


def test_a_lost_lease_gets_no_more_and_the_others_do() -> None:
    gone, other = Run(lost), Run()
    with kept_alive(gone), kept_alive(other):
        assert gone.beaten(1)
        assert other.beaten(3)
        assert not gone.beats.acquire(blocking=False)


def test_a_mistake_in_one_beat_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    odd, other = Run(broken), Run()
    with caplog.at_level(logging.ERROR), kept_alive(odd), kept_alive(other):
        assert odd.beaten(2)
        assert other.beaten(2)
    assert "could not be prolonged" in caplog.text


def test_it_begins_again_after_it_has_ended() -> None:
    for _ in range(2):
        run = Run()
        with kept_alive(run):
            assert run.beaten(1)
        thread = next((thread for thread in threading.enumerate() if thread.ident in run.threads), None)
        if thread is not None:
            thread.join(PATIENCE)
            assert not thread.is_alive()
