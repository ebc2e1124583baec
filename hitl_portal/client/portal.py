"""The two clients, blocking and awaiting: what they offer is the same, and so is what they do (see `flows`)."""

import time
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, TypeVar, Unpack, overload

import anyio
import httpx

from hitl_portal.client import flows
from hitl_portal.client.flows import Back, Call, Flow, Pause
from hitl_portal.client.values import Answer, Asked, Kind

Value = TypeVar("Value")


class Question(TypedDict, total=False):
    """What can be said of a question besides its message, as the API takes it. `timeout` is in seconds; with the same
    `key` it is the same question, however often it is asked."""

    kind: Kind
    title: str | None
    fields: list[dict[str, Any]]
    choices: list[dict[str, str]]
    allow_multiple: bool
    content: Any
    tool: dict[str, Any] | None
    error: dict[str, Any] | None
    timeout: int | None
    on_timeout: str | None
    policy: dict[str, Any] | None
    key: str | None


class Portal:
    """The portal at an address, as the owner of a token; `http` may be a client of yours. Close it, or use `with`."""

    def __init__(self, url: str, token: str, *, http: httpx.Client | None = None) -> None:
        self._http = http or httpx.Client()
        _prepare(self._http, url, token)

    @overload
    def ask(
        self,
        message: str,
        *,
        wait: Literal[True] = True,
        within: float | None = None,
        **question: Unpack[Question],
    ) -> Answer: ...
    @overload
    def ask(self, message: str, *, wait: Literal[False], **question: Unpack[Question]) -> Asked: ...
    def ask(
        self, message: str, *, wait: bool = True, within: float | None = None, **question: Unpack[Question]
    ) -> Answer | Asked:
        """Ask people, and wait for their answer; with `wait=False` give what to ask for it later.

        `kind` is "confirmation", or "user_input" with `fields`, "route" with `choices`, "output_review" with `content`,
        or one about a `tool`; see `Question`. Raises PortalError; TimeoutError after `within` seconds; NotAnswered.
        """
        said, key = _question(message, question)
        if wait:
            return self._do(flows.asked_and_answered(said, key, within))
        return self._do(flows.asked(said, key))

    def answer(self, asked: Asked | str, within: float | None = None) -> Answer:
        """Wait for the answer to a question. Raises TimeoutError after `within` seconds, NotAnswered, PortalError."""
        return self._do(flows.answered(_id(asked), within))

    def look(self, asked: Asked | str, *, wait: float = 0) -> Asked:
        """A question as it stands; with `wait` as soon as it is answered, after half a minute at the latest."""
        return self._do(flows.looked_up(_id(asked), wait))

    def withdraw(self, asked: Asked | str) -> Asked:
        """Take back what you have asked: nobody needs to answer it any more."""
        return self._do(flows.withdrawn(_id(asked)))

    def requirements(self, **wanted: Any) -> dict[str, Any]:
        """What waits for people: `data`, and `next` as the `cursor` of the next page; filters as the API has them."""
        return self._do(flows.listed("/requirements", wanted))

    def workflows(self, **wanted: Any) -> dict[str, Any]:
        """The workflows that the portal knows, with the schema of their input: `data`, and `next` as above."""
        return self._do(flows.listed("/workflows", wanted))

    def start(
        self, workflow: str, input: Any = None, *, key: str | None = None, **how: str | None
    ) -> dict[str, Any]:
        """Start a run of a workflow of the portal's; `how`: session_id, priority, queue_key. With the same `key` it is
        the same run."""
        return self._do(flows.started({"workflow": workflow, "input": input, **how}, key))

    def run(self, run_id: str) -> dict[str, Any]:
        """A run as it stands."""
        return self._do(flows.run_of(run_id))

    def events(self, run_id: str, *, after: int = 0, limit: int | None = None) -> dict[str, Any]:
        """What has happened to a run: `data`; `last` is what to ask with, as `after`, for the rest."""
        return self._do(flows.events_of(run_id, after=after, limit=limit))

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _do(self, flow: Flow[Value]) -> Value:
        try:
            step = next(flow)
            while True:
                step = flow.send(self._came_of(step))
        except StopIteration as end:
            value: Value = end.value
            return value

    def _came_of(self, step: Call | Pause) -> Back:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        try:
            return self._http.send(step.request(self._http))
        except httpx.TransportError as broken:
            return broken


