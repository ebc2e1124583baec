"""Where the tools are: at /mcp beside the pages, if the extra `mcp` is installed."""

import asyncio
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from hitl_portal.addresses import Application


def with_tools(pages: Application) -> Application:
    """The pages, and beside them what answers at /mcp; the library, which takes a second to load, once it is needed."""
    if find_spec("mcp") is None:
        return pages
    at = f"{settings.PUBLIC.path}/mcp"

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].rstrip("/") == at:
            door = await asyncio.to_thread(import_module, "hitl_portal.mcp.door")
            await door.enter(pages, scope, receive, send)
        else:
            await pages(scope, receive, send)

    return answering
