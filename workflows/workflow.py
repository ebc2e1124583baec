"""Workflow: a definition by its author, and the four ways to run it: run, arun, continue_run, acontinue_run.

What it means is its plan. How its runs are kept is its database handle's business; without one they live in memory
and end with the process, so that a run which pauses cannot be continued (spec 2.10).
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from workflows.component import KINDS, Component, item_from_data, item_to_data, nodes
from workflows.driving import Driving, WorkflowView
from workflows.engine.plan import Plan, StepsNode
from workflows.executors import whole
from workflows.input_schema import read as read_schema
from workflows.ports import Given, Runs
from workflows.run.building import AnyRequirement, output_of
from workflows.run.memory import MemoryRuns
from workflows.run.output import WorkflowRunOutput
from workflows.run.session import WorkflowSession
from workflows.step import Step, wrap
from workflows.steps import Steps
from workflows.types import MEDIA, StepType
from workflows.types.requirements import ErrorRequirement, StepRequirement
from workflows.types.step_io import HISTORY_RUNS

if TYPE_CHECKING:
    from workflows.db import Db


class Workflow:
    """A named list of steps. `id` is what runs and webhooks call it; by default the name in lower-case with dashes.

    `steps` is a list of items, one Steps, or one function that is the whole workflow. `db` keeps its runs.
    `session_state` is what a new session starts with. `input_schema` (a pydantic model, a dataclass, a TypedDict, or a
    JSON schema) says what its input is: the portal makes a form of it, everything else is refused, and steps get the
    model. Raises ValueError when it has no name, no steps, or an item
    that is not a step. Parameters of the framework that mean nothing here are accepted and unused.
    """

    def __init__(
        self,
        id: str | None = None,
        name: str | None = None,
        description: str | None = None,
        db: "Db | None" = None,
        steps: list[Any] | Steps | Callable[..., Any] | None = None,
        *,
        session_id: str | None = None,
        session_state: dict[str, Any] | None = None,
        overwrite_db_session_state: bool = False,
        user_id: str | None = None,
        stream: bool | None = None,
        stream_events: bool = False,
        stream_executor_events: bool = True,
        metadata: dict[str, Any] | None = None,
        dependencies: dict[str, Any] | None = None,
        input_schema: Any = None,
        add_workflow_history_to_steps: bool = False,
        num_history_runs: int = HISTORY_RUNS,
        **unused: Any,
    ) -> None:
        if not (name or id):
            raise ValueError("a workflow needs a name")
        if not steps:
            raise ValueError(f"Workflow '{name or id}' needs steps")
        _refuse_unknown(unused)
        self.name: str = name or id or ""
        self.id: str = id or slug(self.name)
        self.description, self.db = description, db
        self.steps = list(steps) if isinstance(steps, list | tuple) else steps
        self.session_id, self.user_id = session_id, user_id
        self.session_state = session_state or {}
        self.overwrite_db_session_state = overwrite_db_session_state
        self.stream, self.stream_events = bool(stream), stream_events
        self.stream_executor_events = stream_executor_events
        self.metadata, self.dependencies, self.input_schema = metadata, dependencies, input_schema
        self.add_workflow_history_to_steps = add_workflow_history_to_steps
        self.num_history_runs = num_history_runs
        self.plan  # noqa: B018  built now, so that a mistake is told where it was made

    @cached_property
    def plan(self) -> Plan:
        """The frozen tree that the engine walks."""
        root = StepsNode(name=self.name, kind=StepType.WORKFLOW, children=nodes(self._items(), wrap))
        schema, accept = read_schema(self.input_schema)
        return Plan(
            name=self.id,
            title=self.name,
            description=self.description or "",
            root=root,
            history=self.num_history_runs if self.add_workflow_history_to_steps else 0,
            input_schema=schema,
            accept=accept,
        )

    def to_dict(self) -> dict[str, Any]:
        """The definition as data, without its database: functions as addresses, items as their dicts."""
        data = {"type": str(StepType.WORKFLOW)} | {name: getattr(self, name) for name in SETTINGS}
        return data | {"steps": item_to_data(self.steps)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], db: "Db | None" = None) -> Self:
        """The workflow that `to_dict` described. ValueError for a step or a function that cannot be found."""
        given = {name: data[name] for name in SETTINGS if name in data}
        return cls(**given, db=db, steps=item_from_data(data["steps"]))

    def run(
        self,
        input: Any = None,
        additional_data: dict[str, Any] | None = None,
        *,
        stream: bool | None = None,
        stream_events: bool | None = None,
        **given: Any,
    ) -> Any:
        """Run until it pauses or ends: a WorkflowRunOutput, or with stream=True an iterator of events.

        Further keyword arguments: user_id, run_id, session_id, session_state, dependencies, metadata, images, videos,
        audio, files. What a step with on_error="fail" raised is raised here.
        """
        driving = self._started(input, additional_data, given, stream_events)
        return iter(driving) if self._streams(stream) else driving.drained()

    def arun(
        self,
        input: Any = None,
        additional_data: dict[str, Any] | None = None,
        *,
        stream: bool | None = None,
        stream_events: bool | None = None,
        **given: Any,
    ) -> Any:
        """The same inside an event loop: an awaitable of the output, or an async iterator of events."""
        driving = self._started(input, additional_data, given, stream_events)
        return driving if self._streams(stream) else driving.adrained()

    def continue_run(
        self,
        run_response: WorkflowRunOutput | None = None,
        *,
        run_id: str | None = None,
        session_id: str | None = None,
        step_requirements: Iterable[Any] | None = None,
        stream: bool | None = None,
        stream_events: bool | None = None,
        decided_by: str = "",
        **unused: Any,
    ) -> Any:
        """Go on with a paused run: pass the run whose requirements were answered, or its ids and the requirements.

        Every new answer counts, a decision that was made elsewhere wins, and the run passed in is brought up to
        date. `decided_by` (ours) names the person for whom the script answers. Raises ValueError when the run is
        not found or not paused, or when nothing at all was answered; nothing is changed then.
        """
        del unused
        driving = self._resumed(
            run_response, run_id, session_id, step_requirements, stream_events, decided_by
        )
        return iter(driving) if self._streams(stream) else driving.drained()

    def acontinue_run(
        self,
        run_response: WorkflowRunOutput | None = None,
        *,
        run_id: str | None = None,
        session_id: str | None = None,
        step_requirements: Iterable[Any] | None = None,
        stream: bool | None = None,
        stream_events: bool | None = None,
        decided_by: str = "",
        **unused: Any,
    ) -> Any:
        """The same inside an event loop. With stream=True the result can be iterated, or awaited first (page 001)."""
        del unused
        driving = self._resumed(
            run_response, run_id, session_id, step_requirements, stream_events, decided_by
        )
        return driving if self._streams(stream) else driving.adrained()

    def get_session(
        self, session_id: str | None = None, user_id: str | None = None
    ) -> WorkflowSession | None:
        """A session with its runs, newest last; by default that of the last run. None when there is none."""
        del user_id
        wanted = session_id or self.session_id
        state = self._runs.state(wanted) if wanted else None
        if wanted is None or state is None:
            return None
        return WorkflowSession(
            wanted,
            state,
            lambda: self._runs.run_ids(self.plan, wanted),
            lambda run_id: self._at(run_id, wanted),
        )

    def get_run_output(
        self, run_id: str, session_id: str | None = None, user_id: str | None = None
    ) -> WorkflowRunOutput | None:
        """A run as it stands in the database; None when there is none."""
        del user_id
        found = self._runs.look(self.plan, run_id, session_id)
        return output_of(*found) if found is not None else None

    def get_last_run_output(self, session_id: str | None = None) -> WorkflowRunOutput | None:
        """The newest run of a session."""
        session = self.get_session(session_id)
        return session.runs[-1] if session and session.runs else None

    def get_session_state(self, session_id: str | None = None) -> dict[str, Any]:
        """The state that a session's runs share."""
        session = self.get_session(session_id)
        return session.session_state if session else {}

    def cancel_run(self, run_id: str) -> bool:
        """End a run; one that is being driven ends at its next step boundary. False when it has ended already."""
        return self._runs.cancel(run_id)

    async def aget_session(
        self, session_id: str | None = None, user_id: str | None = None
    ) -> WorkflowSession | None:
        """As get_session."""
        return await asyncio.to_thread(self.get_session, session_id, user_id)

    async def aget_run_output(
        self, run_id: str, session_id: str | None = None, user_id: str | None = None
    ) -> WorkflowRunOutput | None:
        """As get_run_output."""
        return await asyncio.to_thread(self.get_run_output, run_id, session_id, user_id)

    async def acancel_run(self, run_id: str) -> bool:
        """As cancel_run."""
        return await asyncio.to_thread(self.cancel_run, run_id)

    def print_response(self, input: Any = None, **options: Any) -> None:
        """Run and print what came of it."""
        from workflows.printing import print_run

        print_run(self.run(input, stream=False, **options))

    async def aprint_response(self, input: Any = None, **options: Any) -> None:
        """As print_response."""
        from workflows.printing import print_run

        print_run(await self.arun(input, stream=False, **options))

    def _at(self, run_id: str, session_id: str) -> WorkflowRunOutput:
        output = self.get_run_output(run_id, session_id)
        assert output is not None
        return output

    def _items(self) -> list[Any]:
        """The items of whatever `steps` was: a list, one component, or a function that is the whole workflow."""
        if isinstance(self.steps, Component):
            return [self.steps]
        if callable(self.steps):
            return [Step(executor=whole(self.steps, self))]
        return list(self.steps)

    @cached_property
    def _runs(self) -> Runs:
        return self.db.runs if self.db is not None else MemoryRuns()

    def _streams(self, stream: bool | None) -> bool:
        return self.stream if stream is None else stream

    def _started(
        self,
        input: Any,
        additional_data: dict[str, Any] | None,
        given: dict[str, Any],
        stream_events: bool | None,
    ) -> Driving:
        media = {kind: given[kind] for kind in MEDIA if given.get(kind) is not None}
        self.plan.accept(input)  # the run would end at once
        start = Given(
            input=input,
            additional_data=additional_data,
            dependencies=given.get("dependencies", self.dependencies),
            metadata=given.get("metadata", self.metadata),
            media=media,
            user_id=given.get("user_id") or self.user_id,
            run_id=given.get("run_id"),
            session_id=given.get("session_id") or self.session_id or None,
            session_state=self.session_state | (given.get("session_state") or {}),
            overwrite_session_state=self.overwrite_db_session_state,
        )
        return Driving(
            lambda: self._runs.start(self.plan, start),
            view=self._view(stream_events),
            begun=self._begun,
        )

    def _resumed(
        self,
        run_response: WorkflowRunOutput | None,
        run_id: str | None,
        session_id: str | None,
        requirements: Iterable[Any] | None,
        stream_events: bool | None,
        decided_by: str,
    ) -> Driving:
        if run_response is None and not (run_id and session_id):
            raise ValueError("Either run_response or (run_id and session_id) must be provided.")
        wanted = (run_response.run_id if run_response else None) or run_id or ""
        session = (run_response.session_id if run_response else None) or session_id
        known = _answers(run_response) if requirements is None else [_requirement(r) for r in requirements]
        return Driving(
            lambda: self._runs.resume(self.plan, wanted, session, known, decided_by),
            view=self._view(stream_events),
            begun=self._begun,
            refresh=lambda output: vars(run_response).update(vars(output)) if run_response else None,
        )

    def _begun(self, session_id: str) -> None:
        """The session of the last run is what `get_session()` gives."""
        self.session_id = session_id

    def _view(self, stream_events: bool | None) -> WorkflowView:
        detailed = self.stream_events if stream_events is None else stream_events
        return WorkflowView(detailed=detailed, executors=self.stream_executor_events)


