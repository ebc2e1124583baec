"""Invoke: one call of a function of the author's: what it is given, and what is kept of what it gives back.

The session's state is copied for each call; what the call changed comes back with its result, as a patch, and is
applied when the result is recorded.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from workflows.engine import patches, values
from workflows.engine.flow import Flow, Inputs, content_of
from workflows.engine.functions import StepFunction, Yielded
from workflows.engine.needs import Call, once
from workflows.engine.record import Failure, Record, Success
from workflows.types import StepInput


@dataclass(kw_only=True)
class RunContext:
    """Which run a function is called for, with the session's state to read and change."""

    run_id: str
    session_id: str
    user_id: str | None = None
    session_state: dict[str, Any] = field(default_factory=dict)
    dependencies: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


@dataclass(kw_only=True)
class Invocation:
    """One call. `first` makes the first argument when the call is performed; `extras` are more things that the
    function may ask for by name; `settle` makes a Success of the result."""

    function: StepFunction
    record: Record
    flow: Flow
    first: Callable[[], Any]
    keep: Callable[[Any], Success]
    extras: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)

    def call(self, key: str, *, repeatable: bool) -> Call:
        """The call as a need."""
        return Call(
            record=self.record,
            key=key,
            function=self.function.call,
            prepare=self.prepare,
            settle=self.settle,
            repeatable=repeatable,
            branches=self.flow.branches,
        )

    def prepare(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The function's arguments."""
        wants, available = self.function.wants, dict(self.extras)
        if wants & {"session_state", "run_context"}:
            self.given = _state(self.flow)
            self.state = copy.deepcopy(self.given)
            available["session_state"] = self.state
            available["run_context"] = _context(self.flow.inputs, self.state)
        return (self.first(),), {name: available[name] for name in wants & available.keys()}

    def settle(self, result: Any) -> Success:
        """What is kept of the result. Raises UnencodableValue, naming the step, for what cannot be."""
        events = result.events if isinstance(result, Yielded) else []
        try:
            success = self.keep(result.result() if isinstance(result, Yielded) else result)
            patch = values.json_clean(patches.difference(self.given, self.state))
        except values.UnencodableValue as refused:
            raise values.UnencodableValue(f"Step '{self.record.node.name}': {refused}") from None
        return replace(success, patch=patch or None, events=events)


def consult(
    function: StepFunction,
    record: Record,
    key: str,
    flow: Flow,
    *,
    first: Callable[[], Any],
    keep: Callable[[Any], Any] = bool,
    **extras: Any,
) -> Any:
    """The answer of a predicate, selector or evaluator, asked once; a Failure when it raised."""
    invocation = Invocation(
        function=function,
        record=record,
        flow=flow,
        first=first,
        keep=lambda result: Success(value=keep(result)),
        extras=extras,
    )
    answer: Any = once(record, key, partial(invocation.call, key, repeatable=True))
    return answer


def step_input(record: Record, flow: Flow) -> StepInput:
    """What a step's function reads, or an evaluator or selector in its place."""
    inputs, last = flow.inputs, flow.before.last
    # Copies: what one step does to its input, no other step and no later process sees.
    given, additional, media = copy.deepcopy(
        (flow.input, (inputs.additional_data or {}) | flow.notes, inputs.media)
    )
    return StepInput(
        input=given,
        previous_step_content=content_of(last),
        previous_step_outputs=flow.before,
        additional_data=additional or None,
        workflow_session=inputs.session,
        idempotency_key=f"{inputs.run_id}:{record.path}:{record.tries + 1}",
        **media,
    )


def failed(result: Any) -> bool:
    """The call raised, or was cut off."""
    return isinstance(result, Failure)


def _state(flow: Flow) -> dict[str, Any]:
    """The session's state as this place sees it: with what its own parallel branches have changed so far."""
    state = copy.deepcopy(flow.inputs.state)
    for record, segment in flow.branches:
        patches.apply(state, record.memo.get("patches", {}).get(segment, {}))
    return state


def _context(inputs: Inputs, state: dict[str, Any]) -> RunContext:
    return RunContext(
        run_id=inputs.run_id,
        session_id=inputs.session_id,
        user_id=inputs.user_id,
        session_state=state,
        dependencies=inputs.dependencies,
        metadata=inputs.metadata,
    )
