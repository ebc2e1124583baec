"""The tools: each takes and gives what the API does, and does it by the API, with its permissions and its refusals.

None of them answers a requirement: whoever asks people by a tool cannot be the one who answers.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ninja import Schema
from pydantic import BaseModel, Field, TypeAdapter

from hitl_portal.api.asking import AskIn
from hitl_portal.api.definitions import WantedWorkflows
from hitl_portal.api.events import WantedEvents
from hitl_portal.api.question_schemas import RequirementPage
from hitl_portal.api.requirements import WantedRequirements
from hitl_portal.api.schemas import QUESTION, RUN, EventPage, RunLine, RunOut, WorkflowPage
from hitl_portal.api.starting import StartIn
from hitl_portal.client import Asked
from hitl_portal.mcp.waiting import Line, awaited

USUAL_WAIT = 45  # seconds; programs give a tool a minute, where it tells them nothing
LONGEST_WAIT = 3600
KEY = "Send it again with the same key, and it is the same one: nothing is done twice"

Doing = Callable[[Line, Any], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One thing that a model may have done: what it takes, what it gives. `changes`: it does more than to look."""

    name: str
    about: str
    takes: type[BaseModel]
    gives: TypeAdapter[Any]
    does: Doing
    changes: bool


TOOLS: dict[str, Tool] = {}


def tool(gives: Any, changes: bool = False) -> Callable[[Doing], Doing]:
    """Offer a function as a tool under its name, told as its docstring says."""

    def offered(does: Doing) -> Doing:
        said = inspect.signature(does).parameters["said"]
        made = Tool(
            name=does.__name__,
            about=inspect.getdoc(does) or "",
            takes=said.annotation,
            gives=TypeAdapter(gives),
            does=does,
            changes=changes,
        )
        TOOLS[made.name] = made
        return does

    return offered


class Workflows(WantedWorkflows, extra="forbid"):
    """Which workflows."""


class Keyed(Schema):
    """What is done once, however often it is sent."""

    key: str | None = Field(None, min_length=1, max_length=200, description=KEY, examples=["order-7-refund"])


class Start(StartIn, Keyed, extra="forbid"):
    """What to start."""


class Run(WantedEvents, extra="forbid"):
    """Which run, and which of its events."""

    run_id: str = Field(min_length=1, max_length=200, examples=[RUN])


class Inspected(EventPage):
    """A run as it stands, and what has happened to it."""

    run: RunOut


class Requirements(WantedRequirements, extra="forbid"):
    """Which requirements."""


class Wait(Schema, extra="forbid"):
    """For how long to wait."""

    wait: int = Field(USUAL_WAIT, ge=0, le=LONGEST_WAIT, description="Seconds to wait for an answer")


class Ask(AskIn, Keyed, Wait, extra="forbid"):
    """What to ask."""


class Handle(Schema, extra="forbid"):
    """What was asked."""

    requirement_id: str = Field(min_length=1, max_length=40, examples=[QUESTION])


class Waited(Handle, Wait, extra="forbid"):
    """What was asked, and for how long to wait."""


@tool(gives=WorkflowPage)
async def list_workflows(line: Line, said: Workflows) -> Any:
    """List the workflows that can be started, with the JSON schema of their input."""
    return await line.portal.workflows(**_given(said))


@tool(gives=RunLine, changes=True)
async def start_run(line: Line, said: Start) -> Any:
    """Start a run of a workflow. It goes on by itself, and may wait for people: look with inspect_run."""
    return await line.portal.start(**_given(said))


@tool(gives=Inspected)
async def inspect_run(line: Line, said: Run) -> Any:
    """Tell how a run stands: its status, what it waits for, what it has given, and its events after a number."""
    wanted = _given(said)
    run = await line.portal.run(said.run_id)
    return await line.portal.events(**wanted) | {"run": run}


@tool(gives=RequirementPage)
async def list_requirements(line: Line, said: Requirements) -> Any:
    """List what waits for people, as far as you may see it. Only people answer it, in the portal."""
    return await line.portal.requirements(**_given(said))


@tool(gives=Asked, changes=True)
async def ask_human(line: Line, said: Ask) -> Any:
    """Ask people something, and wait for their answer.

    Where nobody has answered when the wait is over, it still stands in their inbox: keep the requirement_id and take it
    up again with wait_for_answer. Without an answer nothing is approved.
    """
    question = _given(said, without={"wait"})
    return await awaited(line, await line.portal.ask(**question, wait=False), said.wait)


@tool(gives=Asked)
async def wait_for_answer(line: Line, said: Waited) -> Any:
    """Take up again what was asked: wait for its answer, or with a wait of 0 tell how it stands."""
    return await awaited(line, await line.portal.look(said.requirement_id), said.wait)


@tool(gives=Asked, changes=True)
async def withdraw_question(line: Line, said: Handle) -> Any:
    """Take back what you have asked with ask_human: nobody needs to answer it any more."""
    return await line.portal.withdraw(said.requirement_id)


def _given(said: BaseModel, without: set[str] | None = None) -> dict[str, Any]:
    return said.model_dump(mode="json", exclude_none=True, exclude=without)
