"""Calls addresses that people have typed in, without being led anywhere they could not reach themselves.

The name is resolved once, every address it has is checked (see `addressing`), and the connection goes to an address
that was checked: a second answer of the resolver is never asked for. The certificate and the Host header are of the
name all the same. No redirect is followed, no proxy of the environment used, no more read than the cap, and the time
from connecting to the end of the answer is capped as a whole, so that a receiver that drips is no exception.

The resolver has the system's own patience, which is not in that cap.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpcore

from hitl_portal.outbound.addressing import Refused, Resolver, Rules, Target, checked, resolve, target

__all__ = ["Answer", "Call", "Refused", "Rules", "Unanswered", "Wire", "post", "send", "target"]

SECONDS = 15.0
MOST_BYTES = 64 * 1024
MOST_ADDRESSES = 4


class Unanswered(Exception):
    """No answer came: the connection, the certificate, the protocol, or the time was at fault."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: at most as much of it as was asked for; `is_whole` where that, and the time, sufficed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True


@dataclass(frozen=True, kw_only=True)
class Wire:
    """How it is sent: what tests have another one of."""

    rules: Rules = field(default_factory=Rules.of_settings)
    resolver: Resolver = resolve
    seconds: float = SECONDS
    most_bytes: int = MOST_BYTES
    trust: ssl.SSLContext | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is sent."""

    method: str
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def post(url: str, body: bytes, headers: Mapping[str, str], wire: Wire | None = None) -> Answer:
    """Post once. Raises Refused (nothing was sent) or Unanswered (it may have arrived)."""
    return send(Call(method="POST", url=url, body=body, headers=headers), wire)


def send(call: Call, wire: Wire | None = None) -> Answer:
    """Send once. Raises as `post` does."""
    wire = wire or Wire()
    found = target(call.url, wire.rules)
    backend = _Checked(checked(found, wire.rules, wire.resolver), time.monotonic() + wire.seconds)
    pool = httpcore.ConnectionPool(
        ssl_context=wire.trust or _usual_trust(), network_backend=backend, max_connections=1, retries=0
    )
    try:
        with pool:
            return _answered(pool, found, call, wire.most_bytes)
    except httpcore.TimeoutException:
        raise Unanswered(f"No answer within {wire.seconds:g} s") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
        raise Unanswered(f"{type(error).__name__}: {error}") from None


def _answered(pool: httpcore.ConnectionPool, found: Target, call: Call, most_bytes: int) -> Answer:
    url = httpcore.URL(
        scheme=found.scheme.encode(), host=found.host.encode(), port=found.port, target=found.path.encode()
    )
    sent = {"host": found.named_host, "accept-encoding": "identity", "connection": "close", **call.headers}
    with pool.stream(call.method, url, headers=list(sent.items()), content=call.body) as response:
        came = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        body, is_whole = _capped(response.iter_stream(), most_bytes)
        return Answer(status=response.status, headers=came, body=body, is_whole=is_whole)


def _capped(chunks: Iterable[bytes], most: int) -> tuple[bytes, bool]:
    """The beginning of the body, and whether it is all. One that ends badly counts as far as it came: the status has
    said the most."""
    read = bytearray()
    try:
        for chunk in chunks:
            read += chunk
            if len(read) > most:
                return bytes(read[:most]), False
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        return bytes(read), False
    return bytes(read), True


@cache
def _usual_trust() -> ssl.SSLContext:
    import httpx  # here, as in `addressing`

    return httpx.create_ssl_context()


class _Checked(httpcore.NetworkBackend):
    """Connects to addresses that were checked, whatever the name says by now, until a moment."""

    def __init__(self, addresses: list[str], until: float) -> None:
        self._addresses, self._until = addresses[:MOST_ADDRESSES], until
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        del host, timeout  # the addresses are known, and the time is one for everything
        failed: Exception = httpcore.ConnectError("there is no address")
        for number, address in enumerate(self._addresses):
            # Where there are several, a dead one leaves time for the others.
            share = _left(self._until, httpcore.ConnectTimeout) / (len(self._addresses) - number)
            try:
                stream = self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Timed(stream, self._until)
        raise failed


class _Timed(httpcore.NetworkStream):
    """A connection all of whose reading and writing ends at one moment."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._until, httpcore.ReadTimeout, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._until, httpcore.WriteTimeout, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._until, httpcore.ConnectTimeout, timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float, error: type[httpcore.TimeoutException], at_most: float | None = None) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise error("the time is over")
    return left if at_most is None else min(left, at_most)
