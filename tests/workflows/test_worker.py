"""`manage.py work` as a real process: woken by commits, killed without warning, stopped politely."""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import NotSupportedError
from django.utils import timezone

from tests import flows
from tests.workflows.driving import PATIENCE, decide, eventually, started
from tests.workflows.hiring import Hire, kill
from workflows import Workflow, worker
from workflows.engine.machine import MOST_INTERRUPTIONS
from workflows.logs import AboutFilter
from workflows.models import Priority, Requirement, Value, WorkflowRun
from workflows.models import Workflow as Registration
from workflows.nudging import Crew
from workflows.registration import register_plan
from workflows.services import Actor, Queueing, cancel_run
from workflows.types import RunStatus

pytestmark = pytest.mark.django_db(transaction=True)

# Far below what a sleeping worker would take that nothing wakes.
PICKED_UP_WITHIN = 1.5


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / flows.BARRIER)
    return tmp_path


def begun(workflow: Workflow, directory: Path) -> WorkflowRun:
    register_plan(workflow.plan)
    return started(workflow, {"directory": str(directory)})


def calls(directory: Path) -> list[str]:
    return [line.split()[0] for line in (directory / flows.CALLS).read_text().splitlines()]


def asked(run: WorkflowRun) -> Requirement:
    return eventually(lambda: Requirement.objects.open().filter(run=run).first())


def ended(run: WorkflowRun) -> WorkflowRun:
    finished = WorkflowRun.objects.filter(id=run.id, finished_at__isnull=False)
    return eventually(finished.first)


def in_flight(directory: Path) -> int:
    """The other end of the pipe, once the step `hold` waits at it; closing it lets the step go on."""

    def opened() -> int | None:
        with suppress(OSError):  # nobody reads yet
            return os.open(directory / flows.BARRIER, os.O_WRONLY | os.O_NONBLOCK)
        return None

    return eventually(opened)


def test_a_run_goes_to_its_pause_and_to_its_end(hire: Hire, directory: Path, reviewer: User) -> None:
    hire()
    run = begun(flows.gate, directory)
    decide(asked(run), reviewer)

    assert ended(run).status == RunStatus.completed
    assert calls(directory) == ["before", "act", "after"]


def test_new_work_wakes_an_idle_worker(hire: Hire, directory: Path) -> None:
    hire()
    asked(begun(flows.gate, directory))
    waits = []
    for _ in range(5):
        run = begun(flows.gate, directory)
        asked(run)
        queued, begin = (run.events.get(type=kind).created_at for kind in ("RunQueued", "WorkflowStarted"))
        waits.append((begin - queued).total_seconds())

    assert min(waits) < PICKED_UP_WITHIN


def test_a_worker_killed_between_pause_and_resume_is_not_missed(
    hire: Hire, directory: Path, reviewer: User
) -> None:
    first = hire()
    run = begun(flows.gate, directory)
    requirement = asked(run)
    kill(first)
    decide(requirement, reviewer)
    hire()

    assert ended(run).status == RunStatus.completed
    assert calls(directory) == ["before", "act", "after"]


def killed_in_the_middle(hire: Hire, directory: Path) -> None:
    first = hire()
    end = in_flight(directory)
    kill(first)
    os.close(end)


def test_a_call_that_a_kill_cut_off_is_asked_about_and_not_repeated(
    hire: Hire, directory: Path, reviewer: User
) -> None:
    run = begun(flows.long, directory)
    killed_in_the_middle(hire, directory)
    hire()
    question = asked(run)

    assert (question.kind, question.path) == ("error", "hold")
    assert question.details["idempotency_key"] == f"{run.id}:hold:1"
    assert run.events.get(type="StepInterrupted").data == {"idempotency_key": f"{run.id}:hold:1"}
    assert calls(directory) == ["hold"]
    decide(question, reviewer, "skip")
    assert ended(run).status == RunStatus.completed
    assert calls(directory) == ["hold", "after"]


def test_a_person_lets_it_be_made_again_under_its_key(hire: Hire, directory: Path, reviewer: User) -> None:
    run = begun(flows.long, directory)
    killed_in_the_middle(hire, directory)
    hire()
    decide(asked(run), reviewer, "retry")
    os.close(in_flight(directory))

    assert ended(run).status == RunStatus.completed
    lines = (directory / flows.CALLS).read_text().splitlines()
    assert lines == [*[f"hold {run.id}:hold:1"] * 2, f"after {run.id}:after:1"]


def test_a_repeatable_call_that_a_kill_cut_off_runs_again_under_its_key(hire: Hire, directory: Path) -> None:
    run = begun(flows.repeatable, directory)
    killed_in_the_middle(hire, directory)
    hire()
    os.close(in_flight(directory))

    assert ended(run).status == RunStatus.completed
    lines = (directory / flows.CALLS).read_text().splitlines()
    assert lines == [*[f"hold {run.id}:hold:1"] * 2, f"after {run.id}:after:1"]


