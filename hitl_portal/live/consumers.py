"""The websocket of a page: first what it missed, then what happens, as ids."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from hitl_portal.live.audience import Listener
from hitl_portal.live.fanout import SIGNED_OUT, fanout
from hitl_portal.live.mailbox import SPEECH, Closed, Mailbox, Message
from hitl_portal.live.replay import missed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)

FAILED = 1011


class LiveConsumer(AsyncWebsocketConsumer):
    """`/ws/live/?after=N`: for people who are signed in; without a number, only what happens from now on.

    Closes with 4401 for others, and as soon as somebody signs out. What a page sends is not read.
    """

    _serving: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept first: only then can a browser read the code that it is closed with."""
        await self.accept()
        listener = Listener.of(self.scope)
        if listener is None:
            await self.close(SIGNED_OUT)
        else:
            self._serving = asyncio.create_task(self._serve(listener))

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  Channels names the parameter
        """Leave before the connection counts as closed."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving])

    async def _serve(self, listener: Listener) -> None:
        mailbox = Mailbox(listener)
        try:
            await database_sync_to_async(fanout.join)(mailbox)
            await self._tell(mailbox)
        except Closed as end:
            await self.close(end.code)
        except Exception:
            log.exception("a live connection failed")
            await self.close(FAILED)
        finally:
            await database_sync_to_async(fanout.leave)(mailbox)

    async def _tell(self, mailbox: Mailbox) -> None:
        """Until the mailbox is closed. It was joined before the replay, so the two may overlap, but leave no gap."""
        replayed = await self._replay()
        while True:
            for message in await mailbox.take():
                if message["sequence"] not in replayed or message.get("type") == SPEECH:
                    await self._say(message)

    async def _replay(self) -> set[int]:
        after = _number_in(self.scope)
        person = cast("User", self.scope["user"])
        messages = [] if after is None else await database_sync_to_async(missed)(person, after)
        for message in messages:
            await self._say(message)
        return {message["sequence"] for message in messages}

    async def _say(self, message: Message) -> None:
        await self.send(text_data=json.dumps(message))


def _number_in(scope: Mapping[str, Any]) -> int | None:
    text = parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[0]
    return int(text) if text.isdecimal() and len(text) < 19 else None
