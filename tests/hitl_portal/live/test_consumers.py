"""A page hears, as ids, what is committed to the runs that its viewer may see: once, at once, and nothing else."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction

from hitl_portal.live import fanout, mailbox
from tests.hitl_portal.live.conftest import SOON, Open, Socket
from tests.rows import a_requirement, a_run, an_event
from workflows.models import RunEvent, WorkflowRun

pytestmark = pytest.mark.django_db(transaction=True)

Result = TypeVar("Result")


async def elsewhere(work: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
    """Do it in another thread, on a connection of its own, as a worker would."""
    return await database_sync_to_async(work)(*arguments, **named)


async def test_it_says_what_happened_as_ids(open_socket: Open, reviewer: User, run: WorkflowRun) -> None:
    socket = await ready(open_socket, reviewer, run)
    requirement = await elsewhere(a_requirement, run)

    event = await elsewhere(an_event, run, type="RequirementOpened", requirement=requirement)

    assert await socket.hear() == {
        "sequence": event.sequence,
        "run": str(run.id),
        "requirement": str(requirement.id),
        "type": "RequirementOpened",
    }


async def test_it_says_so_at_once(open_socket: Open, reviewer: User, run: WorkflowRun) -> None:
    socket = await ready(open_socket, reviewer, run)
    latencies = []
    for _ in range(5):
        await elsewhere(an_event, run)
        committed = time.monotonic()
        await socket.hear()
        latencies.append(time.monotonic() - committed)

    assert sorted(latencies)[2] < 0.2


async def test_nothing_is_said_before_the_commit(open_socket: Open, reviewer: User, run: WorkflowRun) -> None:
    socket = await ready(open_socket, reviewer, run)

    def rolled_back() -> None:
        with transaction.atomic():
            an_event(run)
            transaction.set_rollback(True)

    await elsewhere(rolled_back)

    assert await socket.hears_nothing()


async def test_everybody_at_a_run_hears_of_it(
    open_socket: Open, reviewer: User, requester: User, run: WorkflowRun
) -> None:
    sockets = [await ready(open_socket, person, run) for person in (reviewer, requester, reviewer)]

    event = await elsewhere(an_event, run)

    for socket in sockets:
        await socket.hear_of(event.sequence)


async def test_what_was_committed_together_is_said_together(
    open_socket: Open, reviewer: User, run: WorkflowRun
) -> None:
    socket = await ready(open_socket, reviewer, run)

    def at_once() -> list[int]:
        with transaction.atomic():
            return [an_event(run).sequence for _ in range(3)]

    sequences = await elsewhere(at_once)

    assert [message["sequence"] for message in await socket.receive_json_from(SOON)] == sequences


async def test_a_stranger_hears_nothing(open_socket: Open, stranger: User, run: WorkflowRun) -> None:
    own = await elsewhere(a_run, stranger)
    socket = await ready(open_socket, stranger, own)

    await elsewhere(an_event, run)
    event = await elsewhere(an_event, own)

    assert (await socket.hear())["sequence"] == event.sequence


async def test_a_page_hears_what_it_missed(open_socket: Open, reviewer: User, run: WorkflowRun) -> None:
    seen = await elsewhere(old_event, run)
    missed = [(await elsewhere(an_event, run)).sequence for _ in range(3)]

    socket = await open_socket(reviewer, after=seen.sequence)

    assert [(await socket.hear())["sequence"] for _ in missed] == missed
    assert await socket.hears_nothing()


async def test_a_stranger_missed_nothing(open_socket: Open, stranger: User, run: WorkflowRun) -> None:
    await elsewhere(an_event, run)

    socket = await open_socket(stranger, after=0)

    assert await socket.hears_nothing()


async def test_a_page_that_missed_too_much_is_told_to_look_again(
    open_socket: Open, reviewer: User, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hitl_portal.live.replay.LIMIT", 2)
    last = [await elsewhere(an_event, run) for _ in range(3)][-1]

    socket = await open_socket(reviewer, after=0)

    assert await socket.hear() == {"sequence": last.sequence, "resync": True}


async def test_a_page_of_another_database_is_told_to_look_again(open_socket: Open, reviewer: User) -> None:
    socket = await open_socket(reviewer, after=10**6)

    assert await socket.hear() == {"sequence": 0, "resync": True}


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "9" * 40, "٣x"])
async def test_what_is_no_number_is_no_position(open_socket: Open, reviewer: User, after: str) -> None:
    socket = await open_socket(reviewer, after=after)

    assert await socket.hears_nothing()


async def test_a_page_that_does_not_keep_up_is_told_to_look_again(
    open_socket: Open, reviewer: User, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "LIMIT", 2)
    socket = await ready(open_socket, reviewer, run)

    def at_once() -> RunEvent:
        with transaction.atomic():
            return [an_event(run) for _ in range(3)][-1]

    last = await elsewhere(at_once)

    assert await socket.hear() == {"sequence": last.sequence, "resync": True}


async def test_somebody_who_is_not_signed_in_is_closed_out(transactional_db: None) -> None:
    socket = Socket()
    await socket.connect(SOON)

    assert await socket.closing_code() == 4401


async def test_another_origin_is_refused(reviewer: User) -> None:
    socket = Socket(origin="https://evil.example")

    assert not (await socket.connect(SOON))[0]


@pytest.mark.parametrize("end", ["sign out", "disable", "new password", "expire"])
async def test_a_socket_ends_with_its_session(
    open_socket: Open, reviewer: User, run: WorkflowRun, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "RECHECK", 0.05)
    monkeypatch.setattr("hitl_portal.live.audience.FRESH", 0.0)
    socket = await ready(open_socket, reviewer, run)

    await elsewhere(ENDS[end], reviewer)

    assert await socket.closing_code() == 4401


async def test_nothing_is_said_after_the_session_ended(
    open_socket: Open, reviewer: User, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hitl_portal.live.audience.FRESH", 0.0)
    socket = await ready(open_socket, reviewer, run)

    def end_and_go_on() -> None:
        with transaction.atomic():
            ENDS["disable"](reviewer)
            an_event(run)

    await elsewhere(end_and_go_on)

    assert await socket.closing_code() == 4401


async def test_somebody_who_left_the_group_hears_nothing_more(
    open_socket: Open, reviewer: User, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hitl_portal.live.audience.FRESH", 0.0)
    socket = await ready(open_socket, reviewer, run)

    await elsewhere(reviewer.groups.clear)
    await elsewhere(an_event, run)

    assert await socket.hears_nothing()


async def test_a_failure_closes_the_sockets_so_that_pages_connect_again(
    open_socket: Open, reviewer: User, run: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await ready(open_socket, reviewer, run)

    def fail(*arguments: object) -> None:
        raise RuntimeError("something is broken")

    with monkeypatch.context() as broken:
        broken.setattr(fanout, "message_of", fail)
        event = await elsewhere(an_event, run)
        assert await socket.closing_code() == 1013

    again = await open_socket(reviewer, after=event.sequence - 1)
    assert (await again.hear())["sequence"] == event.sequence


async def test_what_a_page_sends_is_not_read(open_socket: Open, reviewer: User, run: WorkflowRun) -> None:
    socket = await ready(open_socket, reviewer, run)
    await socket.send_to(text_data='{"type": "anything"}')
    await socket.send_to(bytes_data=b"\x00")

    event = await elsewhere(an_event, run)

    assert (await socket.hear())["sequence"] == event.sequence


ENDS: dict[str, Callable[[User], object]] = {
    "sign out": lambda person: Session.objects.all().delete(),
    "disable": lambda person: User.objects.filter(pk=person.pk).update(is_active=False),
    "new password": lambda person: User.objects.filter(pk=person.pk).update(password="another"),
    "expire": lambda person: Session.objects.update(expire_date="2020-01-01T00:00Z"),
}


async def ready(open_socket: Open, person: User, run: WorkflowRun) -> Socket:
    """A socket that has heard a first event of a run that the person may see: it listens."""
    event = await elsewhere(old_event, run)
    socket = await open_socket(person, after=event.sequence - 1)
    assert (await socket.hear())["sequence"] == event.sequence
    return socket


def old_event(run: WorkflowRun) -> RunEvent:
    """An event that nobody expects to be told twice: PostgreSQL repeats what is seconds old."""
    return an_event(run, created_at="2020-01-01T00:00Z")
