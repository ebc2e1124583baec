"""What agents and teams share: what the engine needs of them, and the four ways to run them.

A run of an agent on its own is a run of a plan with one node: it is kept, paused, decided and continued as a
workflow's run is, in the same tables.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from workflows.agents.briefing import Instructions, briefing
from workflows.agents.handing import know
from workflows.agents.options import Options
from workflows.agents.output import BaseRunOutput
from workflows.agents.resuming import Continuation, begun_again
from workflows.agents.toolbox import Toolbox
from workflows.agents.view import AgentView
from workflows.driving import Driving
from workflows.engine.conversation import TASK, Message, Model, Reply, Request, Tool, ToolCall, ToolSpec
from workflows.engine.plan import AgentNode, Plan, StepsNode, placed
from workflows.ports import Given, Runs
from workflows.run.memory import MemoryRuns
from workflows.run.session import WorkflowSession
from workflows.types import MEDIA, ExecutorType, HumanReview, OnError, StepInput, StepType
from workflows.types.step_io import as_text
from workflows.workflow import slug

if TYPE_CHECKING:
    from workflows.db import Db

# The program's own tries after a reply that was none; what else a model raises, it has tried again itself.
EMPTY_REPLIES = 1


class Conversing:
    """Somebody who talks with a model and uses tools: an agent, or the leader of a team."""

    type: ClassVar[ExecutorType]

    def __init__(
        self,
        model: Model | None,
        *,
        name: str | None,
        id: str | None,
        tools: list[Any] | None,
        instructions: Instructions,
        db: "Db | None",
        options: Options,
    ) -> None:
        self.model, self.db, self.options, self.instructions = model, db, options, instructions
        self.name = name or id or str(self.type).capitalize()
        self.id = id or slug(self.name)
        self.tools = tools or []
        self.turns, self.session_id = options.max_turns, options.session_id
        self._toolbox = Toolbox(self.tools)
        know(self)

    # What the engine needs.

    def repeats(self, tool: str) -> bool:
        """Whether a cut-off use of a tool simply starts again."""
        return self._toolbox.repeats(tool)

    def tool(self, name: str) -> Tool | None:
        """A tool by its name."""
        return self._toolbox.find(name)

    def delegated(self, call: ToolCall) -> tuple[str, list[str]]:
        """An agent hands nothing on."""
        del call
        return "", []

    def opening(self, message: str, step_input: StepInput, context: Any) -> list[Message]:
        """Instructions, what was said in earlier runs, and the message."""
        told = briefing(self.options, self.instructions, self._more(), context)
        said = [Message(role="system", content=told)] if told else []
        said += [*self._history(step_input), *begun_again(step_input)]
        media = {kind: found for kind in MEDIA if (found := getattr(step_input, kind))}
        return [*said, Message(role="user", content=message, media=media)]

    async def reply(self, messages: list[Message], tell: Callable[[str], object] | None) -> Reply:
        """What its model says next."""
        if self.model is None:
            raise ValueError(f"{self.name} has no model")
        tools = [tool.spec for tool in await self._toolbox.all()] + self._own_tools()
        return await self.model.reply(Request(messages=tuple(messages), tools=tuple(tools)), tell)

    def node(self, message: Callable[[StepInput], str], **same: Any) -> AgentNode:
        """Its node in a plan; `same` is what a step says of it."""
        return AgentNode(executor=self, message=message, children=self._members(), **same)

    def _history(self, step_input: StepInput) -> Iterator[Message]:
        """What was asked and answered in earlier runs of the session; a member hears of the leader's task alone."""
        session = step_input.workflow_session
        asked_by_leader = TASK in (step_input.additional_data or {})
        if self.options.add_history_to_context and session is not None and not asked_by_leader:
            for asked, answered in session.runs(self.options.num_history_runs):
                yield Message(role="user", content=as_text(asked))
                yield Message(role="assistant", content=as_text(answered))

    def _more(self) -> list[str]:
        return self._toolbox.instructions

    def _own_tools(self) -> list[ToolSpec]:
        return []

    def _members(self) -> tuple[Any, ...]:
        return ()

    # What its author does with it.

    @cached_property
    def plan(self) -> Plan:
        """The plan of a run of its own: a failure is shown, and can be continued from."""
        node = self.node(
            _told, name=self.name, review=HumanReview(), on_error=OnError.pause, max_retries=EMPTY_REPLIES
        )
        root = StepsNode(name=self.name, kind=StepType.WORKFLOW, children=placed([node]))
        description = self.options.description or self.options.role or ""
        return Plan(name=f"{self.type}-{self.id}", title=self.name, description=description, root=root)

    def run(
        self,
        input: Any = None,
        *,
        stream: bool | None = None,
        stream_events: bool | None = None,
        yield_run_output: bool = False,
        **given: Any,
    ) -> Any:
        """Run until it pauses or ends: a RunOutput, or with stream=True an iterator of events, which with
        `yield_run_output` ends with the output.

        Further keyword arguments: user_id, run_id, session_id, session_state, dependencies, metadata, images, videos,
        audio, files.
        """
        driving = self._started(input, given, self._view(stream_events, yield_run_output))
        return iter(driving) if self._streams(stream) else driving.drained()

    def arun(
        self,
        input: Any = None,
        *,
        stream: bool | None = None,
        stream_events: bool | None = None,
        yield_run_output: bool = False,
        **given: Any,
    ) -> Any:
        """The same inside an event loop: an awaitable of the output, or an async iterator of events."""
        driving = self._started(input, given, self._view(stream_events, yield_run_output))
        return driving if self._streams(stream) else driving.adrained()

    def continue_run(
        self,
        run_response: BaseRunOutput | None = None,
        *,
        stream: bool | None = None,
        stream_events: bool | None = None,
        yield_run_output: bool = False,
        **given: Any,
    ) -> Any:
        """Go on with a run: pass the run whose requirements were answered, or `run_id` and `requirements`.

        Without any new answer it goes on with a run that failed, or whose questions somebody else has answered. One
        that is complete is not changed: a new run goes on from it, with `input`. Further keyword arguments: session_id,
        updated_tools, input, fork, regenerate, additional_instructions, user_id, dependencies, metadata, decided_by.

        Raises RunNotFoundError, RunNotContinuableError when it was cancelled, ValueError when something must be
        answered first.
        """
        driving = self._resumed(run_response, given, self._view(stream_events, yield_run_output))
        return iter(driving) if self._streams(stream) else driving.drained()

    def acontinue_run(
        self,
        run_response: BaseRunOutput | None = None,
        *,
        stream: bool | None = None,
        stream_events: bool | None = None,
        yield_run_output: bool = False,
        **given: Any,
    ) -> Any:
        """The same inside an event loop. With stream=True the result can be iterated, or awaited first."""
        driving = self._resumed(run_response, given, self._view(stream_events, yield_run_output))
        return driving if self._streams(stream) else driving.adrained()

    def get_run_output(self, run_id: str, session_id: str | None = None) -> BaseRunOutput | None:
        """A run as it stands; None when there is none."""
        found = self.runs.look(self.plan, run_id, session_id)
        if found is None:
            return None
        output = AgentView(agent=self).output(*found)
        output.session_state = self.runs.state(output.session_id or "")
        return output

    def get_session(self, session_id: str | None = None) -> WorkflowSession | None:
        """A session with its runs, newest last; by default that of the last run. None when there is none."""
        wanted = session_id or self.session_id
        state = self.runs.state(wanted) if wanted else None
        if wanted is None or state is None:
            return None
        load: Any = self.get_run_output
        return WorkflowSession(wanted, state, lambda: self.runs.run_ids(self.plan, wanted), load)

    def get_last_run_output(self, session_id: str | None = None) -> BaseRunOutput | None:
        """The newest run of a session."""
        session = self.get_session(session_id)
        found: Any = session.runs[-1] if session and session.runs else None
        return found  # type: ignore[no-any-return]

    def get_session_state(self, session_id: str | None = None) -> dict[str, Any]:
        """The state that a session's runs share."""
        session = self.get_session(session_id)
        return session.session_state if session else {}

    def cancel_run(self, run_id: str) -> bool:
        """End a run; False when it has ended already."""
        return self.runs.cancel(run_id)

    async def aget_session(self, session_id: str | None = None) -> WorkflowSession | None:
        """As get_session."""
        return await asyncio.to_thread(self.get_session, session_id)

    async def aget_run_output(self, run_id: str, session_id: str | None = None) -> BaseRunOutput | None:
        """As get_run_output."""
        return await asyncio.to_thread(self.get_run_output, run_id, session_id)

    async def acancel_run(self, run_id: str) -> bool:
        """As cancel_run."""
        return await asyncio.to_thread(self.cancel_run, run_id)

    def print_response(self, input: Any = None, **options: Any) -> None:
        """Run and print what came of it."""
        from workflows.printing import pprint_run_response

        pprint_run_response(self.run(input, **{"stream": False} | options))

    async def aprint_response(self, input: Any = None, **options: Any) -> None:
        """As print_response."""
        from workflows.printing import apprint_run_response

        await apprint_run_response(self.arun(input, **{"stream": False} | options))

    @cached_property
    def runs(self) -> Runs:
        """Where its runs are kept; without a database they end with the process."""
        return self.db.runs if self.db is not None else MemoryRuns(continuable=True)

    def _view(self, stream_events: bool | None, yield_run_output: bool) -> AgentView:
        detailed = bool(self.options.stream_events if stream_events is None else stream_events)
        return AgentView(detailed=detailed, closing=yield_run_output, agent=self)

    def _streams(self, stream: bool | None) -> bool:
        return bool(self.options.stream if stream is None else stream)

    def _started(self, input: Any, given: dict[str, Any], view: AgentView) -> Driving:
        start = self.given(input, given)
        return Driving(lambda: self.runs.start(self.plan, start), view=view, begun=self._begun)

    def given(self, input: Any, given: dict[str, Any]) -> Given:
        """What a run is started with."""
        return Given(
            input=input,
            additional_data=given.get("additional_data"),
            dependencies=given.get("dependencies", self.options.dependencies),
            metadata=given.get("metadata", self.options.metadata),
            media={kind: given[kind] for kind in MEDIA if given.get(kind) is not None},
            user_id=given.get("user_id") or self.options.user_id,
            run_id=given.get("run_id"),
            session_id=given.get("session_id") or self.session_id,
            session_state=(self.options.session_state or {}) | (given.get("session_state") or {}),
        )

    def _resumed(self, run: BaseRunOutput | None, given: dict[str, Any], view: AgentView) -> Driving:
        continuation = Continuation.of(self, run, given)

        def refresh(output: BaseRunOutput) -> None:
            if run is not None and run.run_id == output.run_id:  # else another run has followed it
                vars(run).update(vars(output))

        return Driving(continuation.begin, view=view, begun=self._begun, refresh=refresh)

    def _begun(self, session_id: str) -> None:
        """The session of the last run is what `get_session()` gives."""
        self.session_id = session_id


def _told(step_input: StepInput) -> str:
    """What an agent on its own is told."""
    return as_text(step_input.input)
