"""Tells the sockets of this process what was written to the event log, by whichever process; where somebody
speaks; and who comes and goes.

One thread, from the first socket to the last: it sleeps until something was committed, reads the new events once
for everybody, and puts into each mailbox what that listener may see. Where it fails, every socket is closed: the
pages connect again and ask for what came after the last number that they saw, so that nothing is lost.
"""

import logging
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from hitl_portal.live import doorbell, personal, presence
from hitl_portal.live.audience import Audience
from hitl_portal.live.mailbox import Mailbox, Message, message_of, personal_of, presence_at, speech_in
from workflows import bus
from workflows.models import RunEvent
from workflows.speech import Ear
from workflows.tail import Tail

log = logging.getLogger(__name__)

# A signed-out or disabled person's socket lives at most this long, in seconds, when nothing else happens.
RECHECK = 5.0
SIGNED_OUT, TRY_AGAIN = 4401, 1013
# What it takes to tell one page, in seconds, and as long to rest. While everybody is told, more may happen: they hear
# of that together, so that a crowd of pages does not keep the process from everything else.
TELLING = 0.0001


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What the thread reads."""

    tail: Tail
    ear: Ear
    watcher: presence.Watcher


class Fanout:
    """The mailboxes of this process and the thread that fills them. `join` and `leave` block: not in a loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mailboxes: set[Mailbox] = set()
        self._watch: bus.Watch | None = None
        self._beaten = float("-inf")
        self._personal = personal.Watcher()

    @property
    def listeners(self) -> int:
        """How many sockets this process has."""
        return len(self._mailboxes)

    def join(self, mailbox: Mailbox) -> None:
        """Deliver to this mailbox every event that commits from now on, and some that did shortly before."""
        self._personal.meet(mailbox.listener.person_id)
        with self._lock:
            if self._watch is None:
                self._start()
            self._mailboxes.add(mailbox)

    def leave(self, mailbox: Mailbox) -> None:
        """Deliver no more; the last to leave ends the thread."""
        with self._lock:
            self._mailboxes.discard(mailbox)
            if not self._mailboxes and self._watch is not None:
                self._watch.close()
                self._watch = None

    def _start(self) -> None:
        sources = Sources(tail=Tail(), ear=Ear(), watcher=presence.Watcher())
        watch = doorbell.watch()
        self._watch = watch
        threading.Thread(target=self._serve, args=(sources, watch), name="live fanout", daemon=True).start()

    def _serve(self, sources: Sources, watch: bus.Watch) -> None:
        audience, changed = Audience(), True  # since the tail noted where the log ends
        try:
            while self._watch is watch:
                self._round(sources, audience, changed)
                time.sleep(TELLING * self.listeners)
                changed = watch.wait(RECHECK)
        except Exception:
            log.exception("the live connection to the event log failed; pages connect again")
        finally:
            connections.close_all()
            self._end(watch)

    def _round(self, sources: Sources, audience: Audience, changed: bool) -> None:
        # Events first, then who is still signed in: what was committed together with a sign-out is not heard.
        batches = list(iter(sources.tail.read, [])) if changed else []
        speaking = sources.ear.listen() if changed else set()
        moved = sources.watcher.changed()
        with self._lock:
            mailboxes = set(self._mailboxes)
        mailboxes = _present(mailboxes, audience)
        for events in batches:
            _deliver(events, mailboxes, audience)
        _deliver_speech(speaking, sources.tail.cursor, mailboxes, audience)
        _deliver_presence(moved, sources.tail.cursor, mailboxes, audience)
        if changed:
            self._deliver_personal(mailboxes, sources.tail.cursor)
        self._beat(mailboxes, audience)
        connections.close_all()  # it may be long until the next round

    def _deliver_personal(self, mailboxes: set[Mailbox], sequence: int) -> None:
        listening = _by_person(mailboxes)
        for person_id, name in self._personal.changed(listening):
            _put([personal_of(name, sequence)], listening[person_id])

    def _beat(self, mailboxes: set[Mailbox], audience: Audience) -> None:
        if time.monotonic() - self._beaten > presence.BEAT:
            self._beaten = time.monotonic()
            _look_away(mailboxes, audience)
            presence.beat(mailbox.id for mailbox in mailboxes)

    def _end(self, watch: bus.Watch) -> None:
        watch.close()
        with self._lock:
            if self._watch is not watch:
                return
            left, self._mailboxes, self._watch = self._mailboxes, set(), None
        for mailbox in left:
            mailbox.close(TRY_AGAIN)


def _present(mailboxes: set[Mailbox], audience: Audience) -> set[Mailbox]:
    """Those whose listeners are still signed in; the others are closed. Who may no longer see what a page of theirs
    shows is not there any more."""
    others = audience.read(mailbox.listener for mailbox in mailboxes)
    gone = {mailbox for mailbox in mailboxes if not audience.has(mailbox.listener)}
    for mailbox in gone:
        mailbox.close(SIGNED_OUT)
    _look_away({mailbox for mailbox in mailboxes - gone if mailbox.listener.person_id in others}, audience)
    return mailboxes - gone


def _look_away(mailboxes: set[Mailbox], audience: Audience) -> None:
    for mailbox in mailboxes:
        looking = mailbox.looking
        if looking is not None and not audience.shown(mailbox.listener.person_id, {looking}):
            mailbox.looking = None
            presence.leave(mailbox.id)


def _deliver(events: list[RunEvent], mailboxes: set[Mailbox], audience: Audience) -> None:
    run_ids = {event.run_id for event in events}
    messages = [message_of(event) for event in events]
    for person_id, listening in _by_person(mailboxes).items():
        visible = audience.visible(person_id, run_ids)
        _put([message for message in messages if message.run_id in visible], listening)


def _deliver_speech(run_ids: set[UUID], sequence: int, mailboxes: set[Mailbox], audience: Audience) -> None:
    for person_id, listening in _by_person(mailboxes).items() if run_ids else ():
        visible = audience.visible(person_id, run_ids)
        _put([speech_in(run_id, sequence) for run_id in visible], listening)


def _deliver_presence(
    moved: set[tuple[UUID, UUID]], sequence: int, mailboxes: set[Mailbox], audience: Audience
) -> None:
    """Only to pages that show the same: nobody else has use for it."""
    for run_id, requirement_id in moved:
        for mailbox in mailboxes:
            person_id = mailbox.listener.person_id
            if mailbox.looking == requirement_id and audience.shown(person_id, {requirement_id}):
                mailbox.put([presence_at(run_id, requirement_id, sequence)])


def _by_person(mailboxes: set[Mailbox]) -> dict[int, list[Mailbox]]:
    """All of a person's are told the same."""
    found: dict[int, list[Mailbox]] = defaultdict(list)
    for mailbox in mailboxes:
        found[mailbox.listener.person_id].append(mailbox)
    return found


def _put(messages: list[Message], mailboxes: list[Mailbox]) -> None:
    for mailbox in mailboxes if messages else ():
        mailbox.put(messages)


fanout = Fanout()
