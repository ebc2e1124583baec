"""What the acceptance tests do with agents: tools that note their use, models that play a script, all ways to run."""

from typing import Any, cast

from tests.acceptance.acting import Way
from workflows import StepInput, Workflow
from workflows.agents import Agent, Function, RunRequirement, Team, tool
from workflows.agents.models import ScriptedModel
from workflows.agents.output import BaseRunOutput
from workflows.engine.conversation import Message, Request, ToolCall
from workflows.run import WorkflowRunOutput
from workflows.types import StepRequirement


class Desk:
    """Agents of one test: `used` are the uses of their tools, oldest first; `told` what their models were asked."""

    def __init__(self) -> None:
        self.used: list[str] = []
        self.told: list[Request] = []

    def tool(self, name: str = "pay", **flags: Any) -> Function:
        """A tool that notes its use, and says so."""

        def use(amount: int, to: str = "shop") -> str:
            """Pay somebody.

            Args:
                amount: How much.
                to: To whom.
            """
            self.used.append(f"{name} {amount} {to}")
            return f"{name} did {amount}"

        use.__name__ = name
        return tool(**flags)(use)

    def agent(self, *replies: Any, tools: Any = (), name: str = "Clerk", **given: Any) -> Agent:
        """An agent whose model says this after each message."""
        return Agent(self.model(*replies), name=name, tools=list(tools), **given)

    def team(self, *replies: Any, members: Any, name: str = "Office", **given: Any) -> Team:
        """A team whose leader says this after each message."""
        return Team(list(members), self.model(*replies), name=name, **given)

    def model(self, *replies: Any) -> ScriptedModel:
        """A model that says this after each message, and notes what it was asked."""
        script = ScriptedModel(list(replies))

        async def reply(request: Request) -> Any:
            self.told.append(request)
            return await script.reply(request)

        return ScriptedModel(reply)

    @property
    def heard(self) -> list[Message]:
        """What the model that was asked last was told."""
        return list(self.told[-1].messages)

    def step(self, step_input: StepInput) -> str:
        """A step that notes what it was given."""
        self.used.append(f"step {step_input.previous_step_content}")
        return f"after {step_input.previous_step_content}"


def wants(name: str = "", /, **args: Any) -> ToolCall:
    """The model wants a tool to be used; by default 5 paid."""
    return ToolCall(id="", name=name or "pay", args=args if name or args else {"amount": 5})


def hands(member: str, task: str = "do it") -> ToolCall:
    """The leader wants a member to do something."""
    return ToolCall(id="", name="delegate_task_to_member", args={"member_id": member, "task": task})


def ran(way: Way, agent: Agent | Team, input: Any = "buy it", **given: Any) -> BaseRunOutput:
    """Run an agent to its first rest."""
    return cast(BaseRunOutput, way.run(cast(Workflow, agent), input, **given))


def went_on(way: Way, agent: Agent | Team, run: BaseRunOutput, **given: Any) -> BaseRunOutput:
    """Continue an agent's run to its next rest."""
    return cast(BaseRunOutput, way.resume(cast(Workflow, agent), cast(WorkflowRunOutput, run), **given))


def waiting(run: BaseRunOutput) -> RunRequirement:
    """The one question of a run that is open."""
    (requirement,) = run.active_requirements
    return requirement


def paused(run: WorkflowRunOutput) -> StepRequirement:
    """The one executor pause of a workflow's run."""
    (requirement,) = run.steps_requiring_executor_resolution
    return requirement


def inner(run: WorkflowRunOutput) -> RunRequirement:
    """The one question of that pause."""
    (requirement,) = [each for each in paused(run).executor_requirements or () if not each.is_resolved()]
    return cast(RunRequirement, requirement)
