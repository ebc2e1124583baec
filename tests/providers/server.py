"""The server: takes a request, records it, and does with it what the next reply in the queue says."""

import json
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType, TracebackType
from typing import Any, Self

from tests.providers import chat, gemini, messages, responses
from tests.providers.replies import Body, Hang, Outcome, Say, Status

PROTOCOLS = {
    "/chat/completions": chat,
    "/responses": responses,
    "/messages": messages,
    "enerateContent": gemini,
}
PATIENCE = 10  # seconds that a test waits for what should come at once


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request that came; names of headers are in small letters."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def streamed(self) -> bool:
        """A stream is asked for."""
        return bool(self.body.get("stream")) or "streamGenerateContent" in self.path

    @property
    def protocol(self) -> ModuleType:
        """What it is written in."""
        return next(module for part, module in PROTOCOLS.items() if part in self.path)


class Provider:
    """A provider that does what it is told; `with` starts and stops it."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.released = threading.Event()
        self.answering: Callable[[Received], Outcome] = self._next
        self._queue: deque[Outcome] = deque()
        self._came = threading.Condition()
        self._server = _Server(self)

    def will(self, *outcomes: Outcome) -> None:
        """Queue what the next requests meet."""
        self._queue.extend(outcomes)

    def arrived(self, count: int) -> None:
        """Wait until so many requests came."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.requests) >= count, PATIENCE), self.requests

    @property
    def connections(self) -> int:
        """How many were opened."""
        return self._server.opened

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def openai(self) -> str:
        """The base_url of OpenAI's two protocols."""
        return f"{self.url}/v1"

    anthropic = google = url

    def take(self, received: Received) -> Outcome:
        """Record a request and say what is done with it."""
        with self._came:
            self.requests.append(received)
            outcome = self.answering(received)
            self._came.notify_all()
        return outcome

    def _next(self, received: Received) -> Outcome:
        return (
            self._queue.popleft() if self._queue else Status(400, "The test queued no reply for this request")
        )

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.opened = 0
        self._lines: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, which may serve many requests."""
        self.opened += 1
        self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget it."""
        self._lines.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Cut every connection: a server that is gone answers on none."""
        for line in list(self._lines):
            with suppress(OSError):  # it was just closed
                line.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no error here."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(path=self.path, headers=headers, body=json.loads(content))
        match self.server.provider.take(received):
            case Say() as say if received.streamed:
                self._stream(say, received.protocol.events(say))
            case Say() as say:
                self._send(200, json.dumps(received.protocol.plain(say)).encode())
            case Status() as status:
                error = received.protocol.error(status.code, status.kind, status.message)
                self._send(status.code, json.dumps(error).encode(), **status.headers)
            case Body() as body:
                self._send(200, body.content, **{"Content-Type": body.content_type})
            case Hang():
                self.server.provider.released.wait()
                self._cut()

    def _send(self, code: int, content: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, say: Say, events: list[tuple[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, (name, data) in enumerate(events):
            if number == say.hang_after:
                self.server.provider.released.wait()
            if number == say.cut_after:
                return self._cut()
            self._chunk(f"event: {name}\n" if name else "", data)
        self.wfile.write(b"0\r\n\r\n")
        return None

    def _chunk(self, head: str, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        content = f"{head}data: {text}\n\n".encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `requests` has it all."""
