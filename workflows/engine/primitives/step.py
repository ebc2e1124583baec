"""Step: call the author's function: its tries, and what on_error says when it fails for good."""

from dataclasses import replace
from functools import partial
from itertools import count

from workflows.engine import values
from workflows.engine.flow import Flow
from workflows.engine.invoke import Invocation, step_input
from workflows.engine.needs import Call, once
from workflows.engine.plan import StepNode
from workflows.engine.record import Failure, Outcome, Record, Success
from workflows.engine.walk import Failed, error_question, once_more, perform
from workflows.types import Answer, OnError, StepOutput

# Failures that the program's own tries cannot cure: the function did its work, and would do it again.
POINTLESS = (values.UnencodableValue.__name__,)


@perform.register
def perform_step(node: StepNode, record: Record, flow: Flow, redo: int) -> Outcome | None:
    """Call the function until it comes back, or until a person or on_error says what its failure means."""
    for turn in count():
        name = f"{redo}.{turn}"
        result = _tried(node, record, flow, name)
        if isinstance(result, Success):
            record.tell(f"completed:{name}", "StepCompleted")
            return result.outcome
        if not _tries_again(node, record, flow, result, redo, turn):
            asked = _asks(node, result)
            if not asked:
                record.tell(f"completed:{name}", "StepCompleted", error=result.message)
            return replace(record.produce(_failed(node, result), f"failed:{name}"), accepted=asked)
    raise AssertionError("count() does not end")


def _tried(node: StepNode, record: Record, flow: Flow, turn: str) -> Success | Failure:
    """The result of the last try: the program's own tries after a failure, without a person."""
    if turn != "0.0" or "before:0" in record.memo:
        record.tell(f"continued:{turn}", "StepContinued")
    record.tell(f"started:{turn}", "StepStarted")
    result: Success | Failure
    for number in range(node.max_retries + 1):
        key = f"call:{turn}.{number}"
        result = once(record, key, partial(_call, node, record, flow, key))
        if isinstance(result, Success) or result.interrupted or result.error_type in POINTLESS:
            break
    return result


def _call(node: StepNode, record: Record, flow: Flow, key: str) -> Call:
    invocation = Invocation(
        function=node.function,
        record=record,
        flow=flow,
        first=partial(step_input, record, flow),
        keep=partial(_kept, node, key),
    )
    return invocation.call(key)


def _tries_again(node: StepNode, record: Record, flow: Flow, failure: Failure, redo: int, turn: int) -> bool:
    """Whether a person says "once more"; False: the failure is skipped. Raises Failed where on_error says so."""
    name = f"{redo}.{turn}"
    failed = Failed(record, failure, name)
    if _asks(node, failure):
        key = f"error:{name}"
        answer: Answer = once(record, key, partial(error_question, record, failed, turn, key))
        return once_more(node, answer)
    if node.skip_on_failure or node.on_error is OnError.skip:
        return False
    if (record.path, name) in flow.granted:
        return True
    raise failed


def _asks(node: StepNode, failure: Failure) -> bool:
    """A person says what this failure means."""
    return failure.interrupted or (node.on_error is OnError.pause and not node.skip_on_failure)


def _kept(node: StepNode, slot: str, result: object) -> Success:
    output = result if isinstance(result, StepOutput) else StepOutput(content=result)
    own = {
        "step_name": node.name,
        "step_type": str(node.kind),
        "executor_type": "function",
        "executor_name": node.function.name,
    }
    return Success(outcome=Outcome.of(output, slot), encoded=values.encode(own | output.parts()))


def _failed(node: StepNode, failure: Failure) -> StepOutput:
    text = f"Step skipped due to error: {failure.message}"
    if node.skip_on_failure:
        text = f"Step {node.name} failed but skipped"
    return StepOutput(content=text, success=False, error=failure.message).named(node.name, node.kind)
