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
from workflows.engine.flow import Before, Flow, Inputs
from workflows.engine.functions import StepFunction, Yielded
from workflows.engine.needs import Call, once
from workflows.engine.record import FORKED, Record, Success
from workflows.types import StepInput

STATEFUL = ("session_state", "run_context")
IMMUTABLE = (str, int, float, bool, bytes, type(None))


@dataclass(kw_only=True)
class RunContext:
    """Which run a function is called for, with the session's state to read and change. `idempotency_key` is the same
    whenever this call is made again after a crash, by itself or by a person's word, for services that take one; empty
    where no call is being made."""

    run_id: str
    session_id: str
    user_id: str | None = None
    session_state: dict[str, Any] = field(default_factory=dict)
    dependencies: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    idempotency_key: str = ""


@dataclass(kw_only=True, slots=True)
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

    def call(self, key: str) -> Call:
        """The call as a need."""
        return Call(
            record=self.record,
            key=key,
            function=self.function.call,
            prepare=self.prepare,
            settle=self.settle,
            branch=self.flow.branch,
        )

    def prepare(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The function's arguments."""
        wants = self.function.wants
        if not wants:
            return (self.first(),), {}
        available = dict(self.extras)
        if not wants.isdisjoint(STATEFUL):
            self.given = given_state(self.flow)
            self.state = copied(self.given)
            available["session_state"] = self.state
            run = context(self.flow.inputs, self.state)
            run.idempotency_key = self.flow.inputs.key_of(self.record)
            available["run_context"] = run
        return (self.first(),), {name: available[name] for name in wants & available.keys()}

    def settle(self, result: Any) -> Success:
        """What is kept of the result. Raises UnencodableValue, naming the step, for what cannot be."""
        try:
            if isinstance(result, Yielded):
                success = replace(self.keep(result.result()), events=result.events)
            else:
                success = self.keep(result)
            patch = patches.difference(self.given, self.state)
            return replace(success, patch=values.json_clean(patch)) if patch else success
        except values.UnencodableValue as refused:
            raise values.UnencodableValue(f"Step '{self.record.node.name}': {refused}") from None


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
    answer: Any = once(record, key, partial(invocation.call, key))
    return answer


def step_input(record: Record, flow: Flow) -> StepInput:
    """What a step's function reads, or an evaluator or selector in its place."""
    inputs, before = flow.inputs, flow.before
    given = copied(inputs.input) if flow.given is None else record.journal.content(flow.given)
    return StepInput(
        input=given,
        previous_step_content=partial(before.content),
        previous_step_outputs=before,
        additional_data=copied((inputs.additional_data or {}) | flow.notes or None),
        workflow_session=inputs.session,
        idempotency_key=inputs.key_of(record),
        **_media(inputs, before),
    )


def given_to(record: Record, flow: Flow) -> str:
    """The digest of what a node is given, but for the session's state and what it may look up of earlier steps."""
    inputs, before = flow.inputs, flow.before
    given = inputs.input if flow.given is None else record.journal.content(flow.given)
    media = _media(inputs, before) or None
    # What a fork has changed inside is passed on by this place too.
    forked = [record.memo[FORKED]] if FORKED in record.memo else []
    return values.subject(given, before.content(), inputs.additional_data, flow.notes or None, media, *forked)


def copied(value: Any) -> Any:
    """A copy: what one step does to its input, no other step and no later process sees."""
    return value if type(value) in IMMUTABLE else copy.deepcopy(value)


def _media(inputs: Inputs, before: Before) -> dict[str, list[Any]]:
    """The run's own media, and those of what ran before."""
    found, own = before.media(), inputs.media
    if not (found or own):
        return {}
    return {kind: copied(own.get(kind) or []) + found.get(kind, []) for kind in own.keys() | found.keys()}


def given_state(flow: Flow) -> dict[str, Any]:
    """The session's state as this place sees it: with what its own parallel branches have changed so far."""
    state: dict[str, Any] = copy.deepcopy(flow.inputs.state)
    if flow.branch is not None:
        flow.branch.apply(state)
    return state


def context(inputs: Inputs, state: dict[str, Any]) -> RunContext:
    return RunContext(
        run_id=inputs.run_id,
        session_id=inputs.session_id,
        user_id=inputs.user_id,
        session_state=state,
        dependencies=inputs.dependencies,
        metadata=inputs.metadata,
    )
