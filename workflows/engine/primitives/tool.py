"""Tool: one call of a tool: what is known of it when the model asks for it, its use, and what the model is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from workflows.engine import values
from workflows.engine.conversation import Executor, Tool, ToolCall
from workflows.engine.flow import Flow
from workflows.engine.functions import StepFunction, drained
from workflows.engine.invoke import STATEFUL, Invocation
from workflows.engine.needs import Call, decided, once
from workflows.engine.plan import MEMBER, AgentNode, escaped
from workflows.engine.record import Failure, Outcome, Record, Success
from workflows.engine.walk import Failed, error_question, once_more
from workflows.types import Action, Answer, InputErrors, RequirementKind, StepOutput
from workflows.types.step_io import as_text

RESULT = "result"


def described(node: AgentNode, turn: int, position: int, call: ToolCall) -> dict[str, Any]:
    """Everything about a call that is decided when the model makes it, as data.

    `place` is where it is kept: a segment, or a list of them for members of the team; `gate` what a person is
    asked; `alone` that it may change the session's state; `stops` that the agent is done after it; `refused` why
    it is not done at all.
    """
    data = BARE | {"name": call.name, "args": call.args, "call_id": call.id}
    data["place"] = f"{turn}.{position}:{escaped(call.name)}"
    if call.wrong:
        return data | {"refused": call.wrong}
    try:
        task, members = node.executor.delegated(call)
        if members:
            return data | {"task": task, "place": _places(node, f"{turn}.{position}", members)}
        tool = node.executor.tool(call.name)
        if tool is None:
            return data | {"refused": f"There is no tool '{call.name}'."}
        return data | _of_tool(tool, call.args)
    except InputErrors as wrong:
        return data | {"refused": f"Wrong arguments: {'; '.join(wrong.by_field.values())}"}


BARE: dict[str, Any] = {
    "description": "",
    "parameters": {},
    "fields": [],
    "questions": [],
    "approval": None,
    "silent": False,
    "gate": None,
    "alone": False,
    "stops": False,
    "refused": "",
}


def _of_tool(tool: Tool, args: Mapping[str, Any]) -> dict[str, Any]:
    """What a tool says of itself. Raises InputErrors for arguments that do not fit."""
    tool.check(args, complete=False)
    spec = tool.spec
    return {
        "description": spec.description,
        "parameters": spec.parameters,
        "fields": tool.fields(args) if tool.gate else [],
        "questions": tool.questions(args) if tool.gate is RequirementKind.feedback else [],
        "approval": tool.approval,
        "silent": tool.silent,
        "gate": str(tool.gate) if tool.gate else None,
        "alone": not tool.wants.isdisjoint(STATEFUL),
        "stops": tool.stops,
    }


def _places(node: AgentNode, prefix: str, members: list[str]) -> list[str]:
    found = [
        child for child in node.children if isinstance(child, AgentNode) and child.executor.id in members
    ]
    return [f"{prefix}:{MEMBER}{child.segment}" for child in found]


@dataclass(frozen=True, kw_only=True)
class Use:
    """One use of a tool; `asked` reads how the model asked for it, `answer` is what a person said to that."""

    executor: Executor
    place: Record
    flow: Flow
    asked: Callable[[], Mapping[str, Any]]
    answer: Answer | None

    def perform(self) -> None:
        """Use it, once. Raises Missing until it has come back; what it raises is told to the model."""
        place, answer = self.place, self.answer
        if answer is not None and self.asked()["gate"] == RequirementKind.external_execution:
            place.complete(place.produce(_output(place, answer.content), RESULT))
            return
        place.tell("started", "ToolCallStarted", tool=place.node.name)
        result = self._tried()
        outcome = (
            place.produce(_failed(place, result.message), RESULT)
            if isinstance(result, Failure)
            else result.outcome
        )
        assert outcome is not None
        place.tell("completed", "ToolCallCompleted", tool=place.node.name, failed=not outcome.success)
        place.complete(outcome)

    def _tried(self) -> Success | Failure:
        """What came of it; one that a crash has cut off is done again where a person says so."""
        for turn in count():
            key = f"call:{turn}"
            result: Success | Failure = once(self.place, key, partial(self._call, key))
            if isinstance(result, Success) or not result.interrupted:
                return result
            failed, ask = Failed(self.place, result, key), f"error:{turn}"
            question = partial(error_question, self.place, None, failed, turn, ask)
            call = self.flow.inputs.key_of(self.place)
            answer = decided(self.place, ask, partial(question, call=call))
            if not once_more(self.place.node, answer):
                return result
        raise AssertionError("count() does not end")

    def _call(self, key: str) -> Call:
        name = self.place.node.name
        tool = self.executor.tool(name)
        wants = tool.wants.intersection(STATEFUL) if tool is not None else frozenset()
        invocation = Invocation(
            function=StepFunction(call=partial(_use, self.executor, name), name=name, wants=wants),
            record=self.place,
            flow=self.flow,
            first=lambda: (self.asked(), self.answer),
            keep=partial(_kept, self.place),
        )
        return invocation.call(key)


def arguments(asked: Mapping[str, Any], answer: Answer | None) -> dict[str, Any]:
    """What the tool is used with: what the model gave, and what a person has made of it."""
    args: dict[str, Any] = asked["args"]
    if answer is None:
        return args
    if answer.action is Action.edit:
        return dict(answer.content)
    if asked["gate"] != RequirementKind.tool_input:
        return args
    # What only people fill in is never the model's, also where the model gave it and the person left it out.
    of_model = {field["name"]: field["value"] for field in asked["fields"] if field["of_model"]}
    left_empty = {field["name"]: None for field in asked["fields"] if field.get("nullable")}
    return left_empty | of_model | answer.values


def _use(executor: Executor, name: str, given: tuple[dict[str, Any], Answer | None], **extras: Any) -> Any:
    asked, answer = given
    tool = executor.tool(name)
    if tool is None:
        raise LookupError(f"There is no tool '{name}' any more.")
    said = tool.answered(asked["args"], answer) if answer is not None else None
    if said is not None:
        return said
    extras |= {kind: executor for kind in ("agent", "team") if kind in tool.wants}
    return drained(tool.call(tool.check(arguments(asked, answer), complete=True), extras))


def _kept(place: Record, result: Any) -> Success:
    result = result.content if isinstance(result, StepOutput) else result  # what a generator yielded
    output = _output(place, result)
    try:
        encoded = values.encode(output.parts())
    except values.UnencodableValue:  # the model reads text: what is no data is told as its text
        encoded = values.encode(_output(place, str(result)).parts())
    return Success(outcome=Outcome.of(output, RESULT), encoded=encoded)


def refuse(place: Record, reason: str) -> None:
    """The call is not done; the model is told why."""
    place.complete(place.produce(_failed(place, reason), RESULT))


def _output(place: Record, content: Any) -> StepOutput:
    return StepOutput(content=content).named(place.node.name, place.node.kind)


def _failed(place: Record, reason: str) -> StepOutput:
    return StepOutput(content=reason, success=False, error=reason).named(place.node.name, place.node.kind)


def told(output: StepOutput | None) -> tuple[str, bool]:
    """What the model is told of what came of a call, and whether it failed."""
    if output is None:
        return "", True
    content = output.deepest
    text = content.decode(errors="replace") if isinstance(content, bytes) else as_text(content)
    return text, not output.success
