"""Who else looks at a requirement, and who writes: told within a moment to who looks too, and gone with the page."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hitl_portal.live import looking, presence
from hitl_portal.live.models import Presence
from tests.hitl_portal.live.conftest import Open, Socket
from tests.hitl_portal.live.test_consumers import elsewhere, ready
from tests.rows import a_run
from workflows.ids import new_id
from workflows.models import Requirement

pytestmark = pytest.mark.django_db(transaction=True)


async def say(socket: Socket, shown: Requirement | None, *, writing: bool = False) -> None:
    await socket.send_json_to({"looking": str(shown.id) if shown else None, "writing": writing})


async def hear_of(socket: Socket, requirement: Requirement) -> dict[str, Any]:
    """The next word about who is there; whatever else happens passes."""
    while (message := await socket.hear())["type"] != "Presence":
        pass
    assert message["requirement"] == str(requirement.id)
    return message


async def hears_of_nobody(socket: Socket) -> bool:
    while not await socket.hears_nothing():
        if (await socket.hear())["type"] == "Presence":
            return False
    return True


def others(person: User, requirement: Requirement) -> str:
    client = Client()
    client.force_login(person)
    return client.get(f"/requirements/{requirement.id}/others/").content.decode()


async def test_who_comes_writes_and_goes_is_told_to_who_looks_too(
    open_socket: Open, reviewer: User, admin: User, requirement: Requirement
) -> None:
    first = await ready(open_socket, reviewer, requirement.run)
    second = await ready(open_socket, admin, requirement.run)
    await say(first, requirement)
    await hear_of(first, requirement)  # its own coming: whoever came before is found now
    began = time.monotonic()
    await say(second, requirement)
    await hear_of(first, requirement)
    assert time.monotonic() - began < 2
    assert "admin is looking at it too" in await elsewhere(others, reviewer, requirement)

    await say(second, requirement, writing=True)
    await hear_of(first, requirement)
    page = await elsewhere(others, reviewer, requirement)
    assert "admin is writing" in page
    assert "whoever answers first decides" in page

    await second.disconnect()
    await hear_of(first, requirement)
    assert (await elsewhere(others, reviewer, requirement)).strip() == ""


async def test_who_looks_elsewhere_now_is_gone(
    open_socket: Open, reviewer: User, requirement: Requirement
) -> None:
    socket = await ready(open_socket, reviewer, requirement.run)
    await say(socket, requirement)
    await hear_of(socket, requirement)
    await say(socket, None)
    await eventually_nobody()


async def test_who_looks_at_something_else_is_told_nothing(
    open_socket: Open, reviewer: User, admin: User, requirement: Requirement
) -> None:
    elsewhere_looking = await ready(open_socket, admin, requirement.run)
    socket = await ready(open_socket, reviewer, requirement.run)
    await say(socket, requirement)
    await hear_of(socket, requirement)

    assert await hears_of_nobody(elsewhere_looking)


async def test_a_stranger_is_not_there_and_hears_of_nobody(
    open_socket: Open, reviewer: User, stranger: User, requirement: Requirement
) -> None:
    own = await elsewhere(a_run, stranger)
    theirs = await ready(open_socket, stranger, own)
    await say(theirs, requirement)
    socket = await ready(open_socket, reviewer, requirement.run)
    await say(socket, requirement)
    await hear_of(socket, requirement)

    assert (await elsewhere(others, reviewer, requirement)).strip() == ""
    assert await elsewhere(Presence.objects.filter(person=stranger).count) == 0
    assert await hears_of_nobody(theirs)


async def test_the_same_said_many_times_is_written_once(
    open_socket: Open, reviewer: User, requirement: Requirement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PACE", 0.05)
    socket = await ready(open_socket, reviewer, requirement.run)
    for number in range(50):
        await say(socket, requirement, writing=number % 2 == 0)
    await say(socket, requirement, writing=True)
    heard = [await hear_of(socket, requirement)]
    while not await socket.hears_nothing():
        heard.append(await hear_of(socket, requirement))
    assert len(heard) < 10


NONSENSE = [
    "",
    "[]",
    "null",
    "7",
    '{"looking": 7}',
    '{"looking": "x"}',
    '{"writing": true}',
    "[" * 150,
    "x" * 999,
]


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_not_read(text: str) -> None:
    assert looking.Wish.of(text) is None


def test_rows_of_a_process_that_died_are_forgotten(requirement: Requirement, reviewer: User) -> None:
    dead, alive = new_id(), new_id()
    for socket in (dead, alive):
        presence.look(socket, reviewer, requirement.id, is_writing=False)
    Presence.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    watcher = presence.Watcher()
    presence.beat([alive])
    assert Presence.objects.get().socket == alive
    assert watcher.changed() == {(requirement.run_id, requirement.id)}


def test_two_pages_of_one_person_are_one(requirement: Requirement, reviewer: User, admin: User) -> None:
    presence.look(new_id(), admin, requirement.id, is_writing=False)
    presence.look(new_id(), admin, requirement.id, is_writing=True)
    page = others(reviewer, requirement)
    assert page.count("admin") == 1
    assert "admin is writing" in page
    assert "admin" not in others(admin, requirement)


def test_a_stranger_finds_nothing(requirement: Requirement, stranger: User) -> None:
    client = Client()
    client.force_login(stranger)
    assert client.get(f"/requirements/{requirement.id}/others/").status_code == 404


async def eventually_nobody() -> None:
    async with asyncio.timeout(5):
        while await elsewhere(Presence.objects.exists):
            await asyncio.sleep(0.02)
