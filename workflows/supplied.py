"""Supplied: answers from outside to what a run waits for, read and matched to what is asked.

What comes in are the dicts that authors' objects write of themselves. Only answers in them count: what they say of a
policy (who, how often, until when) is ignored, with a warning, and so is the time at which they say to be answered.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workflows.agents.requirements import RunRequirement, ToolExecution
from workflows.errors import MalformedAnswer
from workflows.facts import question_of
from workflows.models import Requirement, WorkflowRun
from workflows.report import as_author_sees
from workflows.run.building import AnyRequirement, answer_of, matching
from workflows.types import Action, Answer, RequirementKind
from workflows.types.requirements import ErrorRequirement, StepRequirement

Call = tuple[str | None, str | None]  # a call's own id, and the tool's name

# What only the definition says: of a step, and of a tool.
POLICY = ("on_reject", "max_retries", "on_timeout", "timeout_at")
TOOL_POLICY = ("approval_type", "requires_confirmation", "requires_user_input", "external_execution_required")

# What an answer is made of, by name; anything else at its place is refused: "no" is not False.
KINDS: dict[str, type] = {
    **dict.fromkeys(("confirmed", "confirmation", "answered"), bool),
    **dict.fromkeys(("user_input", "edited_args", "tool_args", "tool_execution"), dict),
    **dict.fromkeys(("selected_choices", "executor_requirements"), list),
    **dict.fromkeys(("rejection_feedback", "confirmation_note", "decision", "step_name", "path", "key"), str),
}


@dataclass(frozen=True, kw_only=True)
class Supplied:
    """One answer, to one requirement."""

    requirement: Requirement
    answer: Answer


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was sent: new answers, those that came too late, and what was ignored."""

    new: list[Supplied] = field(default_factory=list)
    late: list[Supplied] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_answers(run: WorkflowRun, sent: Mapping[str, list[Any]]) -> Answers:
    """The answers in lists of dicts: `step_requirements`, `error_requirements`, `requirements` (of agents and teams)
    and `tools` (their calls). Raises MalformedAnswer."""
    rows = list(run.requirements.prefetch_related("decisions", "evidence"))
    reading = _Reading(rows, sent)
    answers = Answers(warnings=reading.warnings())
    for row in rows:
        answer = reading.answer(row)
        if answer is not None and row.is_open:
            answers.new.append(Supplied(requirement=row, answer=answer))
        elif answer is not None and not _says(row, answer):
            answers.late.append(Supplied(requirement=row, answer=answer))
    return answers


class _Reading:
    """What was sent, as authors' objects, and the requirements of the run that it may be about."""

    def __init__(self, rows: list[Requirement], sent: Mapping[str, list[Any]]) -> None:
        self.rows, self.sent = rows, sent
        self.given: list[AnyRequirement] = [
            *_made(sent, "step_requirements", _step),
            *_made(sent, "error_requirements", ErrorRequirement.from_dict),
            *_made(sent, "requirements", RunRequirement.from_dict),
            *_made(sent, "tools", _of_call),
        ]
        self.tools = [inner for given in self.given for inner in _about_tools(given)]
        self.open_calls = Counter(_asked_call(row) for row in rows if row.is_open and row.details.get("tool"))
        self._refuse_ambiguous()

    def answer(self, row: Requirement) -> Answer | None:
        """What was sent for a requirement, without what it says of the policy."""
        ask = question_of(row).ask
        about = self._about_tool(row) if ask.tool else matching(self.given, ask)
        try:
            answer = answer_of(about, ask) if about is not None else None
        except ValueError as wrong:
            raise MalformedAnswer(f"'{row.step_name}': {wrong}") from None
        if answer is not None and isinstance(about, RunRequirement):
            answer = _edited(answer, about, row)
        return answer and replace(answer, on_reject=None, max_retries=None)

    def warnings(self) -> list[str]:
        """What was sent besides answers, and differs from what is asked."""
        said: list[str] = []
        for row in (row for row in self.rows if row.is_open):
            if row.details.get("tool"):
                ours = RunRequirement.of(question_of(row).ask).tool_execution.to_dict()
                calls = (call for call in _calls_in(self.sent) if _is_call(call, row))
                said += [each for call in calls for each in _ignored(row, TOOL_POLICY, call, ours)]
                continue
            steps = [step for step in self.sent.get("step_requirements") or () if _is_step(step, row)]
            ours = as_author_sees(row).to_dict() if steps else {}
            said += [each for step in steps for each in _ignored(row, POLICY, step, ours)]
        return said

    def _about_tool(self, row: Requirement) -> RunRequirement | None:
        """By its place; what comes without one is known by the call's own id and the tool's name."""
        for about in self.tools:
            if about.id == f"{row.path}#{row.key}":
                return about
        call = _asked_call(row)
        if not row.is_open and self.open_calls[call]:
            return None
        return next((about for about in self.tools if "#" not in about.id and _call(about) == call), None)

    def _refuse_ambiguous(self) -> None:
        """A call's id is its model's: two members of a team may have the same."""
        for about in self.tools:
            if "#" not in about.id and self.open_calls[_call(about)] > 1:
                said = (
                    f"Several open calls of '{_call(about)[1]}' have this id: answer them as `requirements`"
                )
                raise MalformedAnswer(said, "/tools")