class AsyncPortal:
    """The same inside an event loop: `await portal.ask(…)`. Close it, or use `async with`."""

    def __init__(self, url: str, token: str, *, http: httpx.AsyncClient | None = None) -> None:
        self._http = http or httpx.AsyncClient()
        _prepare(self._http, url, token)

    @overload
    async def ask(
        self,
        message: str,
        *,
        wait: Literal[True] = True,
        within: float | None = None,
        **question: Unpack[Question],
    ) -> Answer: ...
    @overload
    async def ask(self, message: str, *, wait: Literal[False], **question: Unpack[Question]) -> Asked: ...
    async def ask(
        self, message: str, *, wait: bool = True, within: float | None = None, **question: Unpack[Question]
    ) -> Answer | Asked:
        """As `Portal.ask`."""
        said, key = _question(message, question)
        if wait:
            return await self._do(flows.asked_and_answered(said, key, within))
        return await self._do(flows.asked(said, key))

    async def answer(self, asked: Asked | str, within: float | None = None) -> Answer:
        """As `Portal.answer`."""
        return await self._do(flows.answered(_id(asked), within))

    async def look(self, asked: Asked | str, *, wait: float = 0) -> Asked:
        """As `Portal.look`."""
        return await self._do(flows.looked_up(_id(asked), wait))

    async def withdraw(self, asked: Asked | str) -> Asked:
        """As `Portal.withdraw`."""
        return await self._do(flows.withdrawn(_id(asked)))

    async def requirements(self, **wanted: Any) -> dict[str, Any]:
        """As `Portal.requirements`."""
        return await self._do(flows.listed("/requirements", wanted))

    async def workflows(self, **wanted: Any) -> dict[str, Any]:
        """As `Portal.workflows`."""
        return await self._do(flows.listed("/workflows", wanted))

    async def start(
        self, workflow: str, input: Any = None, *, key: str | None = None, **how: str | None
    ) -> dict[str, Any]:
        """As `Portal.start`."""
        return await self._do(flows.started({"workflow": workflow, "input": input, **how}, key))

    async def run(self, run_id: str) -> dict[str, Any]:
        """As `Portal.run`."""
        return await self._do(flows.run_of(run_id))

    async def events(self, run_id: str, *, after: int = 0, limit: int | None = None) -> dict[str, Any]:
        """As `Portal.events`."""
        return await self._do(flows.events_of(run_id, after=after, limit=limit))

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _do(self, flow: Flow[Value]) -> Value:
        try:
            step = next(flow)
            while True:
                step = flow.send(await self._came_of(step))
        except StopIteration as end:
            value: Value = end.value
            return value

    async def _came_of(self, step: Call | Pause) -> Back:
        if isinstance(step, Pause):
            await anyio.sleep(step.seconds)
            return None
        try:
            return await self._http.send(step.request(self._http))
        except httpx.TransportError as broken:
            return broken


def _prepare(http: httpx.Client | httpx.AsyncClient, url: str, token: str) -> None:
    http.base_url = httpx.URL(url.rstrip("/") + "/")
    http.headers["Authorization"] = f"Bearer {token}"


def _question(message: str, given: Question) -> tuple[dict[str, Any], str | None]:
    """The question as it is sent, and its key."""
    said = {"kind": "confirmation", "message": message, **given}
    key = given.get("key")
    return {name: value for name, value in said.items() if value is not None and name != "key"}, key


def _id(asked: Asked | str) -> str:
    return asked if isinstance(asked, str) else asked.requirement_id
