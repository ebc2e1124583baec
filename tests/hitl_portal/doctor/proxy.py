"""A small real proxy: it passes requests on to a web process, and does on the way what it is told to."""

import socket
import ssl
import threading
from collections.abc import Callable
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import cast

Head = list[bytes]
"""The first line, and the headers, each as it came."""

MOST = 64 * 1024
END = b"\r\n\r\n"


def as_it_is(head: Head) -> Head:
    return head


def without(name: str) -> Callable[[Head], Head]:
    """Take a header off."""
    prefix = f"{name.lower()}:".encode()
    return lambda head: [line for line in head if not line.lower().startswith(prefix)]


def instead(name: str, value: str) -> Callable[[Head], Head]:
    """Replace a header, or add it."""
    return lambda head: [*without(name)(head), f"{name}: {value}".encode()]


class Proxy(ThreadingTCPServer):
    """`asking` and `answering` change the heads; `holds` keeps back all that a websocket says, `cuts` ends it at once,
    and `answers` is sent instead of asking anybody."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream, self.tls = upstream, tls
        self.asked: list[bytes] = []
        self.behave()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def behave(
        self,
        *,
        asking: Callable[[Head], Head] = as_it_is,
        answering: Callable[[Head], Head] = as_it_is,
        answers: bytes = b"",
        holds: bool = False,
        cuts: bool = False,
    ) -> None:
        """Do this from now on."""
        self.asking, self.answering, self.answers = asking, answering, answers
        self.holds, self.cuts = holds, cuts

    def serve(self) -> threading.Thread:
        thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        return thread


class _Handler(BaseRequestHandler):
    request: socket.socket

    def handle(self) -> None:
        proxy = cast("Proxy", self.server)
        try:
            client = proxy.tls.wrap_socket(self.request, server_side=True) if proxy.tls else self.request
            self._pass_on(proxy, client)
            if proxy.tls:
                client.close()
        except OSError:
            return  # whoever asked has gone

    def _pass_on(self, proxy: Proxy, client: socket.socket) -> None:
        head, rest = _read_head(client)
        proxy.asked.append(head[0])
        if proxy.answers:
            client.sendall(proxy.answers)
            return
        with socket.create_connection(("127.0.0.1", proxy.upstream)) as web:
            is_page = not any(line.lower().startswith(b"upgrade:") for line in head)
            asked = proxy.asking(instead("Connection", "close")(head) if is_page else head)
            web.sendall(b"\r\n".join(asked) + END + rest)
            answered, rest = _read_head(web)
            client.sendall(b"\r\n".join(proxy.answering(answered)) + END)
            is_open = answered[0].split()[1] == b"101"
            if is_open and proxy.cuts:
                return
            if is_open:
                threading.Thread(target=_pump, args=(client, web), daemon=True).start()
            if is_open and proxy.holds:
                _pump(web, None)
            else:
                client.sendall(rest)
                _pump(web, client)


def _read_head(source: socket.socket) -> tuple[Head, bytes]:
    read = b""
    while END not in read:
        more = source.recv(MOST)
        if not more:
            raise OSError("it ended in its head")
        read += more
    head, _end, rest = read.partition(END)
    return head.split(b"\r\n"), rest


def _pump(source: socket.socket, sink: socket.socket | None) -> None:
    try:
        while more := source.recv(MOST):
            if sink:
                sink.sendall(more)
    except OSError:
        return  # one of them has gone
