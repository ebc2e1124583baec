"""Loop: the children again and again, until a function, a person or the bound says that it is enough.

What an iteration needs to remember is kept at the iteration's own record, so that the thousandth is as cheap to
resume as the tenth.
"""

from functools import partial

from workflows.engine.flow import Flow
from workflows.engine.inner import Inner, edited
from workflows.engine.invoke import consult
from workflows.engine.needs import Need, decided
from workflows.engine.plan import LoopNode, join
from workflows.engine.primitives.steps import continued, summary
from workflows.engine.record import Outcome, Record
from workflows.engine.review import NOBODY_ASKED, again, question
from workflows.engine.values import subject
from workflows.engine.walk import perform, sequence
from workflows.types import Action, Answer, RequirementKind, StepStatus

REVIEW = "review:0"


@perform.register
def perform_loop(node: LoopNode, record: Record, flow: Flow, redo: int) -> Outcome | None:
    """Iterate; None when a person throws the loop's output away."""
    del redo
    continued(record)
    record.tell("started", "LoopExecutionStarted", max_iterations=node.max_iterations)
    while not record.memo.get("over"):
        if not _iterate(node, record, flow):
            return None
    text = (
        f"Loop {node.name} completed {record.cursor} iterations with {record.memo.get('kept', 0)} total steps"
    )
    output = summary(record, record, text, Inner(record.journal, record.path, record.cursor))
    if "edited" in record.memo:
        answer = record.journal.records[join(record.path, str(record.cursor))].memo[REVIEW]
        output = edited(output, answer.content)
    facts = {"total_iterations": record.cursor, "max_iterations": node.max_iterations}
    record.tell("completed", "LoopExecutionCompleted", **facts)
    return record.produce(output.named(node.name, node.kind), "output")


def _iterate(node: LoopNode, record: Record, flow: Flow) -> bool:
    """One iteration and what comes of it; False when the loop is to be skipped."""
    number = record.cursor + 1
    iteration = record.journal.reach(node.body, join(record.path, str(number)))
    facts = {"iteration": number, "max_iterations": node.max_iterations}
    if number > 1 and node.review.requires_iteration_review:
        iteration.tell("continued", "StepContinued")
    iteration.tell("started", "LoopIterationStarted", **facts)
    sequence(iteration, _given(node, record, flow))
    over = _over(node, record, iteration, flow)
    iteration.tell("completed", "LoopIterationCompleted", should_continue=not over, **facts)
    answer = NOBODY_ASKED
    if node.review.requires_iteration_review and not over:
        answer = decided(iteration, REVIEW, partial(_question, node, iteration, number))
        over = answer.approved
    kept = answer.approved or again(node, answer, number - 1)
    iteration.move(StepStatus.completed)
    _count(record, iteration, answer, over=over)
    return kept


def _given(node: LoopNode, record: Record, flow: Flow) -> Flow:
    """What the steps of an iteration are given: the loop's input, or what the last iteration ended with."""
    if "feedback" in record.memo:
        flow = flow.carrying(rejection_feedback=record.memo["feedback"])
    return flow.forwarding(record) if node.forward_output and "last" in record.memo else flow


def _over(node: LoopNode, record: Record, iteration: Record, flow: Flow) -> bool:
    if iteration.memo.get("stop") or iteration.path.rpartition("/")[2] == str(node.max_iterations):
        return True
    if node.end_condition is None:
        return False
    outputs = Inner(record.journal, iteration.path)
    met = consult(
        node.end_condition,
        iteration,
        "end",
        flow,
        first=lambda: list(outputs),
        current_iteration=record.cursor + 1,
        max_iterations=node.max_iterations,
    )
    return met is True  # one that raised did not say so


def _question(node: LoopNode, iteration: Record, number: int) -> Need:
    default = f"Loop '{node.name}' completed iteration {number}/{node.max_iterations}. Continue?"
    last = iteration.memo.get("last")
    return question(
        node,
        iteration,
        key=REVIEW,
        kind=RequirementKind.iteration_review,
        message=node.review.iteration_review_message or default,
        retry_count=number - 1,
        evidence=Inner(iteration.journal, iteration.path).place,
        subject=subject(iteration.journal.content(last) if last else None),
    )


def _count(record: Record, iteration: Record, answer: Answer, *, over: bool) -> None:
    """The loop's own book after an iteration."""
    record.cursor += 1
    record.journal.touch(record)
    memo, inside = record.memo, iteration.memo
    memo["kept"] = memo.get("kept", 0) + inside.get("kept", 0)
    memo["over"] = over
    memo |= {name: inside[name] for name in ("last", "failed", "stop", "media") if name in inside}
    memo.pop("feedback", None)
    if answer.feedback is not None:
        memo["feedback"] = answer.feedback
    if answer.action is Action.edit:
        memo["edited"] = True
