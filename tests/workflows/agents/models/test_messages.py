"""What is sent to providers: conversation, tools, and what they said themselves."""

import json
from typing import Any

import pytest

from tests.providers import Provider, Say, call
from tests.workflows.agents.models.conversations import (
    REFUND,
    Make,
    answered,
    asked,
    chat,
    claude,
    every_provider,
    gemini,
    replied,
    responses,
    streamed_or_not,
)
from workflows.agents.models import ScriptedModel
from workflows.engine.conversation import Message, Reply, Request, ToolCall


def sent(provider: Provider) -> str:
    """The last request as text."""
    return json.dumps(provider.requests[-1].body)


@every_provider
async def test_instructions_wish_and_tools(provider: Provider, make: Make) -> None:
    provider.will(Say("Yes."))
    await replied(make(provider))
    for text in ("Be kind.", "Refund me.", "refund", "Pays money back.", '"amount"'):
        assert text in sent(provider)


@every_provider
async def test_the_result_of_a_call_goes_back_under_its_id(provider: Provider, make: Make) -> None:
    provider.will(Say(calls=[call("refund", amount=4711)]), Say("Done."))
    model = make(provider)
    first = await replied(model)
    assert (await replied(model, answered(first, "It was paid."))).text == "Done."
    for text in (first.calls[0].id, "4711", "It was paid."):
        assert text in sent(provider)


async def test_messages_of_chat_completions(provider: Provider) -> None:
    provider.will(
        Say("Let me see.", calls=[call("refund", amount=1), call("refund", amount=2)]), Say("Done.")
    )
    first = await replied(chat(provider))
    await replied(chat(provider), answered(first, "one", "two"))
    messages: list[Any] = provider.requests[-1].body["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "tool", "tool"]
    assert messages[2]["content"] == "Let me see."
    assert [message["content"] for message in messages[3:]] == ["one", "two"]


@pytest.mark.parametrize("make", [responses, claude, gemini])
@streamed_or_not
async def test_signatures_of_its_thinking_go_back_to_it(
    provider: Provider, make: Make, streamed: bool
) -> None:
    provider.will(Say(calls=[call("refund", amount=1)], thinking="Hm.", signature="c2VjcmV0"), Say("Done."))
    first = await replied(make(provider), streamed=streamed)
    await replied(make(provider), answered(first, "paid"))
    assert "c2VjcmV0" in sent(provider)


async def test_another_provider_is_not_sent_them(provider: Provider) -> None:
    provider.will(Say(calls=[call("refund", amount=7)], thinking="Hm.", signature="c2VjcmV0"), Say("Done."))
    first = await replied(claude(provider))
    await replied(gemini(provider), answered(first, "paid"))
    assert "c2VjcmV0" not in sent(provider)
    assert '"amount": 7' in sent(provider)


@every_provider
async def test_a_reply_without_a_providers_form_is_put_together(provider: Provider, make: Make) -> None:
    scripted = ScriptedModel([Reply(text="Let me see.", calls=(ToolCall(id="", name="refund"),))])
    first = await scripted.reply(asked())
    provider.will(Say("Done."))
    await replied(make(provider), answered(first, "paid"))
    for text in ("Let me see.", "scripted-0-0", "paid"):
        assert text in sent(provider)


@pytest.mark.parametrize(
    "raw", [{"kind": "response", "parts": 3}, {"kind": "request", "parts": []}, [1], "x"]
)
async def test_nor_is_one_that_cannot_be_read_any_more_lost(provider: Provider, raw: Any) -> None:
    provider.will(Say("Done."))
    await replied(chat(provider), asked(Message(role="assistant", reply=Reply(text="Earlier.", raw=raw))))
    assert provider.requests[-1].body["messages"][-1] == {"role": "assistant", "content": "Earlier."}


async def test_a_reply_of_nothing_is_left_out(provider: Provider) -> None:
    provider.will(Say("Yes?"))
    again = Message(role="user", content="Hello?")
    await replied(chat(provider), asked(Message(role="assistant", reply=Reply()), again))
    assert [message["role"] for message in provider.requests[-1].body["messages"]] == [
        "system",
        "user",
        "user",
    ]


@pytest.mark.parametrize("failed", [False, True])
async def test_a_result_says_whether_the_tool_failed(provider: Provider, failed: bool) -> None:
    provider.will(Say(calls=[call("refund", amount=1)]), Say("Done."))
    first = await replied(claude(provider))
    await replied(claude(provider), answered(first, "no money", failed=failed))
    assert provider.requests[-1].body["messages"][-1]["content"][0]["is_error"] == failed


@pytest.mark.parametrize("strict", [True, False])
async def test_a_tool_may_insist_on_its_schema(provider: Provider, strict: bool) -> None:
    tool = type(REFUND)(name="refund", description="", parameters=REFUND.parameters, strict=strict)
    provider.will(Say("Yes."))
    await replied(chat(provider), asked(tools=(tool,)))
    assert provider.requests[-1].body["tools"][0]["function"].get("strict", False) == strict


@every_provider
async def test_a_conversation_without_tools(provider: Provider, make: Make) -> None:
    provider.will(Say("Hello."))
    await replied(make(provider), Request(messages=(Message(role="user", content="Hi"),)))
    assert "tools" not in provider.requests[-1].body
