"""Telling: an agent's run as its author sees it, made of what the engine keeps: its output and its events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workflows.agents import approval_record
from workflows.agents.output import BaseRunOutput, RunOutput, TeamRunOutput
from workflows.agents.requirements import RunRequirement, ToolExecution
from workflows.agents.run_events import EVENTS, BaseRunEvent
from workflows.agents.team_events import event_class
from workflows.engine.conversation import Message
from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.engine.plan import AgentNode, join
from workflows.engine.primitives.agent import spoken
from workflows.engine.primitives.batch import outermost, result_of
from workflows.engine.record import Record
from workflows.run.facts import Facts
from workflows.types import ExecutorType, RunStatus, StepStatus, StepType
from workflows.types.step_io import as_text

# Why a run waits, in the words of its content.
NEEDS = {
    "confirmation": "confirmation",
    "user_input": "user input",
    "user_feedback": "user feedback",
    "external_execution": "external execution",
}


@dataclass(kw_only=True)
class Told:
    """One agent's part of a run: the record of its node, and what is known of the run."""

    record: Record
    machine: Machine
    facts: Facts

    @property
    def node(self) -> AgentNode:
        """Its node."""
        assert isinstance(self.record.node, AgentNode)
        return self.record.node

    @property
    def is_team(self) -> bool:
        """It is a team's leader."""
        return self.node.executor.type is ExecutorType.TEAM

    @cached_property
    def turns(self) -> list[dict[str, Any]]:
        """What is kept of each turn, oldest first."""
        return [self.record.journal.data(self.record, f"turn:{turn}") for turn in self._numbers]

    @cached_property
    def requirements(self) -> list[RunRequirement]:
        """The questions about tools of this agent and of everybody inside it, the newest last."""
        own = (q for q in self.facts.questions if q.ask.tool and f"{q.ask.path}/".startswith(self._inside))
        return [approval_record.requirement_of(question) for question in own]

    @property
    def status(self) -> RunStatus:
        """Where it stands; a failure that somebody is asked about is an error that one can continue from."""
        record = self.record
        if record.finished:
            return RunStatus.error if record.status is StepStatus.failed else RunStatus.completed
        if self.machine.status is RunStatus.paused and self._failure is not None:
            return RunStatus.error
        return self.machine.status

    @property
    def content(self) -> Any:
        """What it said at last; while it waits, for what."""
        match self.status:
            case RunStatus.completed:
                output = self.record.output
                return output.deepest if output else None
            case RunStatus.error:
                return self._failure or self._failed
            case RunStatus.paused:
                return waits_for(self.requirements)
            case _:
                return self.machine.outcome or None

    def output(self, parent: str | None = None) -> BaseRunOutput:
        """The run as its author sees it; inside another run, whose id is `parent`, it has an id of its own."""
        executor, facts = self.node.executor, self.facts
        run_id = f"{facts.run_id}:{self.record.path}" if parent else facts.run_id
        known: dict[str, Any] = {
            "run_id": run_id,
            "parent_run_id": parent,
            "session_id": facts.session_id,
            "user_id": facts.user_id,
            "input": facts.input,
            "content": self.content,
            "status": self.status,
            "messages": [_plain(message) for message in self.messages],
            "tools": self.tools or None,
            "requirements": self.requirements or None,
            "metrics": self._usage or None,
            "metadata": approval_record.told(facts.metadata, self.machine, facts),
            "session_state": self.machine.inputs.state,
            "created_at": facts.created_at,
        }
        if self.is_team:
            members = [inside.output(run_id) for inside in self._members]
            return TeamRunOutput(
                **known, team_id=executor.id, team_name=executor.name, member_responses=members
            )
        return RunOutput(**known, agent_id=executor.id, agent_name=executor.name)

    @property
    def messages(self) -> list[Message]:
        """What was said, without what the model is told of itself."""
        said = [Message(role="user", content=as_text(self.facts.input))]
        return said + [message for turn in self._numbers for message in spoken(self.record, turn)]

    @cached_property
    def tools(self) -> list[ToolExecution]:
        """Every call of a tool by this agent itself, oldest first."""
        asked = {requirement.id: requirement.tool_execution for requirement in self.requirements}
        return [
            self._execution(call, asked)
            for turn in self.turns
            for call in turn["calls"]
            if isinstance(call["place"], str)
        ]

    def execution_at(self, path: str) -> ToolExecution | None:
        """The call of a tool that is kept at a path."""
        for turn in self.turns:
            for call in turn["calls"]:
                if isinstance(call["place"], str) and join(self.record.path, call["place"]) == path:
                    asked = {requirement.id: requirement.tool_execution for requirement in self.requirements}
                    return self._execution(call, asked)
        return None

    def _execution(self, call: dict[str, Any], asked: dict[str, ToolExecution]) -> ToolExecution:
        path = join(self.record.path, call["place"])
        execution = asked.get(f"{path}#gate") or ToolExecution(
            tool_call_id=call["call_id"], tool_name=call["name"], tool_args=call["args"]
        )
        place = self.record.journal.find(path)
        if place is not None and place.finished:
            text, failed = result_of(self.record, call["place"])
            execution.result, execution.tool_call_error = text, failed
        return execution

    @property
    def _numbers(self) -> list[int]:
        return [turn for turn in range(self.record.cursor + 1) if self.record.has(f"turn:{turn}")]

    @property
    def _members(self) -> "list[Told]":
        places = (call["place"] for turn in self.turns for call in turn["calls"])
        paths = (
            join(self.record.path, segment)
            for place in places
            if isinstance(place, list)
            for segment in place
        )
        found = (self.record.journal.find(path) for path in paths)
        return [Told(record=record, machine=self.machine, facts=self.facts) for record in found if record]

    @property
    def _inside(self) -> str:
        return f"{self.record.path}/"

    @property
    def _usage(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for turn in self.turns:
            for name, count in turn["reply"]["usage"].items():
                total[name] = total.get(name, 0) + count
        return total

    @property
    def _failure(self) -> str | None:
        """What failed, where a person is asked about that and about nothing else."""
        asks = [ask for ask in self.machine.asks if f"{ask.path}/".startswith(self._inside)]
        if asks and all(ask.error for ask in asks):
            return str((asks[-1].error or {}).get("message"))
        return None

    @property
    def _failed(self) -> str | None:
        return self.record.output.error if self.record.output else None


def waits_for(requirements: list[RunRequirement]) -> str:
    """The sentence that a paused run has for its content; nothing where all that it waits for is silent."""
    waiting = [requirement for requirement in requirements if not requirement.is_resolved()]
    told = [requirement for requirement in waiting if not requirement.external_execution_silent]
    if any(requirement.member_agent_name for requirement in told):
        lines = [
            f"- {r.member_agent_name or 'The team'}: {r.tool_execution.tool_name} needs {_need(r)}"
            for r in told
        ]
        return "\n".join(["The team waits for:", *lines])
    needs = list(dict.fromkeys(_need(requirement) for requirement in told))
    if not needs:
        return ""
    verb = "it needs" if needs == ["external execution"] else "I need"
    return f"I have tools to execute, but {verb} {' and '.join(needs)}."


def _need(requirement: RunRequirement) -> str:
    return NEEDS[str(requirement.pause_type)]


class ExecutorRuns(Sequence[BaseRunOutput]):
    """The runs of the agents and teams that a run's steps have executed, wherever they stand; read when somebody
    looks."""

    def __init__(self, machine: Machine, facts: Facts) -> None:
        self._machine, self._facts = machine, facts

    @cached_property
    def _runs(self) -> list[BaseRunOutput]:
        journal = self._machine.journal
        journal.gather("")
        return [
            Told(record=record, machine=self._machine, facts=self._facts).output(self._facts.run_id)
            for record in list(journal.records.values())
            if isinstance(record.node, AgentNode) and record.node.kind is StepType.STEP
        ]

    def __getitem__(self, index: Any) -> Any:
        return self._runs[index]

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        return repr(self._runs)


def executor_runs(machine: Machine, facts: Facts) -> ExecutorRuns | None:
    """What agents and teams did in a run; None where its workflow has none."""
    has_any = any(isinstance(node, AgentNode) for node in machine.journal.plan.nodes)
    return ExecutorRuns(machine, facts) if has_any else None


def events_of(
    event: Event, machine: Machine, facts: Facts, alone: str | None = None
) -> Iterator[BaseRunEvent]:
    """An engine's event about an agent as its author sees it; nothing for any other. The agent at the path `alone`
    is the whole run."""
    record = agent_at(machine, event.path) if event.type in EVENTS else None
    if record is None:
        return
    told = Told(record=record, machine=machine, facts=facts)
    kind = event_class(event.type, of_team=told.is_team)
    said = _where(told, alone) | {"path": event.path} | event.data | _details(event, told)
    yield kind(**{name: value for name, value in said.items() if name in kind.__dataclass_fields__})


def _where(told: Told, alone: str | None) -> dict[str, Any]:
    """Whose event it is, and of which run."""
    record, executor, run_id = told.record, told.node.executor, told.facts.run_id
    kind = "team" if told.is_team else "agent"
    said = {
        f"{kind}_id": executor.id,
        f"{kind}_name": executor.name,
        "run_id": run_id if record.path == alone else f"{run_id}:{record.path}",
        "session_id": told.machine.inputs.session_id,
    }
    top = outermost(record)
    if record is not top:
        leader = record.path.rpartition("/")[0]
        said["parent_run_id"] = run_id if leader == alone else f"{run_id}:{leader}"
    elif alone is None:
        said["parent_run_id"] = run_id
    if alone is None:
        plan = told.machine.journal.plan
        said |= {"workflow_id": plan.name, "workflow_run_id": run_id, "step_name": top.node.name}
    return said


def agent_at(machine: Machine, path: str) -> Record | None:
    """The agent that a path is about: at it, or around the tool that is at it."""
    record = machine.journal.find(path)
    if record is not None and not isinstance(record.node, AgentNode):
        record = machine.journal.find(path.rpartition("/")[0])
    return record if record is not None and isinstance(record.node, AgentNode) else None


def _details(event: Event, told: Told) -> dict[str, Any]:
    """What an event says that is kept elsewhere."""
    match event.type:
        case "ToolCallStarted" | "ToolCallCompleted":
            execution = told.execution_at(event.path)
            return {"tool": execution, "content": execution.result if execution else None}
        case "RunPaused":
            asked = told.requirements
            return {"requirements": asked, "tools": told.tools, "content": waits_for(asked)}
        case "RunCompleted":
            last = told.turns[-1]["content"] if told.turns else None
            return {"content": last}
        case "RunError":
            return {"content": event.data.get("error")}
        case _:
            return {}


def _plain(message: Message) -> dict[str, Any]:
    """A message as data."""
    data: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.reply is not None and message.reply.calls:
        data["tool_calls"] = [
            {"id": call.id, "name": call.name, "args": call.args} for call in message.reply.calls
        ]
    if message.call is not None:
        data |= {"tool_call_id": message.call.id, "tool_name": message.call.name}
    return data
