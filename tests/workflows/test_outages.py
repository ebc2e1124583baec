"""A database that is away for a while: what steps have given is kept, once, and workers go on by themselves."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections, transaction

from tests.workflows.driving import (
    a_flow,
    asked_by,
    claimed,
    decide,
    drive,
    events_of,
    eventually,
    started,
    work,
)
from tests.workflows.engine.runs import Recorder
from workflows import Parallel, Step, StepInput, Workflow, outages, store
from workflows.acting import ENGINE, append_event
from workflows.databases import BESIDE, database, make_room
from workflows.models import Value, WorkflowRun
from workflows.nudging import Crew
from workflows.outages import outlived
from workflows.store import run_store, statements
from workflows.store.at_once import AtOnce
from workflows.types import RunStatus
from workflows.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

# How many saves the flow below takes, from its start to its end.
SAVES = 8


def away() -> OperationalError:
    return OperationalError("the server went away")


class Outage:
    """One save fails: before anything of it was written, or when only the answer is missing."""

    def __init__(self, number: int, has_arrived: bool) -> None:
        self.saves, self._number, self._has_arrived, self.is_over = 0, number, has_arrived, False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.saves += 1
        is_mine = self.saves == self._number
        self.is_over = self.is_over or is_mine
        if is_mine and not self._has_arrived:
            raise away()
        yield
        if is_mine:
            raise away()


def suffer(outage: Outage, monkeypatch: pytest.MonkeyPatch) -> None:
    send, locked = AtOnce.send, statements.written_together

    def sent(writing: AtOnce, *args: Any) -> bool:
        with outage():
            return send(writing, *args)

    @contextmanager
    def written(using: str) -> Iterator[Any]:
        with outage(), locked(using) as by_hand:
            yield by_hand

    monkeypatch.setattr(AtOnce, "send", sent)
    monkeypatch.setattr(run_store, "written_together", written)


def counting(step_input: StepInput, session_state: dict[str, Any]) -> str:
    session_state["times"] = session_state.get("times", 0) + 1
    return "counted"


def flow(steps: Recorder) -> Workflow:
    return a_flow(
        steps.returning("ready", name="before"),
        Step("count", counting),
        Step("act", steps.returning("done", name="act"), requires_confirmation=True),
        Parallel(steps.returning("left", name="left"), steps.returning("right", name="right"), name="both"),
        steps.returning("told", name="after"),
    )


def gone_through(workflow: Workflow, reviewer: User) -> WorkflowRun:
    started(workflow)
    decide(asked_by(work(workflow)), reviewer)
    return work(workflow)


def kept_of(run: WorkflowRun) -> dict[str, Any]:
    """Everything that an outage must not change."""
    return {
        "status": run.status,
        "state": run.session.state,
        "events": sorted(events_of(run)),
        "length": run.chain_length,
        "values": sorted(Value.objects.filter(run=run).values_list("path", "slot", "data")),
        "steps": sorted(run.records.values_list("path", "status", "tries")),
    }


@pytest.mark.parametrize("has_arrived", [False, True], ids=["nothing was written", "the answer is lost"])
@pytest.mark.parametrize("number", range(1, SAVES + 1))
def test_a_save_that_fails_is_made_again_and_nothing_is_there_twice(
    number: int, has_arrived: bool, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, undisturbed = Recorder(), Recorder()
    wanted = kept_of(gone_through(flow(undisturbed), reviewer))
    outage = Outage(number, has_arrived)
    suffer(outage, monkeypatch)

    assert kept_of(gone_through(flow(steps), reviewer)) == wanted
    assert sorted(steps.calls) == sorted(undisturbed.calls)
    assert outage.is_over


def test_what_others_have_written_while_the_answer_was_lost_is_no_harm(
    reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Recorder()
    workflow = flow(steps)
    run = started(workflow)
    outage = Outage(1, has_arrived=True)
    suffer(outage, monkeypatch)
    monkeypatch.setattr(outages, "PAUSES", (0.0, 0.0))
    close = connection.close

    def meanwhile() -> None:
        close()
        if outage.saves == 1:
            with transaction.atomic():
                append_event(WorkflowRun.objects.get(id=run.id), "Commented", ENGINE)

    monkeypatch.setattr(connection, "close", meanwhile)

    assert work(workflow).status == RunStatus.paused
    assert events_of(run).count("StepStarted") == 2
    assert events_of(run).count("Commented") == 1


def test_it_ends_with_whoever_stops_the_worker() -> None:
    workflow = flow(Recorder())
    run = started(workflow)
    stop = threading.Event()

    def never(*_: Any) -> bool:
        stop.set()
        raise away()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AtOnce, "send", never)
        with pytest.raises(OperationalError):
            drive(claimed(workflow), workflow, stop=stop)

    assert events_of(run) == ["RunQueued"]


def test_a_step_is_not_blamed_for_what_it_cannot_look_up(
    reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looking(step_input: StepInput) -> str:
        return f"{step_input.get_step_content('before')}!"

    workflow = a_flow(
        Recorder().returning("ready", name="before"), Step("look", looking, requires_confirmation=True)
    )
    started(workflow)
    run = decide(asked_by(work(workflow)), reviewer).requirement.run
    looks = failing_once(run_store.RunStore, "value", monkeypatch)

    assert work(workflow).status == RunStatus.completed
    assert "ready!" in Value.objects.get(run=run, path="look").data
    assert len(looks) > 1


def failing_once(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The first call fails; what it was called with each time."""
    calls: list[Any] = []
    function: Callable[..., Any] = getattr(owner, name)

    def called(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            raise away()
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, called)
    return calls


def test_within_a_transaction_nothing_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counted:
        calls = 0

        def do(self) -> None:
            Counted.calls += 1
            raise away()

    with transaction.atomic(), pytest.raises(OperationalError):
        outlived(Counted().do, threading.Event(), print)()

    assert Counted.calls == 1


def test_a_worker_that_cannot_claim_goes_on_when_it_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    workflow = a_flow(Recorder().returning("ready", name="only"))
    run = started(workflow)
    monkeypatch.setattr("workflows.worker.REST", 0.0)
    claims = failing_once(store, "claim", monkeypatch)
    worker = Worker(Crew(name="worker", workflows={workflow.id: workflow}, concurrency=1))

    def run_worker() -> None:
        worker.run()
        connections.close_all()

    thread = threading.Thread(target=run_worker)
    with caplog.at_level(logging.WARNING):
        thread.start()
        eventually(WorkflowRun.objects.filter(id=run.id, status=RunStatus.completed).exists)
        worker.stop()
        thread.join()

    assert len(claims) > 1
    assert "no run can be claimed: the server went away" in caplog.text


def test_a_pool_has_room_for_every_run_of_a_worker() -> None:
    config = database("postgresql://somebody@nowhere/portal", pool=16)

    make_room(config, 4)
    assert config["OPTIONS"]["pool"]["max_size"] == 16
    make_room(config, 20)
    assert config["OPTIONS"]["pool"]["max_size"] == 20 + BESIDE


def test_a_file_has_no_pool(tmp_path: Path) -> None:
    config = database(f"sqlite:///{tmp_path}/portal.db")

    make_room(config, 20)
    assert "pool" not in config["OPTIONS"]
