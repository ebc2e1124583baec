"""Resuming: how a run of an agent goes on: with new answers, after a failure, or as a new run that follows it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from workflows.agents.output import BaseRunOutput
from workflows.agents.requirements import RunRequirement
from workflows.engine.conversation import Message, Reply, ToolCall
from workflows.engine.machine import Machine
from workflows.engine.primitives.agent import spoken
from workflows.errors import Unresolved
from workflows.ports import Driven, Given, Runs
from workflows.run.facts import Facts
from workflows.types import RunStatus, StepInput
from workflows.types.requirements import ErrorRequirement
from workflows.types.step_io import as_text

if TYPE_CHECKING:
    from workflows.agents.base import Conversing

# Under which a run keeps the messages of the one that it follows.
EARLIER = "earlier_messages"

# What a model is told that goes on after its own last word.
GO_ON = "Please go on."


class RunNotFoundError(RuntimeError):
    """There is no such run."""


class RunNotContinuableError(ValueError):
    """The run has ended in a way that nothing can follow."""


@dataclass(frozen=True, kw_only=True)
class Continuation:
    """One `continue_run`: which run, and with what."""

    agent: "Conversing"
    run_id: str
    session_id: str | None
    answers: list[Any]
    runs: Runs
    given: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, agent: "Conversing", run: BaseRunOutput | None, given: dict[str, Any]) -> Self:
        """Of the arguments of `continue_run`. ValueError where they name no run, or want what there is not."""
        _refuse(given)
        run_id = (run.run_id if run is not None else None) or given.pop("run_id", None)
        if not run_id:
            raise ValueError("Either run_response or run_id must be provided.")
        session_id = (run.session_id if run is not None else None) or given.pop("session_id", None)
        if not (session_id or agent.session_id):  # which the last run's may be, and not this one's
            raise ValueError("Session ID is required to continue a run from a run_id.")
        requirements = given.pop("requirements", None)
        known = (run.requirements if run is not None else None) if requirements is None else requirements
        answers = [*answers_of(known or ()), *_of_tools(given.pop("updated_tools", None) or ())]
        kept = run.agent if run is not None and agent.db is None else None
        runs = (kept or agent).runs
        return cls(agent=agent, run_id=run_id, session_id=session_id, answers=answers, runs=runs, given=given)

    def begin(self) -> Driven:
        """Take the run over, or begin the one that follows it."""
        runs, plan = self.runs, self.agent.plan
        found = runs.look(plan, self.run_id, self.session_id)
        if found is None:
            raise RunNotFoundError(f"No runs found for run ID {self.run_id}")
        machine, facts = found
        if machine.status is RunStatus.cancelled:
            raise RunNotContinuableError(f"Cannot continue run {self.run_id}: run is cancelled")
        if machine.status.finished or self.given.get("fork") or self.given.get("regenerate"):
            return runs.start(plan, self._following(machine, facts))
        failed = all(ask.error for ask in machine.asks)
        again = [_again(ask) for ask in machine.asks] if failed else []
        decided_by = self.given.get("decided_by", "")
        try:
            driven = runs.resume(plan, self.run_id, self.session_id, [*self.answers, *again], decided_by)
        except Unresolved:
            if any(ask.tool and ask.tool["approval"] == "required" for ask in machine.asks):
                raise ValueError(PENDING) from None
            raise ValueError(UNRESOLVED) from None
        for name, more in self._context.items():
            setattr(driven.machine.inputs, name, (getattr(driven.machine.inputs, name) or {}) | more)
        return driven

    @property
    def _context(self) -> dict[str, dict[str, Any]]:
        """What is given to the rest of the run besides what it was started with; until its next rest."""
        context = self.given.get("run_context")
        given = {name: self.given.get(name) or getattr(context, name, None) for name in CONTEXT}
        return {name: more for name, more in given.items() if more}

    def _following(self, machine: Machine, facts: Facts) -> Given:
        """A new run after this one: with everything that was said in it, or instead of it."""
        instead, more = self.given.get("regenerate"), self.given.get("additional_instructions")
        said = [] if instead else _said(machine, facts)
        if more:
            said.append(Message(role="system", content=more))
        context = {name: facts.given.get(name) for name in (*CONTEXT, "user_id")}
        start = self.agent.given(
            facts.input if instead else self.given.get("input") or GO_ON,
            {name: value for name, value in context.items() if value} | self.given | self._context,
        )
        data = {EARLIER: [asdict(message) for message in said]}
        media = facts.given.get("media") or {}
        return replace(
            start,
            additional_data=data,
            session_id=facts.session_id,
            run_id=None,
            media=(media if instead else {}) | start.media,
        )


# What the tools of a run see of what it was given.
CONTEXT = ("dependencies", "metadata")

UNRESOLVED = (
    "Run has unresolved HITL requirements. Provide the `requirements` parameter "
    "(or resolve an admin approval first)."
)
PENDING = f"{UNRESOLVED} Approval is still pending. Resolve the approval before continuing this run."


def answers_of(requirements: Iterable[Any]) -> list[RunRequirement]:
    """Requirements, or the dicts of some that came from elsewhere."""
    return [
        RunRequirement.from_dict(given) if isinstance(given, Mapping) else given for given in requirements
    ]


def _of_tools(tools: Iterable[Any]) -> list[RunRequirement]:
    """What was said at the calls of tools themselves; they know their call's own id."""
    return [RunRequirement(tool_execution=given) for given in tools]


def begun_again(step_input: StepInput) -> list[Message]:
    """What was said in the run that this one follows."""
    return _earlier(step_input.additional_data)


def _earlier(additional_data: Mapping[str, Any] | None) -> list[Message]:
    return [_message(data) for data in (additional_data or {}).get(EARLIER, ())]


def _refuse(given: Mapping[str, Any]) -> None:
    """ValueError for what the framework has, and we do not."""
    if given.get("continue_from") not in (None, "end"):
        raise ValueError(f"A run goes on from its end, not from {given['continue_from']!r}")
    if given.get("replace_original"):
        raise ValueError("A run that is done again stays what it was: replace_original is not supported")


def _again(ask: Any) -> ErrorRequirement:
    """To go on with a run that failed is to try once more."""
    return ErrorRequirement(step_id=ask.path, path=ask.path, key=ask.key, decision="retry")


def _said(machine: Machine, facts: Facts) -> list[Message]:
    """Everything that was said in a run, and in those that it follows."""
    (node,) = machine.root.node.children
    record = machine.journal.find(node.segment)
    turns = range(record.cursor + 1) if record else ()
    replies = [spoken(record, turn) for turn in turns if record and record.has(f"turn:{turn}")]
    return [
        *_earlier(facts.given.get("additional_data")),
        Message(role="user", content=as_text(facts.input)),
        *(said for reply in replies for said in reply),
    ]


def _message(data: Mapping[str, Any]) -> Message:
    reply, call = data.get("reply"), data.get("call")
    made = {
        "reply": Reply.from_dict(reply) if reply else None,
        "call": ToolCall(**call) if call else None,
    }
    return Message(**{**data, **made})
