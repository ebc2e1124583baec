"""MCPTools: the tools of a Model Context Protocol server, asked about by name like those of any toolkit.

Needs the extra "mcp".
"""

import shlex
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from workflows.agents.function import Function
from workflows.agents.mcp_session import McpSession, error_log, over_there, wait_for
from workflows.agents.signature import NONE, Declared
from workflows.agents.toolkit import Toolkit
from workflows.errors import WorkflowsError
from workflows.types import InputErrors

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult
    from mcp_types import Tool as RemoteTool


class ToolFailed(WorkflowsError):
    """The server used the tool, and says that it failed."""


class MCPTools(Toolkit):
    """The tools of one server: `command` (a program and its arguments, run with `env` added to its environment) or
    `url` (streamable HTTP, with `headers`).

    Which tools there are is known once the server was asked: by `discover`, `connect` or `async with`; an agent asks
    when it begins. `timeout_seconds` limits connecting and each answer. `tool_name_prefix` and an underscore are put
    before each name; lists of names mean the names with it. Raises ValueError without exactly one of `command` and
    `url`; ImportError without the extra "mcp".
    """

    def __init__(
        self,
        command: str | Sequence[str] | None = None,
        *,
        url: str | None = None,
        env: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        transport: str | None = None,
        timeout_seconds: float = 30,
        tool_name_prefix: str | None = None,
        name: str = "mcp_tools",
        **options: Any,
    ) -> None:
        if find_spec("mcp") is None:
            raise ImportError("MCPTools needs the extra 'mcp': pip install 'hitl-portal[mcp]'")
        _refuse(command, url, transport)
        super().__init__(name=name, **options)
        self.timeout_seconds, self.tool_name_prefix = timeout_seconds, tool_name_prefix
        self._open = _over_http(url, headers) if url else _over_stdio(command or "", env)
        self._session = McpSession(name, self._connect, timeout_seconds)
        self._asked = False

    async def connect(self) -> None:
        """Connect and ask for the tools, where that has not happened. Raises ServerUnavailable."""
        await over_there(self._learn())

    async def close(self) -> None:
        """End the connection; the next use makes a new one."""
        await over_there(self._session.close())

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    @property
    def initialized(self) -> bool:
        """There is a connection."""
        return self._session.is_open

    async def discover(self) -> list[Function]:
        """The tools; the server is asked once. Raises ServerUnavailable."""
        await over_there(self._learn())
        return self._all()

    def discover_now(self) -> list[Function]:
        """The same for callers that cannot await; blocks until the server has answered."""
        wait_for(self._learn())
        return self._all()

    # What follows happens where the sessions live.

    def _connect(self) -> "Client":
        from mcp import Client

        return Client(self._open(), read_timeout_seconds=self.timeout_seconds)

    async def _learn(self) -> None:
        async with self._session.speaking() as client:
            if self._asked:
                return
            for remote in await _all_tools(client):
                self.register(self._made(remote))
            self.instructions = client.instructions if self.instructions is None else self.instructions
            self._asked = True

    def _made(self, remote: "RemoteTool") -> Function:
        async def use(**arguments: Any) -> Any:
            return await over_there(self._use(remote.name, arguments))

        prefix = f"{self.tool_name_prefix}_" if self.tool_name_prefix else ""
        return Function(
            name=f"{prefix}{remote.name}",
            description=remote.description or "",
            entrypoint=use,
            signature=Schema(remote.input_schema),
        )

    async def _use(self, name: str, arguments: dict[str, Any]) -> Any:
        async with self._session.speaking() as client:
            result = await client.call_tool(name, arguments)
        if result.is_error:
            raise ToolFailed(_text(result) or f"The tool '{name}' has failed")
        return _text(result) if result.content else result.structured_content


class Schema(Declared):
    """Arguments of which only a JSON schema is known; checked against all of it before anybody is asked about them."""

    def check(self, args: Mapping[str, Any], may_miss: frozenset[str] = NONE) -> dict[str, Any]:
        """The arguments as they are; raises InputErrors by argument."""
        checked = super().check(args, may_miss)
        problems = {
            str(error.path[0]): f"Field '{'.'.join(map(str, error.path))}': {error.message}"
            for error in self._errors(checked)
            if error.path  # what concerns the whole was looked at already
        }
        if problems:
            raise InputErrors(problems)
        return checked

    def _errors(self, args: dict[str, Any]) -> list[Any]:
        from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
        from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]
        from jsonschema.validators import validator_for  # type: ignore[import-untyped]
        from referencing import Registry
        from referencing.exceptions import Unresolvable

        try:
            kind = validator_for(self.schema, default=Draft202012Validator)
            kind.check_schema(self.schema)
            return list(kind(self.schema, registry=Registry()).iter_errors(args))  # fetches nothing
        except (SchemaError, Unresolvable):
            return []  # the server has to know what it means by it


def _refuse(command: str | Sequence[str] | None, url: str | None, transport: str | None) -> None:
    if bool(command) == bool(url):
        raise ValueError("MCPTools takes either command=, to start a server, or url=, to reach one")
    spoken = "streamable-http" if url else "stdio"
    if transport not in (None, spoken):
        raise ValueError(f"transport={transport!r} does not go with this: it is {spoken!r}")


def _over_stdio(command: str | Sequence[str], env: Mapping[str, str] | None) -> Callable[[], Any]:
    program, *arguments = shlex.split(command) if isinstance(command, str) else command

    def connect() -> Any:
        from mcp import StdioServerParameters, stdio_client

        started = StdioServerParameters(command=program, args=arguments, env=dict(env) if env else None)
        return stdio_client(started, errlog=error_log())

    return connect


def _over_http(url: str, headers: Mapping[str, str] | None) -> Callable[[], Any]:
    @asynccontextmanager
    async def connect() -> AsyncIterator[Any]:
        from httpx2 import AsyncClient, Timeout
        from mcp.client.streamable_http import streamable_http_client

        async with (
            AsyncClient(headers=dict(headers or {}), timeout=Timeout(30, read=300)) as http,
            streamable_http_client(url, http_client=http) as streams,
        ):
            yield streams

    return connect


async def _all_tools(client: "Client") -> "list[RemoteTool]":
    page = await client.list_tools()
    found = list(page.tools)
    while page.next_cursor:
        page = await client.list_tools(cursor=page.next_cursor)
        found += page.tools
    return found


def _text(result: "CallToolResult") -> str:
    """What a tool gave back as text; for what is none, its kind and type."""
    return "\n".join(
        getattr(block, "text", None) or f"[{block.type} {getattr(block, 'mime_type', '') or ''}]"
        for block in result.content
    )