def _made(
    sent: Mapping[str, list[Any]], name: str, make: Callable[[Any], AnyRequirement]
) -> list[AnyRequirement]:
    made = []
    for number, data in enumerate(sent.get(name) or ()):
        pointer = f"/{name}/{number}"
        if not isinstance(data, Mapping):
            raise MalformedAnswer(f"{name}[{number}] is not an object", pointer)
        try:
            _refuse_kinds(data)
            made.append(make(data))
        except (TypeError, ValueError, KeyError, AttributeError) as wrong:
            raise MalformedAnswer(f"{name}[{number}]: {wrong}", pointer) from None
    return made


def _refuse_kinds(data: Mapping[str, Any]) -> None:
    for name, kind in KINDS.items():
        value = data.get(name)
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"{name} is not a {kind.__name__}")
    called = [data["tool_execution"]] if data.get("tool_execution") else []
    for each in (*(data.get("executor_requirements") or ()), *called):
        if not isinstance(each, Mapping):
            raise TypeError("executor_requirements are objects")
        _refuse_kinds(each)


def _step(data: Mapping[str, Any]) -> StepRequirement:
    made = StepRequirement.from_dict({"step_id": ""} | dict(data))
    inner = [RunRequirement.from_dict(each) for each in data.get("executor_requirements") or ()]
    made.executor_requirements = inner or None
    return made


def _of_call(data: Mapping[str, Any]) -> RunRequirement:
    return RunRequirement(tool_execution=ToolExecution.from_dict(data))


def _edited(answer: Answer, about: RunRequirement, row: Requirement) -> Answer:
    """A yes to other arguments than those that were asked about is a yes to these."""
    args = about.tool_execution.tool_args
    is_confirmation = row.kind == RequirementKind.tool_confirmation
    if not is_confirmation or answer.action is not Action.approve or args is None:
        return answer
    return (
        answer if args == row.details["tool"]["args"] else replace(answer, action=Action.edit, content=args)
    )


def _about_tools(about: AnyRequirement) -> Iterable[RunRequirement]:
    inner = getattr(about, "executor_requirements", None) or ()
    return [about] if isinstance(about, RunRequirement) else inner


def _call(about: RunRequirement) -> Call:
    return about.tool_execution.tool_call_id, about.tool_execution.tool_name


def _asked_call(row: Requirement) -> Call:
    return row.details["tool"]["call_id"], row.details["tool"]["name"]


def _says(row: Requirement, answer: Answer) -> bool:
    """Whether this is what was decided already. Of what the run has gone on with only the verb is compared: what is
    sent back as history may be spelled otherwise."""
    decision = row.decision
    if decision is None:
        return False
    is_history = row.status == Requirement.Status.APPLIED
    return decision.action == answer.action if is_history else decision.answer == answer.to_dict()


def _calls_in(sent: Mapping[str, list[Any]]) -> list[Mapping[str, Any]]:
    steps = sent.get("step_requirements") or ()
    whole = [each for step in steps for each in step.get("executor_requirements") or ()]
    whole += sent.get("requirements") or ()
    return [each.get("tool_execution") or {} for each in whole] + list(sent.get("tools") or ())


def _is_call(call: Mapping[str, Any], row: Requirement) -> bool:
    return (call.get("tool_call_id"), call.get("tool_name")) == _asked_call(row)


def _is_step(step: Mapping[str, Any], row: Requirement) -> bool:
    return (step.get("path"), step.get("key")) == (row.path, row.key)


def _ignored(
    row: Requirement, policy: tuple[str, ...], data: Mapping[str, Any], ours: Mapping[str, Any]
) -> list[str]:
    name = (row.details.get("tool") or {}).get("name") or row.step_name
    changed = [each for each in policy if each in data and data[each] != ours.get(each)]
    return [f"'{name}': {each} is the definition's and was ignored" for each in changed]
