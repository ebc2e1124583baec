"""The two clients, blocking and awaiting: what they offer is the same, and so is what they do (see `flows`)."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, overload

import httpx

from hitl_portal.client import flows
from hitl_portal.client.flows import Flow
from hitl_portal.client.values import Answer, Asked

Value = TypeVar("Value")
Kind = Literal["confirmation", "user_input", "route", "output_review"]

CONNECTS = 3  # tries to reach the portal before a call counts as failed


class Portal:
    """The portal at an address, as the owner of a token; `http` may be a client of yours. Close it, or use `with`."""

    def __init__(self, url: str, token: str, *, http: httpx.Client | None = None) -> None:
        self._http = http or httpx.Client(transport=httpx.HTTPTransport(retries=CONNECTS))
        _prepare(self._http, url, token)

    @overload
    def ask(
        self, message: str, *, wait: Literal[True] = True, within: float | None = None, **question: Any
    ) -> Answer: ...
    @overload
    def ask(self, message: str, *, wait: Literal[False], **question: Any) -> Asked: ...
    def ask(
        self, message: str, *, wait: bool = True, within: float | None = None, **question: Any
    ) -> Answer | Asked:
        """Ask people, and wait for their answer; with `wait=False` give what to ask for it later.

        `kind` is "confirmation", or "user_input" with `fields`, "route" with `choices`, "output_review" with `content`.
        Further: `title`, `timeout` and `on_timeout`, `policy`; `key` makes the same question asked twice one. Raises
        PortalError; TimeoutError after `within` seconds; NotAnswered.
        """
        said, key = _question(message, question)
        if wait:
            return self._do(flows.asked_and_answered(said, key, within))
        return self._do(flows.asked(said, key))

    def answer(self, asked: Asked | str, within: float | None = None) -> Answer:
        """Wait for the answer to a question. Raises TimeoutError after `within` seconds, NotAnswered, PortalError."""
        return self._do(flows.answered(_id(asked), within))

    def look(self, asked: Asked | str) -> Asked:
        """A question as it stands."""
        return self._do(flows.looked_up(_id(asked)))

    def start(
        self, workflow: str, input: Any = None, *, key: str | None = None, session_id: str | None = None
    ) -> dict[str, Any]:
        """Start a run of a workflow of the portal's."""
        return self._do(flows.started(workflow, input, key, session_id))

    def run(self, run_id: str) -> dict[str, Any]:
        """A run as it stands."""
        return self._do(flows.run_of(run_id))

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
            call = next(flow)
            while True:
                call = flow.send(self._http.send(call.request(self._http)))
        except StopIteration as end:
            value: Value = end.value
            return value


class AsyncPortal:
    """The same inside an event loop: `await portal.ask(…)`. Close it, or use `async with`."""

    def __init__(self, url: str, token: str, *, http: httpx.AsyncClient | None = None) -> None:
        self._http = http or httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=CONNECTS))
        _prepare(self._http, url, token)

    @overload
    async def ask(
        self, message: str, *, wait: Literal[True] = True, within: float | None = None, **question: Any
    ) -> Answer: ...
    @overload
    async def ask(self, message: str, *, wait: Literal[False], **question: Any) -> Asked: ...
    async def ask(
        self, message: str, *, wait: bool = True, within: float | None = None, **question: Any
    ) -> Answer | Asked:
        """As `Portal.ask`."""
        said, key = _question(message, question)
        if wait:
            return await self._do(flows.asked_and_answered(said, key, within))
        return await self._do(flows.asked(said, key))

    async def answer(self, asked: Asked | str, within: float | None = None) -> Answer:
        """As `Portal.answer`."""
        return await self._do(flows.answered(_id(asked), within))

    async def look(self, asked: Asked | str) -> Asked:
        """As `Portal.look`."""
        return await self._do(flows.looked_up(_id(asked)))

    async def start(
        self, workflow: str, input: Any = None, *, key: str | None = None, session_id: str | None = None
    ) -> dict[str, Any]:
        """As `Portal.start`."""
        return await self._do(flows.started(workflow, input, key, session_id))

    async def run(self, run_id: str) -> dict[str, Any]:
        """As `Portal.run`."""
        return await self._do(flows.run_of(run_id))

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
            call = next(flow)
            while True:
                call = flow.send(await self._http.send(call.request(self._http)))
        except StopIteration as end:
            value: Value = end.value
            return value


def _prepare(http: httpx.Client | httpx.AsyncClient, url: str, token: str) -> None:
    http.base_url = httpx.URL(url.rstrip("/") + "/")
    http.headers["Authorization"] = f"Bearer {token}"


def _question(message: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The question as it is sent, and its key."""
    said = {"kind": "confirmation", "message": message} | dict(given)
    key = said.pop("key", None)
    return {name: value for name, value in said.items() if value is not None}, key


def _id(asked: Asked | str) -> str:
    return asked if isinstance(asked, str) else asked.requirement_id
