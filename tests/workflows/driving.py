"""What a worker does, one turn at a time and in this process: the tests of services, store and runner start here."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.statements import sent
from workflows import Workflow, bus, services
from workflows.engine.needs import Ask
from workflows.models import Decision, Requirement, StepRecord, WorkflowRun
from workflows.registration import register_plan
from workflows.runner import advance
from workflows.services import Actor
from workflows.store import Claim, claim
from workflows.types import Action, Answer, RequirementKind

Found = TypeVar("Found")

PATIENCE = 30.0
SCRIPT = Actor(name="script", channel="script")


def a_flow(*steps: Any, id: str = "flow") -> Workflow:
    """A workflow of these steps, registered."""
    workflow = Workflow(id=id, steps=list(steps))
    register_plan(workflow.plan)
    return workflow


def started(workflow: Workflow, input: Any = None, **options: Any) -> WorkflowRun:
    """A run that waits for its first worker."""
    given: dict[str, Any] = {"actor": SCRIPT, "source": "command"} | options
    return services.start_run(workflow.id, input, **given)


def claimed(*workflows: Workflow, owner: str = "worker") -> Claim:
    """The claim on the run that is due."""
    found = claim(owner, [workflow.id for workflow in workflows])
    assert found is not None, "no run is due"
    return found


def drive(claim: Claim, *workflows: Workflow, stop: threading.Event | None = None) -> WorkflowRun:
    """Drive a claimed run to its next rest, as a process would that has never seen it."""
    advance(claim, {workflow.id: workflow for workflow in workflows}, stop or threading.Event())
    return WorkflowRun.objects.get(id=claim.run_id)


def work(*workflows: Workflow) -> WorkflowRun:
    """One turn of a worker: claim the run that is due, drive it to its next rest."""
    return drive(claimed(*workflows), *workflows)


def paused(workflow: Workflow, input: Any = None, **options: Any) -> Requirement:
    """What a new run asks at its first pause."""
    return asked_by(drive_only(started(workflow, input, **options), workflow))


def drive_only(run: WorkflowRun, workflow: Workflow) -> WorkflowRun:
    """One turn of a worker, which must be about this run."""
    claim = claimed(workflow)
    assert claim.run_id == run.id
    return drive(claim, workflow)


def asked_by(run: WorkflowRun) -> Requirement:
    """The only open requirement of a run."""
    return Requirement.objects.open().get(run=run)


def an_ask(run: WorkflowRun, kind: str = "confirmation", **question: Any) -> Requirement:
    """An open requirement of any kind, without a workflow that asks it."""
    place = {"path": "pay", "key": "before:0", "step_name": "pay", "step_type": "Step"}
    ask = Ask(**place | {"kind": RequirementKind(kind)} | question)
    return Requirement.objects.create(
        run=run,
        path=ask.path,
        key=ask.key,
        kind=ask.kind,
        step_name=ask.step_name,
        details=ask.to_dict(),
        opened_at=timezone.now(),
    )


def decide(requirement: Requirement, person: User, action: str = "approve", **said: Any) -> Decision:
    """A person's answer to what they see now."""
    return services.resolve(
        requirement.id,
        revision=requirement.revision,
        answer=Answer(action=Action(action), **said),
        actor=Actor.of(person),
    )


def overdue(requirement: Requirement) -> None:
    """Let the requirement's deadline pass."""
    past = timezone.now() - timedelta(seconds=1)
    Requirement.objects.filter(id=requirement.id).update(timeout_at=past)
    WorkflowRun.objects.filter(id=requirement.run_id, lease_owner="").update(wake_at=past)


def lease_over(run: WorkflowRun) -> None:
    """Let the lease of whoever drives the run pass."""
    WorkflowRun.objects.filter(id=run.id).update(wake_at=timezone.now())


def events_of(run: WorkflowRun) -> list[str]:
    """What happened to a run, in order."""
    return list(run.events.values_list("type", flat=True))


def record_of(run: WorkflowRun, path: str) -> StepRecord:
    """What is kept of one place."""
    return StepRecord.objects.get(run=run, path=path)


def statements(of: Callable[[], object]) -> list[str]:
    """The SQL that something runs, without the marks of transactions."""
    with CaptureQueriesContext(connection) as captured:
        of()
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return [said for said in sent(captured) if not said.startswith(marks)]


def at_once(*functions: Callable[[], Any]) -> list[Any]:
    """Call all of them at the same moment, each in a thread and on a connection of its own.

    What each gave back, or the exception that it raised, in the order of the functions.
    """
    barrier = threading.Barrier(len(functions))
    results: dict[int, Any] = {}

    def call(number: int, function: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            results[number] = function()
        except Exception as error:  # the test says which ones it expects
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=numbered) for numbered in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[number] for number in range(len(functions))]


def failures(results: list[Any]) -> Iterator[Exception]:
    """What was raised at once."""
    return (result for result in results if isinstance(result, Exception))


def eventually(look: Callable[[], Found | None]) -> Found:
    """What another process brings about, as soon as it is there; looks again whenever something was committed."""
    deadline = time.monotonic() + PATIENCE
    watch = bus.watch()
    try:
        while not (found := look()):
            assert time.monotonic() < deadline, "it did not happen in time"
            watch.wait(0.1)
        return found
    finally:
        watch.close()
