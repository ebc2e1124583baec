"""Bodies of requests: what is larger than it may be is refused before it is read, and kept nowhere.

Django keeps a whole body, on disk where it is long, before anything of ours sees the request: so it is given no more of
it than it may have, and a middleware refuses what was cut off. Servers in front may have bounds of their own.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_only_middleware

from hitl_portal.addresses import Application
from hitl_portal.problems import Problem

CUT_OFF = "hitl.body_cut_off"
END: dict[str, Any] = {"type": "http.request", "body": b"", "more_body": False}

Handler = Callable[[HttpRequest], HttpResponseBase]


def bounded(application: Application) -> Application:
    """The application, which gets no more of a body than HITL_MAX_BODY_BYTES; nothing of one announced as longer."""

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            body = _Body(dict(scope), receive)
            await application(body.scope, body.hear, send)
        else:
            await application(scope, receive, send)

    return answering


class _Body:
    """What is read of one body. Where it is cut off it ends early, and the scope says so."""

    def __init__(self, scope: dict[str, Any], receive: Any) -> None:
        self.scope, self.receive = scope, receive
        self.left = settings.HITL_MAX_BODY_BYTES
        self.is_too_long = _announced(scope) > self.left

    async def hear(self) -> Any:
        """The next message."""
        if self.scope.get(CUT_OFF):
            return await self._gone()
        message = END if self.is_too_long else await self.receive()
        self.left -= len(message.get("body", b""))
        if self.is_too_long or self.left < 0:
            self.scope[CUT_OFF] = True
            return END
        return message

    async def _gone(self) -> Any:
        """The end of the connection; what comes of the body until then is thrown away."""
        while (message := await self.receive())["type"] != "http.disconnect":
            pass
        return message


@sync_only_middleware
def refusing_what_is_too_long(get_response: Handler) -> Handler:
    """Refuse a body that was cut off, or is announced as too long."""

    def answering(request: HttpRequest) -> HttpResponseBase:
        is_cut_off = bool(getattr(request, "scope", {}).get(CUT_OFF))
        if is_cut_off or announced_length(request) > settings.HITL_MAX_BODY_BYTES:
            raise RequestDataTooBig("The body is larger than is ever read")
        return get_response(request)

    return answering


def limited_body(request: HttpRequest, most: int) -> bytes:
    """The body, or the Problem `too-large`; no more than the limit is ever read."""
    size = announced_length(request)
    body = b"" if size > most else request.read(most + 1)
    if max(size, len(body)) > most:
        raise Problem("too-large", f"A body may have at most {most} bytes here")
    return body


def announced_length(request: HttpRequest) -> int:
    """How long the body is said to be; 0 where nothing sensible is said."""
    return _number(request.headers.get("content-length", ""))


def _announced(scope: Any) -> int:
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return _number(said.decode("latin-1"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
