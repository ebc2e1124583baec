"""Messages: our conversation in the library's words.

What a provider said goes back to it exactly as it said it (`Reply.raw`), with signatures and ids of its own. A reply
without that form, a script's or one that the library cannot read any more, is put together from its text and calls.
"""

import json
from itertools import groupby

from pydantic import ValidationError
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserContent,
    UserPromptPart,
)

from workflows.agents.models.media import content
from workflows.engine.conversation import Message, Reply, Request


def conversation(request: Request) -> list[ModelMessage]:
    """What is said between two replies becomes one message. Raises MediaUnreadable."""
    messages: list[ModelMessage] = []
    for of_model, group in groupby(request.messages, key=lambda message: message.role == "assistant"):
        if of_model:
            responses = [_response(message.reply or Reply(text=message.content)) for message in group]
            messages += [response for response in responses if response.parts]
        else:
            messages.append(ModelRequest(parts=[_part(message) for message in group]))
    return messages


def _response(reply: Reply) -> ModelResponse:
    recorded = _recorded(reply)
    if recorded is not None:
        return recorded
    text = [TextPart(content=reply.text)] if reply.text else []
    calls = [ToolCallPart(tool_name=call.name, args=call.args, tool_call_id=call.id) for call in reply.calls]
    return ModelResponse(parts=[*text, *calls])


def _recorded(reply: Reply) -> ModelResponse | None:
    if not (isinstance(reply.raw, dict) and reply.raw.get("kind") == "response"):
        return None
    try:
        (message,) = ModelMessagesTypeAdapter.validate_json(json.dumps([reply.raw]))
    except ValidationError:
        return None  # a run may be older than the library that goes on with it
    return message if isinstance(message, ModelResponse) else None


def _part(message: Message) -> ModelRequestPart:
    match message.role:
        case "system":
            return SystemPromptPart(content=message.content)
        case "tool":
            assert message.call is not None, "a tool's message says which call it answers"
            return ToolReturnPart(
                tool_name=message.call.name,
                content=message.content,
                tool_call_id=message.call.id,
                outcome="failed" if message.failed else "success",
            )
    return UserPromptPart(content=_user(message))


def _user(message: Message) -> str | list[UserContent]:
    media = [content(kind, item) for kind, items in message.media.items() for item in items]
    if not media:
        return message.content
    return [message.content, *media] if message.content else media
