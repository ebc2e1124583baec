"""Guard: what other libraries connect to, by the rules of outgoing webhooks, for a while and in one thread.

Libraries that speak HTTP through `requests` resolve names themselves, after we have looked, and go where they are sent.
While a guard stands, each of their connections goes to an address that was just checked, and all of them end with it.
This module puts itself into the one function of urllib3 that connects; without a guard that does what it always did.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from urllib3.util import connection

from hitl_portal.outbound.addressing import HTTP_PORT, Refused, Resolver, Rules, Target, checked, resolve

_connect = connection.create_connection


class Guard:
    """The rules, what was refused by them, and the connections that they let through."""

    def __init__(self, rules: Rules, resolver: Resolver) -> None:
        self.refused = ""
        self._rules, self._resolver = rules, resolver
        self._handles: list[socket.socket] = []

    def connect(self, host: str, port: int, *args: Any, **named: Any) -> socket.socket:
        """Connect to what the host is, checked. Raises OSError, with the reason in `refused`."""
        try:
            address = self._checked(host.strip("[]"), port)
        except Refused as refused:
            self.refused = str(refused)
            raise ConnectionRefusedError(self.refused) from None
        made = _connect((address, port), *args, **named)
        # TLS takes the socket over: of the same connection this is another handle.
        self._handles.append(socket.socket(fileno=os.dup(made.fileno())))
        return made

    def end(self) -> None:
        """End every connection: who drips has had their time."""
        for handle in self._handles:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Let go of them."""
        for handle in self._handles:
            handle.close()

    def _checked(self, host: str, port: int) -> str:
        allowed = {*self._rules.ports, *({HTTP_PORT, port} if self._is_named(host, port) else ())}
        if port not in allowed:
            raise Refused(f"The port {port} is not open.")
        found = Target(scheme="https", host=host, port=port, path="/")
        return checked(found, self._rules, self._resolver)[0]

    def _is_named(self, host: str, port: int) -> bool:
        return not self._rules.http.isdisjoint({host, f"{host}:{port}"})


_standing: ContextVar[Guard | None] = ContextVar("guard", default=None)


@contextmanager
def guarded(seconds: float, rules: Rules | None = None, resolver: Resolver = resolve) -> Iterator[Guard]:
    """Meanwhile this thread connects by the rules, and for no longer than so many seconds."""
    guard = Guard(rules or Rules.of_settings(), resolver)
    token = _standing.set(guard)
    timer = threading.Timer(seconds, guard.end)
    timer.daemon = True
    timer.start()
    try:
        yield guard
    finally:
        timer.cancel()
        _standing.reset(token)
        guard.forget()


def _guarded_connect(address: tuple[str, int], *args: Any, **named: Any) -> socket.socket:
    guard = _standing.get()
    if guard is None:
        return _connect(address, *args, **named)
    return guard.connect(*address, *args, **named)


connection.create_connection = _guarded_connect
