"""Retention: what runs were given and brought is taken away when nobody needs it any more; that they ran stays.

Events, decisions and seals stay, and so does the proof that nothing else was changed: they hold digests of what
people said, and of what was approved, but none of it. What they do hold are names of steps and people, moments, and
the messages of errors. The ids stay by which others refer to a run or must not start it twice: its own, the session's,
and the sender's.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from workflows.acting import Actor, append_event
from workflows.engine import values
from workflows.errors import WrongStatus
from workflows.models import (
    Comment,
    Decision,
    Piece,
    Requirement,
    RunEvent,
    Session,
    StepRecord,
    Value,
    WorkflowRun,
)

ERASED = "RunErased"
GONE = "[erased]"
# Of what was asked, where and how it was asked.
LASTING = ("path", "key", "kind", "step_name", "step_type", "step_index", "on_reject")


def ended_before(moment: datetime, using: str = DEFAULT_DB_ALIAS) -> Iterator[UUID]:
    """The runs that had ended by then and still have contents, the oldest first."""
    ended = WorkflowRun.objects.using(using).filter(finished_at__lt=moment)
    erased = RunEvent.objects.using(using).filter(type=ERASED).values("run")
    yield from ended.exclude(id__in=erased).order_by("finished_at").values_list("id", flat=True).iterator()


def is_erased(run: WorkflowRun) -> bool:
    """Whether its contents were taken away; a query for a run that has ended."""
    return run.is_finished and run.events.filter(type=ERASED).exists()


def refuse_erased(run: WorkflowRun) -> None:
    """Raises WrongStatus: with what is left of such a run no other one can begin."""
    if is_erased(run):
        raise WrongStatus("What the run was given and brought was erased")


def erase_run(run_id: UUID, *, actor: Actor, using: str = DEFAULT_DB_ALIAS) -> WorkflowRun:
    """Take away for good what a run was given, what its steps brought, what was asked, answered and said about it.

    Its session's state goes with the last of the session's runs. Nothing where that is done. Raises WrongStatus for a
    run that has not ended.
    """
    with transaction.atomic(using=using):
        run = WorkflowRun.objects.using(using).select_for_update().get(id=run_id)
        if not run.is_finished:
            raise WrongStatus(f"The run has not ended: {run.status}")
        if is_erased(run):
            return run
        # First: what search indexes keep of values and questions is made anew with the summary in it.
        run.summary, run.outcome, run.queue_key = GONE, GONE if run.outcome else "", ""
        run.save(update_fields=["summary", "outcome", "queue_key"])
        _erase_values(run)
        _erase_questions(run)
        _erase_words(run)
        append_event(run, ERASED, actor)
        _erase_session(run)
    return run


def _erase_values(run: WorkflowRun) -> None:
    using = run._state.db
    kept = Value.objects.using(using).filter(run=run)
    kept.filter(path="", slot="inputs").update(data=values.encode({"input": GONE}))
    kept.exclude(path="", slot="inputs").update(data=values.encode({"content": GONE}))
    StepRecord.objects.using(using).filter(run=run).update(memo={})
    Piece.objects.using(using).filter(run=run).delete()


def _erase_questions(run: WorkflowRun) -> None:
    asked = Requirement.objects.using(run._state.db).filter(run=run)
    for requirement in asked.only("id", "details").iterator():
        lasting = {name: requirement.details[name] for name in LASTING if name in requirement.details}
        asked.filter(id=requirement.id).update(message="", details=lasting)


def _erase_words(run: WorkflowRun) -> None:
    using = run._state.db
    said = Decision.objects.using(using).filter(requirement__run=run).exclude(salt="")
    for decision in said.iterator():
        decision.feedback, decision.answer, decision.salt = "", {"action": decision.action}, ""
        decision.save(update_fields=["feedback", "answer", "salt"])
    comments = Comment.objects.using(using).filter(run=run, erased_at=None)
    Comment.mentions.through._default_manager.using(using).filter(comment__run=run).delete()
    comments.update(text="", salt="", erased_at=timezone.now())


def _erase_session(run: WorkflowRun) -> None:
    using = run._state.db
    others = WorkflowRun.objects.using(using).filter(session=run.session_id).exclude(id=run.id)
    erased = RunEvent.objects.using(using).filter(type=ERASED).values("run")
    if not others.exclude(id__in=erased).exists():
        session = Session.objects.using(using).select_for_update().get(id=run.session_id)
        session.state, session.version = {}, session.version + 1
        session.save(update_fields=["state", "version"])
