"""What the client does, as generators: each yields calls, is given what came back, and returns a value.

Whoever drives them does the sending, blocking or awaiting: so everything else is written once.
"""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from hitl_portal.client.values import Answer, Asked, NotAnswered, PortalError

Value = TypeVar("Value")

AT_ONCE = 30  # seconds that one call waits for an answer
SLACK = 15.0


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. `patience`: how many seconds its answer may take."""

    method: str
    path: str
    json: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    patience: float = SLACK

    def request(self, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """As httpx sends it."""
        return client.build_request(
            self.method,
            f"api/v1{self.path}",
            json=self.json,
            params=self.params,
            headers=self.headers,
            timeout=self.patience,
        )


Flow = Generator[Call, httpx.Response, Value]


def asked(question: dict[str, Any], key: str | None) -> Flow[Asked]:
    """Ask; without a key one is made, so that a call that is sent twice asks once."""
    headers = {"Idempotency-Key": key or uuid4().hex}
    return Asked.of(_told((yield Call(method="POST", path="/requirements", json=question, headers=headers))))


def looked_up(requirement_id: str, wait: float = 0) -> Flow[Asked]:
    """A question as it stands, or as soon as there is an answer."""
    seconds = math.ceil(min(wait, AT_ONCE))
    params = {"wait": seconds} if seconds else {}
    call = Call(method="GET", path=f"/requirements/{requirement_id}", params=params, patience=seconds + SLACK)
    return Asked.of(_told((yield call)))


def answered(requirement_id: str, within: float | None) -> Flow[Answer]:
    """Wait for the answer. Raises TimeoutError, NotAnswered."""
    until = time.monotonic() + within if within is not None else math.inf
    while True:
        found = yield from looked_up(requirement_id, max(until - time.monotonic(), 0))
        if found.answer is not None:
            return found.answer
        if found.status == "withdrawn":
            raise NotAnswered(f"Nobody answers {requirement_id} any more")
        if time.monotonic() >= until:
            raise TimeoutError(f"There is no answer to {requirement_id} yet")


def asked_and_answered(question: dict[str, Any], key: str | None, within: float | None) -> Flow[Answer]:
    """Ask, and wait for the answer."""
    found = yield from asked(question, key)
    return found.answer or (yield from answered(found.requirement_id, within))


def started(workflow: str, input: Any, key: str | None, session_id: str | None) -> Flow[dict[str, Any]]:
    """Start a run."""
    body = {"workflow": workflow, "input": input, "session_id": session_id}
    headers = {"Idempotency-Key": key or uuid4().hex}
    return _told((yield Call(method="POST", path="/runs", json=body, headers=headers)))


def run_of(run_id: str) -> Flow[dict[str, Any]]:
    """A run as it stands."""
    return _told((yield Call(method="GET", path=f"/runs/{run_id}")))


def _told(response: httpx.Response) -> dict[str, Any]:
    if response.is_success:
        found: dict[str, Any] = response.json()
        return found
    is_problem = response.headers.get("content-type", "").startswith("application/problem+json")
    raise PortalError(
        response.status_code, response.json() if is_problem else {"detail": response.text[:200]}
    )
