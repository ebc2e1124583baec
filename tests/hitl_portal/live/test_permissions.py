"""What a socket tells whom: looked at before each message, so that who has lost a permission hears nothing more of it.

Nothing here waits until something remembered is over: what is committed counts for the next message.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from hitl_portal.api.models import Scope
from hitl_portal.asgi import application
from hitl_portal.live import fanout
from hitl_portal.live.models import Presence
from tests.hitl_portal.api.conftest import token_of
from tests.hitl_portal.live.conftest import SOON, Open, Socket, cookie_of
from tests.hitl_portal.live.test_consumers import elsewhere, ready
from tests.hitl_portal.live.test_presence import hear_of, hears_of_nobody, others, say
from tests.rows import a_run, an_event
from workflows.grants import Grant
from workflows.models import Delegation, Requirement, WorkflowRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def long_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is right only because it was looked at anew by chance."""
    monkeypatch.setattr("hitl_portal.live.audience.FRESH", 3600.0)


async def tells(socket: Socket, run: WorkflowRun) -> bool:
    """Whether it says of something that happens to a run."""
    await elsewhere(an_event, run)
    return not await socket.hears_nothing()


async def hears_the_rest(socket: Socket) -> None:
    """What was on its way."""
    while not await socket.hears_nothing():
        await socket.hear()


async def test_the_matrix_of_people(
    open_socket: Open, requester: User, reviewer: User, stranger: User, admin: User, run: WorkflowRun
) -> None:
    own = await elsewhere(a_run, stranger)
    sockets = {
        person.username: await ready(open_socket, person, run) for person in (requester, reviewer, admin)
    }
    sockets["stranger"] = await ready(open_socket, stranger, own)

    assert {name: await tells(socket, run) for name, socket in sockets.items()} == {
        "requester": True,
        "reviewer": True,
        "stranger": False,
        "admin": True,
    }


@pytest.mark.parametrize("scopes", [[Scope.READ], [scope.value for scope in Scope]])
async def test_a_token_opens_no_socket(admin: User, scopes: list[str]) -> None:
    """Programs have streams of the API."""
    token = await elsewhere(token_of, admin, *scopes)
    headers = [(b"origin", b"http://localhost:8000"), (b"authorization", f"Bearer {token}".encode())]
    socket = WebsocketCommunicator(application, "/ws/live/", headers=headers)
    await socket.connect(SOON)

    assert (await socket.receive_output(SOON))["code"] == 4401


async def test_a_cookie_of_somebody_else_s_page_is_of_no_use(reviewer: User) -> None:
    cookie = await elsewhere(cookie_of, reviewer)
    socket = Socket(cookie, origin="http://localhost:9999")

    assert not (await socket.connect(SOON))[0]


async def test_who_leaves_the_group_hears_nothing_more(
    open_socket: Open, reviewer: User, run: WorkflowRun
) -> None:
    socket = await ready(open_socket, reviewer, run)
    assert await tells(socket, run)
    await elsewhere(reviewer.groups.clear)
    await hears_the_rest(socket)

    assert not await tells(socket, run)


async def test_who_joins_it_hears_the_next(open_socket: Open, stranger: User, run: WorkflowRun) -> None:
    own = await elsewhere(a_run, stranger)
    socket = await ready(open_socket, stranger, own)
    assert not await tells(socket, run)
    await elsewhere(User.objects.filter(pk=stranger.pk).update, is_superuser=True)

    assert await tells(socket, run)


async def test_a_deputy_hears_until_they_are_one_no_more(
    open_socket: Open, reviewer: User, stranger: User, run: WorkflowRun
) -> None:
    now = timezone.now()
    grant = {"person": reviewer, "deputy": stranger, "starts_at": now, "created_by": "reviewer"}
    restricted = await elsewhere(restricted_to, "reviewers", run)
    away = await elsewhere(Delegation.objects.create, **grant, ends_at=now + timedelta(days=1))
    socket = await ready(open_socket, stranger, restricted)
    assert await tells(socket, restricted)
    await elsewhere(Delegation.objects.filter(pk=away.pk).update, revoked_at=timezone.now())
    await hears_the_rest(socket)

    assert not await tells(socket, restricted)


