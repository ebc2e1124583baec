"""Building: the author's view of a run, made of the engine's: requirements, outputs, events; and answers, back."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from workflows.agents import approval_record, telling
from workflows.agents.requirements import RunRequirement
from workflows.agents.run_events import ALWAYS as EXECUTORS_ALWAYS
from workflows.agents.run_events import EVENTS as EXECUTOR_EVENTS
from workflows.engine.events import Event
from workflows.engine.inner import Inner
from workflows.engine.journal import Journal
from workflows.engine.machine import Machine
from workflows.engine.needs import REVIEWS, Ask
from workflows.engine.record import Success
from workflows.run.events import WORKFLOW_RUN_EVENT_TYPE_REGISTRY, BaseWorkflowRunEvent
from workflows.run.facts import Facts, Known, Question
from workflows.run.output import WorkflowRunOutput
from workflows.types import (
    Action,
    Answer,
    OnReject,
    PauseKind,
    RequirementKind,
    RunStatus,
    StepOutput,
    UserInputField,
)
from workflows.types.field_checks import plain
from workflows.types.requirements import ErrorRequirement, StepRequirement

# In an answer None means "as the step says".
UNLIMITED = sys.maxsize

AnyRequirement = StepRequirement | ErrorRequirement | RunRequirement

# Told in every stream; everything else only with stream_events=True.
ALWAYS = {
    "WorkflowStarted",
    "WorkflowCompleted",
    "WorkflowPaused",
    "WorkflowCancelled",
    "WorkflowError",
    "StepPaused",
    "RouterPaused",
    "StepOutputReview",
    "StepError",
    "StepOutput",
    "StepExecutorPaused",
    "StepExecutorContinued",
    "CustomEvent",
}


def requirement_of(question: Question, journal: Journal) -> AnyRequirement:
    """A question as its author sees it, with the answer that it has."""
    ask, answer = question.ask, question.answer
    if ask.kind is RequirementKind.error:
        return _error(ask, answer)
    if ask.tool is not None:
        return executor_requirement([question])
    requirement = StepRequirement(
        step_id=ask.path,
        step_name=ask.step_name,
        step_index=ask.step_index,
        step_type=ask.step_type,
        on_reject=ask.on_reject,
        on_timeout=ask.on_timeout or "cancel",
        max_retries=ask.max_retries,
        retry_count=ask.retry_count,
        timeout_at=question.timeout_at,
        available_choices=[choice["name"] for choice in ask.choices] or None,
        choice_descriptions={choice["name"]: choice["description"] for choice in ask.choices} or None,
        proposed_choices=list(ask.proposal) or None,
        allow_multiple_selections=ask.allow_multiple,
        path=ask.path,
        key=ask.key,
        **_flags(ask, journal),
    )
    if answer is not None:
        _fill(requirement, answer)
    requirement.answered_at = question.answered_at
    return requirement


def requirements_of(questions: Iterable[Question], journal: Journal) -> list[AnyRequirement]:
    """All questions of a run as its author sees them. Those about tools of one agent or team are one requirement for
    each reply of its model that was answered, and one, the last, for all that is open."""
    made: list[AnyRequirement] = []
    grouped: dict[tuple[str, str], list[Question]] = {}
    for question in questions:
        if question.ask.tool is None:
            made.append(requirement_of(question, journal))
        else:
            path = question.ask.tool["executor"]["path"]
            batch = question.ask.path.partition(":")[0] if question.answer is not None else ""
            grouped.setdefault((path, batch), []).append(question)
    answered = [group for (_, batch), group in grouped.items() if batch]
    waiting = [group for (_, batch), group in grouped.items() if not batch]
    return made + [executor_requirement(group) for group in (*answered, *waiting)]


def executor_requirement(questions: list[Question]) -> StepRequirement:
    """What an agent or team inside a step waits for."""
    ask, executor = questions[0].ask, (questions[0].ask.tool or {})["executor"]
    return StepRequirement(
        step_id=executor["path"],
        step_name=ask.step_name,
        step_index=ask.step_index,
        step_type=ask.step_type,
        on_reject=ask.on_reject,
        on_timeout=ask.on_timeout or "cancel",
        timeout_at=min((q.timeout_at for q in questions if q.timeout_at), default=None),
        requires_executor_input=True,
        executor_requirements=[approval_record.requirement_of(question) for question in questions],
        executor_id=executor["id"],
        executor_name=executor["name"],
        executor_type=executor["type"],
        executor_run_id=executor["run_id"],
        path=executor["path"],
        key="gate",
    )


def answer_of(requirement: AnyRequirement, ask: Ask) -> Answer | None:
    """What a script has answered; None while something is missing."""
    if isinstance(requirement, RunRequirement):
        return requirement.answer()
    if isinstance(requirement, ErrorRequirement):
        return Answer(action=Action(requirement.decision)) if requirement.decision else None
    if not requirement.is_resolved:
        return None
    if requirement.confirmed is False:
        return Answer(
            action=Action.reject, feedback=requirement.rejection_feedback, **_policy(requirement, ask)
        )
    if requirement.is_edited or requirement.edited_output is not None:
        return Answer(action=Action.edit, content=requirement.edited_output)
    return Answer(
        action=Action.approve,
        values=_filled(requirement) if requirement.requires_user_input else {},
        choices=tuple(requirement.selected_choices or ()),
    )


def _policy(requirement: StepRequirement, ask: Ask) -> dict[str, Any]:
    """What a script has changed of the step's policy, for this answer alone (spec 3.9)."""
    changed: dict[str, Any] = {}
    if OnReject(requirement.on_reject) is not ask.on_reject:
        changed["on_reject"] = OnReject(requirement.on_reject)
    if requirement.max_retries != ask.max_retries:
        limit = requirement.max_retries
        changed["max_retries"] = UNLIMITED if limit is None else limit
    return changed


