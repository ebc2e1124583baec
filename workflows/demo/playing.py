"""Who plays the models of the demo: a real one where there is a key for it, else a script, which says so.

A script is a function from what was said so far to what is said next. It understands nothing; it only looks at what
came of the tools.
"""

import json
import os
from collections.abc import Callable
from typing import Any

from workflows.agents.models import OpenAIChat, ScriptedModel
from workflows.engine.conversation import Message, Model, Reply, Request, ToolCall

Script = Callable[[Request], Reply]

SCRIPTED = not os.environ.get("OPENAI_API_KEY")


def model(script: Script) -> Model:
    """OpenAI's, where OPENAI_API_KEY is set (OPENAI_BASE_URL: another server that speaks its protocol, OPENAI_MODEL:
    another model); else the script."""
    if SCRIPTED:
        return ScriptedModel(script, id="script")
    return OpenAIChat(id=os.environ.get("OPENAI_MODEL") or "gpt-5.4")


def honest(title: str) -> str:
    """A title that says who plays the model."""
    return f"{title} (played by a script)" if SCRIPTED else title


def says(text: str, *calls: ToolCall) -> Reply:
    """What a script says, with what it wants."""
    return Reply(text=text, calls=calls)


def wants(tool: str, **args: Any) -> ToolCall:
    """A script wants a tool to be used."""
    return ToolCall(id="", name=tool, args=args)


def asked(request: Request) -> str:
    """What the script was told to do."""
    return next(message.content for message in reversed(request.messages) if message.role == "user")


def asked_for(request: Request) -> dict[str, Any]:
    """The same as data; empty where it is none."""
    try:
        data = json.loads(asked(request))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def told(request: Request) -> dict[str, Message]:
    """What came of each tool, by its name, the last time that it was wanted."""
    return {message.call.name: message for message in request.messages if message.call is not None}
