"""Waiting for people inside of a tool: with signs of life, and not for ever."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

from hitl_portal.client import Asked, AsyncPortal

SIGN_EVERY = 10.0  # seconds

Report = Callable[[float, float, str], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """The portal, as whoever calls a tool reaches it; `report` tells them how far it is: progress, total, in words."""

    portal: AsyncPortal
    report: Report


async def awaited(line: Line, asked: Asked, seconds: float) -> Asked:
    """The question as soon as it is over, else as it stands after so many seconds. The first sign names its handle, so
    that it is known even where the wait is broken off."""
    began = time.monotonic()
    with anyio.move_on_after(seconds):
        while seconds and not asked.is_over:
            said = f"Waiting for people: requirement {asked.requirement_id}, {asked.url}"
            await line.report(time.monotonic() - began, seconds, said)
            left = began + seconds - time.monotonic()
            asked = await line.portal.look(asked, wait=min(max(left, 0.0), SIGN_EVERY))
    return asked
