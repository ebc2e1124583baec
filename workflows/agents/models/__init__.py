"""Models: what an agent asks for its next message, each provider's and a scripted one.

    OpenAIChat, OpenAIResponses, Claude, Gemini     their providers
    OpenAILike                                      any server that speaks OpenAI's chat completions
    ScriptedModel                                   no provider: it says what it was told to say

Naming them needs no package; asking one needs the extra "models".
"""

from workflows.agents.models.anthropic import Claude
from workflows.agents.models.google import Gemini
from workflows.agents.models.openai import OpenAIChat, OpenAILike, OpenAIResponses
from workflows.agents.models.scripted import ScriptedModel

__all__ = ["Claude", "Gemini", "OpenAIChat", "OpenAILike", "OpenAIResponses", "ScriptedModel"]
