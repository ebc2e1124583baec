"""The agents and teams of a tree, as an author would write them: their model plays a script, their tools are the
world's."""

from collections.abc import Callable
from typing import Any

from tests.agreement.lines import lines
from tests.agreement.trees import Talk, Tool
from tests.agreement.world import World
from workflows import StepInput
from workflows.agents import Agent, Function, Team, UserFeedbackTools, tool
from workflows.agents.models import ScriptedModel
from workflows.engine.conversation import Message, Reply, Request, ToolCall

FLAGS = {
    "tool_confirmation": "requires_confirmation",
    "tool_input": "requires_user_input",
    "external_execution": "external_execution",
}


class _Placed:
    """An agent that tells its model where in the run it is asked, and which call this is."""

    def opening(self, message: str, step_input: StepInput, context: Any) -> list[Message]:
        """The opening, with that before it."""
        place = Message(role="system", content=step_input.idempotency_key or "")
        opening: list[Message] = super().opening(message, step_input, context)  # type: ignore[misc]
        return [place, *opening]


class _PlacedAgent(_Placed, Agent):
    """Such an agent."""


class _PlacedTeam(_Placed, Team):
    """Such a team."""


def executor(talk: Talk, world: World) -> Agent | Team:
    """The agent, or with members the team, that a talk is about."""
    model = ScriptedModel(_replying(talk, world))
    tools = [_tool(each, world) for each in talk.tools]
    same: dict[str, Any] = {
        "name": talk.name,
        "id": talk.id,
        "tools": [*tools, UserFeedbackTools()],
        "max_turns": talk.turns,
    }
    if not talk.members:
        return _PlacedAgent(model, **same)
    return _PlacedTeam([executor(member, world) for member in talk.members], model, **same)


def _replying(talk: Talk, world: World) -> Callable[[Request], Reply]:
    def reply(request: Request) -> Reply:
        place, number = world.numbered(request.messages[0].content)
        world.called(
            place, said=[_plain(message) for message in request.messages if message.role != "system"]
        )
        how = world.replies(place, number, talk.calm)
        if how == "is silent":
            return Reply()
        if how != "well":
            error = RuntimeError(f"{place} {how}")
            vars(error)["final"] = how == "raises for good"
            raise error
        said = sum(message.role == "assistant" for message in request.messages)
        text, calls = lines(talk, place, number, said)
        made = [
            ToolCall(id=f"{number}.{i}", name=line.name, args=line.args, wrong=line.wrong)
            for i, line in enumerate(calls)
        ]
        return Reply(text=text, calls=tuple(made))

    return reply


def _plain(message: Message) -> list[Any]:
    """A message as the naive evaluator has it; of why arguments are wrong, only that they are."""
    content = message.content
    if message.failed and content.startswith("Wrong arguments: "):
        content = "Wrong arguments"
    return [message.role, content, message.failed]


def _tool(about: Tool, world: World) -> Function:
    def use(at: str, args: dict[str, Any], state: dict[str, Any]) -> Any:
        world.called(at, args=args, state=dict(state))
        result = world.result(at, 0, about.calm)
        if result.fails:
            raise ValueError(f"{at} failed")
        state |= {at: args["n"], "who": at}
        return result.content

    flags: dict[str, Any] = {FLAGS[about.gate]: True} if about.gate else {}
    if about.gate == "tool_input":
        flags["user_input_fields"] = ["n"]
    flags |= {"name": about.name, "stop_after_tool_call": about.stops, "repeatable": about.repeatable}
    return tool(**flags)(_stateful(use) if about.stateful else _stateless(use, about.is_async))


def _stateful(use: Callable[..., Any]) -> Callable[..., Any]:
    def function(at: str, n: int, session_state: dict[str, Any]) -> Any:
        return use(at, {"n": n}, session_state)

    return function


def _stateless(use: Callable[..., Any], is_async: bool) -> Callable[..., Any]:
    def function(at: str, n: int) -> Any:
        return use(at, {"n": n}, {})

    async def later(at: str, n: int) -> Any:
        return use(at, {"n": n}, {})

    return later if is_async else function
