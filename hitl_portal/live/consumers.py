"""The websocket of a page: first what it missed, then what happens, as ids."""

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from hitl_portal.live import presence
from hitl_portal.live.audience import Listener
from hitl_portal.live.fanout import SIGNED_OUT, fanout
from hitl_portal.live.looking import Looking
from hitl_portal.live.mailbox import Closed, Mailbox, framed
from hitl_portal.live.replay import missed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)

FAILED = 1011


class LiveConsumer(AsyncWebsocketConsumer):
    """`/ws/live/?after=N`: for people who are signed in; without a number, only what happens from now on.

    Closes with 4401 for others, and as soon as somebody signs out. A page says only what it shows (see `looking`).
    """

    channel_layer_alias = (
        ""  # none: what happens is told by the fanout, and a channel costs memory for each page
    )
    _mailbox: Mailbox | None = None
    _looking: Looking | None = None
    _serving: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept first: only then can a browser read the code that it is closed with."""
        await self.accept()
        listener = Listener.of(self.scope)
        if listener is None:
            return await self.close(SIGNED_OUT)
        self._mailbox = Mailbox(listener)
        self._looking = Looking(self._mailbox)
        self._serving = asyncio.create_task(self._serve(self._mailbox))
        return None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        """Hear what the page shows."""
        if self._looking is not None:
            self._looking.hear(text_data)

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  Channels names the parameter
        """Leave before the connection counts as closed."""
        tasks = [task for task in (self._serving, self._looking and self._looking.keeping) if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._mailbox is not None:
            await database_sync_to_async(_leave)(self._mailbox)

    async def _serve(self, mailbox: Mailbox) -> None:
        try:
            await database_sync_to_async(fanout.join)(mailbox)
            await self._tell(mailbox)
        except Closed as end:
            await self.close(end.code)
        except Exception:
            log.exception("a live connection failed")
            await self.close(FAILED)

    async def _tell(self, mailbox: Mailbox) -> None:
        """Until the mailbox is closed. It was joined before the replay, so the two may overlap, but leave no gap."""
        replayed = await self._replay()
        while True:
            messages = await mailbox.take()
            new = [each for each in messages if each.is_passing or each.sequence not in replayed]
            if new:
                await self.send(framed(new))

    async def _replay(self) -> set[int]:
        after = _number_in(self.scope)
        person = cast("User", self.scope["user"])
        messages = [] if after is None else await database_sync_to_async(missed)(person, after)
        if messages:
            await self.send(framed(messages))
        return {message.sequence for message in messages}


def _leave(mailbox: Mailbox) -> None:
    try:
        presence.leave(mailbox.id)
    finally:
        fanout.leave(mailbox)


def _number_in(scope: Mapping[str, Any]) -> int | None:
    text = parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[0]
    return int(text) if text.isdecimal() and len(text) < 19 else None