def restricted_to(group: str, run: WorkflowRun) -> WorkflowRun:
    Grant.objects.create(run=run, group=group, decides=True)
    WorkflowRun.objects.filter(pk=run.pk).update(is_restricted=True)
    run.refresh_from_db()
    return run


async def test_who_may_not_see_it_any_more_is_not_there_any_more(
    open_socket: Open, reviewer: User, admin: User, requirement: Requirement
) -> None:
    theirs = await ready(open_socket, reviewer, requirement.run)
    socket = await ready(open_socket, admin, requirement.run)
    await say(socket, requirement)
    await hear_of(socket, requirement)
    await say(theirs, requirement)
    await hear_of(socket, requirement)
    await elsewhere(reviewer.groups.clear)
    await hear_of(socket, requirement)

    assert not await elsewhere(Presence.objects.filter(person=reviewer).exists)
    assert (await elsewhere(others, admin, requirement)).strip() == ""


async def test_nor_do_they_hear_who_comes_or_writes(
    open_socket: Open, reviewer: User, admin: User, requirement: Requirement
) -> None:
    theirs = await ready(open_socket, reviewer, requirement.run)
    await say(theirs, requirement)
    await hear_of(theirs, requirement)
    socket = await ready(open_socket, admin, requirement.run)
    await elsewhere(reviewer.groups.clear)
    await say(socket, requirement)
    await hear_of(socket, requirement)
    await say(socket, requirement, writing=True)
    await hear_of(socket, requirement)

    assert await hears_of_nobody(theirs)


async def test_what_a_page_says_counts_for_who_its_person_is_now(
    open_socket: Open, reviewer: User, requirement: Requirement
) -> None:
    """The socket was opened by somebody who might see it."""
    socket = await ready(open_socket, reviewer, requirement.run)
    await elsewhere(reviewer.groups.clear)
    await say(socket, requirement)

    assert await hears_of_nobody(socket)
    assert not await elsewhere(Presence.objects.exists)


async def test_a_question_that_is_for_others_tells_nobody_who_looks_at_it(
    open_socket: Open, reviewer: User, admin: User, requirement: Requirement
) -> None:
    """Who sees the run need not see each of its questions."""
    await elsewhere(Requirement.objects.filter(pk=requirement.pk).update, is_restricted=True)
    theirs = await ready(open_socket, reviewer, requirement.run)
    await say(theirs, requirement)
    socket = await ready(open_socket, admin, requirement.run)
    await say(socket, requirement)
    await hear_of(socket, requirement)

    assert await hears_of_nobody(theirs)


def sign_out(person: User) -> None:
    """In the one browser that they have."""
    key = Session.objects.get().session_key
    client = Client()
    client.cookies["hitl_session"] = key
    client.post("/accounts/sign-out/")


def end_all_sessions(person: User) -> None:
    Session.objects.all().delete()


def may_not_come_in(person: User) -> None:
    person.is_active = False
    person.save()


@pytest.mark.parametrize("end", [sign_out, end_all_sessions, may_not_come_in])
async def test_a_socket_is_dropped_at_once_when_its_session_ends(
    open_socket: Open,
    reviewer: User,
    run: WorkflowRun,
    end: Callable[[User], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where nothing else happens."""
    monkeypatch.setattr(fanout, "RECHECK", 3600.0)
    socket = await ready(open_socket, reviewer, run)
    await elsewhere(end, reviewer)

    assert await socket.closing_code() == 4401


async def test_another_session_of_the_same_person_goes_on(
    open_socket: Open, reviewer: User, run: WorkflowRun
) -> None:
    ended = await ready(open_socket, reviewer, run)
    key = (await elsewhere(Session.objects.get)).session_key
    other = await ready(open_socket, reviewer, run)
    await hears_the_rest(ended)
    await elsewhere(Session.objects.filter(session_key=key).delete)

    assert await ended.closing_code() == 4401
    assert await tells(other, run)
