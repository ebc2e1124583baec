"""Models of every provider, all at the one on loopback, and conversations with them."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from tests.providers import Provider
from workflows.agents.models import Claude, Gemini, OpenAIChat, OpenAILike, OpenAIResponses
from workflows.agents.models.provider import ProviderModel
from workflows.engine.conversation import Message, Reply, Request, ToolSpec

Make: TypeAlias = Callable[..., ProviderModel]

REFUND = ToolSpec(
    name="refund",
    description="Pays money back.",
    parameters={"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]},
)


def chat(provider: Provider, **given: Any) -> OpenAIChat:
    """Chat completions."""
    return OpenAIChat("gpt-4o", **settings(provider.openai, given))


def responses(provider: Provider, **given: Any) -> OpenAIResponses:
    """The Responses API, with a model that thinks."""
    return OpenAIResponses("gpt-5", **settings(provider.openai, given))


def like(provider: Provider, **given: Any) -> OpenAILike:
    """Somebody else's chat completions."""
    return OpenAILike("llama", **settings(provider.openai, given))


def claude(provider: Provider, **given: Any) -> Claude:
    """Anthropic's messages; a small max_tokens lets its library do without a stream."""
    return Claude("claude-sonnet-4-6", **settings(provider.anthropic, {"max_tokens": 1000} | given))


def gemini(provider: Provider, **given: Any) -> Gemini:
    """Google's generateContent."""
    return Gemini("gemini-2.5-flash", **settings(provider.google, given))


def settings(address: str, given: dict[str, Any]) -> dict[str, Any]:
    """Where it is, and that nothing is tried again unless a test says so."""
    return {"base_url": address, "api_key": "the-key", "retries": 0, "delay_between_retries": 0} | given


every_provider = pytest.mark.parametrize("make", [chat, responses, like, claude, gemini])
streamed_or_not = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])


def asked(*more: Message, tools: tuple[ToolSpec, ...] = (REFUND,)) -> Request:
    """A conversation that starts with instructions and a wish."""
    start = (Message(role="system", content="Be kind."), Message(role="user", content="Refund me."))
    return Request(messages=start + more, tools=tools)


async def replied(model: ProviderModel, request: Request | None = None, *, streamed: bool = False) -> Reply:
    """A reply, with somebody listening where it is streamed."""
    told: list[str] = []
    reply = await model.reply(request or asked(), told.append if streamed else None)
    assert "".join(told) == (reply.text if streamed else "")
    return reply


def answered(reply: Reply, *results: str, failed: bool = False) -> Request:
    """The conversation after the reply and the results of its calls; the reply went through storage."""
    kept = Reply.from_dict(reply.to_dict())
    tools = [
        Message(role="tool", call=call, content=result, failed=failed)
        for call, result in zip(kept.calls, results, strict=True)
    ]
    return asked(Message(role="assistant", reply=kept), *tools)
