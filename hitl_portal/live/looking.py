"""Looking: what a page says of itself through its websocket: which requirement it shows, and whether somebody writes.

`{"looking": "<requirement>" or null, "writing": true or false}`. Anything else is not read.
"""

import asyncio
import json
import logging
from dataclasses import dataclass
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import DatabaseError

from hitl_portal.live import presence
from hitl_portal.live.mailbox import Mailbox

log = logging.getLogger(__name__)

LONGEST = 200
PACE = 0.3  # seconds between two writes of one page, whatever it sends; the latest counts


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a page says that it shows."""

    requirement_id: UUID | None
    is_writing: bool

    @classmethod
    def of(cls, text: str | None) -> "Wish | None":
        """What was sent; None where it says nothing that we know."""
        try:
            said = json.loads(text) if text and len(text) <= LONGEST else None
            looking = said["looking"] if isinstance(said, dict) else 0
            requirement_id = UUID(looking) if isinstance(looking, str) else None
        except (ValueError, KeyError, RecursionError):
            return None
        if not isinstance(said, dict) or (requirement_id is None and looking is not None):
            return None
        return cls(requirement_id=requirement_id, is_writing=said.get("writing") is True)


class Looking:
    """What one page shows its person. Made in the event loop of its socket.

    `keeping` is the task that writes it down, while there is something to write.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._wish: Wish | None = None
        self._is_kept = True
        self.keeping: asyncio.Task[None] | None = None

    def hear(self, text: str | None) -> None:
        """Take what the page has sent."""
        wish = Wish.of(text)
        if wish is not None and wish != self._wish:
            self._wish, self._is_kept = wish, False
            self.keeping = self.keeping or asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        try:
            while not self._is_kept:
                self._is_kept = True
                await self._keep_once()
                await asyncio.sleep(PACE)
        finally:
            self.keeping = None

    async def _keep_once(self) -> None:
        # First: whoever comes from now on is told to this page, and so is its own coming, after which it looks.
        self._mailbox.looking = self._wish.requirement_id if self._wish else None
        try:
            await database_sync_to_async(self._write)(self._wish)
        except DatabaseError:  # nobody is told; the page lives on, and says it anew when something changes
            log.exception("it could not be kept who looks at what")

    def _write(self, wish: Wish | None) -> None:
        # As they are now: they may have lost what they had when they connected.
        person = self._mailbox.listener.person()
        if wish is None or wish.requirement_id is None or person is None:
            presence.leave(self._mailbox.id)
        else:
            presence.look(self._mailbox.id, person, wish.requirement_id, is_writing=wish.is_writing)
