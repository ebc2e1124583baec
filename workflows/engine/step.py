"""Step: run the author's function: its tries, what on_error says when it fails for good, and how it is called."""

import copy
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any

from workflows.engine import values
from workflows.engine.flow import Flow
from workflows.engine.needs import Ask, Call, Need, once
from workflows.engine.patches import difference
from workflows.engine.plan import StepNode
from workflows.engine.record import Failure, Record, Success
from workflows.engine.review import Cancelled
from workflows.types import Action, Answer, OnError, RequirementKind, StepInput, StepOutput

# Failures that the program's own tries cannot cure: the function did its work, and would do it again.
POINTLESS = (values.UnencodableValue.__name__,)


class Failed(BaseException):
    """A step's failure that nothing inside it takes care of; a container, or the end of the run, does."""

    def __init__(self, name: str, failure: Failure) -> None:
        super().__init__(f"Step '{name}' failed: {failure.message}")
        self.failure = failure


def perform_step(node: StepNode, record: Record, flow: Flow, redo: int) -> tuple[StepOutput, str] | None:
    """Call the function until it comes back, or until a person or on_error says what its failure means."""
    for round in count():
        resumed = redo > 0 or round > 0 or "before:0" in record.memo
        if resumed:
            record.tell(f"continued:{redo}.{round}", "StepContinued")
        record.tell(f"started:{redo}.{round}", "StepStarted")
        result = _tried(node, record, flow, f"{redo}.{round}")
        if isinstance(result, Success):
            record.tell(f"completed:{redo}.{round}", "StepCompleted")
            return record.journal.value(record, result.slot), result.slot
        if result.interrupted or (node.on_error is OnError.pause and not node.skip_on_failure):
            answer: Answer = once(
                record, f"error:{redo}.{round}", partial(_error_question, node, record, result, redo, round)
            )
            if answer.action is Action.cancel:
                raise Cancelled(f"Workflow cancelled: Step '{node.name}' failed")
            if answer.action is Action.retry:
                continue
        outcome = _failed(node, record, result, f"failed:{redo}.{round}")
        record.tell(f"completed:{redo}.{round}", "StepCompleted", error=result.message)
        if node.on_error is OnError.fail and not (result.interrupted or node.skip_on_failure):
            record.complete(*outcome)
            raise Failed(node.name, result)
        return outcome
    raise AssertionError("count() does not end")


def _tried(node: StepNode, record: Record, flow: Flow, turn: str) -> Success | Failure:
    """The result of the last try: the program's own tries after a failure, without a person."""
    result: Success | Failure
    for number in range(node.max_retries + 1):
        key = f"call:{turn}.{number}"
        result = once(record, key, partial(_call, node, record, flow, key))
        if isinstance(result, Success) or result.interrupted or result.error_type in POINTLESS:
            break
    return result


def _call(node: StepNode, record: Record, flow: Flow, key: str) -> Need:
    invocation = Invocation(node=node, record=record, flow=flow, key=key)
    return Call(
        record=record,
        key=key,
        function=node.function.call,
        prepare=invocation.prepare,
        settle=invocation.settle,
        repeatable=node.repeatable,
    )


@dataclass(kw_only=True)
class Invocation:
    """One call of a step's function. The session's state is copied for it, and what it changed comes back."""

    node: StepNode
    record: Record
    flow: Flow
    key: str
    given: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)

    def prepare(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The function's arguments."""
        wants, inputs = self.node.function.wants, self.flow.inputs
        extras: dict[str, Any] = {}
        if wants:
            self.given, self.state = copy.deepcopy(inputs.state), copy.deepcopy(inputs.state)
            available = {"session_state": self.state, "run_context": RunContext.of(inputs, self.state)}
            extras = {name: available[name] for name in wants}
        return (self._step_input(),), extras

    def settle(self, result: Any) -> Success:
        """What the function gave back, as a step output. Raises UnencodableValue naming step and type."""
        output = result if isinstance(result, StepOutput) else StepOutput(content=result)
        output = replace(
            output.named(self.node.name, self.node.kind),
            executor_type=output.executor_type or "function",
            executor_name=output.executor_name or self.node.function.name,
        )
        try:
            encoded = values.encode(output.to_dict())
            changed = values.json_clean(difference(self.given, self.state))
        except values.UnencodableValue as refused:
            raise values.UnencodableValue(f"Step '{self.node.name}': {refused}") from None
        return Success(encoded=encoded, slot=self.key, patch=changed or None)

    def _step_input(self) -> StepInput:
        inputs, before = self.flow.inputs, self.flow.before
        # Copies: what one step does to its input, no other step and no later process sees.
        given, additional, media = copy.deepcopy(
            (inputs.input, (inputs.additional_data or {}) | self.flow.notes, inputs.media)
        )
        last = before.last
        return StepInput(
            input=given,
            previous_step_content=last.deepest if last else None,
            previous_step_outputs=before,
            additional_data=additional or None,
            idempotency_key=f"{inputs.run_id}:{self.record.path}:{self.record.tries + 1}",
            **media,
        )


def _error_question(node: StepNode, record: Record, failure: Failure, redo: int, round: int) -> Need:
    what = "was cut off" if failure.interrupted else "failed"
    return record, Ask(
        path=record.path,
        key=f"error:{redo}.{round}",
        kind=RequirementKind.error,
        step_name=node.name,
        step_type=node.kind,
        step_index=node.index,
        message=f"Step '{node.name}' {what}. Try again, or go on without it?",
        retry_count=round,
        error={"type": failure.error_type, "message": failure.message},
    )


def _failed(node: StepNode, record: Record, failure: Failure, slot: str) -> tuple[StepOutput, str]:
    """The output that stands for a failure; stored at once, because a review may point at it."""
    if slot not in record.memo:
        text = f"Step skipped due to error: {failure.message}"
        if node.skip_on_failure:
            text = f"Step {node.name} failed but skipped"
        output = StepOutput(content=text, success=False, error=failure.message)
        record.journal.store(record, slot, output.named(node.name, node.kind))
        record.remember(slot, Success(slot=slot))
    return record.journal.value(record, slot), slot


@dataclass(kw_only=True)
class RunContext:
    """Which run a function is called for, with the session's state to read and change."""

    run_id: str
    session_id: str
    session_state: dict[str, Any]

    @classmethod
    def of(cls, inputs: Any, state: dict[str, Any]) -> "RunContext":
        """For one call."""
        return cls(run_id=inputs.run_id, session_id=inputs.session_id, session_state=state)
