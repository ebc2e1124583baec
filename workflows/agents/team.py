"""Team: a leader that hands tasks to its members, who are agents or teams themselves."""

from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from workflows.agents.base import Conversing
from workflows.agents.briefing import Instructions
from workflows.agents.handing import told
from workflows.agents.options import Options
from workflows.engine.conversation import Model, ToolCall, ToolSpec
from workflows.engine.plan import Node, placed
from workflows.types import ExecutorType, InputErrors, OnError, StepType

if TYPE_CHECKING:
    from workflows.db import Db

ONE = "delegate_task_to_member"
ALL = "delegate_task_to_members"

TASK_FIELD = {"type": "string", "description": "What is to be done, with everything that is needed to do it."}

ONE_SPEC = ToolSpec(
    name=ONE,
    description="Hand a task to one member of your team and get the result.",
    parameters={
        "type": "object",
        "properties": {
            "member_id": {"type": "string", "description": "The id of the member."},
            "task": TASK_FIELD,
        },
        "required": ["member_id", "task"],
    },
)
ALL_SPEC = ToolSpec(
    name=ALL,
    description="Hand the same task to every member of your team and get all results.",
    parameters={"type": "object", "properties": {"task": TASK_FIELD}, "required": ["task"]},
)


class Team(Conversing):
    """A leader with a model, tools of its own, and members.

    Every member works in a talk of its own; several tasks that the leader hands out at once are done side by side.
    A member without a model uses the leader's. `respond_directly`: the member's result is the team's, without another
    word of the leader; `delegate_to_all_members`: each task goes to all of them. Everything else as for Agent. Raises
    ValueError without members, or where two of them have one id.
    """

    type: ClassVar[ExecutorType] = ExecutorType.TEAM

    def __init__(
        self,
        members: list[Conversing],
        model: Model | None = None,
        *,
        name: str | None = None,
        id: str | None = None,
        tools: list[Any] | None = None,
        instructions: Instructions = None,
        db: "Db | None" = None,
        respond_directly: bool = False,
        delegate_to_all_members: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(
            model,
            name=name,
            id=id,
            tools=tools,
            instructions=instructions,
            db=db,
            options=Options.of("Team", options),
        )
        if not members:
            raise ValueError(f"Team '{self.name}' needs members")
        ids = [member.id for member in members]
        if len(set(ids)) < len(ids):
            raise ValueError(f"Team '{self.name}' has two members with one id: {', '.join(sorted(ids))}")
        self.members = list(members)
        self.respond_directly, self.delegate_to_all_members = respond_directly, delegate_to_all_members

    def delegated(self, call: ToolCall) -> tuple[str, list[str]]:
        """The task, and to whom it is handed."""
        if call.name not in (ONE, ALL):
            return "", []
        task, ids = str(call.args.get("task") or ""), [member.id for member in self.members]
        if not task:
            raise InputErrors({"task": "The task is missing"})
        if call.name == ALL:
            return task, ids
        wanted = call.args.get("member_id")
        found = [member.id for member in self.members if wanted in (member.id, member.name)]
        if not found:
            raise InputErrors({"member_id": f"There is no member '{wanted}'. Members: {', '.join(ids)}"})
        return task, found

    def _more(self) -> list[str]:
        lines = [f"- {member.id}: {_about(member)}" for member in self.members]
        return ["You lead a team. Its members, by id:\n" + "\n".join(lines), *super()._more()]

    def _own_tools(self) -> list[ToolSpec]:
        return [ALL_SPEC] if self.delegate_to_all_members else [ONE_SPEC, ALL_SPEC]

    def _members(self) -> tuple[Node, ...]:
        return placed(self._member(member) for member in self.members)

    def _member(self, member: Conversing) -> Node:
        if member.model is None:
            member = copy(member)
            member.model = self.model
        kind = StepType.TEAM if member.type is ExecutorType.TEAM else StepType.AGENT
        # What fails here fails for the leader alone, which is told of it.
        return member.node(told, name=member.name, kind=kind, on_error=OnError.skip, max_retries=1)


def _about(member: Conversing) -> str:
    said = member.options.role or member.options.description or member.name
    tools = ", ".join(sorted(getattr(tool, "name", getattr(tool, "__name__", "")) for tool in member.tools))
    return f"{said} (tools: {tools})" if tools else said
