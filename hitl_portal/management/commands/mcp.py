"""manage.py mcp: the portal's tools for models over standard input and output, as the owner of a token."""

import os
from argparse import ArgumentParser
from importlib.util import find_spec
from typing import Any

import anyio
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hitl_portal.client import AsyncPortal

TOKEN = "HITL_TOKEN"  # noqa: S105  the name of a variable


class Command(BaseCommand):
    """Serve the Model Context Protocol to the program that has started this."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Its options."""
        parser.add_argument(
            "--url", default=settings.HITL_PUBLIC_URL, help="The portal (default: %(default)s)."
        )

    def handle(self, *, url: str, **options: Any) -> None:
        """Serve until the input ends."""
        del options
        token = os.environ.get(TOKEN, "").strip()
        if not token:
            raise CommandError(
                f"Set {TOKEN} to an API token: everybody makes their own on the page API tokens"
            )
        if find_spec("mcp") is None:
            raise CommandError("This needs the extra 'mcp': pip install 'hitl-portal[mcp]'")
        anyio.run(_serve, url, token)


async def _serve(url: str, token: str) -> None:
    from mcp.server.stdio import stdio_server

    from hitl_portal.mcp.server import serving

    async with AsyncPortal(url, token) as portal, stdio_server() as (incoming, outgoing):
        server = serving(portal)
        await server.run(incoming, outgoing, server.create_initialization_options())
