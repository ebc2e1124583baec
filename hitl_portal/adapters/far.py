"""Calls to one server of another framework: with its bearer, through the guarded door, and never too much of an answer.

What comes back is foreign: JSON that can be kept, or nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlencode

from hitl_portal import strict_json
from hitl_portal.adapters.models import Server
from hitl_portal.outbound.safe_http import Answer, Call, Refused, Rules, Unanswered, Wire, send
from hitl_portal.sealing import Unreadable

MEBIBYTE = 1024 * 1024
READING = 10.0
AGENT = "HITL-Portal-Adapters/1"
NO_ANSWER = (Refused, Unanswered, Unreadable)


class Trouble(Exception):
    """The server could not be talked to, or says what cannot be understood. `status` is what it has answered."""

    def __init__(self, said: str, status: int | None = None) -> None:
        super().__init__(said)
        self.status = status

    @property
    def is_final(self) -> bool:
        """Saying the same once more would change nothing."""
        return self.status in (400, 404, 405, 413, 422)


class Busy(Trouble):
    """It works just now: what it waits for cannot be told."""


@dataclass(frozen=True, kw_only=True)
class _Sent:
    body: bytes
    kind: str


@dataclass(frozen=True, kw_only=True)
class Far:
    """A server, as it is called."""

    url: str
    bearer: str = field(repr=False, default="")
    rules: Rules = field(default_factory=Rules.of_settings)

    @classmethod
    def of(cls, server: Server) -> Self:
        """Raises Trouble where its bearer cannot be read."""
        try:
            return cls(url=server.url.rstrip("/"), bearer=server.bearer)
        except Unreadable as lost:
            raise Trouble(str(lost)) from None

    def get(self, *path: str, **query: Any) -> Any:
        """The JSON at a path. Raises Trouble."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._json(self._send("GET", path, asked))

    def post(self, *path: str, json: Any) -> Any:
        """The JSON that posting JSON brings. Raises Trouble."""
        return self._json(self._send("POST", path, {}, _Sent(body=_dumped(json), kind="application/json")))

    def say(self, *path: str, form: Mapping[str, str], seconds: float, **query: str) -> Answer:
        """Post a form and see what is answered within that time, as far as it came. Raises Trouble."""
        sent = _Sent(body=urlencode(form).encode(), kind="application/x-www-form-urlencoded")
        return self._send("POST", path, query, sent, seconds)

    def _send(
        self,
        method: str,
        path: tuple[str, ...],
        query: Mapping[str, Any],
        sent: "_Sent | None" = None,
        seconds: float = READING,
    ) -> Answer:
        if {".", "..", ""} & {*path}:
            raise Trouble("This is no id", 422)
        url = "/".join([self.url, *(quote(part, safe="") for part in path)])
        headers = {"user-agent": AGENT, "accept": "application/json, text/event-stream"}
        headers |= {"content-type": sent.kind} if sent else {}
        headers |= {"authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        url = f"{url}?{urlencode(query)}" if query else url
        call = Call(method=method, url=url, body=sent.body if sent else b"", headers=headers)
        try:
            answer = send(call, Wire(rules=self.rules, seconds=seconds, most_bytes=4 * MEBIBYTE))
        except NO_ANSWER as failed:
            raise Trouble(str(failed)) from None
        if not 200 <= answer.status < 300:
            raise Trouble(f"{answer.status}: {_excerpt(answer.body)}", answer.status)
        return answer

    def _json(self, answer: Answer) -> Any:
        if not answer.is_whole:
            raise Trouble("The answer is too long, or was cut off")
        try:
            found = strict_json.read(answer.body)
        except (ValueError, RecursionError):
            raise Trouble("The answer is no JSON") from None
        if not strict_json.can_be_kept(found):
            raise Trouble("The answer cannot be kept")
        return found


def _dumped(data: Any) -> bytes:
    return json.dumps(data).encode()


def _excerpt(body: bytes) -> str:
    return " ".join(body[:200].decode(errors="replace").replace("\0", "").split())
