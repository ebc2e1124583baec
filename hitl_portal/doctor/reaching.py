"""Fetches the portal's own pages at its public address, as a stranger outside would, and nothing else.

Only paths are asked for; scheme, host and port are those of HITL_PUBLIC_URL, no redirect is followed and no proxy of
the environment used. So whoever may ask the doctor cannot have it fetch anything of theirs.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from hitl_portal.doctor.findings import Finding, failed, skipped

SECONDS = 5.0
MOST_BYTES = 256 * 1024
AGENT = {"User-Agent": "HITL-Portal-doctor", "Accept-Encoding": "identity"}


class Unreached(Exception):
    """No answer came."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What was answered: at most MOST_BYTES of it. `certificate` is the server's, where it was asked over TLS."""

    status: int
    headers: httpx.Headers
    body: bytes
    certificate: Mapping[str, Any]


def origin() -> str:
    """Scheme, host and port of the public address."""
    outside = urlsplit(settings.HITL_PUBLIC_URL)
    return f"{outside.scheme}://{outside.netloc}"


def below(path: str) -> str:
    """A path of the portal that has no name, as it is outside."""
    return f"{settings.FORCE_SCRIPT_NAME or ''}{path}"


def fetch(path: str, headers: Mapping[str, str] | None = None) -> Reply:
    """GET a path, which begins with a slash, at the public address. Raises Unreached."""
    with opened(path, headers or {}) as response:
        stream = response.extensions["network_stream"]
        return Reply(
            status=response.status_code,
            headers=response.headers,
            body=_beginning(response.iter_bytes()),
            certificate=_certificate(stream.get_extra_info("ssl_object")),
        )


@contextmanager
def opened(path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
    """The response to a GET, whose body is not read yet. Raises Unreached, also for what happens in the block."""
    assert path.startswith("/")
    assert not path.startswith("//")
    asked = {**AGENT, **headers}
    try:
        with (
            httpx.Client(verify=_trust(), trust_env=False, timeout=SECONDS) as client,
            client.stream("GET", f"{origin()}{path}", headers=asked) as response,
        ):
            yield response
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        raise Unreached(str(error) or type(error).__name__) from error


def unreached() -> Finding | None:
    """Why the checks that go through the public address need not be made; None where it answers at all."""
    try:
        fetch("/")
    except Unreached:
        return skipped(_("The portal was not reached at its public address: see there."))
    return None


def not_reached(error: Unreached) -> Finding:
    """The finding where nothing answers at the public address."""
    found = _("%(url)s does not answer: %(error)s") % {"url": settings.HITL_PUBLIC_URL, "error": error}
    remedy = _(
        "HITL_PUBLIC_URL must be the address that people use, and this machine must reach it: look at the name's"
        " address (DNS), the proxy, its certificate, and what stands between."
    )
    return failed(found, remedy)


def _beginning(chunks: Iterator[bytes]) -> bytes:
    read = bytearray()
    for chunk in chunks:
        read += chunk
        if len(read) >= MOST_BYTES:
            break
    return bytes(read[:MOST_BYTES])


def _certificate(connection: ssl.SSLObject | ssl.SSLSocket | None) -> Mapping[str, Any]:
    return (connection.getpeercert() or {}) if connection else {}


@cache
def _trust() -> ssl.SSLContext:
    """The usual authorities, or those that SSL_CERT_FILE names."""
    return httpx.create_ssl_context()
