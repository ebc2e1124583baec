"""Facts: what the database knows of a run besides its machine: its questions with their answers, and what it took."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from workflows.engine import values
from workflows.engine.needs import Ask
from workflows.models import Requirement, StepRecord, Value, WorkflowRun
from workflows.run.facts import Facts, Question
from workflows.store import public_id
from workflows.types import Answer, StepMetrics, WorkflowMetrics

Span = tuple[datetime, datetime]


def facts_of(run_id: UUID, using: str) -> Facts:
    """A run's facts: three queries, and one more for its metrics once it has ended."""
    run = WorkflowRun.objects.using(using).get(id=run_id)
    texts = Value.objects.using(using).values_list("data", flat=True)
    inputs = values.decode(texts.get(run=run, path="", slot="inputs"))
    asked = list(Requirement.objects.using(using).filter(run=run).prefetch_related("decisions"))
    return Facts(
        run_id=public_id(run),
        session_id=run.session_id,
        user_id=inputs.get("user_id"),
        input=inputs["input"],
        metadata=inputs.get("metadata"),
        created_at=int(run.created_at.timestamp()),
        questions=[_question(requirement) for requirement in asked],
        metrics=_metrics(run, asked) if run.is_finished else None,
    )


def _question(requirement: Requirement) -> Question:
    # One that can still be undone is none yet.
    decision = None if requirement.is_held() else requirement.decision
    return Question(
        ask=Ask.from_dict(requirement.details),
        answer=Answer.from_dict(decision.answer) if decision else None,
        timeout_at=requirement.timeout_at,
        answered_at=decision.decided_at if decision else None,
    )


def _metrics(run: WorkflowRun, asked: list[Requirement]) -> WorkflowMetrics:
    """What the run and its top-level steps took, without the time in which somebody was asked."""
    waits = [(requirement.path, span) for requirement in asked if (span := _wait(requirement)) is not None]
    records = StepRecord.objects.using(run._state.db).filter(run=run, finished_at__isnull=False)
    steps = {
        record.name: StepMetrics(
            step_name=record.name,
            executor_type=record.kind.lower() if record.kind != "Step" else "function",
            duration=_busy(
                (record.started_at, record.finished_at or record.started_at),
                (span for path, span in waits if f"{path}/".startswith(f"{record.path}/")),
            ),
        )
        for record in records.exclude(path="").exclude(path__contains="/")
    }
    whole = run.created_at, run.finished_at or run.created_at
    return WorkflowMetrics(steps=steps, duration=_busy(whole, (span for _, span in waits)))


def _wait(requirement: Requirement) -> Span | None:
    decision = requirement.decision
    return (requirement.opened_at, decision.decided_at) if decision else None


def _busy(whole: Span, waits: Iterable[Span]) -> float:
    """Seconds of a span outside of the waits, which may overlap."""
    start, end = whole
    waited, until = 0.0, start
    for begin, over in sorted(waits):
        counted = (min(over, end) - max(begin, until)).total_seconds()
        if counted > 0:
            waited, until = waited + counted, over
    return max((end - start).total_seconds() - waited, 0.0)
