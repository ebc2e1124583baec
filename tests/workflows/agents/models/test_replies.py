"""What providers say, in our words."""

import pytest

from tests.providers import Provider, Say, call
from tests.workflows.agents.models.conversations import (
    Make,
    asked,
    chat,
    claude,
    every_provider,
    gemini,
    replied,
    responses,
    streamed_or_not,
)
from workflows.agents.errors import ProviderRefused
from workflows.engine import values
from workflows.engine.conversation import Reply


@every_provider
@streamed_or_not
async def test_a_text(provider: Provider, make: Make, streamed: bool) -> None:
    provider.will(Say("It is done."))
    assert (await replied(make(provider), streamed=streamed)).text == "It is done."
    assert provider.requests[0].streamed == streamed


@every_provider
@streamed_or_not
async def test_calls_with_their_arguments(provider: Provider, make: Make, streamed: bool) -> None:
    wanted = [call("refund", amount=123_456, why="broken on arrival"), call("refund", amount=3)]
    provider.will(Say("Let me see.", calls=wanted))
    reply = await replied(make(provider), streamed=streamed)
    assert [(each.id, each.name, each.args) for each in reply.calls] == [
        (wanted[0].id, "refund", {"amount": 123_456, "why": "broken on arrival"}),
        (wanted[1].id, "refund", {"amount": 3}),
    ]


@every_provider
async def test_text_is_told_as_it_comes(provider: Provider, make: Make) -> None:
    provider.will(Say("One two three"))
    told: list[str] = []
    await make(provider).reply(asked(), told.append)
    assert told == ["One ", "two ", "three"]


@every_provider
@streamed_or_not
async def test_tokens_are_counted(provider: Provider, make: Make, streamed: bool) -> None:
    provider.will(Say("Yes.", input_tokens=40, output_tokens=2))
    usage = (await replied(make(provider), streamed=streamed)).usage
    assert (usage["input_tokens"], usage["output_tokens"]) == (40, 2)


@pytest.mark.parametrize("make", [responses, claude, gemini])
@streamed_or_not
async def test_what_it_thought_is_kept_apart(provider: Provider, make: Make, streamed: bool) -> None:
    provider.will(Say("Yes.", thinking="Is it so?"))
    reply = await replied(make(provider), streamed=streamed)
    assert (reply.text, reply.thinking) == ("Yes.", "Is it so?")


@every_provider
@streamed_or_not
async def test_nothing_at_all_is_a_reply(provider: Provider, make: Make, streamed: bool) -> None:
    provider.will(Say())
    reply = await replied(make(provider), streamed=streamed)
    assert (reply.text, reply.calls) == ("", ())


@every_provider
@streamed_or_not
async def test_every_reply_can_be_kept(provider: Provider, make: Make, streamed: bool) -> None:
    provider.will(Say("Half a face: \ud83d", calls=[call("refund", amount=1)], thinking="Hm."))
    reply = await replied(make(provider), streamed=streamed)
    assert reply.text == "Half a face: \ufffd"
    assert Reply.from_dict(values.decode(values.encode(reply.to_dict()))) == reply


@streamed_or_not
async def test_two_halves_make_a_character(provider: Provider, streamed: bool) -> None:
    provider.will(Say("A face: \ud83d\ude00"))
    assert (await replied(chat(provider), streamed=streamed)).text == "A face: \U0001f600"


@pytest.mark.parametrize("make", [chat, responses, claude])
@streamed_or_not
class TestArguments:
    @pytest.mark.parametrize(
        ("args", "wrong"),
        [
            ('{"amount": 3', "The arguments are not JSON: Expecting ',' delimiter"),
            ("[3]", "The arguments must be one JSON object, not list"),
            ('{"amount": Infinity}', "Out of range float values"),
            ('{"why": "\\u0000"}', "null character"),
        ],
    )
    async def test_those_that_are_none_are_told_as_such(
        self, provider: Provider, make: Make, streamed: bool, args: str, wrong: str
    ) -> None:
        provider.will(Say(calls=[call("refund", args)]))
        reply = await replied(make(provider), streamed=streamed)
        assert wrong in reply.calls[0].wrong
        assert reply.calls[0].args == {}

    async def test_no_text_means_no_arguments(self, provider: Provider, make: Make, streamed: bool) -> None:
        provider.will(Say(calls=[call("refund", "")]))
        reply = await replied(make(provider), streamed=streamed)
        assert (reply.calls[0].args, reply.calls[0].wrong) == ({}, "")


@pytest.mark.parametrize(("make", "finish"), [(chat, "content_filter"), (gemini, "SAFETY")])
@streamed_or_not
async def test_a_reply_that_is_withheld_is_a_refusal(
    provider: Provider, make: Make, finish: str, streamed: bool
) -> None:
    provider.will(Say(finish=finish))
    with pytest.raises(ProviderRefused, match="withholds its reply"):
        await replied(make(provider), streamed=streamed)


@streamed_or_not
async def test_an_unknown_reason_to_finish_is_one(provider: Provider, streamed: bool) -> None:
    provider.will(Say("Enough.", finish="eos_token"))
    assert (await replied(chat(provider), streamed=streamed)).text == "Enough."