def matching(requirements: Iterable[AnyRequirement], ask: Ask) -> AnyRequirement | None:
    """The requirement that answers a question: by its place, or by the step's name where it does not know that."""
    if ask.tool is not None:
        inner = (inside for requirement in requirements for inside in _about_tools(requirement))
        return next((about for about in inner if _is_about(about, ask)), None)
    given = [requirement for requirement in requirements if not isinstance(requirement, RunRequirement)]
    for requirement in given:
        if requirement.path == ask.path and requirement.key == ask.key:
            return requirement
    named = [r for r in given if not r.key and r.step_name == ask.step_name]
    return named[-1] if named else None


def _is_about(requirement: RunRequirement, ask: Ask) -> bool:
    """By its place; one that comes from elsewhere may know the call's own id alone."""
    call_id = (ask.tool or {}).get("call_id")
    known = requirement.tool_execution.tool_call_id
    return requirement.id == f"{ask.path}#{ask.key}" or ("#" not in requirement.id and known == call_id)


def _about_tools(requirement: Any) -> list[RunRequirement]:
    """The answers about tools in what a script has given: objects, or dicts that came from elsewhere."""
    if isinstance(requirement, RunRequirement):
        return [requirement]
    inner = getattr(requirement, "executor_requirements", None) or ()
    return [RunRequirement.from_dict(given) if isinstance(given, Mapping) else given for given in inner]


def output_of(machine: Machine, facts: Facts) -> WorkflowRunOutput:
    """The run as its author sees it."""
    plan, journal = machine.journal.plan, machine.journal
    requirements = requirements_of(facts.questions, journal)
    output = WorkflowRunOutput(
        input=facts.input,
        content=_content(machine),
        workflow_id=plan.name,
        workflow_name=plan.title,
        run_id=facts.run_id,
        session_id=facts.session_id,
        user_id=facts.user_id,
        metadata=approval_record.told(facts.metadata, machine, facts),
        metrics=facts.metrics,
        created_at=facts.created_at,
        status=machine.status,
        step_results=Inner(journal, ""),
        step_requirements=[r for r in requirements if isinstance(r, StepRequirement)] or None,
        error_requirements=[r for r in requirements if isinstance(r, ErrorRequirement)] or None,
    )
    output.step_executor_runs = telling.executor_runs(machine, facts)
    if machine.asks:
        output.pause_kind = PauseKind.EXECUTOR if machine.asks[-1].tool else PauseKind.STEP
        item = plan.root.at(machine.asks[-1].path.split("/")[0])
        if item is not None:  # else the definition has changed where the run stands
            output.paused_step_index, output.paused_step_name = item.index, item.name
    return output


def events_of(
    event: Event, machine: Machine, run: Known, *, detailed: bool, executors: bool = True
) -> Iterator[Any]:
    """An engine's event as its author sees it; nothing for what only the portal tells. With `executors`, what agents
    and teams tell of themselves comes between."""
    if event.payload is not None:
        yield event.payload
        return
    if executors and event.type in EXECUTOR_EVENTS and (detailed or event.type in EXECUTORS_ALWAYS):
        yield from telling.events_of(event, machine, run.facts)
    if event.type == "StepCompleted" and "/" not in event.path and "error" not in event.data:
        yield _event(replace(event, type="StepOutput"), machine, run)
    if event.type in WORKFLOW_RUN_EVENT_TYPE_REGISTRY and (detailed or event.type in ALWAYS):
        yield _event(event, machine, run)


def _event(event: Event, machine: Machine, run: Known) -> BaseWorkflowRunEvent:
    kind, plan, inputs = WORKFLOW_RUN_EVENT_TYPE_REGISTRY[event.type], machine.journal.plan, machine.inputs
    said: dict[str, Any] = {
        "workflow_id": plan.name,
        "workflow_name": plan.title,
        "session_id": inputs.session_id,
        "run_id": inputs.run_id,
        "step_id": event.path or None,
        "step_name": event.step_name,
        "step_index": event.step_index,
        "path": event.path,
    }
    said |= event.data | _details(event, machine, run)
    known = kind.__dataclass_fields__
    return kind(**{name: value for name, value in said.items() if name in known})


