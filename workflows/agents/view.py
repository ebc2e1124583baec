"""AgentView: one run of an agent on its own, as whoever called `run` sees it: its events, and its output."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflows.agents.output import BaseRunOutput
from workflows.agents.run_events import ALWAYS, RunEvent
from workflows.agents.team_events import event_class
from workflows.agents.telling import Told, events_of
from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.engine.plan import AgentNode
from workflows.run.facts import Facts, Known
from workflows.types import RunStatus

if TYPE_CHECKING:
    from workflows.agents.base import Conversing


@dataclass(frozen=True, kw_only=True)
class AgentView:
    """`detailed`: every event, and not only those that nobody can do without; `closing`: the output comes last.
    `agent` is whose run it is, in this process."""

    detailed: bool = False
    closing: bool = False
    agent: "Conversing | None" = None

    def events(self, event: Event, machine: Machine, run: Known) -> Iterator[Any]:
        """An engine's event as the caller sees it. Where the whole run rests or ends, that is told of the agent."""
        if event.payload is not None:
            yield event.payload
        elif event.type in ENDS:
            yield self._end(machine, run.facts)
        elif self.detailed or event.type in ALWAYS:
            alone = _node(machine).segment
            if event.type != "RunPaused" or event.path != alone:
                yield from events_of(event, machine, run.facts, alone)

    def output(self, machine: Machine, facts: Facts) -> BaseRunOutput:
        """The run so far."""
        output = _told(machine, facts).output()
        output.agent = self.agent
        return output

    def last(self, output: Any) -> Iterator[Any]:
        """What a stream ends with besides its events."""
        if self.closing:
            yield output

    def failure(self, machine: Machine) -> BaseException | None:
        """An agent's failure is told by its output, and never raised."""
        del machine
        return None

    def _end(self, machine: Machine, facts: Facts) -> Any:
        told = _told(machine, facts)
        executor, kind = told.node.executor, "team" if told.is_team else "agent"
        type = ENDED.get(told.status, RunEvent.run_paused)
        said = {
            f"{kind}_id": executor.id,
            f"{kind}_name": executor.name,
            "run_id": facts.run_id,
            "session_id": facts.session_id,
            "content": told.content,
            "reason": machine.outcome,
            "requirements": told.requirements,
            "tools": told.tools,
        }
        made = event_class(type, of_team=told.is_team)
        return made(**{name: value for name, value in said.items() if name in made.__dataclass_fields__})


# Events of the whole run that are told of its agent.
ENDS = {"WorkflowPaused", "WorkflowCancelled", "WorkflowError"}
# What the agent's event is then.
ENDED = {RunStatus.cancelled: RunEvent.run_cancelled, RunStatus.error: RunEvent.run_error}


def _node(machine: Machine) -> AgentNode:
    (node,) = machine.root.node.children
    assert isinstance(node, AgentNode)
    return node


def _told(machine: Machine, facts: Facts) -> Told:
    node = _node(machine)
    record = machine.journal.find(node.segment) or machine.journal.reach(node, node.segment)
    return Told(record=record, machine=machine, facts=facts)
