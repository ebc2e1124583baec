"""A page hears in which run somebody speaks, if its viewer may see that run; what is said, it fetches."""

from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User

from tests.hitl_portal.live.conftest import Open
from tests.hitl_portal.live.test_consumers import ready
from tests.rows import a_person, a_run, an_event
from workflows.models import WorkflowRun
from workflows.speech import say

pytestmark = pytest.mark.django_db(transaction=True)


async def said(run: WorkflowRun, text: str = "words") -> None:
    """Somebody speaks, in another process."""
    await database_sync_to_async(say)(run.id, {"talk": text})


@pytest.fixture
def run(transactional_db: None) -> WorkflowRun:
    return a_run(a_person("requester"))


async def test_it_says_where_and_not_what(open_socket: Open, reviewer: User, run: WorkflowRun) -> None:
    socket = await ready(open_socket, reviewer, run)
    await said(run, "a secret")
    heard: dict[str, Any] = await socket.hear()
    assert (heard["run"], heard["type"]) == (str(run.id), "RunContent")
    assert "secret" not in str(heard)


async def test_its_number_is_that_of_what_was_told_before(
    open_socket: Open, reviewer: User, run: WorkflowRun
) -> None:
    socket = await ready(open_socket, reviewer, run)
    event = await database_sync_to_async(an_event)(run)
    await socket.hear_of(event.sequence)
    await said(run)
    assert (await socket.hear())["sequence"] == event.sequence


async def test_a_stranger_hears_nothing(open_socket: Open, stranger: User, run: WorkflowRun) -> None:
    own = await database_sync_to_async(a_run)(stranger)
    socket = await ready(open_socket, stranger, own)
    await said(run)
    assert await socket.hears_nothing()