def _details(event: Event, machine: Machine, run: Known) -> dict[str, Any]:
    """What an event says that is kept elsewhere."""
    match event.type:
        case "StepPaused" | "RouterPaused" | "StepOutputReview" | "StepError":
            return _asked(event, machine)
        case "StepExecutorPaused":
            asked = [q for q in run.facts.questions if q.ask.tool and q.answer is None]
            mine = [q for q in asked if (q.ask.tool or {})["executor"]["path"] == event.path]
            requirement = executor_requirement(mine) if mine else None
            return {} if requirement is None else vars(requirement)
        case "StepCompleted" | "StepOutput":
            result = _latest(machine.journal, event.path)
            content = result.deepest if result else None
            return {"content": content, "step_response": result, "step_output": result}
        case "WorkflowCompleted" | "WorkflowPaused" | "WorkflowCancelled":
            output = output_of(machine, run.facts)
            return vars(output) | {"run_output": output}
        case _:
            return {}


def _asked(event: Event, machine: Machine) -> dict[str, Any]:
    ask = machine.journal.open.get((event.path, event.data.get("key", "")))
    if ask is None:
        return {}
    said: dict[str, Any] = _flags(ask, machine.journal)
    said["available_choices"] = [choice["name"] for choice in ask.choices]
    said["allow_multiple_selections"] = ask.allow_multiple
    return said | ({"error": ask.error["message"]} if ask.error else {})


def _flags(ask: Ask, journal: Journal) -> dict[str, Any]:
    """Which kind of answer is asked for, in the words of StepRequirement (spec 2.3, last table)."""
    if ask.kind in REVIEWS:
        return {
            "requires_output_review": True,
            "requires_confirmation": True,
            "output_review_message": ask.message,
            "confirmation_message": ask.message,
            "step_output": partial(_evidence, ask, journal),
            "is_post_execution": True,
        }
    if ask.kind is RequirementKind.route:
        return {"requires_route_selection": True, "user_input_message": ask.message}
    if ask.kind is RequirementKind.user_input:
        fields = [UserInputField.of(form_field) for form_field in ask.fields]
        confirm = {"requires_confirmation": True, "confirmation_message": ask.message} if ask.confirm else {}
        return confirm | {
            "requires_user_input": True,
            "user_input_message": ask.input_message,
            "user_input_schema": fields or None,
        }
    return {"requires_confirmation": True, "confirmation_message": ask.message}


def _evidence(ask: Ask, journal: Journal) -> StepOutput | None:
    """What a reviewer looks at; read when somebody does."""
    record = journal.find(ask.evidence[0]) if ask.evidence else None
    return journal.value(record, ask.evidence[1]) if record and ask.evidence else None


def _error(ask: Ask, answer: Answer | None) -> ErrorRequirement:
    error = ask.error or {}
    return ErrorRequirement(
        step_id=ask.path,
        step_name=ask.step_name,
        step_index=ask.step_index,
        error_message=error.get("message", ""),
        error_type=error.get("type"),
        retry_count=ask.retry_count,
        decision=str(answer.action) if answer else None,
        path=ask.path,
        key=ask.key,
    )


def _fill(requirement: StepRequirement, answer: Answer) -> None:
    requirement.rejection_feedback = answer.feedback
    if answer.on_reject is not None:
        requirement.on_reject = answer.on_reject
    if requirement.requires_confirmation or not answer.approved:
        requirement.confirmed = answer.approved
    if answer.values:
        requirement.set_user_input(validate=False, **answer.values)
    if answer.choices:
        requirement.selected_choices = list(answer.choices)
    if answer.action is Action.edit:
        requirement.edited_output, requirement.is_edited = answer.content, True


def _filled(requirement: StepRequirement) -> dict[str, Any]:
    schema = requirement.user_input_schema or ()
    filled = {f.name: f.value for f in schema if f.value is not None} | (requirement.user_input or {})
    names = {f.name for f in schema}
    return {name: plain(value) if name in names else value for name, value in filled.items()}


def _latest(journal: Journal, path: str) -> StepOutput | None:
    """The output of a step that has come back, reviewed or not."""
    record = journal.find(path)
    if record is None:
        return None
    slots = [value.slot for value in record.memo.values() if isinstance(value, Success) and value.slot]
    slot = record.slot or (slots[-1] if slots else None)
    return journal.value(record, slot) if slot else None


def _content(machine: Machine) -> Any:
    if machine.status is RunStatus.completed:
        output = machine.output
        return output.deepest if output is not None else "No steps executed"
    if machine.status is RunStatus.paused and machine.asks:
        return machine.asks[-1].message
    return machine.outcome or None
