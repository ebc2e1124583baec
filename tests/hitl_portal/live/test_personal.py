"""What concerns one person alone is told to their pages, and to nobody else's."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.contrib.auth.models import User

from hitl_portal.live import personal
from hitl_portal.live.fanout import fanout
from hitl_portal.notifications.deriving import derive
from hitl_portal.notifications.models import Note
from tests.hitl_portal.live.conftest import Open, Socket
from tests.rows import a_person, a_requirement, a_run, an_event
from tests.waiting import eventually
from workflows.models import RunEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reviewer(transactional_db: None) -> User:
    return a_person("reviewer", "reviewers")


@pytest.fixture
def stranger(transactional_db: None) -> User:
    return a_person("stranger")


def asked() -> RunEvent:
    run = a_run()
    return an_event(run, type="StepPaused", requirement=a_requirement(run))


async def hears_of_notes(socket: Socket) -> bool:
    while not await socket.hears_nothing():
        if (message := await socket.hear()).get("type") == "Personal":
            return bool(message["what"] == "notes")
    return False


async def hear_of_notes(socket: Socket) -> None:
    while (await socket.hear()).get("type") != "Personal":
        pass


async def test_a_new_note_is_told_to_its_person_alone(
    open_socket: Open, reviewer: User, stranger: User
) -> None:
    theirs, others = await open_socket(reviewer), await open_socket(stranger)
    await joined(reviewer, stranger)
    await sync_to_async(asked)()
    await database_sync_to_async(derive)()

    await hear_of_notes(theirs)
    assert not await hears_of_notes(others)


async def test_what_was_read_in_one_page_is_told_to_the_others(open_socket: Open, reviewer: User) -> None:
    await sync_to_async(asked)()
    await database_sync_to_async(derive)()
    socket = await open_socket(reviewer)
    await joined(reviewer)

    def read() -> None:
        Note.objects.all().delete()
        personal.call()

    await database_sync_to_async(read)()
    await hear_of_notes(socket)


async def joined(*people: User) -> None:
    """Until the fanout has met them."""
    await asyncio.to_thread(eventually, lambda: fanout.listeners == len(people))