def test_a_repeatable_call_that_takes_workers_down_is_asked_about(
    hire: Hire, directory: Path, reviewer: User
) -> None:
    run = begun(flows.fatal, directory)
    assert [hire().wait(PATIENCE) for _ in range(MOST_INTERRUPTIONS)] == [1] * MOST_INTERRUPTIONS
    hire()
    question = asked(run)

    assert (question.kind, question.path) == ("error", "fall")
    assert question.details["idempotency_key"] == f"{run.id}:fall:1"
    assert run.events.filter(type="StepInterrupted").count() == MOST_INTERRUPTIONS
    assert calls(directory) == ["fall"] * MOST_INTERRUPTIONS
    decide(question, reviewer, "skip")
    assert ended(run).status == RunStatus.completed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_stop_lets_the_call_in_flight_come_back(
    hire: Hire, directory: Path, number: signal.Signals
) -> None:
    first = hire()
    run = begun(flows.long, directory)
    end = in_flight(directory)
    first.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        first.wait(0.3)
    os.close(end)

    assert first.wait(PATIENCE) == 0
    assert list(WorkflowRun.objects.due(timezone.now())) == [run]
    assert Value.objects.get(run=run, path="hold").plain()["content"] == "held"
    assert calls(directory) == ["hold"]
    hire()
    assert ended(run).status == RunStatus.completed
    assert calls(directory) == ["hold", "after"]


def test_an_idle_worker_stops_at_once(hire: Hire, directory: Path) -> None:
    worker = hire()
    asked(begun(flows.gate, directory))
    worker.terminate()

    assert worker.wait(3) == 0


def test_two_workers_share_the_work_and_repeat_nothing(hire: Hire, directory: Path, reviewer: User) -> None:
    hire(), hire()
    runs = [begun(flows.gate, directory) for _ in range(8)]
    for run in runs:
        decide(asked(run), reviewer)

    assert {ended(run).status for run in runs} == {RunStatus.completed}
    assert sorted(calls(directory)) == ["act"] * 8 + ["after"] * 8 + ["before"] * 8


def most_at_once(directory: Path) -> int:
    """How many calls of `crowd` were under way at the same time, at most."""
    steps = accumulate(1 if call == "in" else -1 for call in calls(directory))
    return max(steps)


def test_two_workers_together_never_drive_more_than_the_limit(hire: Hire, directory: Path) -> None:
    register_plan(flows.narrow.plan)
    Registration.objects.filter(name=flows.narrow.id).update(max_running=2)
    runs = [started(flows.narrow, {"directory": str(directory)}) for _ in range(10)]
    hire(), hire()

    assert {ended(run).status for run in runs} == {RunStatus.completed}
    assert most_at_once(directory) <= 2


def test_what_is_urgent_is_taken_first(hire: Hire, directory: Path) -> None:
    register_plan(flows.narrow.plan)
    given = {"directory": str(directory)}
    runs = [started(flows.narrow, given) for _ in range(3)]
    urgent = started(flows.narrow, given, queueing=Queueing(priority=Priority.URGENT))
    hire("--concurrency", "1")

    assert ended(urgent).finished_at == min(
        ended(run).finished_at or timezone.now() for run in [urgent, *runs]
    )


def test_a_cancel_reaches_a_running_call_at_its_end(hire: Hire, directory: Path, admin: User) -> None:
    hire()
    run = begun(flows.long, directory)
    end = in_flight(directory)
    cancel_run(run.id, actor=Actor.of(admin))
    os.close(end)

    assert ended(run).status == RunStatus.cancelled
    assert calls(directory) == ["hold"]


def test_a_run_that_cannot_be_driven_ends_where_people_see_it(hire: Hire, directory: Path) -> None:
    broken = begun(flows.gate, directory)
    Value.objects.filter(run=broken).delete()
    hire()
    other = begun(flows.gate, directory)

    assert asked(other).run == other
    assert ended(broken).status == RunStatus.error
    assert ended(broken).outcome.startswith("The run could not be driven")


def test_a_worker_leaves_what_it_does_not_know(hire: Hire, directory: Path) -> None:
    unknown = Workflow(id="unknown", steps=[flows.before])
    run = begun(unknown, directory)
    hire()
    asked(begun(flows.gate, directory))

    run.refresh_from_db()
    assert (run.status, run.fence) == (RunStatus.pending, 0)


def test_a_run_that_cannot_be_advanced_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object) -> None:
        raise NotSupportedError("cached plan must not change result type")

    monkeypatch.setattr(worker, "advance", broken)
    register_plan(flows.gate.plan)
    run = started(flows.gate)
    monkeypatch.setattr(caplog.handler, "filters", [AboutFilter()])
    crew = Crew(name="worker", concurrency=1, workflows={flows.gate.id: flows.gate})
    mine = worker.Worker(crew)
    with ThreadPoolExecutor(1) as pool:
        mine._take_one(pool)
    mine.stop()

    (line,) = [record for record in caplog.records if record.getMessage() == "advancing a run failed"]
    assert vars(line)["run"] == str(run.id)
