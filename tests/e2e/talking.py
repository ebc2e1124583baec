"""Workflows for the browser tests of agents: one speaks slowly, one asks for everything that can be asked for."""

import asyncio
from collections.abc import Callable

from workflows import Step, Workflow
from workflows.agents import Agent, UserFeedbackTools, tool
from workflows.agents.models import ScriptedModel
from workflows.engine.conversation import Reply, Request, ToolCall

SENTENCE = "I am still thinking about what to say to that, and this takes me a while. "
PLACES = [{"label": "Graz", "description": "Near them"}, {"label": "Linz", "description": "Near us"}]
QUESTION = {"question": "Which city?", "header": "City", "options": PLACES, "multi_select": False}


class SlowModel(ScriptedModel):
    """A scripted model that takes its time between two words."""

    async def reply(self, request: Request, tell: Callable[[str], object] | None = None) -> Reply:
        """The next line, word by word."""
        reply = await super().reply(request)
        for word in reply.text.split(" ") if tell else ():
            assert tell is not None
            tell(f"{word} ")
            await asyncio.sleep(0.1)
        return reply


@tool(requires_user_input=True, user_input_fields=["account"])
def open_case(title: str, account: str) -> str:
    """Open a case.

    Args:
        title: What it is about.
        account: Whose cost it is.
    """
    return f"case {title} for {account}"


@tool(external_execution=True)
def run_on_host(command: str) -> str:
    """Run a command where only people can.

    Args:
        command: The command.
    """
    return command


clerk = Agent(
    ScriptedModel(
        [
            ToolCall(id="", name="open_case", args={"title": "Lamp"}),
            ToolCall(id="", name="run_on_host", args={"command": "df -h"}),
            ToolCall(id="", name="ask_user", args={"questions": [QUESTION]}),
            "All is set.",
        ]
    ),
    name="Clerk",
    id="e2e-clerk",
    tools=[open_case, run_on_host, UserFeedbackTools()],
)
speaker = Agent(SlowModel([SENTENCE * 3]), name="Speaker", id="e2e-speaker")

asking = Workflow(id="e2e-asking", name="Asking", steps=[Step("ask", agent=clerk)])
speaking = Workflow(id="e2e-speaking", name="Speaking", steps=[Step("speak", agent=speaker)])
