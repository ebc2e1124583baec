"""Agents and teams: models with tools, of which people may be asked before their use. Importing it needs no Django.

The names load when they are asked for: what a workflow needs of this package must not wait for all of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflows.agents.agent import Agent as Agent
    from workflows.agents.approvals import ApprovalType as ApprovalType
    from workflows.agents.approvals import approval as approval
    from workflows.agents.function import Function as Function
    from workflows.agents.function import tool as tool
    from workflows.agents.output import RunOutput as RunOutput
    from workflows.agents.output import TeamRunOutput as TeamRunOutput
    from workflows.agents.requirements import RunRequirement as RunRequirement
    from workflows.agents.team import Team as Team
    from workflows.agents.toolkit import Toolkit as Toolkit

MODULES = {
    "agent": ("Agent",),
    "approvals": ("ApprovalType", "approval"),
    "function": ("Function", "tool"),
    "output": ("RunOutput", "TeamRunOutput"),
    "requirements": (
        "RunRequirement",
        "ToolExecution",
        "UserFeedbackOption",
        "UserFeedbackQuestion",
        "UserInputField",
    ),
    "resuming": ("RunNotContinuableError", "RunNotFoundError"),
    "run_events": (
        "BaseRunEvent",
        "RunCancelledEvent",
        "RunCompletedEvent",
        "RunContentEvent",
        "RunContinuedEvent",
        "RunErrorEvent",
        "RunEvent",
        "RunPausedEvent",
        "RunStartedEvent",
        "TeamRunEvent",
        "ToolCallCompletedEvent",
        "ToolCallStartedEvent",
    ),
    "mcp": ("MCPTools",),
    "team": ("Team",),
    "team_events": (
        "TeamRunCancelledEvent",
        "TeamRunCompletedEvent",
        "TeamRunContentEvent",
        "TeamRunContinuedEvent",
        "TeamRunErrorEvent",
        "TeamRunPausedEvent",
        "TeamRunStartedEvent",
        "TeamToolCallCompletedEvent",
        "TeamToolCallStartedEvent",
    ),
    "toolkit": ("Toolkit",),
    "user_control_flow": ("UserControlFlowTools",),
    "user_feedback": ("UserFeedbackTools",),
}
WHERE = {name: module for module, names in MODULES.items() for name in names}
# An event is found by what it calls itself, too: RunStarted is RunStartedEvent.
SHORT = {
    name.removesuffix("Event"): name
    for name in WHERE
    if name.endswith(("edEvent", "ContentEvent", "ErrorEvent"))
}

__all__ = list(WHERE | SHORT)


def __getattr__(name: str) -> Any:
    name = SHORT.get(name, name)
    if name not in WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{WHERE[name]}"), name)
