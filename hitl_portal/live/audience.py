"""Who listens, as the database has them now: signed in still, active still, and what each may see.

Four queries look at everybody, however many sockets there are, before each message. What a person may see is remembered
for a moment, and no longer than they are who they were: in these groups, with this password, deputy of these.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from hitl_portal import access
from workflows.models import Delegation

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

    def person(self) -> User | None:
        """Who they are now; None where they may not come in any more. Four or five queries."""
        known = Audience()
        known.read([self])
        return known.person(self) if known.has(self) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What it depends on, of a person, what they may see and whether their sessions hold."""

    name: str
    password: str
    is_superuser: bool
    groups: frozenset[int]
    absent: frozenset[int]


class Audience:
    """What is known of all listeners; for one thread."""

    def __init__(self) -> None:
        self._remembered_at = float("-inf")
        self._sessions: set[str] = set()
        self._standing: dict[int, Standing] = {}
        self._people: dict[int, User] = {}
        self._hashes: dict[
            int, str
        ] = {}  # of their passwords: they cost much, and each socket asks each time
        self._sees: dict[tuple[int, UUID], bool] = {}

    def read(self, listeners: Iterable[Listener]) -> set[int]:
        """Read sessions and people anew; who is no longer who they were, by id."""
        listeners = list(listeners)
        keys = {listener.session_key for listener in listeners if listener.session_key}
        sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
        self._sessions = set(sessions.values_list("session_key", flat=True))
        before, self._standing = self._standing, _standing({listener.person_id for listener in listeners})
        others = {person_id for person_id, now in self._standing.items() if before.get(person_id) != now}
        self._meet(others)
        self._forget(others)
        for gone in self._people.keys() - self._standing.keys():
            del self._people[gone]
        return others & before.keys()

    def has(self, listener: Listener) -> bool:
        """Whether the session is still this person's way in: a sign-out or a new password ends it."""
        if listener.person_id not in self._standing:
            return False
        if listener.session_key is None:
            return True
        known = self._hashes[listener.person_id]
        return listener.session_key in self._sessions and constant_time_compare(listener.session_hash, known)

    def person(self, listener: Listener) -> User:
        """Somebody who is there, their groups fetched along."""
        return self._people[listener.person_id]

    def visible(self, person_id: int, run_ids: set[UUID]) -> set[UUID]:
        """Which of these runs somebody who listens may see; costs a query for those that were not asked for before."""
        return self._seen(person_id, run_ids, access.visible_runs)

    def shown(self, person_id: int, requirement_ids: set[UUID]) -> set[UUID]:
        """Which of these requirements, likewise."""
        return self._seen(person_id, requirement_ids, access.visible_requirements)

    def _seen(self, person_id: int, ids: set[UUID], visible: Callable[[User], Any]) -> set[UUID]:
        unknown = {each for each in ids if (person_id, each) not in self._sees}
        if unknown:
            found = visible(self._people[person_id]).filter(id__in=unknown)
            seen = set(found.values_list("id", flat=True))
            self._sees |= {(person_id, each): each in seen for each in unknown}
        return {each for each in ids if self._sees[person_id, each]}

    def _meet(self, person_ids: set[int]) -> None:
        people = User.objects.filter(pk__in=person_ids).prefetch_related("groups") if person_ids else ()
        self._people |= {person.pk: person for person in people}
        self._hashes |= {person.pk: person.get_session_auth_hash() for person in people}
        for gone in self._standing.keys() - self._people.keys():  # between two queries
            del self._standing[gone]

    def _forget(self, person_ids: set[int]) -> None:
        """What these might see; and after a moment what anybody might, which depends on more than themselves."""
        now = time.monotonic()
        if now - self._remembered_at >= FRESH:
            self._remembered_at = now
            self._sees.clear()
        elif person_ids:
            self._sees = {known: sees for known, sees in self._sees.items() if known[0] not in person_ids}


def _standing(person_ids: set[int]) -> dict[int, Standing]:
    """Of those of them who may sign in; three queries."""
    people = User.objects.filter(pk__in=person_ids, is_active=True)
    groups, absent = defaultdict(set), defaultdict(set)
    members = User.groups.through.objects.filter(user__in=person_ids)
    for person_id, group_id in members.values_list("user_id", "group_id"):
        groups[person_id].add(group_id)
    away = Delegation.objects.current(timezone.now()).filter(deputy__in=person_ids, person__is_active=True)
    for deputy_id, person_id in away.values_list("deputy_id", "person_id"):
        absent[deputy_id].add(person_id)
    return {
        person_id: Standing(
            name=name,
            password=password,
            is_superuser=is_superuser,
            groups=frozenset(groups[person_id]),
            absent=frozenset(absent[person_id]),
        )
        for person_id, name, password, is_superuser in people.values_list(
            "pk", "username", "password", "is_superuser"
        )
    }
