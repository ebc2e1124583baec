"""A workspace of Slack on loopback: a real HTTP server that speaks as much of its Web API as the portal uses.

It refuses what Slack refuses: other tokens, unknown members and rooms, and blocks beyond its limits.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "xoxb-test"
TEAM = "T0OURS"
ROOM = "C0GENERAL"

Answer = dict[str, Any]


@dataclass(kw_only=True)
class Workspace:
    """What it knows and what was said in it. `refusals` are answered first, whatever is asked: statuses with headers,
    or errors by name."""

    port: int = 0
    members: dict[str, Answer] = field(default_factory=dict)
    messages: dict[tuple[str, str], Answer] = field(default_factory=dict)
    whispers: list[Answer] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refusals: list[str | tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def join(self, id: str, email: str, **more: Any) -> str:
        """A new member."""
        self.members[id] = {"id": id, "team_id": TEAM, "profile": {"email": email}} | more
        return id

    def said_in(self, room: str) -> list[Answer]:
        """The messages that stand in a room, oldest first."""
        return [message for (at, _stamp), message in self.messages.items() if at == room]

    def answer(self, method: str, token: str, asked: dict[str, str]) -> Answer:
        self.calls.append(method)
        if token != f"Bearer {TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        do: Callable[[dict[str, str]], Answer] = getattr(self, "do_" + method.replace(".", "_"))
        try:
            return {"ok": True} | do(asked)
        except ValueError as refused:
            return {"ok": False, "error": str(refused)}

    def do_auth_test(self, asked: dict[str, str]) -> Answer:
        return {"team_id": TEAM, "user_id": "UBOT"}

    def do_users_info(self, asked: dict[str, str]) -> Answer:
        if asked["user"] not in self.members:
            raise ValueError("user_not_found")
        return {"user": self.members[asked["user"]]}

    def do_users_lookupByEmail(self, asked: dict[str, str]) -> Answer:  # noqa: N802  Slack names it
        for member in self.members.values():
            if member["profile"]["email"] == asked["email"]:
                return {"user": member}
        raise ValueError("users_not_found")

    def do_chat_postMessage(self, asked: dict[str, str]) -> Answer:  # noqa: N802  likewise
        room = f"D{asked['channel'][1:]}" if asked["channel"] in self.members else asked["channel"]
        if room[0] not in "CD":
            raise ValueError("channel_not_found")
        stamp = f"1700000000.{len(self.messages) + 1:06}"
        self.messages[room, stamp] = message_of(asked)
        return {"channel": room, "ts": stamp}

    def do_chat_update(self, asked: dict[str, str]) -> Answer:
        if (asked["channel"], asked["ts"]) not in self.messages:
            raise ValueError("message_not_found")
        self.messages[asked["channel"], asked["ts"]] = message_of(asked)
        return {"channel": asked["channel"], "ts": asked["ts"]}

    def do_chat_postEphemeral(self, asked: dict[str, str]) -> Answer:  # noqa: N802  likewise
        if asked["user"] not in self.members:
            raise ValueError("user_not_in_channel")
        self.whispers.append(message_of(asked) | {"to": asked["user"], "room": asked["channel"]})
        return {"message_ts": "1"}


def message_of(asked: dict[str, str]) -> Answer:
    """What a message says; ValueError, as Slack has it, for what is beyond its limits."""
    blocks = json.loads(asked["blocks"])
    if len(blocks) > 50 or not asked["text"]:
        raise ValueError("invalid_blocks")
    for block in blocks:
        check(block)
    return {"text": asked["text"], "blocks": blocks, "words": " ".join(words_in(blocks))}


def check(block: Answer) -> None:
    """The limits of Block Kit's reference."""
    for text in (block.get("text"), *block.get("fields", ()), *block.get("elements", ())):
        if isinstance(text, dict) and isinstance(text.get("text"), str):
            limit = 2000 if block["type"] == "context" or text in block.get("fields", ()) else 3000
            if not 0 < len(text["text"]) <= limit:
                raise ValueError("invalid_blocks")
    if len(block.get("fields", ())) > 10:
        raise ValueError("invalid_blocks")
    for button in block.get("elements", ()):
        if button["type"] == "button" and (
            len(button["text"]["text"]) > 75
            or len(button.get("url", "")) > 3000
            or len(button.get("value", "")) > 2000
        ):
            raise ValueError("invalid_blocks")


def words_in(found: Any) -> Iterator[str]:
    """Every text in some blocks."""
    if isinstance(found, dict):
        if isinstance(found.get("text"), str):
            yield found["text"]
        for inner in found.values():
            yield from words_in(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from words_in(inner)


def buttons_of(message: Answer) -> list[Answer]:
    """Its buttons."""
    rows = [block["elements"] for block in message["blocks"] if block["type"] == "actions"]
    return [button for row in rows for button in row]


@contextmanager
def working() -> Iterator[Workspace]:
    """Listen, until the test is over."""
    workspace = Workspace()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            if workspace.refusals:
                status, headers, answer = refused(workspace.refusals.pop(0))
            else:
                method = self.path.removeprefix("/api/")
                asked = dict(parse_qsl(body))
                status, headers = 200, {}
                answer = workspace.answer(method, self.headers.get("authorization", ""), asked)
            said = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"content-length": str(len(said)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: Any) -> None:
            """Nothing to the terminal."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        workspace.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield workspace
        server.shutdown()


def refused(how: str | tuple[int, dict[str, str]]) -> tuple[int, dict[str, str], Answer]:
    """An error by its name, or a status with headers."""
    if isinstance(how, str):
        return 200, {}, {"ok": False, "error": how}
    return how[0], how[1], {"ok": False, "error": "ratelimited"}
