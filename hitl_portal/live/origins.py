"""Origins: a websocket is opened by a page of the portal's own, and by nobody else's: browsers say whose page it is.

A browser sends its cookies along with a websocket that any page opens. Programs may say what they like here; they have
no cookie.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from hitl_portal.addresses import Application


def from_own_pages(application: Any) -> Application:
    """The application, for pages of the origin that the portal is known by, or of the host that was asked for."""
    denied = WebsocketDenier.as_asgi()

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        await (application if is_own(headers) else denied)(scope, receive, send)

    return guarded


def is_own(headers: Mapping[bytes, str]) -> bool:
    """Whether a page of the portal's own asks; no origin is none of its own."""
    origin = headers.get(b"origin", "")
    known = urlsplit(settings.HITL_PUBLIC_URL)
    if origin == f"{known.scheme}://{known.netloc}":
        return True
    # A host may have several names.
    host = headers.get(b"host", "")
    name, _ = split_domain_port(host)
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS) and origin == f"{known.scheme}://{host}"
