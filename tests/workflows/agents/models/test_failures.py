"""What goes wrong at providers and on the way to them."""

import pytest

from tests.providers import Body, Hang, Outcome, Provider, Say, Status
from tests.workflows.agents.models.conversations import (
    Make,
    asked,
    chat,
    every_provider,
    gemini,
    replied,
    responses,
    streamed_or_not,
)
from workflows.agents.errors import ModelError, ProviderRefused, ProviderUnavailable, ReplyUnreadable


@every_provider
@streamed_or_not
@pytest.mark.parametrize("code", [400, 401, 404])
async def test_refusals(provider: Provider, make: Make, streamed: bool, code: int) -> None:
    provider.will(Status(code, "Not like this"))
    with pytest.raises(ProviderRefused, match=f"{code} .*: Not like this") as refused:
        await replied(make(provider), streamed=streamed)
    assert refused.value.status == code
    assert not refused.value.temporary


@every_provider
@streamed_or_not
@pytest.mark.parametrize("code", [409, 429, 500, 529])
async def test_what_passes(provider: Provider, make: Make, streamed: bool, code: int) -> None:
    provider.will(Status(code, "Not now", headers={"Retry-After": "7"}))
    with pytest.raises(ProviderUnavailable, match=f"{code}.*: Not now") as unavailable:
        await replied(make(provider), streamed=streamed)
    assert (unavailable.value.status, unavailable.value.retry_after) == (code, 7)
    assert unavailable.value.temporary


@every_provider
@streamed_or_not
async def test_a_provider_that_is_down(make: Make, streamed: bool) -> None:
    with Provider() as provider:
        model = make(provider)
    with pytest.raises(ProviderUnavailable):
        await replied(model, streamed=streamed)


@every_provider
@streamed_or_not
async def test_one_that_says_nothing(provider: Provider, make: Make, streamed: bool) -> None:
    provider.will(Hang())
    with pytest.raises(ProviderUnavailable, match=r"(?i)time"):
        await replied(make(provider, timeout=0.1), streamed=streamed)


@every_provider
async def test_one_that_falls_silent(provider: Provider, make: Make) -> None:
    provider.will(Say("One two three four", hang_after=3))
    with pytest.raises(ProviderUnavailable, match=r"(?i)time"):
        await make(provider, timeout=0.1).reply(asked(), str)


@every_provider
@pytest.mark.parametrize("events", [0, 3])
async def test_a_connection_that_is_cut(provider: Provider, make: Make, events: int) -> None:
    provider.will(Say("One two three four", cut_after=events))
    with pytest.raises(ProviderUnavailable, match="closed connection"):
        await make(provider).reply(asked(), str)


async def test_a_stream_that_ends_before_the_reply_does(provider: Provider) -> None:
    piece = b'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"One"},"finish_reason":null}]}\n\n'
    provider.will(Body(piece, "text/event-stream"))
    with pytest.raises(ReplyUnreadable, match="without a `finish_reason`"):
        await chat(provider).reply(asked(), str)


@every_provider
@streamed_or_not
@pytest.mark.parametrize(
    "body",
    [b"<html>Sign in</html>", b'"text"', b'data: {"half\n\n', b"data: null\n\n"],
    ids=["HTML", "text", "half an event", "an event of nothing"],
)
async def test_what_is_no_reply(provider: Provider, make: Make, streamed: bool, body: bytes) -> None:
    kind = "text/event-stream" if body.startswith(b"data") else "application/json"
    provider.will(Body(body, kind))
    with pytest.raises(ReplyUnreadable) as unreadable:
        await replied(make(provider), streamed=streamed)
    assert unreadable.value.temporary


@pytest.mark.parametrize(
    ("make", "body"),
    [
        (chat, b'{"choices": [null]}'),
        (chat, b'{"choices": [{"message": 3}]}'),
        (responses, b"null"),
        (responses, b'{"output": [{"type": "message", "content": 3}]}'),
        (gemini, b'{"candidates": [{"content": 3}]}'),
    ],
)
async def test_replies_of_another_shape(provider: Provider, make: Make, body: bytes) -> None:
    provider.will(Body(body))
    with pytest.raises(ReplyUnreadable):
        await replied(make(provider))


@pytest.mark.parametrize("address", ["nowhere", "http://[", "ftp://127.0.0.1/v1", "http://no such host"])
async def test_an_address_that_is_none(provider: Provider, address: str) -> None:
    with pytest.raises(ModelError):
        await replied(chat(provider, base_url=address))


async def test_money_that_has_run_out_does_not_pass(provider: Provider) -> None:
    provider.will(Status(429, "You exceeded your current quota", "insufficient_quota"))
    with pytest.raises(ProviderRefused, match="quota"):
        await replied(chat(provider))


@pytest.mark.parametrize("outcome", [Status(401, "Wrong key: the-key"), Status(500, "the-key? Oh no")])
async def test_no_error_tells_the_key(provider: Provider, outcome: Outcome) -> None:
    provider.will(outcome)
    with pytest.raises(ModelError) as error:
        await replied(chat(provider))
    assert "the-key" not in str(error.value)


async def test_an_error_names_the_model(provider: Provider) -> None:
    provider.will(Status(404, "No such model"))
    with pytest.raises(ProviderRefused, match=r"^OpenAI \(gpt-4o\): 404 Not Found: No such model$"):
        await replied(chat(provider))
