"""A mail server on loopback: it keeps what it is handed, and refuses whom it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer

END = b".\r\n"


@dataclass(kw_only=True)
class Postman:
    """Where it listens, what came, and what it answers to a recipient, to the letter itself."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    to: str = "250 fine"
    data: str = "250 taken"

    def take(self, raw: bytes) -> None:
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)


@contextmanager
def delivering() -> Iterator[Postman]:
    """Listen, until the test is over."""
    postman = Postman()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            for line in iter(self.rfile.readline, b""):
                command = line[:4].upper()
                if command == b"DATA" and self.letter():
                    continue
                self.say({b"RCPT": postman.to, b"QUIT": "221 bye"}.get(command, "250 fine"))
                if command == b"QUIT":
                    return

        def letter(self) -> bool:
            self.say("354 go on")
            lines = iter(self.rfile.readline, END)
            raw = b"".join(line[1:] if line.startswith(b".") else line for line in lines)
            if postman.data.startswith("2"):
                postman.take(raw)
            self.say(postman.data)
            return True

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        postman.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield postman
        server.shutdown()
