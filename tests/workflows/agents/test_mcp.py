"""MCPTools: a real server, over its standard input and over HTTP, whoever calls and from wherever."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import children_of
from workflows.agents.mcp import MCPTools, ToolFailed
from workflows.agents.mcp_session import ServerUnavailable, wait_for
from workflows.engine.event_loop import run_coroutine
from workflows.types import InputErrors, RequirementKind

SERVER = str(Path(__file__).with_name("mcp_server.py"))
COMMAND = [sys.executable, SERVER]


@pytest.fixture
def tools() -> Iterator[MCPTools]:
    """Not connected yet; what the test starts ends with it."""
    made = MCPTools(COMMAND, env={"STATION": "Pole"}, name="station")
    yield made
    wait_for(made._session.close())


@pytest.fixture(scope="module")
def station() -> Iterator[MCPTools]:
    """Connected once for all tests that leave the server as it is."""
    made = MCPTools(COMMAND, env={"STATION": "Pole"}, name="station")
    made.discover_now()
    yield made
    wait_for(made._session.close())


def use(tools: MCPTools, tool: str, **args: Any) -> Any:
    """As an agent uses it from one of its threads."""
    tools.discover_now()
    return run_coroutine(tools.functions[tool].call(args, {}))


def servers() -> int:
    """How many run for this process."""
    return sum(SERVER in command for command in children_of(_own()).values())


def _own() -> int:
    return int(Path("/proc/self").resolve().name)


def test_the_tools_are_known_once_the_server_was_asked(tools: MCPTools) -> None:
    assert tools.functions == {}
    assert [tool.name for tool in tools.discover_now()] == ["get_weather", "break_down", "vanish"]
    assert tools.functions["get_weather"].spec.description == "The weather in a city."
    assert tools.instructions == "Ask for one city at a time."


def test_a_tool_is_used_from_blocking_code(station: MCPTools) -> None:
    assert use(station, "get_weather", city="Oslo") == "Oslo: sunny for 1 days, says Pole"


async def test_a_tool_is_used_in_a_loop_of_the_users() -> None:
    async with MCPTools(COMMAND) as tools:
        assert tools.initialized
        weather = tools.functions["get_weather"]
        assert await weather.call({"city": "Oslo"}, {}) == "Oslo: sunny for 1 days, says nobody"
    assert not tools.initialized


async def test_blocking_code_in_the_users_loop_is_served_too() -> None:
    async with MCPTools(COMMAND) as tools:
        assert use(tools, "get_weather", city="Oslo").startswith("Oslo")


def test_one_session_serves_one_loop_after_the_other(tools: MCPTools) -> None:
    before = servers()
    for city in ("Oslo", "Rome"):
        found = asyncio.run(_weather(tools, city))
        assert found.startswith(city)
    assert servers() == before + 1


async def _weather(tools: MCPTools, city: str) -> str:
    by_name = {tool.name: tool for tool in await tools.discover()}
    result: str = await by_name["get_weather"].call({"city": city}, {})
    return result


def test_the_server_ends_with_the_session(tools: MCPTools) -> None:
    before = servers()
    tools.discover_now()
    assert servers() == before + 1
    asyncio.run(tools.close())
    assert servers() == before


def test_people_are_asked_about_tools_by_name() -> None:
    tools = MCPTools(COMMAND, requires_confirmation_tools=["get_weather"], exclude_tools=["vanish"])
    by_name = {tool.name: tool.gate for tool in tools.discover_now()}
    wait_for(tools._session.close())
    assert by_name == {"get_weather": RequirementKind.tool_confirmation, "break_down": None}


def test_an_unknown_name_is_warned_about_when_the_tools_are_known(caplog: pytest.LogCaptureFixture) -> None:
    tools = MCPTools(COMMAND, requires_confirmation_tools=["fly"])
    assert caplog.messages == []
    tools.discover_now()
    wait_for(tools._session.close())
    assert caplog.messages == ["requires_confirmation_tools: toolkit 'mcp_tools' has no tool 'fly'"]


def test_names_have_the_prefix(tools: MCPTools) -> None:
    tools.tool_name_prefix = "north"
    assert use(tools, "north_get_weather", city="Oslo").startswith("Oslo")


@pytest.mark.parametrize(
    ("args", "wrong"),
    [
        ({"days": 1}, "Required field 'city' is missing or empty"),
        ({"city": 3}, "Field 'city': 3 is not of type 'string'"),
        ({"city": "Oslo", "unit": "K"}, "Unknown argument 'unit': it takes city, days"),
    ],
)
def test_arguments_are_checked_before_anybody_is_asked(
    station: MCPTools, args: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(InputErrors) as refused:
        station.functions["get_weather"].check(args, complete=True)
    assert list(refused.value.by_field.values()) == [wrong]


def test_a_tool_that_fails_says_so(station: MCPTools) -> None:
    with pytest.raises(ToolFailed, match="break_down"):
        use(station, "break_down")


def test_a_server_that_ends_is_started_again_for_the_next_use(tools: MCPTools) -> None:
    with pytest.raises(ServerUnavailable, match="'station'"):
        use(tools, "vanish")
    assert use(tools, "get_weather", city="Oslo").startswith("Oslo")


def test_a_server_that_ended_while_people_decided_is_started_again(tools: MCPTools) -> None:
    before = children_of(_own())
    tools.discover_now()
    tools._session.idle = 0.0
    started = next(iter(children_of(_own()).keys() - before.keys()))
    subprocess.run(["kill", "-9", str(started)], check=True)
    assert use(tools, "get_weather", city="Oslo").startswith("Oslo")


@pytest.mark.parametrize("settings", [{"command": "no-such-program"}, {"url": "http://127.0.0.1:9/mcp"}])
def test_a_server_that_is_not_there_is_named(settings: dict[str, Any]) -> None:
    with pytest.raises(ServerUnavailable, match="The MCP server 'lost' cannot be reached"):
        MCPTools(name="lost", **settings).discover_now()


@pytest.mark.parametrize(
    "settings", [{}, {"command": "x", "url": "http://x"}, {"command": "x", "transport": "streamable-http"}]
)
def test_it_refuses_settings_that_do_not_go_together(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"MCPTools takes either|does not go with"):
        MCPTools(**settings)


@pytest.fixture
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([*COMMAND, str(port)], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        for line in server.stderr:  # until it says that it listens
            if "running on" in line:
                break
        yield f"http://127.0.0.1:{port}/mcp"
        server.terminate()


def test_a_server_is_reached_over_http(address: str) -> None:
    tools = MCPTools(url=address, headers={"X-Station": "1"})
    assert use(tools, "get_weather", city="Oslo").startswith("Oslo")
    wait_for(tools._session.close())
