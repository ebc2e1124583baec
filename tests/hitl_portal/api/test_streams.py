"""Streams, and waiting for an answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient

from hitl_portal.api import listening, streams
from hitl_portal.api.models import ApiToken
from tests.hitl_portal.api.conftest import token_of
from tests.hitl_portal.conftest import Ask
from tests.hitl_portal.live.conftest import join_fanout
from workflows.models import Requirement
from workflows.services import Actor, cancel_run, resolve
from workflows.types import Action, Answer

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 10.0
OPENED: list[Any] = []


@pytest.fixture
def asked(ask: Ask) -> Requirement:
    return ask()


async def opened(person: User, address: str, **headers: str) -> Any:
    client = AsyncClient()
    await client.aforce_login(person)
    return remembered(await client.get(f"/api/v1{address}", headers=headers))


def remembered(answer: Any) -> Any:
    OPENED.append(answer)
    return answer


def decided(requirement: Requirement, person: User) -> None:
    resolve(requirement.pk, revision=1, answer=Answer(action=Action.approve), actor=Actor.of(person, "api"))


def cancelled(requirement: Requirement, person: User) -> None:
    cancel_run(requirement.run_id, actor=Actor.of(person))


async def parts(answer: Any) -> AsyncIterator[str]:
    async for part in answer.streaming_content:
        yield part.decode()


async def until(found: AsyncIterator[str], word: str) -> str:
    async with asyncio.timeout(SOON):
        async for part in found:
            if word in part:
                return part
    raise AssertionError(f"it ended without {word}")


@pytest.fixture(autouse=True)
async def all_are_closed() -> AsyncIterator[None]:
    """Nobody is left listening, and the fanout's thread has ended."""
    yield
    while OPENED:
        answer = OPENED.pop()
        if answer.streaming:
            await answer._iterator.aclose()
        del answer  # what it still holds is closed by the event loop
    await asyncio.to_thread(join_fanout)
    assert not listening._listening


async def test_a_run_is_told_as_it_happens_and_ends_with_it(
    asked: Requirement, reviewer: User, admin: User
) -> None:
    answer = await opened(reviewer, f"/runs/{asked.run_id}/stream")
    found = parts(answer)
    assert (await anext(found)).startswith("retry:")
    waiting = asyncio.ensure_future(until(found, "RequirementDecided"))
    await asyncio.sleep(0.05)
    await sync_to_async(decided)(asked, reviewer)
    event = await waiting
    assert json.loads(event.split("data: ")[1])["actor"] == "reviewer"
    await sync_to_async(cancelled)(asked, admin)
    assert "CANCELLED" in await until(found, "event: end")
    assert [part async for part in found] == []


async def test_it_goes_on_after_the_last_event_that_was_seen(
    asked: Requirement, reviewer: User, admin: User
) -> None:
    await sync_to_async(decided)(asked, reviewer)
    await sync_to_async(cancelled)(asked, admin)
    whole = [part async for part in parts(await opened(admin, f"/runs/{asked.run_id}/stream"))]
    first = whole[1].split("\n")[0].removeprefix("id: ")
    again = await opened(admin, f"/runs/{asked.run_id}/stream", **{"Last-Event-ID": first})
    assert [part async for part in parts(again)][1:] == whole[2:]
    last = whole[-2].split("\n")[0].removeprefix("id: ")
    over = await opened(admin, f"/runs/{asked.run_id}/stream", **{"Last-Event-ID": last})
    assert over.status_code == 204


async def test_the_line_is_kept_open(
    asked: Requirement, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    found = parts(await opened(reviewer, f"/runs/{asked.run_id}/stream"))
    assert await until(found, ":\n\n") == ":\n\n"


async def test_who_may_no_longer_see_it_hears_no_more(
    asked: Requirement, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    found = parts(await opened(reviewer, f"/runs/{asked.run_id}/stream"))
    await anext(found)
    await reviewer.groups.aclear()
    async with asyncio.timeout(SOON):
        assert all(part == ":\n\n" for part in [part async for part in found])


async def test_a_revoked_token_hears_no_more(
    asked: Requirement, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    token = await sync_to_async(token_of)(reviewer, "read")
    headers = {"Authorization": f"Bearer {token}"}
    answer = await AsyncClient().get(f"/api/v1/runs/{asked.run_id}/stream", headers=headers)
    found = parts(remembered(answer))
    await anext(found)
    await ApiToken.objects.aupdate(expires_at=asked.opened_at)
    async with asyncio.timeout(SOON):
        assert all(part == ":\n\n" for part in [part async for part in found])


async def test_waiting_ends_with_the_answer(asked: Requirement, reviewer: User) -> None:
    found = parts(await opened(reviewer, f"/requirements/{asked.pk}?wait=30"))
    reading = asyncio.ensure_future(until(found, "status"))
    await asyncio.sleep(0.05)
    assert not reading.done()
    await sync_to_async(decided)(asked, reviewer)
    told = json.loads(await asyncio.wait_for(reading, SOON))
    assert (told["status"], told["answer"]["decided_by"]) == ("decided", "reviewer")


async def test_waiting_ends_with_the_time(asked: Requirement, reviewer: User) -> None:
    answer = await opened(reviewer, f"/requirements/{asked.pk}?wait=1")
    told = json.loads(b"".join([part async for part in answer.streaming_content]))
    assert (told["status"], told["answer"]) == ("open", None)


async def test_a_requirement_is_told_whenever_it_changes(asked: Requirement, reviewer: User) -> None:
    found = parts(await opened(reviewer, f"/requirements/{asked.pk}/stream"))
    assert '"status": "open"' in await until(found, "event: requirement")
    await sync_to_async(decided)(asked, reviewer)
    assert '"status": "decided"' in await until(found, "event: requirement")
    assert "decided" in await until(found, "event: end")


async def test_too_many_listeners_are_told_to_come_later(
    asked: Requirement, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MOST_OF_ONE", 0)
    answer = await opened(reviewer, f"/runs/{asked.run_id}/stream")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
