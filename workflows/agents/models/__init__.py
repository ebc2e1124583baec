"""Models: what an agent asks for its next message, each provider's and a scripted one."""

from workflows.agents.models.scripted import ScriptedModel

__all__ = ["ScriptedModel"]
