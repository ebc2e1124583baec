"""Who listens, as the database has them now: signed in still, active still, and which runs each may see.

Three queries re-read everybody, however many sockets there are. What a person may see is remembered until then.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from hitl_portal import access

FRESH = 1.0


@dataclass(frozen=True, kw_only=True)
class Listener:
    """The person at a socket, and the session that they opened it with; without one they came by another way in, which
    whoever let them in looks after."""

    person_id: int
    session_key: str | None = None
    session_hash: str = ""

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "Listener | None":
        """Who opened a websocket; None for somebody who is not signed in."""
        person, session = scope["user"], scope["session"]
        if not person.is_authenticated:
            return None
        return cls(
            person_id=person.pk, session_key=session.session_key, session_hash=session[HASH_SESSION_KEY]
        )


class Audience:
    """What is known of all listeners; for one thread."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._sessions: set[str] = set()
        self._people: dict[int, User] = {}
        self._hashes: dict[
            int, str
        ] = {}  # of their passwords: they cost much, and each socket asks each time
        self._sees: dict[tuple[int, UUID], bool] = {}

    @property
    def is_fresh(self) -> bool:
        """It was read a moment ago."""
        return time.monotonic() - self._read_at < FRESH

    def read(self, listeners: Iterable[Listener]) -> None:
        """Read sessions and people anew."""
        listeners = list(listeners)
        keys = {listener.session_key for listener in listeners if listener.session_key}
        sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
        self._sessions = set(sessions.values_list("session_key", flat=True))
        people = User.objects.filter(pk__in={listener.person_id for listener in listeners}, is_active=True)
        self._people = {person.pk: person for person in people}
        self._hashes = {person.pk: person.get_session_auth_hash() for person in people}
        self._sees.clear()
        self._read_at = time.monotonic()

    def has(self, listener: Listener) -> bool:
        """Whether the session is still this person's way in: a sign-out or a new password ends it."""
        known = self._hashes.get(listener.person_id)
        if known is None or listener.session_key is None:
            return known is not None
        return listener.session_key in self._sessions and constant_time_compare(listener.session_hash, known)

    def visible(self, person_id: int, run_ids: set[UUID]) -> set[UUID]:
        """Which of these runs somebody who listens may see; costs a query for those that were not asked for before."""
        person = self._people[person_id]
        unknown = {run_id for run_id in run_ids if (person.pk, run_id) not in self._sees}
        if unknown:
            seen = set(access.visible_runs(person).filter(id__in=unknown).values_list("id", flat=True))
            self._sees |= {(person.pk, run_id): run_id in seen for run_id in unknown}
        return {run_id for run_id in run_ids if self._sees[person.pk, run_id]}
