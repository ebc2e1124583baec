"""Serving: how requests get from the event loop to Django: each has one thread, from its begin to its end.

Django's own handler sends a request to a thread for each piece of middleware or view that is not async, and back; and a
thread that waits for the loop keeps a process from ending that was told to stop. Ours are all not async.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase

# Threads that are kept for the next requests.
KEPT = 32


class Pages(ASGIHandler):
    """Django, as an ASGI application for HTTP."""

    def __init__(self) -> None:
        self._idle: list[ThreadPoolExecutor] = []
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:
        """All of it, to be run in one thread."""
        del is_async
        super().load_middleware()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, "request")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        finally:
            if len(self._idle) < KEPT:
                self._idle.append(thread)
            else:
                thread.shutdown(wait=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The response, from middleware and view."""
        response: HttpResponseBase = await sync_to_async(self.get_response)(request)
        return response


def pages() -> Pages:
    """Load the apps, and serve them."""
    django.setup(set_prefix=False)
    return Pages()
