"""Listening: how an answer waits for what happens, without a thread of its own: it is rung by the fanout's thread.

While it waits it holds a mailbox and nothing else. Whether its caller may still listen is looked at each time.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from channels.db import database_sync_to_async
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone

from hitl_portal.api.auth import caller_of
from hitl_portal.api.models import ApiToken
from hitl_portal.live.audience import Listener
from hitl_portal.live.fanout import fanout
from hitl_portal.live.mailbox import Closed, Mailbox, Message
from hitl_portal.problems import Problem

MOST = 1000  # in this process
MOST_OF_ONE = 50

_listening: Counter[int] = Counter()


@dataclass(frozen=True, kw_only=True)
class Ear:
    """Who listens, and by which way they came in."""

    listener: Listener
    token_id: UUID | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "Ear":
        """The caller's. Raises Problem where too many listen already."""
        caller = caller_of(request)
        key = caller.person.pk
        if _listening[key] >= MOST_OF_ONE or _listening.total() >= MOST:
            raise Problem("busy", "Too many are listening just now", {"Retry-After": "5"})
        if caller.token is not None:
            return cls(listener=Listener(person_id=key), token_id=caller.token.pk)
        session = request.session
        opened = Listener(
            person_id=key, session_key=session.session_key, session_hash=session[HASH_SESSION_KEY]
        )
        return cls(listener=opened)

    def person(self) -> User | None:
        """The person as they are now; None where they may not listen any more. Two or three queries."""
        tokens = ApiToken.objects.filter(revoked_at=None, expires_at__gt=timezone.now())
        if self.token_id is not None and not tokens.filter(pk=self.token_id).exists():
            return None
        found = User.objects.filter(pk=self.listener.person_id, is_active=True).first()
        if found is not None:
            prefetch_related_objects([found], "groups")
        return found


@asynccontextmanager
async def bell(ear: Ear) -> AsyncIterator[Mailbox]:
    """A mailbox that is rung from now on, and not afterwards."""
    mailbox, key = Mailbox(ear.listener), ear.listener.person_id
    _listening[key] += 1
    try:
        await database_sync_to_async(fanout.join)(mailbox)
        yield mailbox
    finally:
        _listening[key] -= 1
        if not _listening[key]:
            del _listening[key]
        await database_sync_to_async(fanout.leave)(mailbox)


async def rung(mailbox: Mailbox, run_id: UUID, seconds: float) -> bool:
    """Wait until something has happened to a run; False where nothing has for so many seconds. Raises Closed."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                if any(_is_about(message, run_id) for message in await mailbox.take()):
                    return True
    except TimeoutError:
        return False


def _is_about(message: Message, run_id: UUID) -> bool:
    return message.is_resync or (message.run_id == run_id and not message.is_passing)


__all__ = ["Closed", "Ear", "bell", "rung"]
