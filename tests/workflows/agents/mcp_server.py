"""A small Model Context Protocol server: what it offers is used by test_mcp.py."""

import os
import sys

from mcp.server.mcpserver import MCPServer

server = MCPServer("weather station", instructions="Ask for one city at a time.")


@server.tool()
def get_weather(city: str, days: int = 1) -> str:
    """The weather in a city."""
    return f"{city}: sunny for {days} days, says {os.environ.get('STATION', 'nobody')}"


@server.tool()
def break_down() -> str:
    """Fails."""
    raise ValueError("no wind")


@server.tool()
def vanish() -> str:
    """Ends the server."""
    os._exit(3)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run("stdio")
