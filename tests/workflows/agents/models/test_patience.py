"""Trying again."""

import pytest

from tests.providers import Provider, Say, Status
from tests.workflows.agents.models.conversations import asked, chat, replied
from workflows.agents.errors import ProviderRefused, ProviderUnavailable, ReplyUnreadable
from workflows.agents.models.patience import Patience

DOWN = ProviderUnavailable("down")


def waits(patience: Patience, failed: ProviderUnavailable = DOWN) -> list[int | None]:
    """Whole seconds before each further attempt, without the spread."""
    found = [patience.wait(failed, number) for number in range(patience.retries)]
    return [None if wait is None else round(wait / 1.01) for wait in found]


@pytest.fixture
def no_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take chance out of it."""
    monkeypatch.setattr("workflows.agents.models.patience.SPREAD", (1.0, 1.0))


@pytest.mark.usefixtures("no_spread")
class TestWaiting:
    def test_doubles_each_time(self) -> None:
        assert waits(Patience(retries=4, delay=1, exponential=True)) == [1, 2, 4, 8]

    def test_stays_the_same_where_that_is_wanted(self) -> None:
        assert waits(Patience(retries=3, delay=2, exponential=False)) == [2, 2, 2]

    def test_is_never_long(self) -> None:
        assert waits(Patience(retries=9, delay=1, exponential=True))[-2:] == [59, 59]

    def test_is_as_long_as_the_provider_asks(self) -> None:
        asks = ProviderUnavailable("busy", retry_after=5)
        assert waits(Patience(retries=4, delay=1, exponential=True), asks) == [5, 5, 5, 8]

    def test_is_given_up_where_it_asks_for_too_much(self) -> None:
        asks = ProviderUnavailable("come back tomorrow", retry_after=86_400)
        assert waits(Patience(retries=1, delay=1, exponential=True), asks) == [None]

    def test_is_no_use_where_it_refuses(self) -> None:
        assert Patience(retries=3, delay=1, exponential=True).wait(ProviderRefused("no"), 0) is None


def test_those_who_failed_together_come_back_apart() -> None:
    patience = Patience(retries=1, delay=1, exponential=True)
    found = {patience.wait(ReplyUnreadable("?"), 0) for _ in range(20)}
    assert len(found) > 1
    assert all(wait is not None and 0.75 <= wait <= 1.25 for wait in found)


async def test_what_passes_is_tried_again(provider: Provider) -> None:
    provider.will(Status(503), Status(429), Say("Here I am."))
    assert (await replied(chat(provider, retries=3))).text == "Here I am."
    assert len(provider.requests) == 3


async def test_until_patience_is_at_its_end(provider: Provider) -> None:
    provider.will(*[Status(503, "Not now")] * 9)
    with pytest.raises(ProviderUnavailable, match="Not now"):
        await replied(chat(provider, retries=2))
    assert len(provider.requests) == 3


async def test_a_refusal_is_not_tried_again(provider: Provider) -> None:
    provider.will(Status(401), Say("Never said."))
    with pytest.raises(ProviderRefused):
        await replied(chat(provider, retries=3))
    assert len(provider.requests) == 1


async def test_max_retries_is_another_name(provider: Provider) -> None:
    provider.will(*[Status(500)] * 9)
    with pytest.raises(ProviderUnavailable):
        await replied(chat(provider, retries=5, max_retries=1))
    assert len(provider.requests) == 2


async def test_pieces_that_were_told_are_not_told_again(provider: Provider) -> None:
    provider.will(Say("One two three four", cut_after=3), Say("One two three four"))
    told: list[str] = []
    reply = await chat(provider, retries=1).reply(asked(), told.append)
    assert told == ["One ", "two ", "three ", "four"]
    assert reply.text == "One two three four"


async def test_nor_is_another_wording_told(provider: Provider) -> None:
    provider.will(Say("One two three four", cut_after=3), Say("One, then two"))
    told: list[str] = []
    reply = await chat(provider, retries=1).reply(asked(), told.append)
    assert told == ["One ", "two "]
    assert reply.text == "One, then two"