# Parameters of the framework that have no meaning here.
UNUSED = {
    "agent",
    "debug_level",
    "debug_mode",
    "store_events",
    "events_to_skip",
    "store_executor_outputs",
    "add_dependencies_to_context",
    "add_session_state_to_context",
    "cache_session",
    "telemetry",
}

# What `to_dict` writes besides the steps.
SETTINGS = (
    "id",
    "name",
    "description",
    "session_state",
    "overwrite_db_session_state",
    "stream",
    "stream_events",
    "stream_executor_events",
    "metadata",
    "dependencies",
    "add_workflow_history_to_steps",
    "num_history_runs",
)


KINDS[StepType.WORKFLOW] = Workflow


def slug(name: str) -> str:
    """A name as an id: lower-case words with dashes between them."""
    words = re.findall(r"[^\W_]+", name.lower())
    return "-".join(words) or "workflow"


def _refuse_unknown(unused: dict[str, Any]) -> None:
    unknown = sorted(unused.keys() - UNUSED)
    if unknown:
        raise TypeError(f"Workflow() got unexpected keyword arguments: {', '.join(unknown)}")


def _answers(run: WorkflowRunOutput | None) -> list[AnyRequirement]:
    if run is None:
        return []
    return [*(run.step_requirements or ()), *(run.error_requirements or ())]


def _requirement(given: Any) -> AnyRequirement:
    """A requirement, or the dict of one that came from elsewhere."""
    if isinstance(given, StepRequirement | ErrorRequirement):
        return given
    kind = ErrorRequirement if "decision" in given else StepRequirement
    return kind.from_dict(given)
