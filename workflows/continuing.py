"""Continuing: a paused run is answered from outside: everything that was sent is decided, or nothing of it."""

from django.db import transaction

from workflows.acting import Actor
from workflows.errors import Unresolved, WrongStatus
from workflows.models import Decision, Requirement, WorkflowRun
from workflows.reviewing.deciding import lost, resolve
from workflows.supplied import Answers, Supplied
from workflows.types import RunStatus


def continue_run(run: WorkflowRun, answers: Answers, actor: Actor) -> list[Decision]:
    """Decide everything that was answered, or nothing of it; a worker, or the run's script, goes on with it.

    Raises WrongStatus for a run that waits for nobody, AlreadyDecided, Unresolved when nothing new was answered, and
    whatever `resolve` raises.
    """
    waiting = run.requirements.filter(status=Requirement.Status.OPEN)
    if run.status != RunStatus.paused and not waiting.exists():
        raise WrongStatus(f"run is already {run.status.lower()}" if run.is_finished else "run is not paused")
    if not answers.new and answers.late:
        raise lost(answers.late[0].requirement)
    if not answers.new and (names := list(waiting.values_list("step_name", flat=True))):
        raise Unresolved(f"Cannot continue run - unresolved step requirements: {names}")
    with transaction.atomic():
        return [_decided(supplied, actor) for supplied in answers.new]


def too_late(answers: Answers) -> list[str]:
    """What is said of answers that came too late, where others did not."""
    return [str(lost(supplied.requirement)) for supplied in answers.late]


def _decided(supplied: Supplied, actor: Actor) -> Decision:
    row = supplied.requirement
    return resolve(row.id, revision=row.revision, answer=supplied.answer, actor=actor)
