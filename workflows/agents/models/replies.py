"""Replies: what a provider said, in our words, with its own form beside it."""

import dataclasses
import json
from typing import Any

from pydantic_ai.messages import (
    ModelMessagesTypeAdapter,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from pydantic_ai.usage import RequestUsage

from workflows.agents.errors import ProviderRefused
from workflows.agents.models.endpoint import Endpoint
from workflows.engine import values
from workflows.engine.conversation import Reply, ToolCall


def reply_of(response: ModelResponse, endpoint: Endpoint) -> Reply:
    """The reply. Raises ProviderRefused where the provider withholds it."""
    if response.finish_reason == "content_filter" and not response.parts:
        raise ProviderRefused(f"{endpoint} withholds its reply: its content filter found something")
    raw = ModelMessagesTypeAdapter.dump_python([response], mode="json", warnings=False)[0]
    parts = response.parts
    thoughts = (part.content for part in parts if isinstance(part, ThinkingPart))
    return Reply(
        text=whole("".join(part.content for part in parts if isinstance(part, TextPart))),
        calls=tuple(_call(part) for part in parts if isinstance(part, ToolCallPart)),
        thinking=whole("\n\n".join(filter(None, thoughts))),
        usage=_usage(response.usage),
        raw=json.loads(whole(json.dumps(raw, ensure_ascii=False))),
    )


def whole(text: str) -> str:
    """The text without half characters (lone surrogates), which cannot be kept: two halves become one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _call(part: ToolCallPart) -> ToolCall:
    try:
        args = _args(part.args)
    except ValueError as wrong:
        return ToolCall(id=part.tool_call_id, name=part.tool_name, wrong=str(wrong))
    return ToolCall(id=part.tool_call_id, name=part.tool_name, args=args)


def _args(given: str | dict[str, Any] | None) -> dict[str, Any]:
    """The arguments. Raises ValueError, saying to the model what is wrong with them."""
    try:
        args = json.loads(given) if isinstance(given, str) and given.strip() else given or {}
    except ValueError as wrong:
        raise ValueError(f"The arguments are not JSON: {wrong}") from None
    if not isinstance(args, dict):
        raise ValueError(f"The arguments must be one JSON object, not {type(args).__name__}")
    try:
        return values.json_clean(args, "A tool's argument")
    except values.UnencodableValue as wrong:
        raise ValueError(str(wrong)) from None


def _usage(usage: RequestUsage) -> dict[str, int]:
    counted = {each.name: getattr(usage, each.name) for each in dataclasses.fields(usage)} | usage.details
    tokens = {name: count for name, count in counted.items() if isinstance(count, int) and count}
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens} | tokens
