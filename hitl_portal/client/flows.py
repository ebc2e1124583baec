"""What the client does, as generators: each yields calls and pauses, is given what came of them, and returns a value.

Whoever drives them does the sending and the sleeping, blocking or awaiting: so everything else is written once.
"""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx

from hitl_portal.client.values import Answer, Asked, NotAnswered, PortalError

Value = TypeVar("Value")

AT_ONCE = 30  # seconds that one call waits for an answer
SLACK = 15.0
KEY = "Idempotency-Key"

# Seconds: the first pause before a call is sent again, and the longest; for how long a call is sent again after it has
# failed first, where somebody is kept waiting by it, and where it waits itself, past a restart of the portal.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0
BRIEFLY, AT_LENGTH = 8.0, 300.0
PASSING = (429, 502, 503, 504)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. `patience`: how many seconds its answer may take; `persistence`: for how many it is sent again where
    nothing comes back, or the portal is away, but not after `until` (of the monotonic clock)."""

    method: str
    path: str
    json: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    patience: float = SLACK
    persistence: float = BRIEFLY
    until: float = math.inf

    @property
    def is_repeatable(self) -> bool:
        """Sent twice it does no more than once."""
        return self.method == "GET" or KEY in self.headers

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


@dataclass(frozen=True, kw_only=True)
class Pause:
    """So many seconds in which nothing is sent."""

    seconds: float


Back = httpx.Response | httpx.TransportError | None
Flow = Generator[Call | Pause, Back, Value]


def asked(question: dict[str, Any], key: str | None) -> Flow[Asked]:
    """Ask; without a key one is made, so that a call that is sent twice asks once."""
    return Asked.of((yield from told(_keyed("/requirements", question, key))))


def looked_up(requirement_id: str, wait: float = 0, until: float = math.inf) -> Flow[Asked]:
    """A question as it stands, or as soon as there is an answer: `wait` counts to half a minute."""
    seconds = math.ceil(min(wait, AT_ONCE))
    call = Call(
        method="GET",
        path=f"/requirements/{_name(requirement_id)}",
        params={"wait": seconds} if seconds else {},
        patience=seconds + SLACK,
        persistence=AT_LENGTH if seconds else BRIEFLY,
        until=until,
    )
    return Asked.of((yield from told(call)))


def answered(requirement_id: str, within: float | None) -> Flow[Answer]:
    """Wait for the answer. Raises TimeoutError, NotAnswered."""
    until = time.monotonic() + within if within is not None else math.inf
    while True:
        found = yield from looked_up(requirement_id, max(until - time.monotonic(), 0), until)
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


def withdrawn(requirement_id: str) -> Flow[Asked]:
    """Take a question back."""
    path = f"/requirements/{_name(requirement_id)}/withdraw"
    return Asked.of((yield from told(Call(method="POST", path=path))))


def started(wanted: dict[str, Any], key: str | None) -> Flow[dict[str, Any]]:
    """Start a run."""
    return told(_keyed("/runs", _said(wanted), key))


def run_of(run_id: str) -> Flow[dict[str, Any]]:
    """A run as it stands."""
    return listed(f"/runs/{_name(run_id)}", {})


def events_of(run_id: str, **wanted: Any) -> Flow[dict[str, Any]]:
    """What has happened to a run."""
    return listed(f"/runs/{_name(run_id)}/events", wanted)


def listed(path: str, wanted: dict[str, Any]) -> Flow[dict[str, Any]]:
    """What is at an address; `wanted` says which of it, as far as it says something."""
    return told(Call(method="GET", path=path, params=_said(wanted)))


def told(call: Call) -> Flow[dict[str, Any]]:
    """What the portal answers. Raises PortalError, and httpx.TransportError where it cannot be reached."""
    response = yield from _sent(call)
    if response.is_success:
        found: dict[str, Any] = response.json()
        return found
    is_problem = response.headers.get("content-type", "").startswith("application/problem+json")
    raise PortalError(
        response.status_code, response.json() if is_problem else {"detail": response.text[:200]}
    )


def _sent(call: Call) -> Flow[httpx.Response]:
    """The response; where none comes, or the portal is away, what may be repeated is sent again after a pause."""
    until, pause = call.until, FIRST_PAUSE
    while True:
        back = yield call
        wait = _wanted_pause(back, pause)
        until = min(until, time.monotonic() + call.persistence) if pause == FIRST_PAUSE else until
        if wait is None or not call.is_repeatable or time.monotonic() + wait > until:
            break
        yield Pause(seconds=wait)
        pause = min(pause * 2, LONGEST_PAUSE)
    if isinstance(back, httpx.TransportError):
        raise back
    assert back is not None
    return back


def _wanted_pause(back: Back, pause: float) -> float | None:
    """How long to wait before the next try; None where what came back is an answer."""
    if isinstance(back, httpx.Response) and back.status_code not in PASSING:
        return None
    after = back.headers.get("Retry-After", "") if isinstance(back, httpx.Response) else ""
    return max(pause, float(after)) if after.isdecimal() else pause


def _keyed(path: str, body: dict[str, Any], key: str | None) -> Call:
    return Call(method="POST", path=path, json=body, headers={KEY: key or uuid4().hex})


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _name(given: str) -> str:
    """As one part of an address, whatever is in it."""
    return quote(given, safe="")
