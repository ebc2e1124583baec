"""Asking: a question from outside becomes a run of one step that waits for people, and is open when this returns."""

import os
import socket
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from workflows import services, store
from workflows.acting import Actor
from workflows.engine import values
from workflows.engine.drivers import drive
from workflows.errors import WorkflowDisabled
from workflows.ids import new_id
from workflows.models import Session, Workflow, WorkflowRun
from workflows.questions import QUESTIONS, Question
from workflows.registration import register_plan


def ask(
    question: Question, *, actor: Actor, source: str, external_id: str | None = None
) -> tuple[WorkflowRun, bool]:
    """Put a question into the inbox: its run, and whether it is new; with a known (source, external_id) it is not.

    Raises UnkeepableInput, WorkflowDisabled. No worker is needed for it to be open: this process drives the run to its
    pause, under a lease, so that where it dies a worker does that.
    """
    definition = _definition()
    inputs, owner = services.kept_input(question.to_dict()), f"asking:{socket.gethostname()}:{os.getpid()}"
    run = WorkflowRun(
        workflow=definition,
        session_id=str(new_id()),
        fingerprint=definition.fingerprint,
        summary=values.summary(question.title or question.message),
        requested_by=actor.person,
        source=source,
        external_id=external_id if external_id is not None else str(new_id()),
        wake_at=timezone.now() + store.lease(),
        lease_owner=owner,
        fence=1,
    )
    with store.written(DEFAULT_DB_ALIAS) as statements:
        queued = store.Queued(run=run, inputs=inputs, actor=actor.name, facts=actor.facts)
        if not store.queue_run(queued, DEFAULT_DB_ALIAS):
            return WorkflowRun.objects.get(source=source, external_id=run.external_id), False
        statements.add(Session(id=run.session_id, workflow=definition), unless=("id",))
    _drive(run.id, owner)
    return run, True


def _definition() -> Workflow:
    definition = register_plan(QUESTIONS.plan)
    if not definition.enabled:
        raise WorkflowDisabled(f"The workflow '{definition.name}' is switched off: no questions from outside")
    return definition


def _drive(run_id: UUID, owner: str) -> None:
    """To its pause; nothing in it takes long."""
    claim = store.Claim(run_id=run_id, workflow=QUESTIONS.plan.name, owner=owner, fence=1)
    kept = store.RunStore(claim)
    machine = kept.load(QUESTIONS.plan)
    for _ in drive(machine, kept.save):
        pass
