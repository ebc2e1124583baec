"""The door at /mcp: who may come in over HTTP, and from where. Behind it each request is served by itself.

Nothing is kept between requests, so that any web process answers any of them and a restart loses nothing: what was
asked stands in the database, and is taken up again by its handle.
"""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
from channels.db import database_sync_to_async
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hitl_portal.addresses import Application
from hitl_portal.api.models import ApiToken
from hitl_portal.api.parsing import MOST_BYTES
from hitl_portal.client import AsyncPortal
from hitl_portal.mcp.server import serving
from hitl_portal.problems import Problem


async def enter(pages: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request of the protocol, or say why not. The tools reach the API through `pages`, without a socket."""
    try:
        token = await _admitted(scope)
    except Problem as problem:
        said = problem.response()
        answer = Response(said.content, status_code=said.status_code, headers=dict(said.headers))
        await answer(scope, receive, send)
        return
    http = httpx.AsyncClient(transport=httpx.ASGITransport(told_of_the_end(pages)))
    async with AsyncPortal(settings.HITL_PUBLIC_URL, token, http=http) as portal:
        manager = StreamableHTTPSessionManager(
            serving(portal), stateless=True, max_request_body_size=MOST_BYTES
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)


def told_of_the_end(pages: Application) -> Application:
    """The pages, told of a call that is given up as they are of a connection that closes: cancelled alone, Django would
    leave behind what it was doing."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        given_up, has_more = asyncio.Event(), True

        async def hear() -> Any:
            nonlocal has_more
            if has_more:
                message = await receive()
                has_more = message.get("more_body", False)
                return message
            await given_up.wait()
            return {"type": "http.disconnect"}

        task = asyncio.ensure_future(pages(scope, hear, send))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            given_up.set()
            with anyio.CancelScope(shield=True):
                await asyncio.wait({task})
            raise

    return answering


async def _admitted(scope: Scope) -> str:
    """The token of a request that may come in. Raises Problem."""
    headers = Headers(scope=scope)
    _refuse_foreign(headers)
    if scope["method"] != "POST":
        raise Problem("method-not-allowed", "Only POST is possible here", {"Allow": "POST"})
    kind, _, token = headers.get("authorization", "").partition(" ")
    is_known = kind.lower() == "bearer" and await database_sync_to_async(_is_valid)(token.strip())
    if not is_known:
        said = "Send an API token that holds (Authorization: Bearer …)"
        raise Problem("not-signed-in", said, {"WWW-Authenticate": "Bearer"})
    return token.strip()


def _refuse_foreign(headers: Headers) -> None:
    """Refuse what a page of somebody else's has a browser send: under a name that was turned to us, or from there."""
    host, _ = split_domain_port(headers.get("host", ""))
    if not validate_host(host, settings.ALLOWED_HOSTS):
        raise Problem("forbidden", "The portal is not known by this name")
    origins = headers.getlist("origin")
    if not _all_ours(origins):
        raise Problem("forbidden", "Pages of another origin may not come in here")


def _all_ours(origins: Iterable[str]) -> bool:
    public = urlsplit(settings.HITL_PUBLIC_URL)
    return all(origin == f"{public.scheme}://{public.netloc}" for origin in origins)


def _is_valid(token: str) -> bool:
    return ApiToken.objects.valid(token) is not None
