"""Handing on: an agent that a function ran by hand goes on inside the run that the function is a step of.

Its node must be found again, maybe in another process: agents are known by their id from when they are made, so one
that is made where its module is loaded is found wherever the workflow is.
"""

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from workflows.engine.conversation import TASK
from workflows.engine.plan import HANDED, Node, escaped
from workflows.engine.record import Graft
from workflows.types import ExecutorType, OnError, StepInput, StepType
from workflows.types.step_io import as_text

if TYPE_CHECKING:
    from workflows.agents.base import Conversing
    from workflows.agents.output import BaseRunOutput

_known: "WeakValueDictionary[str, Conversing]" = WeakValueDictionary()

# Those whose pause was handed on: they must be found as long as the process lives, wherever they were made.
_handed: "dict[str, Conversing]" = {}


def know(agent: "Conversing") -> None:
    """An agent was made; of several with one id the last counts."""
    _known[agent.id] = agent


def node_of(agent_id: str, step: str) -> Node | None:
    """The node of an agent whose pause a step has handed on; None where there is no such agent in this process."""
    agent = _handed.get(agent_id) or _known.get(agent_id)
    if agent is None:
        return None
    kind = StepType.TEAM if agent.type is ExecutorType.TEAM else StepType.AGENT
    return agent.node(told, name=step, kind=kind, on_error=OnError.skip, max_retries=1)


def told(step_input: StepInput) -> str:
    """What an agent is told that works for another one, or for a function."""
    return str((step_input.additional_data or {})[TASK])


def packed(run: "BaseRunOutput", call: str) -> Graft | None:
    """Everything that is kept of a paused run; its own run ends with that."""
    agent: Conversing | None = run.agent
    if not run.is_paused or agent is None or run.run_id is None:
        return None
    found = agent.runs.look(agent.plan, run.run_id, run.session_id)
    if found is None:
        return None
    machine, facts = found
    _handed[agent.id] = agent
    (node,) = machine.root.node.children
    records, texts = machine.journal.packed(node.segment)
    agent.runs.cancel(run.run_id)
    segment = f"{HANDED}{call.removeprefix('call:')}:{escaped(agent.id)}"
    return Graft(segment=segment, root=node.segment, task=as_text(facts.input), records=records, texts=texts)
