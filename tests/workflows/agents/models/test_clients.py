"""One model object for threads and event loops alike."""

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.providers import Provider, Say
from tests.workflows.agents.models.conversations import Make, asked, chat, every_provider, gemini
from workflows.agents.models import clients
from workflows.agents.models.provider import ProviderModel
from workflows.engine.conversation import Reply
from workflows.engine.event_loop import run_coroutine


def ten(model: ProviderModel) -> list[str]:
    """The replies to ten requests at once, in a new event loop."""

    async def at_once() -> list[Reply]:
        return await asyncio.gather(*[model.reply(asked(), str) for _ in range(10)])

    return [reply.text for reply in asyncio.run(at_once())]


@pytest.mark.parametrize("make", [chat, gemini])
def test_160_calls_at_once_in_loops_of_their_own(provider: Provider, make: Make) -> None:
    provider.answering = lambda _: Say("Yes, of course.")
    model = make(provider)
    with ThreadPoolExecutor(16) as threads:
        replies = [text for texts in threads.map(ten, [model] * 16) for text in texts]
    assert replies == ["Yes, of course."] * 160


@every_provider
def test_160_calls_at_once_in_the_loop_of_the_engine(provider: Provider, make: Make) -> None:
    provider.answering = lambda _: Say("Yes, of course.")
    model = make(provider)
    with ThreadPoolExecutor(160) as threads:
        replies = list(threads.map(lambda _: run_coroutine(model.reply(asked())).text, range(160)))
    assert replies == ["Yes, of course."] * 160


async def test_160_calls_at_once_in_one_loop(provider: Provider) -> None:
    provider.answering = lambda _: Say("Yes, of course.")
    model = chat(provider)
    replies = await asyncio.gather(*[model.reply(asked()) for _ in range(160)])
    assert {reply.text for reply in replies} == {"Yes, of course."}


async def test_a_connection_is_used_again(provider: Provider) -> None:
    provider.will(Say("One."), Say("Two."))
    await chat(provider).reply(asked())
    endpoint = chat(provider).endpoint()
    assert await clients.model(endpoint) is await clients.model(endpoint)
    await chat(provider).reply(asked())
    assert provider.connections == 1


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_a_loop_that_ends_closes_what_it_opened(provider: Provider) -> None:
    provider.will(*[Say("Yes.")] * 10)
    ten(chat(provider))
    gc.collect()
    assert not [loop for loop in clients.open_in() if loop.is_closed()]


async def test_a_caller_that_is_cancelled_hangs_up(provider: Provider) -> None:
    provider.will(Say("One two three", hang_after=2), Say("Yes."))
    model = chat(provider)
    asking = asyncio.create_task(model.reply(asked(), str))
    await asyncio.to_thread(provider.arrived, 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await model.reply(asked())).text == "Yes."
