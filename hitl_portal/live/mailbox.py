"""What waits to be sent to one websocket: filled by the fanout's thread, emptied in the server's event loop."""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hitl_portal.live.audience import Listener
from workflows.ids import new_id
from workflows.models import RunEvent

LIMIT = 300
SPEECH, PRESENCE, PERSONAL = "RunContent", "Presence", "Personal"
PASSING = {SPEECH, PRESENCE, PERSONAL}  # of the moment: in no log, and never told again


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Ids only: the page fetches what it wants to show, with its viewer's own permissions.

    Many mailboxes hold the same one: what is sent of it is spelled once, in `text`.
    """

    sequence: int
    run_id: UUID | None
    is_passing: bool
    text: str

    @property
    def is_resync(self) -> bool:
        """There was too much to tell one by one: what the page shows may be out of date anywhere."""
        return self.run_id is None and not self.is_passing


class Closed(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def message_of(event: RunEvent) -> Message:
    """What sockets are told of an event."""
    requirement = str(event.requirement_id) if event.requirement_id else None
    return _message(event.sequence, event.run_id, requirement=requirement, type=event.type)


def speech_in(run_id: UUID, sequence: int) -> Message:
    """What sockets are told while somebody speaks in a run; everything up to this number was told before."""
    return _message(sequence, run_id, type=SPEECH)


def presence_at(run_id: UUID, requirement_id: UUID, sequence: int) -> Message:
    """What sockets are told when somebody comes to a requirement, goes, or begins or stops to write."""
    return _message(sequence, run_id, requirement=str(requirement_id), type=PRESENCE)


def personal_of(name: str, sequence: int) -> Message:
    """What one person's sockets are told when something of theirs has changed that is no event (see `personal`)."""
    return _message(sequence, None, type=PERSONAL, what=name)


def resync(sequence: int) -> Message:
    """What sockets are told instead of everything up to this number."""
    return _message(sequence, None, resync=True)


def framed(messages: Iterable[Message]) -> str:
    """What a socket sends for them: one list."""
    return f"[{','.join(message.text for message in messages)}]"


def _message(sequence: int, run_id: UUID | None, **said: Any) -> Message:
    named = {"run": str(run_id)} if run_id else {}
    text = json.dumps({"sequence": sequence, **named, **said})
    return Message(sequence=sequence, run_id=run_id, is_passing=said.get("type") in PASSING, text=text)


class Mailbox:
    """At most LIMIT messages for one listener; more become one resync. Made in the event loop of its socket.

    `looking` is the requirement that the page shows: its listener wants to know who else does.
    """

    def __init__(self, listener: Listener) -> None:
        self.id = new_id()
        self.listener = listener
        self.looking: UUID | None = None
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._messages: list[Message] = []
        self._code: int | None = None

    def put(self, messages: list[Message]) -> None:
        """Add messages, which are read and not kept as a list; from any thread."""
        self._in_loop(lambda: self._put(messages))

    def close(self, code: int) -> None:
        """End the socket, once what waits was taken; from any thread."""
        self._in_loop(lambda: self._close(code))

    async def take(self) -> list[Message]:
        """What waits, as soon as something does; raises Closed at the end."""
        await self._arrived.wait()
        messages, self._messages = self._messages, []
        if not messages and self._code is not None:
            raise Closed(self._code)
        if self._code is None:
            self._arrived.clear()
        return messages

    def _put(self, messages: list[Message]) -> None:
        self._messages += messages
        if len(self._messages) > LIMIT:
            self._messages = [resync(max(message.sequence for message in self._messages))]
        self._arrived.set()

    def _close(self, code: int) -> None:
        self._code = code
        self._arrived.set()

    def _in_loop(self, callback: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended, and the socket with it
            self._loop.call_soon_threadsafe(callback)
