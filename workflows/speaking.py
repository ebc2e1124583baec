"""Speaking: writes down what agents say while they say it, a few times a second, for whoever looks at the run."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, DatabaseError
from django.utils import timezone

from workflows.engine.events import Event
from workflows.engine.machine import Machine
from workflows.engine.plan import AgentNode
from workflows.speech import Piece, say

log = logging.getLogger(__name__)

SAID = "RunContent"
PAUSE = 0.25  # seconds between two writes
OLD = timedelta(hours=1)  # what is left of a process that died, and of a run that nobody took up again

Save = Callable[[Machine], list[Event]]


@contextmanager
def speaking(machine: Machine, run_id: UUID, using: str = DEFAULT_DB_ALIAS) -> Iterator["Speaker"]:
    """Have what a run's agents say written down for as long as it is driven; nothing of it stays."""
    speaker = Speaker(run_id, using)
    machine.followed = any(isinstance(node, AgentNode) for node in machine.journal.plan.nodes)
    if machine.followed:
        speaker.forget()
    try:
        yield speaker
    finally:
        speaker.forget()


class Speaker:
    """The pieces of one run. For the thread that drives it.

    Where the database refuses them it falls silent: a run does not fail for the sake of what is only looked at.
    """

    def __init__(self, run_id: UUID, using: str = DEFAULT_DB_ALIAS) -> None:
        self._run_id, self._using = run_id, using
        self._pieces = Piece.objects.using(using)
        self._waiting: dict[str, str] = {}
        self._calls: dict[str, str | None] = {}  # by path, the call that speaks
        self._written_at = float("-inf")
        self._is_silent = False

    def hear(self, event: Event, machine: Machine) -> None:
        """Take in a piece; write what waits, unless that was done a moment ago."""
        if event.type != SAID or self._is_silent:
            return
        self._calls[event.path] = machine.journal.records[event.path].in_flight
        self._waiting[event.path] = self._waiting.get(event.path, "") + event.data["content"]
        if time.monotonic() - self._written_at >= PAUSE:
            self._guarded(self._write)

    def saved(self, save: Save) -> Save:
        """The save, after which the pieces of the turns that it has kept are deleted."""

        def saving(machine: Machine) -> list[Event]:
            events = save(machine)
            records = machine.journal.records
            speak = {path: record.in_flight for path in self._calls if (record := records.get(path))}
            over = {path for path, call in self._calls.items() if speak.get(path) != call}
            if over:
                self.forget(over)
            return events

        return saving

    def forget(self, paths: set[str] | None = None) -> None:
        """Delete what was said at these places, or anywhere in the run."""
        for path in list(self._calls) if paths is None else paths:
            self._calls.pop(path, None)
            self._waiting.pop(path, None)
        self._guarded(lambda: self._delete(paths))

    def _write(self) -> None:
        if self._written_at == float("-inf"):
            self._pieces.filter(said_at__lt=timezone.now() - OLD).delete()
        say(self._run_id, self._waiting, self._using)
        self._waiting.clear()
        self._written_at = time.monotonic()

    def _delete(self, paths: set[str] | None) -> None:
        said = self._pieces.filter(run=self._run_id)
        if paths is not None:
            said = said.filter(path__in=paths)
        if said.exists():  # a look is cheaper than the lock that a deletion takes
            said.delete()

    def _guarded(self, work: Callable[[], None]) -> None:
        if self._is_silent:
            return
        try:
            work()
        except DatabaseError as refused:
            self._is_silent = True
            log.warning("run %s: what is being said is not shown: %s", self._run_id, refused)
