"""How the queue and its workers are doing: told to people and programs, and by the exit code."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.workflows.driving import a_flow, claimed, lease_over, paused, started
from tests.workflows.engine.runs import Recorder
from workflows import Step, Workflow
from workflows.models import Requirement, WorkerBeat, WorkflowRun
from workflows.standing import Queue, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Workflow:
    done = Recorder().returning("done", name="act")
    return a_flow(Step("act", done, requires_confirmation=True), id="gate")


def a_worker(*workflows: str, seen: float = 0.0) -> None:
    at = timezone.now() - timedelta(seconds=seen)
    WorkerBeat.objects.create(
        name="host:1", transport="database", workflows=list(workflows), started_at=at, seen_at=at
    )


def status(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    try:
        call_command("status", *options)
    except SystemExit as end:
        return int(end.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_runs_are_counted_as_waiting_driven_and_left(flow: Workflow) -> None:
    runs = [started(flow) for _ in range(3)]
    claimed(flow)
    lease_over(WorkflowRun.objects.get(id=claimed(flow).run_id))
    queue = standing().queues[0]

    assert (queue.workflow, queue.waiting, queue.driven, queue.left) == ("gate", 1, 1, 1)
    assert 0 <= queue.waited < 60
    assert len(runs) == 3


def test_what_waits_for_people_is_no_queue(flow: Workflow) -> None:
    paused(flow)

    assert standing().queues == []


def test_open_requirements_are_counted_by_age(flow: Workflow) -> None:
    for hours in (0, 2, 200):
        requirement = paused(flow)
        opened = timezone.now() - timedelta(hours=hours)
        Requirement.objects.filter(id=requirement.id).update(opened_at=opened)

    assert standing().open_requirements == {"1h": 1, "1d": 1, "7d": 0, "older": 1}


def test_all_is_well_with_a_worker_and_a_short_queue(
    flow: Workflow, capsys: pytest.CaptureFixture[str]
) -> None:
    a_worker("gate")
    started(flow)
    code, said = status(capsys)

    assert code == 0
    assert "gate" in said
    assert "Everything works." in said


@pytest.mark.parametrize("seen", [None, 60.0])
def test_without_a_living_worker_nothing_works(
    capsys: pytest.CaptureFixture[str], seen: float | None
) -> None:
    if seen is not None:
        a_worker("gate", seen=seen)
    code, said = status(capsys)

    assert (code, said.splitlines()[-1]) == (1, "no worker is alive")


def test_a_run_that_nobody_takes_is_a_problem(flow: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    a_worker("gate")
    run = started(flow)
    WorkflowRun.objects.filter(id=run.id).update(wake_at=timezone.now() - timedelta(seconds=90))

    assert status(capsys)[0] == 1
    assert status(capsys, "--patience", "120")[0] == 0


def test_a_run_whose_code_no_worker_has_is_none(flow: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    a_worker("another")
    run = started(flow)
    WorkflowRun.objects.filter(id=run.id).update(wake_at=timezone.now() - timedelta(seconds=90))
    code, said = status(capsys)

    assert code == 0
    assert "(no worker has its code)" in said


def test_without_workers_nobody_is_said_to_lack_code(
    flow: Workflow, capsys: pytest.CaptureFixture[str]
) -> None:
    a_worker("gate", seen=60.0)
    started(flow)
    said = status(capsys)[1]

    assert "(no worker is alive)" in said
    assert "(no worker has its code)" not in said


def test_who_drives_which_run_until_when_is_told(flow: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [started(flow) for _ in range(2)]
    driven, left = (claimed(flow) for _ in runs)
    at = timezone.now()
    WorkflowRun.objects.filter(id=left.run_id).update(wake_at=at - timedelta(seconds=30))
    lines = [line.split() for line in status(capsys)[1].splitlines()]
    told = {words[0]: words[1:] for words in lines if len(words) > 4}

    assert told[str(left.run_id)] == ["gate", left.owner, "over", "for", "30", "s"]
    assert told[str(driven.run_id)][:2] == ["gate", driven.owner]
    assert told[str(driven.run_id)][3:] == ["s", "left"]


def test_of_many_leases_some_are_named_and_the_rest_counted(
    flow: Workflow, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.management.commands.status.MOST", 1)
    for _ in range(3):
        started(flow)
        claimed(flow)

    assert "and 2 more" in status(capsys)[1].splitlines()


def test_programs_get_json(flow: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    run = started(flow)
    claim = claimed(flow)
    code, said = status(capsys, "--json")
    found: dict[str, Any] = json.loads(said)

    assert code == 1
    assert found["problems"] == ["no worker is alive"]
    assert found["queues"][0].keys() == Queue.__dataclass_fields__.keys()
    (lease,) = found["leases"]
    assert (lease["run"], lease["workflow"], lease["owner"]) == (str(run.id), "gate", claim.owner)
    assert datetime.fromisoformat(lease["until"]) > timezone.now()
