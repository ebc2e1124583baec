"""Step: call the author's function: its tries, and what on_error says when it fails for good."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

from workflows.engine import values
from workflows.engine.conversation import TASK, ByHand
from workflows.engine.flow import Flow
from workflows.engine.invoke import Invocation, step_input
from workflows.engine.needs import Call, Need, decided, once
from workflows.engine.plan import AgentNode, StepNode
from workflows.engine.record import Failure, Outcome, Record, Success
from workflows.engine.walk import Failed, error_question, once_more, perform, walk
from workflows.types import OnError, StepOutput, StepType

Series = StepNode | AgentNode

# A member of a team is no step: that it failed is its own run's error.
ENDED = {StepType.STEP: "StepCompleted"}


@perform.register
def perform_step(node: StepNode, record: Record, flow: Flow, redo: int) -> Outcome:
    """Call the function until it comes back, or until a person or on_error says what its failure means."""
    result = settled(node, record, flow, str(redo), partial(_tried, node, record, flow, redo))
    if isinstance(result, Outcome):
        return result
    outcome = _handed_on(record, flow, redo, result.value) if result.value else result.outcome
    assert outcome is not None
    record.tell(f"completed:{redo}", "StepCompleted")
    return outcome


def settled(
    node: Series, record: Record, flow: Flow, series: str, tried: Callable[[int], Success | Failure]
) -> Success | Outcome:
    """The success of the last of a series of tries, or the failed output that stands for all of them.

    `tried` gives the result of the program's own tries, anew each time that a person or a container says "again".
    """
    for turn in count():
        name = f"{series}.{turn}"
        result = tried(turn)
        if isinstance(result, Success):
            return result
        if not _tries_again(node, record, flow, result, name, turn):
            asked = _asks(node, result)
            if not asked:
                record.tell(f"completed:{name}", ENDED.get(node.kind, "RunError"), error=result.message)
            return replace(record.produce(_failed(node, result), f"failed:{name}"), accepted=asked)
    raise AssertionError("count() does not end")


def repeated(record: Record, name: str, tries: int, call: Callable[[str], Need]) -> Success | Failure:
    """The result of the program's own tries after failures that another try may cure."""
    result: Success | Failure
    for number in range(tries + 1):
        key = f"call:{name}.{number}"
        result = once(record, key, partial(call, key))
        if isinstance(result, Success) or result.interrupted or result.final:
            break
    return result


def _tried(node: StepNode, record: Record, flow: Flow, redo: int, turn: int) -> Success | Failure:
    name = f"{redo}.{turn}"
    if name != "0.0" or "before:0" in record.memo:
        record.tell(f"continued:{name}", "StepContinued")
    record.tell(f"started:{name}", "StepStarted")
    return repeated(record, name, node.max_retries, partial(_call, node, record, flow))


def _call(node: StepNode, record: Record, flow: Flow, key: str) -> Call:
    invocation = Invocation(
        function=node.function,
        record=record,
        flow=flow,
        first=partial(step_input, record, flow),
        keep=partial(_kept, node, key),
    )
    return invocation.call(key)


def _tries_again(node: Series, record: Record, flow: Flow, failure: Failure, name: str, turn: int) -> bool:
    """Whether a person says "once more"; False: the failure is skipped. Raises Failed where on_error says so."""
    failed = Failed(record, failure, name)
    if _asks(node, failure):
        key = f"error:{name}"
        call = flow.inputs.key_of(record)
        answer = decided(record, key, partial(error_question, record, flow, failed, turn, key, call=call))
        return once_more(node, answer)
    if node.skip_on_failure or node.on_error is OnError.skip:
        return False
    if (record.path, name) in flow.granted:
        return True
    raise failed


def _asks(node: Series, failure: Failure) -> bool:
    """A person says what this failure means."""
    return failure.interrupted or (node.on_error is OnError.pause and not node.skip_on_failure)


def _handed_on(record: Record, flow: Flow, redo: int, handed: dict[str, str]) -> Outcome:
    """What an agent brings in the end that the function ran by hand, and that paused."""
    child = record.journal.reach_at(record, handed["segment"])
    inside = replace(flow, notes={TASK: handed["task"]}, answer=None)
    outcome = walk(child.node, child, inside)
    assert outcome is not None
    brought = record.journal.value(child, outcome.slot)
    output = replace(brought, step_name=record.node.name, step_type=str(record.node.kind))
    return record.produce(output, f"handed:{redo}")


def _kept(node: StepNode, slot: str, result: object) -> Success:
    # Before: to ask whether something follows a protocol costs as much as a walk of the tree.
    if hasattr(result, "packed") and isinstance(result, ByHand):
        graft = result.packed(slot)
        if graft is not None:
            return Success(graft=graft, value={"segment": graft.segment, "task": graft.task})
        result = result.brought()
    output = result if isinstance(result, StepOutput) else StepOutput(content=result)
    own = {
        "step_name": node.name,
        "step_type": str(node.kind),
        "executor_type": "function",
        "executor_name": node.function.name,
    }
    return Success(outcome=Outcome.of(output, slot), encoded=values.encode(own | output.parts()))


def _failed(node: Series, failure: Failure) -> StepOutput:
    text = f"Step skipped due to error: {failure.message}"
    if node.skip_on_failure:
        text = f"Step {node.name} failed but skipped"
    return StepOutput(content=text, success=False, error=failure.message).named(node.name, node.kind)
