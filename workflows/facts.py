"""Facts: what the database knows of a run besides its machine: its questions with their answers, and what it took."""

from collections.abc import Iterable
from datetime import datetime

from workflows.acting import TIMER
from workflows.engine import values
from workflows.engine.needs import Ask
from workflows.models import Requirement
from workflows.run.facts import Facts, Question
from workflows.store import RunStore, Took, by_hand, public_id, requirements_of
from workflows.types import Answer, StepMetrics, WorkflowMetrics

Span = tuple[datetime, datetime]


def facts_of(kept: RunStore) -> Facts:
    """A run's facts: two queries where anybody may have been asked, and one for its metrics once it has ended."""
    run, inputs = kept.run, values.decode(kept.given)
    asked = _asked(kept) if kept.asked else []
    return Facts(
        run_id=public_id(run),
        session_id=run.session_id,
        user_id=inputs.get("user_id"),
        input=inputs["input"],
        metadata=inputs.get("metadata"),
        created_at=int(run.created_at.timestamp()),
        questions=[question_of(requirement) for requirement in asked],
        metrics=_metrics(kept, asked) if run.is_finished else None,
        given=inputs,
    )


def _asked(kept: RunStore) -> list[Requirement]:
    return requirements_of(kept.run.id, kept.using)


def question_of(requirement: Requirement) -> Question:
    """A requirement as a question; costs no query where its decisions are fetched along."""
    # One that can still be undone is none yet.
    decision = None if requirement.is_held() else requirement.decision
    return Question(
        ask=Ask.from_dict(requirement.details),
        answer=Answer.from_dict(decision.answer) if decision else None,
        timeout_at=requirement.timeout_at,
        answered_at=decision.decided_at if decision else None,
        id=str(requirement.id),
        opened_at=requirement.opened_at,
        decided_by=decision.actor if decision else "",
        is_timers=decision is not None and decision.channel == TIMER.channel,
        is_withdrawn=requirement.status == Requirement.Status.WITHDRAWN,
    )


def _metrics(kept: RunStore, asked: list[Requirement]) -> WorkflowMetrics:
    """What the run and its top-level steps took, without the time in which somebody was asked."""
    waits = [(requirement.path, span) for requirement in asked if (span := _wait(requirement)) is not None]
    with by_hand(kept.using) as statements:
        steps = {took.name: _step_metrics(took, waits) for took in statements.took(kept.run.id)}
    whole = kept.run.created_at, kept.run.finished_at or kept.run.created_at
    return WorkflowMetrics(steps=steps, duration=_busy(whole, (span for _, span in waits)))


def _step_metrics(took: Took, waits: list[tuple[str, Span]]) -> StepMetrics:
    inside = (span for path, span in waits if f"{path}/".startswith(f"{took.path}/"))
    return StepMetrics(
        step_name=took.name,
        executor_type=took.kind.lower() if took.kind != "Step" else "function",
        duration=_busy((took.begun, took.ended), inside),
    )


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
