"""A real HTTP receiver on loopback: it keeps what it was sent, and answers as it was told to."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True, kw_only=True)
class Post:
    """One request that came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """What it says, as the library for receivers reads it. Raises where no signature fits."""
        return Webhook(secret).verify(self.body, dict(self.headers))


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is answered; `wait` is asked first, and may take its time."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait: Callable[[], object] = lambda: None


@dataclass(kw_only=True)
class Receiver:
    """Where it listens, what came, and what is answered next: then `usual`."""

    port: int = 0
    posts: list[Post] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    usual: Reply = field(default_factory=Reply)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told"

    def reply(self, post: Post) -> Reply:
        self.posts.append(post)
        reply = self.replies.pop(0) if self.replies else self.usual
        self.came.release()
        return reply


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen, until the test is over."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = receiver.reply(Post(path=self.path, headers=headers, body=body))
            reply.wait()
            try:
                self.send_response(reply.status)
                for name, value in {"content-length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
            except OSError:  # who has asked is gone
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Nothing to the terminal."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            """A client that is gone is no fault of the receiver."""

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        server.shutdown()
