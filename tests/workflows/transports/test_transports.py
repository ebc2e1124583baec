"""The same small trial on every transport, with the real servers: nudged, and found where a nudge was lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests import brokers, databases, flows
from tests.waiting import eventually
from tests.workflows.driving import PATIENCE, decide, started
from tests.workflows.hiring import ROOT, Hire
from workflows import sweep
from workflows.models import Lead, Requirement, Value, WorkerBeat, WorkflowRun
from workflows.registration import register_plan
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db(transaction=True)

# Those whose messages are rows, and those whose messages go through a broker.
WITH_TABLES, WITH_BROKER = {"tasks", "procrastinate"}, {"celery"}
# A broker is for those who have a server.
TRANSPORTS = ["database", "tasks", *(["celery", "procrastinate"] if databases.IS_POSTGRES else [])]
CALLS = ["before", "act", "after"]

Environment = dict[str, str]


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, process_environment: Environment) -> Iterator[Environment]:
    """Give the environment of processes on a transport, whose tables and servers are there."""
    chosen = {"HITL_TRANSPORT": request.param}
    if request.param in WITH_TABLES:
        make_tables(process_environment["DATABASE_URL"], request.param)
    with ExitStack() as stack:
        if request.param in WITH_BROKER:
            chosen["HITL_BROKER_URL"] = stack.enter_context(brokers.a_broker())
        yield chosen


@cache
def make_tables(database: str, transport: str) -> None:
    """Its own tables; no test takes them away."""
    own = {
        "DATABASE_URL": database,
        "HITL_TRANSPORT": transport,
        "DJANGO_SETTINGS_MODULE": "hitl_portal.settings",
    }
    command = [sys.executable, "manage.py", "migrate", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | own, check=True, timeout=120)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / flows.BARRIER)
    for workflow in (flows.gate, flows.long):
        register_plan(workflow.plan)
    return tmp_path


def do(environment: Environment, verb: str, given: object) -> str:
    """Start or decide in a process that nudges."""
    command = [sys.executable, "-m", "tests.workflows.transports.acting", verb, str(given)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def nobody_sweeps() -> None:
    """Have the lead taken by somebody who is not there."""
    Lead.objects.create(duty=sweep.DUTY, owner="nobody", until=timezone.now() + timedelta(hours=1))


def asked(run_id: UUID) -> Requirement:
    return eventually(Requirement.objects.open().filter(run=run_id).first, "the question")


def ended(run_id: UUID) -> WorkflowRun:
    return eventually(WorkflowRun.objects.filter(id=run_id, finished_at__isnull=False).first, "the end")


def calls(directory: Path) -> list[str]:
    return [line.split()[0] for line in (directory / flows.CALLS).read_text().splitlines()]


def test_nudges_alone_bring_a_run_to_its_pause_and_to_its_end(
    hire: Hire, transport: Environment, process_environment: Environment, directory: Path
) -> None:
    nobody_sweeps()
    hire(**transport)
    run_id = UUID(do(process_environment | transport, "start", directory))
    asked(run_id)
    do(process_environment | transport, "decide", run_id)

    assert ended(run_id).status == RunStatus.completed
    assert calls(directory) == CALLS


def test_what_no_nudge_told_of_is_found_by_the_sweep(
    hire: Hire, transport: Environment, directory: Path, reviewer: User
) -> None:
    hire(**transport)
    run = started(flows.gate, {"directory": str(directory)})  # this process nudges nobody
    decide(asked(run.id), reviewer)

    assert ended(run.id).status == RunStatus.completed
    assert calls(directory) == CALLS


def test_a_worker_that_is_told_to_stop_lets_the_call_in_flight_come_back(
    hire: Hire, transport: Environment, directory: Path
) -> None:
    worker = hire(**transport)
    run = started(flows.long, {"directory": str(directory)})
    eventually((directory / flows.CALLS).exists, "the call")
    end = os.open(directory / flows.BARRIER, os.O_WRONLY)
    worker.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(0.5)
    os.close(end)

    assert worker.wait(PATIENCE) == 0
    assert list(WorkflowRun.objects.due(timezone.now())) == [run]
    assert Value.objects.get(run=run, path="hold").plain()["content"] == "held"
    assert calls(directory) == ["hold"]
    assert not WorkerBeat.objects.exists()
