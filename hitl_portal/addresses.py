"""Addresses: as people outside write them; also below a path of a shared host (`https://example.org/approvals`)."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

Application = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]


def public(name: str, *args: object, **named: object) -> str:
    """The whole address of a view of ours, for who reads it outside of the portal."""
    return outside(reverse(name, args=args, kwargs=named))


def outside(path: str) -> str:
    """The whole address of a path of ours."""
    known = urlsplit(settings.HITL_PUBLIC_URL)
    return f"{known.scheme}://{known.netloc}{path}"


def own(request: HttpRequest, target: str) -> str:
    """Where somebody wants to go on to, if that is a page of ours; else nothing."""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else ""


def below(prefix: str, application: Application) -> Application:
    """The application, which finds its prefix in each request: also where a proxy has taken it off, or a probe that
    asks the process itself has never put it on."""
    if not prefix:
        return application

    async def prefixed(scope: Any, receive: Any, send: Any) -> None:
        if "path" in scope:
            path: str = scope["path"]
            whole = path if f"{path}/".startswith(f"{prefix}/") else prefix + path
            scope = scope | {"path": whole, "root_path": prefix}
        await application(scope, receive, send)

    return prefixed
