"""A worker whose clock is not the database's takes no runs, says so, and goes on once its clock is right."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from tests import databases
from tests.workflows.driving import a_flow, claimed, eventually, lease_over, started
from workflows import Step, Workflow, sweep, worker
from workflows.attendance import Lead
from workflows.models import WorkerBeat, WorkflowRun
from workflows.nudging import Crew
from workflows.timekeeping import KEEPER, Timekeeper
from workflows.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

on_a_server = pytest.mark.skipif(not databases.IS_POSTGRES, reason="a file has no clock of its own")

HOUR = timedelta(hours=1)
SetClock = Callable[[timedelta], None]


@pytest.fixture
def set_clock() -> Iterator[SetClock]:
    """Give what sets the clock of this process ahead; the database's stays."""
    real = timezone.now
    with pytest.MonkeyPatch.context() as patch:
        yield lambda by: patch.setattr(timezone, "now", lambda: real() + by)
    KEEPER.is_right()


@pytest.fixture
def flow() -> Workflow:
    return a_flow(Step("act", lambda given: "done"), id="act")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "workflows.timekeeping"]


@on_a_server
@pytest.mark.parametrize(("by", "way"), [(HOUR, "3600 s ahead of"), (-HOUR, "3600 s behind")])
def test_it_is_told_once_when_a_clock_goes_wrong_and_when_it_is_right_again(
    set_clock: SetClock, caplog: pytest.LogCaptureFixture, by: timedelta, way: str
) -> None:
    keeper = Timekeeper()
    assert keeper.is_right()
    set_clock(by)
    assert [keeper.is_right() for _ in range(3)] == [False] * 3
    assert abs(keeper.now() + by - timezone.now()) < timedelta(seconds=5)
    set_clock(timedelta())
    assert [keeper.is_right() for _ in range(3)] == [True] * 3

    wrong, right = said(caplog)
    assert way in wrong
    assert "again" in right
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


@on_a_server
@pytest.mark.parametrize(("seconds", "is_right"), [(4, True), (6, False), (-4, True), (-6, False)])
def test_a_third_of_a_lease_is_borne(set_clock: SetClock, seconds: int, is_right: bool) -> None:
    set_clock(timedelta(seconds=seconds))

    assert Timekeeper().is_right() == is_right


def test_a_clock_that_stands_by_the_database_is_asked_for_seldom(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    keeper = Timekeeper()
    with django_assert_num_queries(int(connection.vendor == "postgresql")):
        assert [keeper.is_right() for _ in range(100)] == [True] * 100


@pytest.mark.skipif(databases.IS_POSTGRES, reason="a server has a clock of its own")
def test_a_file_has_the_clock_of_its_machine(set_clock: SetClock) -> None:
    set_clock(HOUR)

    assert Timekeeper().is_right()


@on_a_server
def test_a_worker_ahead_takes_nobodys_run_and_goes_on_when_it_is_right(
    flow: Workflow, set_clock: SetClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SWEEP", 0.05)
    run = started(flow)
    other = claimed(flow)
    set_clock(HOUR)
    here = Worker(Crew(name="here", workflows={"act": flow}))

    def run_worker() -> None:
        here.run()
        connections.close_all()

    thread = threading.Thread(target=run_worker)
    thread.start()
    try:
        eventually(lambda: "takes no runs" in " ".join(said(caplog)))
        run.refresh_from_db()
        assert (run.lease_owner, run.fence) == (other.owner, other.fence)

        set_clock(timedelta())
        lease_over(run)
        eventually(lambda: WorkflowRun.objects.filter(finished_at__isnull=False).first())
    finally:
        here.stop()
        thread.join()


@on_a_server
def test_it_leads_no_sweep_and_status_says_why(set_clock: SetClock) -> None:
    sweeper, out = sweep._Thread(Crew(name="here", workflows={})), StringIO()
    set_clock(-HOUR)
    sweeper._round()
    set_clock(timedelta())
    assert WorkerBeat.objects.get().is_alive()
    assert not Lead.objects.exists()

    with pytest.raises(SystemExit):
        call_command("status", stdout=out)
    assert "(takes no runs: its clock is not the database's)" in out.getvalue()
    last = out.getvalue().splitlines()[-1]
    assert last == "no worker takes runs, as their clocks are not the database's"

    sweeper._round()
    assert Lead.objects.get().owner == "here"
