"""The door: without a token that holds nobody comes in, nor from a page of another origin, nor with too much."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User

from hitl_portal.api.listening import _listening
from hitl_portal.api.models import ApiToken
from hitl_portal.api.parsing import MOST_BYTES
from tests.hitl_portal.api.conftest import is_problem, token_of
from tests.hitl_portal.mcp.conftest import Enter
from tests.waiting import eventually
from workflows.models import Requirement

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "a test", "version": "1"},
    },
}
PATIENCE = 30.0
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
def token(requester: User) -> str:
    return token_of(requester, "read", "start")


@pytest.fixture
async def knock(door: str, token: str) -> AsyncIterator[Any]:
    """Send a greeting with a token that holds; `headers` and what else is sent as the test says."""

    async with httpx.AsyncClient() as http:

        async def knocking(headers: dict[str, str] | None = None, method: str = "POST", **sent: Any) -> Any:
            sent = sent or {"json": HELLO}
            given = ACCEPT | {"Authorization": f"Bearer {token}"} | (headers or {})
            return await http.request(method, door, headers=given, **sent)

        yield knocking


async def test_a_token_opens_it(knock: Any) -> None:
    assert (await knock()).status_code == 200
    assert (await knock({"Origin": settings.HITL_PUBLIC_URL})).status_code == 200


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer hitl_unknown", "Basic cmVxdWVzdGVyOng=", "Bearer hitl_ hitl_"]
)
async def test_nobody_comes_in_without_one(knock: Any, shown: str) -> None:
    refused = await knock({"Authorization": shown})
    assert is_problem(refused, 401, "not-signed-in")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


async def test_a_session_is_no_token(knock: Any, requester: User, as_: Any) -> None:
    """A page cannot come in with the cookie of whoever looks at it."""
    browser = await sync_to_async(as_)(requester)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    refused = await knock({"Authorization": "", "Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    assert is_problem(refused, 401, "not-signed-in")


async def test_a_revoked_token_opens_nothing(knock: Any) -> None:
    await sync_to_async((await ApiToken.objects.aget()).revoke)()
    assert is_problem(await knock(), 401, "not-signed-in")


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:8000.evil.example", "null", ""])
async def test_pages_of_another_origin_stay_outside(knock: Any, origin: str) -> None:
    assert is_problem(await knock({"Origin": origin}), 403, "forbidden")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8000", "", "[::1"])
async def test_a_name_that_was_turned_to_us_does_not_help(knock: Any, host: str) -> None:
    assert is_problem(await knock({"Host": host}), 403, "forbidden")


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS"])
async def test_only_posts_are_taken(knock: Any, method: str) -> None:
    refused = await knock(method=method, content=b"")
    assert is_problem(refused, 405, "method-not-allowed")
    assert refused.headers["Allow"] == "POST"


async def test_what_is_too_large_is_not_read(knock: Any) -> None:
    said = {"Content-Type": "application/json"}
    assert (await knock(said, content=b" " * (MOST_BYTES + 1))).status_code == 413
    assert (await knock(said, content=_in_chunks(MOST_BYTES + 1))).status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"hello"', b'{"jsonrpc": "2.0"}', b"\xff\xfe", b"[" * 5000]
)
async def test_what_cannot_be_read_breaks_nothing(knock: Any, body: bytes) -> None:
    assert (await knock({"Content-Type": "application/json"}, content=body)).status_code == 400


async def test_who_hangs_up_leaves_the_question_and_nothing_else(enter: Enter, token: str) -> None:
    asked = asyncio.Event()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        asked.set()

    async with asyncio.timeout(PATIENCE), enter(token) as client:
        wanted = {"kind": "confirmation", "message": "Pay?", "wait": 60}
        waiting = asyncio.create_task(client.call_tool("ask_human", wanted, progress_callback=hear))
        await asked.wait()
        await asyncio.to_thread(eventually, lambda: _listening.total() == 1)
        waiting.cancel()
        await asyncio.to_thread(eventually, lambda: _listening.total() == 0)
    row = await Requirement.objects.aget()
    assert row.status == Requirement.Status.OPEN


def _in_chunks(size: int) -> AsyncIterator[bytes]:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(0, size, 65_536):
            yield b" " * 65_536

    return chunks()
