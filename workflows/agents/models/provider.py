"""What the models of all providers share: how they are set up, and how a reply is asked for.

This module needs no package beyond our own, so that naming a model costs nothing; the port that speaks to providers
is loaded when the first reply is wanted.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from types import ModuleType
from typing import Any, ClassVar

from workflows import tracing
from workflows.agents.errors import KeyMissing, ModelMissing
from workflows.agents.models.endpoint import Endpoint, Protocol
from workflows.agents.models.patience import Patience
from workflows.agents.models.telling import Telling
from workflows.engine.conversation import Reply, Request

SETTINGS = {  # the parameters that are sent with each request, and the names that the library has for them
    "temperature": "temperature",
    "top_p": "top_p",
    "max_tokens": "max_tokens",
    "stop": "stop_sequences",
    "seed": "seed",
    "parallel_tool_calls": "parallel_tool_calls",
    "timeout": "timeout",
    "extra_headers": "extra_headers",
    "extra_body": "extra_body",
}


@dataclass(eq=False)
class ProviderModel:
    """A model that a provider serves. What is None is left to the provider.

    `api_key` and `base_url` come from the environment where they are not given, when the first reply is asked for.
    `timeout`: after how many seconds of silence an attempt is given up. What fails for the moment is tried again
    `retries` times (`max_retries` is another name for it), after `delay_between_retries` seconds, doubled each time
    with `exponential_backoff`, and never sooner than the provider asks for.
    """

    id: str
    _: KW_ONLY
    name: str | None = None
    provider: str = ""
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    seed: int | None = None
    parallel_tool_calls: bool | None = None
    timeout: float | None = None
    extra_headers: dict[str, str] | None = field(default=None, repr=False)
    extra_body: dict[str, Any] | None = None
    retries: int = 3
    delay_between_retries: float = 1
    exponential_backoff: bool = True
    max_retries: int | None = None

    sent: ClassVar[Mapping[str, str]] = SETTINGS
    protocol: ClassVar[Protocol]
    system: ClassVar[str]
    key_variables: ClassVar[tuple[str, ...]]
    address_variable: ClassVar[str]

    def __post_init__(self) -> None:
        self.name = self.name or type(self).__name__
        self.provider = self.provider or self.system

    async def reply(self, request: Request, tell: Callable[[str], object] | None = None) -> Reply:
        """The next message. With `tell` it is streamed, and each piece of its text told once, however often the
        request had to be sent; without, it is one plain request."""
        endpoint = self.endpoint()
        port = await asyncio.to_thread(_port, type(self).__name__)  # the first time it takes seconds
        telling = None if tell is None else Telling(tell)

        async def attempt() -> Reply:
            if telling is not None:
                telling.begin()
            said = {"gen_ai.provider.name": self.system, "gen_ai.request.model": self.id}
            with tracing.span(f"chat {self.id}", said, kind="CLIENT"):
                reply: Reply = await port.ask(endpoint, request, self.settings(), telling)
            return reply

        return await self._patience().until_done(attempt)

    def endpoint(self) -> Endpoint:
        """Where requests go. Raises KeyMissing."""
        base_url = self.base_url or os.environ.get(self.address_variable) or None
        key = self.api_key or next(filter(None, map(os.environ.get, self.key_variables)), None)
        if key is None and not self._works_without_key(base_url):
            raise KeyMissing(f"{self.name} ({self.id})", *self.key_variables)
        return Endpoint(
            protocol=self.protocol, system=self.provider, id=self.id, api_key=key, base_url=base_url
        )

    def settings(self) -> dict[str, Any]:
        """What is sent with each request besides the conversation, under the library's names."""
        given = [(name, getattr(self, parameter)) for parameter, name in self.sent.items()]
        chosen = {name: value for name, value in given if value is not None}
        return chosen | {"max_retries": 0}  # of the library; trying again is ours

    def _works_without_key(self, base_url: str | None) -> bool:
        """Whether the address alone may do: servers of one's own often want no key."""
        return base_url is not None and self.protocol.startswith("openai")

    def _patience(self) -> Patience:
        retries = self.retries if self.max_retries is None else self.max_retries
        return Patience(
            retries=retries, delay=self.delay_between_retries, exponential=self.exponential_backoff
        )


def _port(model: str) -> ModuleType:
    try:
        from workflows.agents.models import port
    except ImportError as missing:
        raise ModelMissing(model) from missing
    return port
